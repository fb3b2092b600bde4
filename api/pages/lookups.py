"""What a form's pickers ask: people, rooms, cases; and to whom a task may be handed."""

from collections.abc import Mapping
from typing import Any

from flask import Response, jsonify, request
from sqlalchemy.orm import Session

from api import auth
from api.pages import base, files, words
from api.pages.base import pages
from engine import identity
from engine.models import Task, User
from engine.ports import ports
from forms import Lookup
from processes import lookups as archive

_LIMIT = 20


@pages.get("/lookup/<any(person, room, case):kind>")
def lookup(kind: str) -> Response:
    """Answer with the entries that fit what was typed, or with the one of a stored key."""
    actor, key = auth.actor(), request.args.get("key", "")
    with base.read() as session:
        if key:
            found = archive.lookup(session, kind, key, actor)
            return jsonify({"items": [_item(found)] if found else []})
        entries = [
            entry
            for tenant in archive.projects(session, actor)
            for entry in archive.search(
                session, kind, request.args.get("q", ""), actor,
                tenant_id=tenant.tenant_id, limit=_LIMIT,
            )
        ]  # fmt: skip
    group, process = request.args.get("group"), request.args.get("process")
    items = {
        str(entry["key"]): _item(entry)
        for entry in entries
        if (not group or group in entry.get("groups", ()))
        and (not process or entry.get("process_id") == process)
    }
    return jsonify({"items": list(items.values())[:_LIMIT]})


def finder(session: Session) -> Lookup:
    """Return what reads keys back as names: the archive's entries, and files."""

    def find(kind: str, key: str, actor: Any) -> Mapping[str, Any] | None:
        if kind == "file":
            found = files.finder(session, actor)(key)
            return {"label": found["name"], **found} if found else None
        return archive.lookup(session, kind, key, actor)

    return find


def performers(session: Session, task: Task) -> list[tuple[User, str]]:
    """Return who may do a task instead of its holder, with their roles."""
    held = Held(task)
    found = []
    for user in identity.people(session, task.tenant_id, limit=500):
        if user.key == task.assignee:
            continue
        person = identity.actor(session, user.key)
        if ports.can(person, "task.work", held):
            found.append((user, words.roles_of(person)))
    return found


class Held:
    """A task as it would be offered to anyone of its group."""

    def __init__(self, task: Task) -> None:
        self.tenant_id, self.group, self.element = task.tenant_id, task.group, task.element
        self.candidates, self.closed_by = task.candidates, None
        self.assignee: int | None = None


def _item(entry: Any) -> dict[str, str]:
    detail = entry.get("roles") or [r["label"] for r in entry.get("residents", ())]
    return {
        "key": str(entry["key"]),
        "label": str(entry["label"]),
        "detail": "、".join(detail) if isinstance(detail, list) else "",
    }
