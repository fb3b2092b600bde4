"""Find rooms and people, and read what the archive holds of them; the caller masks what is personal."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Text, exists, false, func, or_, select, type_coerce
from sqlalchemy.orm import Session

from engine.models import Instance, InstanceState, Submission
from processes.archive.changes import Change
from processes.archive.holdings import KeySet, Meter, Vehicle
from processes.archive.houses import Building, Occupancy, Record, Resident, Room
from processes.lookups import room_number


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """A resident of a room, from a day to a day."""

    stay: Occupancy
    who: Resident
    room: Room


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A page of rooms: those found, how many there are in all, who lives in them now."""

    rooms: Sequence[Room]
    total: int
    people: dict[int, list[Stay]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A case of a room: one that runs, or the record that a finished one left."""

    key: int
    number: str
    process_id: str
    title: str
    record: Record | None = None


def rooms(  # noqa: PLR0913 — what is asked for, which page
    session: Session, tenant_id: str, *, text: str = "", building_key: int | None = None,
    by_name: bool = False, page: int = 1, size: int = 50,
) -> Found:  # fmt: skip
    """Return a page of a project's rooms by number, name, telephone or plate, in order of the house."""
    query = (
        select(Room)
        .join(Building, Building.key == Room.building_key)
        .where(Room.tenant_id == tenant_id, *_asked(text, building_key, by_name=by_name))
    )
    order = (func.length(Building.number), Building.number, func.length(Room.unit), Room.unit,
             Room.floor, func.length(Room.number), Room.number)  # fmt: skip
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    found = session.scalars(query.order_by(*order).limit(size).offset((page - 1) * size)).all()
    people: dict[int, list[Stay]] = {}
    for one in _stays(session, Occupancy.room_key.in_([room.key for room in found])):
        if one.stay.to_on is None:
            people.setdefault(one.room.key, []).append(one)
    return Found(rooms=found, total=total, people=people)


def buildings(session: Session, tenant_id: str) -> list[tuple[Building, int]]:
    """Return a project's buildings with how many rooms each has."""
    query = (
        select(Building, func.count(Room.key))
        .outerjoin(Room, Room.building_key == Building.key)
        .where(Building.tenant_id == tenant_id)
        .group_by(Building.key)
        .order_by(func.length(Building.number), Building.number)
    )
    return [(building, count) for building, count in session.execute(query)]


def of_room(session: Session, room_key: int) -> list[Stay]:
    """Return everybody who has or had a room, those who have it now first."""
    return _stays(session, Occupancy.room_key == room_key)


def of_resident(session: Session, resident_key: int) -> list[Stay]:
    """Return every room that somebody has or had."""
    return _stays(session, Occupancy.resident_key == resident_key)


def holdings(
    session: Session, room_key: int
) -> tuple[Sequence[Vehicle], Sequence[KeySet], Sequence[Meter]]:
    """Return a room's vehicles, keys and meters."""
    cars = select(Vehicle).where(Vehicle.room_key == room_key)
    keys = select(KeySet).where(KeySet.room_key == room_key)
    meters = select(Meter).where(Meter.room_key == room_key)
    return (
        session.scalars(cars.order_by(Vehicle.to_on.is_not(None), Vehicle.key)).all(),
        session.scalars(keys.order_by(KeySet.returned_on.is_not(None), KeySet.key)).all(),
        session.scalars(meters.order_by(Meter.kind, Meter.key)).all(),
    )


def records(session: Session, room_keys: Sequence[int], most: int = 200) -> list[Case]:
    """Return what finished cases left in the archive of rooms, newest first (A1, A2, A8)."""
    query = (
        select(Record, Instance.title)
        .outerjoin(Instance, Instance.key == Record.instance_key)
        .where(Record.room_key.in_(room_keys))
        .order_by(Record.at.desc())
        .limit(most)
    )
    return [
        Case(key=one.instance_key, number=one.business_key or "", process_id=one.process_id,
             title=title or "", record=one)
        for one, title in session.execute(query)
    ]  # fmt: skip


def open_cases(session: Session, tenant_id: str, room_key: int, most: int = 50) -> list[Instance]:
    """Return the running cases whose forms name a room, newest first."""
    told = type_coerce(Submission.data, Text).contains(f'"room_id":"{room_key}"')
    named = (
        select(Instance.root_key)
        .join(Submission, Submission.instance_key == Instance.key)
        .where(Instance.tenant_id == tenant_id, Instance.state == InstanceState.ACTIVE, told)
    )
    query = (
        select(Instance)
        .where(Instance.key.in_(named), Instance.parent_key.is_(None),
               Instance.state == InstanceState.ACTIVE)
        .order_by(Instance.key.desc()).limit(most)
    )  # fmt: skip
    return list(session.scalars(query))


def changes(
    session: Session, entries: Sequence[tuple[str, int]], most: int = 50
) -> Sequence[Change]:
    """Return what was changed on rows of the archive, newest first."""
    wanted = or_(*((Change.entry == entry) & (Change.row_key == key) for entry, key in entries))
    query = select(Change).where(wanted).order_by(Change.key.desc()).limit(most)
    return session.scalars(query).all()


def _stays(session: Session, where: ColumnElement[bool]) -> list[Stay]:
    query = (
        select(Occupancy, Resident, Room)
        .join(Resident, Resident.key == Occupancy.resident_key)
        .join(Room, Room.key == Occupancy.room_key)
        .where(where)
        .order_by(Occupancy.to_on.is_not(None), Occupancy.to_on.desc(), Occupancy.kind != "owner",
                  Occupancy.key)
    )  # fmt: skip
    return [Stay(stay=stay, who=who, room=room) for stay, who, room in session.execute(query)]


def _asked(text: str, building_key: int | None, *, by_name: bool) -> list[ColumnElement[bool]]:
    """Return what the words ask for: a number's beginning; with the right, a person or a plate."""
    found: list[ColumnElement[bool]] = []
    if building_key is not None:
        found.append(Room.building_key == building_key)
    if not text:
        return found
    written = room_number(text)
    number = Room.number.contains(written, autoescape=True) if written else false()
    if not by_name:
        return [*found, number]
    person = exists().where(
        Occupancy.room_key == Room.key, Resident.key == Occupancy.resident_key,
        Resident.name.contains(text, autoescape=True) | (Resident.phone == text),
    )  # fmt: skip
    car = exists().where(Vehicle.room_key == Room.key, Vehicle.plate == text.upper())
    return [*found, or_(number, person, car)]
