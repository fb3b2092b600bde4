"""Comparisons of a field with a value of another type: browser and server would answer differently.

FEEL says null, form-js's FEEL says false or converts; so they are refused when the form is saved.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from forms.fields.archive import ArchiveField, PeopleField, UploadField
from forms.fields.base import FormField
from forms.fields.choices import ChoiceField, ChoicesField, TickField
from forms.fields.moments import MomentField
from forms.fields.numbers import NumberField
from forms.fields.tables import TableField
from forms.fields.texts import TextField

#: what a field's value is; lists before what they derive from
_KINDS: Final[tuple[tuple[type[FormField], str], ...]] = (
    (ChoicesField, "list"),
    (PeopleField, "list"),
    (UploadField, "list"),
    (TableField, "list"),
    (TickField, "boolean"),
    (MomentField, "text"),
    (ArchiveField, "text"),
    (TextField, "text"),
)
_NAME: Final = r"(?P<name>(?:this\.|parent\.)?[^\W\d][\w.]*)"
_LITERAL: Final = r'(?P<literal>"(?:[^"\\]|\\.)*"|-?\d[\d.]*|true\b|false\b)'
_OPERATOR: Final = r"\s*(?:=|!=|<=?|>=?)\s*"
_PAIRS: Final = (
    re.compile(rf"(?<![\w.\"]){_NAME}{_OPERATOR}{_LITERAL}"),
    re.compile(rf"(?<![\w.\"]){_LITERAL}{_OPERATOR}{_NAME}(?![\w.(])"),
)


def kind_of(field: FormField) -> str | None:
    """Return what the values of a field are, None when they may be of several kinds."""
    for type_, kind in _KINDS:
        if isinstance(field, type_):
            return kind
    if isinstance(field, NumberField):
        return "text" if field.as_text else "integer" if field.digits == 0 else "number"
    if isinstance(field, ChoiceField) and field.options:
        kinds = {"text" if key[0] == "text" else key[0] for key in field.options}
        return kinds.pop() if len(kinds) == 1 else None
    return None


def mixed(source: str, kinds: Mapping[str, str]) -> Iterator[str]:
    """Yield the names that an expression compares with a literal of another kind."""
    for pattern in _PAIRS:
        for found in pattern.finditer(source):
            name = found["name"].removeprefix("this.").removeprefix("parent.")
            kind = kinds.get(name)
            if kind is not None and _FEEL_KINDS[kind] != _literal_kind(found["literal"]):
                yield name


def feel_kinds(kinds: Mapping[str, str]) -> dict[str, str]:
    """Return what names hold in the words of `feel.portable`, also as `this.` and `parent.`."""
    found = {
        name: "integer" if kind == "integer" else _FEEL_KINDS[kind] for name, kind in kinds.items()
    }
    return {
        f"{before}{name}": kind
        for name, kind in found.items()
        for before in ("", "this.", "parent.")
    }


#: our word -> FEEL's
_FEEL_KINDS: Final = {
    "text": "string", "number": "number", "integer": "number",
    "boolean": "boolean", "list": "list",
}  # fmt: skip


def _literal_kind(literal: str) -> str:
    if literal.startswith('"'):
        return "string"
    return "boolean" if literal in ("true", "false") else "number"
