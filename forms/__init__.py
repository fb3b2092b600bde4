"""What people fill in: form-js definitions, compiled to marshmallow fields that check submissions.

Pure: reads `.form` JSON and knows FEEL; knows no database, no web, no workflow.
"""

from forms import grids, library, photos, sheet_rows
from forms.cache import check, parse
from forms.fields.base import Files, Lookup, Reader
from forms.form import Form, Line
from forms.nodes import FieldInfo
from forms.problems import FormError, Invalid, Problem

__all__ = [
    "FieldInfo",
    "Files",
    "Form",
    "FormError",
    "Invalid",
    "Line",
    "Lookup",
    "Problem",
    "Reader",
    "check",
    "grids",
    "library",
    "parse",
    "photos",
    "sheet_rows",
]
