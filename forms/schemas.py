"""A form as a marshmallow schema: for descriptions of the API, and for forms without conditions.

The schema holds what each field says by itself. What depends on other values, on the archive or on
the server's own knowledge is added by `Form.load`.
"""

from collections.abc import Mapping
from typing import Any

from marshmallow import EXCLUDE, Schema, fields

from forms.form import Form
from forms.nodes import Scope

_Tree = dict[str, Any]


def of(form: Form) -> Schema:
    """Return the schema of a form's data; what the form does not ask is dropped."""
    return _schema(_tree(form.scope), form.id)


def _tree(scope: Scope) -> _Tree:
    """Return the fields as the data nests them: groups and dotted keys are objects."""
    tree: _Tree = {}
    for node in scope.nodes:
        if node.field is None and node.rows is None:
            continue
        place = tree
        for part in node.path[:-1]:
            place = place.setdefault(part, {})
        place[node.path[-1]] = node.field if node.rows is None else [_tree(node.rows)]
    return tree


def _schema(tree: Mapping[str, Any], name: str) -> Schema:
    declared = {key: _field(part, f"{name}-{key}") for key, part in tree.items()}
    return Schema.from_dict(declared, name=name)(unknown=EXCLUDE)


def _field(part: Any, name: str) -> fields.Field[Any]:
    if isinstance(part, list):
        return fields.List(fields.Nested(_schema(part[0], name)), load_default=list)
    if isinstance(part, dict):
        return fields.Nested(_schema(part, name), load_default=dict)
    found: fields.Field[Any] = part
    return found
