"""Who is calling: people, rooms and cases by a number, a name, a room or a word (requirements I17).

Names and telephone numbers are looked through only where the asker may see them; cases are those
that the asker may read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from engine import clock, search
from engine.models import Instance, InstanceState
from engine.ports import Actor
from processes import lookups, rights, searching
from processes.archive import Occupancy, Resident, Room, pieces

#: how many people, rooms and cases an answer shows
FEW, CASES = 6, 8
#: how far back the same thing counts as a second one (requirement T13)
BACK = timedelta(days=30)
#: process -> the variable, and the field of its first form, that say what kind of thing it is
KINDS: Mapping[str, tuple[str, str]] = {
    "complaint": ("sub_item", ""), "repair": ("item", "repair_item"), "inquiry": ("kind", "kind"),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who has a room, with the room."""

    resident: Resident
    room: Room
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What fits the words that were typed."""

    people: Sequence[Person] = ()
    rooms: Sequence[Room] = ()
    cases: Sequence[Instance] = ()

    @property
    def only(self) -> Room | None:
        """Return the one room that all of it is about."""
        rooms = {room.key: room for room in (*self.rooms, *(one.room for one in self.people))}
        return next(iter(rooms.values())) if len(rooms) == 1 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """A case of a room, as somebody who records another one has to know it."""

    case: Instance
    open: bool
    #: the same kind of thing within thirty days: the one being recorded is a second one
    same: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AtRoom:
    """What a room has under way and had of late; `older` counts the rest."""

    lines: Sequence[Earlier] = field(default_factory=tuple)
    older: int = 0


def find(session: Session, actor: Actor, text: str) -> Found:
    """Return the people, rooms and cases that fit, of the asker's projects."""
    text = text.strip()
    tenants = [one.tenant_id for one in lookups.projects(session, actor)]
    if not text or not tenants:
        return Found()
    here = [one for one in tenants if rights.can(actor, "archive.read", one)]
    named = [one for one in here if rights.can(actor, "personal.read", one)]
    rooms = list(session.scalars(
        select(Room).where(Room.tenant_id.in_(here), searching.is_room(text))
        .order_by(Room.number, Room.key).limit(FEW)
    ))  # fmt: skip
    return Found(
        people=_people(session, named, text), rooms=rooms, cases=_cases(session, actor, text)
    )


def at_room(
    session: Session, actor: Actor, room: Room, *, process_id: str = "", kind: str = ""
) -> AtRoom:
    """Return a room's open cases, then those begun within thirty days; newest first.

    With the process being recorded (and its kind, once known), the same ones are marked.
    """
    keys = search.find(session, actor, "", exact=[f"room:{room.key}"])
    cases = [one for one in _rows(session, keys) if rights.can(actor, "instance.read", one)]
    since = clock.now() - BACK
    near = [one for one in cases if one.state == InstanceState.ACTIVE or one.started_at >= since]
    lines = tuple(
        Earlier(
            case=one, open=one.state == InstanceState.ACTIVE,
            same=one.started_at >= since and _alike(one, process_id, kind),
        )
        for one in near
    )  # fmt: skip
    return AtRoom(lines=lines, older=len(cases) - len(near))


def first_values(
    process_id: str, room: Room, resident: Resident | None, kind: str
) -> dict[str, Any]:
    """Return what the first form of a process begins with when the caller is known."""
    first = searching.FIRST.get(process_id)
    if first is None or not first.phone:
        return {}
    values: dict[str, Any] = {first.room: str(room.key)}
    if process_id == "repair":
        values["location"] = "room"
    if resident is not None:
        values |= {first.person: resident.name, first.phone: resident.phone}
        if process_id == "complaint" and kind in {"owner", "tenant"}:
            values["complainant_kind"] = kind
    return values


def resident_of(
    session: Session, actor: Actor, room: Room, key: int
) -> tuple[Resident, str] | None:
    """Return somebody of a room and as what they have it, if the asker may see who lives there."""
    if not rights.can(actor, "personal.read", room.tenant_id):
        return None
    query = (
        select(Resident, Occupancy.kind)
        .join(Occupancy, Occupancy.resident_key == Resident.key)
        .where(Occupancy.room_key == room.key, Resident.key == key, Occupancy.to_on.is_(None))
    )
    row = session.execute(query).first()
    return None if row is None else (row[0], row[1])


def _people(session: Session, tenants: Sequence[str], text: str) -> list[Person]:
    if not tenants or (who := _is_person(tenants, text)) is None:
        return []
    query = (
        select(Resident, Room, Occupancy.kind)
        .join(Occupancy, Occupancy.resident_key == Resident.key)
        .join(Room, Room.key == Occupancy.room_key)
        .where(Resident.tenant_id.in_(tenants), Occupancy.to_on.is_(None), who)
        .order_by(Resident.name, Room.number, Resident.key)
        .limit(FEW)
    )
    return [
        Person(resident=resident, room=room, kind=kind)
        for resident, room, kind in session.execute(query)
    ]


def _is_person(tenants: Sequence[str], text: str) -> ColumnElement[bool] | None:
    """Return what a person is found by: part of a name, or a number, whole or its last figures."""
    figures = text.replace(" ", "").replace("-", "")
    if figures.isascii() and figures.isdigit():
        return pieces.ending(tenants, figures) if len(figures) >= pieces.LAST else None
    if any(one.isdigit() for one in text):
        return None
    return pieces.named(tenants, text)


def _cases(session: Session, actor: Actor, text: str) -> list[Instance]:
    found = []
    for case in _rows(session, searching.find(session, actor, text)):
        if rights.can(actor, "instance.read", case):
            found.append(case)
        if len(found) == CASES:
            break
    return found


def _rows(session: Session, keys: Sequence[int]) -> list[Instance]:
    """Return cases, those under way first, then the newest."""
    query = select(Instance).where(Instance.key.in_(keys))
    closed = Instance.state != InstanceState.ACTIVE
    return list(session.scalars(query.order_by(closed, Instance.key.desc())))


def _alike(case: Instance, process_id: str, kind: str) -> bool:
    if case.process_id != process_id:
        return False
    known = case.variables.get(KINDS.get(process_id, ("", ""))[0])
    return not kind or known is None or str(known) == kind
