"""Names for the keys in a form's data, so that the browser need not ask for each."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy.orm import Session

from api.pages import lookups
from engine.ports import Actor
from forms import Form, sheet_rows
from forms.fields.sheets import SheetField
from processes import namesakes

_KINDS = {
    "wf-person": "person",
    "wf-room": "room",
    "wf-case": "case",
    "wf-upload": "file",
    "wf-photo": "file",
    "wf-signature": "file",
}


def of(
    session: Session, actor: Actor, form: Form, data: Mapping[str, Any]
) -> dict[str, dict[str, str]]:
    """Return label by kind and key for every stored key of the form."""
    find = lookups.finder(session)
    found: dict[str, dict[str, str]] = {}
    for kind, key in _keys(form, data):
        entry = find(kind, key, actor)
        if entry:
            found.setdefault(kind, {})[key] = str(entry.get("label", key))
    in_rows = [
        pair
        for node in form.scope.nodes
        if isinstance(node.field, SheetField)
        for pair in sheet_rows.archive_keys(node.field, data.get(node.info.key) or ())
    ]
    if in_rows:
        for (kind, key), label in namesakes.labels(session, actor, in_rows).items():
            found.setdefault(kind, {})[key] = label
    return found


def _keys(form: Form, data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for field in form.fields:
        kind, value = _KINDS.get(field.type), data.get(field.key)
        if kind is None or not value:
            continue
        for key in value if isinstance(value, list) else [value]:
            if isinstance(key, str):
                yield kind, key
