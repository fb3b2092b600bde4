"""Names for the keys in a form's data, so that the browser need not ask for each."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy.orm import Session

from api.pages import files
from engine.ports import Actor, ports
from forms import Form

_KINDS = {"wf-person": "person", "wf-room": "room", "wf-case": "case", "wf-upload": "file"}


def of(
    session: Session, actor: Actor, form: Form, data: Mapping[str, Any]
) -> dict[str, dict[str, str]]:
    """Return label by kind and key for every stored key of the form."""
    found: dict[str, dict[str, str]] = {}
    for kind, key in _keys(form, data):
        label = _label(session, actor, kind, key)
        if label:
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


def _label(session: Session, actor: Actor, kind: str, key: str) -> str:
    if kind == "file":
        entry = files.finder(session)(key)
        return str(entry["name"]) if entry else ""
    found = ports.lookup(kind, key, actor)
    return str(found.get("label", "")) if found else ""
