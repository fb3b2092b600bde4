"""People who do the steps of cases straight away, without the walk of a scenario around them."""

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from engine import clock, identity, tasks
from engine.db import Database
from engine.models import Task, User
from engine.ports import Actor

_NOW = re.compile(r"@now(?:-PT(\d+)M)?")


def people(database: Database, roles: Iterable[str], tenant_id: str = "yj") -> dict[str, Actor]:
    """Return a person of each role in a project, made when they are not there."""
    found: dict[str, Actor] = {}
    with database.begin() as session:
        for role in roles:
            username = f"{tenant_id}-{role}"
            key = session.scalars(select(User.key).where(User.username == username)).first()
            if key is None:
                user = identity.create_user(
                    session, username=username, name=role, password="0123456789"
                )
                identity.add_membership(session, user.key, role, tenant_id)
                key = user.key
            session.flush()
            found[role] = identity.actor(session, key)
    return found


def done(
    database: Database, actor: Actor, case: int, element: str, values: Mapping[str, Any]
) -> None:
    """Complete the open task of a case's step."""
    with database.begin() as session:
        query = select(Task.key).where(
            Task.root_key == case, Task.state == "open", Task.element == element
        )
        tasks.complete(session, actor, session.scalars(query).one(), values, files=_photo)


def filled(value: Any, who: Mapping[str, Actor], room: str) -> Any:
    """Return a scenario's sample with its `@` places filled in."""
    if isinstance(value, dict):
        return {key: filled(one, who, room) for key, one in value.items()}
    if isinstance(value, list):
        return [filled(one, who, room) for one in value]
    if not isinstance(value, str) or value[:1] != "@":
        return value
    if now := _NOW.fullmatch(value):
        at = clock.now() - timedelta(minutes=int(now[1] or 0))
        return at.astimezone(ZoneInfo("Asia/Shanghai")).isoformat(timespec="minutes")
    return room if value == "@room" else str(who[value[1:]].key)


def _photo(file_id: str) -> Mapping[str, Any]:
    return {"key": file_id, "name": "照片.jpg", "media_type": "image/jpeg", "size": 1}
