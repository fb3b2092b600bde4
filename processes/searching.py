"""By what a case is found: the room, the person, and the first clause of what was told."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, true
from sqlalchemy.orm import Session

from engine import search
from engine.ports import COMPANY, Actor
from processes.archive import Room
from processes.lookups import room_number

_LONGEST = 40
#: rooms that one search word may bring
_ROOMS = 50


def register() -> None:
    """Say which submissions cases are found by."""
    search.sources["complaint", "T1_record"] = complaint


def complaint(data: Mapping[str, Any]) -> search.Texts:
    """Return the words of a complaint's record; an anonymous person is not found by name."""
    told = clause(data.get("content"))
    who = () if data.get("anonymous") else ("complainant_name", "phone")
    room = str(data.get("room_id") or "")
    return search.Texts(
        exact=(f"room:{room}",) if room else (),
        personal=(told, str(data.get("place") or ""), *(str(data.get(one) or "") for one in who)),
    )


def find(session: Session, actor: Actor, text: str) -> list[int]:
    """Return the root keys of the newest cases that fit what was typed: words, or a room."""
    tenants = actor.tenants()
    number = room_number(text)
    rooms: list[int] = []
    if number:
        here = true() if COMPANY in tenants else Room.tenant_id.in_(sorted(tenants))
        query = select(Room.key).where(here, Room.number.startswith(number, autoescape=True))
        rooms = list(session.scalars(query.order_by(Room.number).limit(_ROOMS)))
    return search.find(session, actor, text, exact=[f"room:{key}" for key in rooms])


def clause(text: Any) -> str:
    """Return the first clause of what was told: a title, not the story."""
    line = next(iter(str(text or "").strip().splitlines()), "")
    for mark in "。；！？":
        line = line.split(mark)[0]
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
