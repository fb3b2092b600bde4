"""By what a case is found: the room, the person, their number, and the first clause of what was told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select, true
from sqlalchemy.orm import Session

from engine import search
from engine.ports import COMPANY, Actor
from processes import rights
from processes.archive import Room
from processes.lookups import room_number

_LONGEST = 40
#: rooms that one search word may bring
_ROOMS = 50
#: people say the last four figures of a telephone number
_LAST = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class First:
    """The step whose form says what a case is about, and the names of its fields."""

    element: str
    person: str
    told: str
    phone: str = "phone"
    room: str = "room_id"
    place: str = ""
    demand: str = ""


#: process -> its first form
FIRST: Mapping[str, First] = MappingProxyType(
    {
        "complaint": First(element="T1_record", person="complainant_name", told="content",
                           place="place", demand="demand"),
        "repair": First(element="R1_intake", person="reporter", told="description",
                        place="public_area"),
        "inquiry": First(element="Q1_intake", person="caller_name", phone="caller_phone",
                         told="matter"),
        "move_in": First(element="M0_arrive", person="customer", told=""),
        "move_in_inspect_first": First(element="M0_arrive", person="customer", told=""),
        "community_event": First(element="E1_initiate", person="", phone="", told="title"),
    }
)  # fmt: skip
#: step -> its fields; two ways of one process share them
BY_ELEMENT: Mapping[str, First] = MappingProxyType({one.element: one for one in FIRST.values()})


def register() -> None:
    """Say which submissions cases are found by."""
    for process_id, first in FIRST.items():
        search.sources[process_id, first.element] = _source(first)


def texts(first: First, data: Mapping[str, Any]) -> search.Texts:
    """Return the words of a first form; an anonymous person is not found by name or number."""
    known = () if data.get("anonymous") else (first.person, first.phone)
    who = tuple(str(data.get(name) or "") for name in known if name)
    phone = "" if data.get("anonymous") else str(data.get(first.phone) or "").strip()
    room = str(data.get(first.room) or "")
    return search.Texts(
        exact=(*((f"room:{room}",) if room else ()), *rights.marks(data)),
        personal=(
            clause(data.get(first.told)), str(data.get(first.place) or ""), *who,
            phone[-_LAST:] if len(phone) > _LAST else "",
        ),
    )  # fmt: skip


def find(session: Session, actor: Actor, text: str) -> list[int]:
    """Return the root keys of the newest cases that fit what was typed: words, or a room."""
    tenants = actor.tenants()
    here = true() if COMPANY in tenants else Room.tenant_id.in_(sorted(tenants))
    query = select(Room.key).where(here, is_room(text)).order_by(Room.number).limit(_ROOMS)
    rooms = list(session.scalars(query)) if text.strip() else []
    return search.find(session, actor, text, exact=[f"room:{key}" for key in rooms])


def is_room(text: str) -> ColumnElement[bool]:
    """Return what a room is found by: its number's beginning, building and door, or the door."""
    number = room_number(text)
    parts = number.split("-")
    if not all(part.isascii() and part.isalnum() for part in parts):
        return false()
    found: ColumnElement[bool] = and_(Room.number >= number, Room.number < number + "\x7f")
    if len(parts) == 1 and len(number) >= len("302"):
        found = or_(found, Room.number.endswith(f"-{number}", autoescape=True))
    if len(parts) == len(("3", "1201")):
        within = and_(Room.number >= f"{parts[0]}-", Room.number < f"{parts[0]}-\x7f")
        found = or_(found, and_(within, Room.number.endswith(f"-{parts[1]}", autoescape=True)))
    return found


def clause(text: Any) -> str:
    """Return the first clause of what was told: a title, not the story."""
    line = next(iter(str(text or "").strip().splitlines()), "")
    for mark in "。；！？":
        line = line.split(mark)[0]
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def _source(first: First) -> Callable[[Mapping[str, Any]], search.Texts]:
    return partial(texts, first)
