"""Find rooms and people, and read what the archive holds of them; the caller masks what is personal."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from sqlalchemy import ColumnElement, exists, false, func, or_, select
from sqlalchemy.orm import Session

from engine import search
from engine.models import Instance, InstanceState
from engine.ports import Actor, ports
from processes.archive.changes import Change
from processes.archive.holdings import KeySet, Meter, Vehicle
from processes.archive.houses import Building, Occupancy, Record, Resident, Room
from processes.lookups import room_number

#: records of a room that are looked through
_MOST = 200
_RUNNING = frozenset({InstanceState.ACTIVE, InstanceState.SUSPENDED})


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
class Done:
    """A finished case of a room: when it was filed or ended; its instance, unless long gone."""

    key: int
    number: str
    process_id: str
    at: datetime
    instance: Instance | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases:
    """The cases that name a room: running ones, and what finished ones left (A1, A2, A8)."""

    running: Sequence[Instance]
    done: Sequence[Done]


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


def cases(session: Session, actor: Actor, room: Room) -> Cases:
    """Return a room's cases that this person may read, newest first; records of old ones stay.

    A case that was voided leaves no record; it is found by the room that its first form names.
    """
    keys = search.find(session, actor, "", exact=[f"room:{room.key}"])
    kept = select(Record).where(Record.room_key == room.key).order_by(Record.at.desc())
    records = {one.instance_key: one for one in session.scalars(kept.limit(_MOST))}
    query = select(Instance).where(Instance.key.in_([*keys, *records]))
    known = {one.key: one for one in session.scalars(query)}
    readable = {key: one for key, one in known.items() if ports.can(actor, "instance.read", one)}
    running = [one for one in readable.values() if one.state in _RUNNING]
    done = [_filed(one, readable.get(key)) for key, one in records.items() if key not in known
            or key in readable]  # fmt: skip
    done += [_ended(one) for key, one in readable.items()
             if one.ended_at is not None and key not in records and one.parent_key is None]  # fmt: skip
    return Cases(
        running=sorted(running, key=lambda one: -one.key),
        done=sorted(done, key=lambda one: one.at, reverse=True),
    )


def during(stays: Iterable[tuple[Stay, Cases]], zone: tzinfo) -> list[Done]:
    """Return what was done in rooms while somebody had them, newest first."""
    found = {
        one.key: one
        for stay, held in stays for one in held.done
        if _within(stay.stay, (one.instance.started_at if one.instance else one.at), zone)
    }  # fmt: skip
    return sorted(found.values(), key=lambda one: one.at, reverse=True)


def changes(
    session: Session, entries: Sequence[tuple[str, int]], most: int = 50
) -> Sequence[Change]:
    """Return what was changed on rows of the archive, newest first."""
    wanted = or_(*((Change.entry == entry) & (Change.row_key == key) for entry, key in entries))
    query = select(Change).where(wanted).order_by(Change.key.desc()).limit(most)
    return session.scalars(query).all()


def _filed(record: Record, instance: Instance | None) -> Done:
    return Done(
        key=record.instance_key, number=record.business_key or "", process_id=record.process_id,
        at=record.at, instance=instance,
    )  # fmt: skip


def _ended(instance: Instance) -> Done:
    return Done(
        key=instance.key, number=instance.business_key or "", process_id=instance.process_id,
        at=instance.ended_at or instance.started_at, instance=instance,
    )  # fmt: skip


def _within(stay: Occupancy, moment: datetime, zone: tzinfo) -> bool:
    day = moment.astimezone(zone).date()
    return (stay.from_on is None or day >= stay.from_on) and (
        stay.to_on is None or day <= stay.to_on
    )


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
