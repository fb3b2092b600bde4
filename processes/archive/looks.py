"""Looks at personal data of the archive by those who don't see it every day, and exports: all logged."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from engine import clock, ids
from engine.errors import N_, ForbiddenError, InvalidInputError
from engine.ports import Actor, ports
from processes.archive import columns
from processes.archive.changes import Look
from processes.archive.houses import Occupancy, Resident, Room

#: how long a room's people stay readable for who asked
OPEN = timedelta(minutes=30)
_SHORTEST, _LONGEST = 4, 200
SHOWN, EXPORTED = "shown", "exported"


def may_read(session: Session, actor: Actor, room: Room) -> bool:
    """Tell whether this person sees who lives in a room: by right, or for a reason just given."""
    return ports.can(actor, "personal.read", room.tenant_id) or is_open(session, actor, room.key)


def may_ask(session: Session, actor: Actor, room: Room) -> bool:
    """Tell whether names are masked for this person and may be shown for a reason."""
    return not may_read(session, actor, room) and ports.can(
        actor, "archive.disclose", room.tenant_id
    )


def disclose(session: Session, actor: Actor, room: Room, *, reason: str) -> None:
    """Show a room's people to a person for a while; who, when and why is kept."""
    if not may_ask(session, actor, room):
        raise ForbiddenError(N_("您不能查看这套房的个人信息，请联系客户经理。"))
    count = select(Occupancy.key).where(Occupancy.room_key == room.key)
    _note(session, actor, room.tenant_id, SHOWN, reason, room.key,
          len(session.scalars(count).all()))  # fmt: skip


def is_open(session: Session, actor: Actor, room_key: int) -> bool:
    """Tell whether a room's people were shown to this person a short while ago."""
    asked = exists().where(
        Look.kind == SHOWN, Look.room_key == room_key, Look.by == actor.key,
        Look.at > clock.now() - OPEN,
    )  # fmt: skip
    return bool(session.scalar(select(asked)))


def export(session: Session, actor: Actor, tenant_id: str, *, reason: str) -> list[Sequence[Any]]:
    """Return a project's rooms and people as the sheet that an import reads; the taking is logged."""
    if not ports.can(actor, "personal.export", tenant_id):
        raise ForbiddenError(N_("带个人信息的导出由项目经理或品质部办理。"))
    table: list[Sequence[Any]] = [
        [column.zh for column in columns.COLUMNS],
        *_rows(session, tenant_id),
    ]
    _note(session, actor, tenant_id, EXPORTED, reason, None, len(table) - 1)
    return table


def recent(session: Session, tenant_id: str, most: int = 50) -> Sequence[Look]:
    """Return who saw or took personal data of a project, newest first."""
    query = (
        select(Look)
        .where(Look.tenant_id == tenant_id)
        .order_by(Look.at.desc(), Look.key.desc())
        .limit(most)
    )
    return session.scalars(query).all()


def _rows(session: Session, tenant_id: str) -> Iterator[list[Any]]:
    query = (
        select(Room, Occupancy, Resident)
        .outerjoin(Occupancy, Occupancy.room_key == Room.key)
        .outerjoin(Resident, Resident.key == Occupancy.resident_key)
        .where(Room.tenant_id == tenant_id)
        .order_by(Room.building_key, Room.unit, Room.floor, Room.number, Occupancy.key)
    )
    types, uses = _backwards(columns.PROPERTY_TYPES), _backwards(columns.USES)
    kinds = _backwards(columns.KINDS)
    for room, stay, who in session.execute(query):
        building, unit, door = _places(room)
        yield [
            building, unit, room.floor, door, room.area / 100,
            types.get(room.property_type, ""), uses.get(room.use, ""),
            *([who.name, who.phone, kinds.get(stay.kind, ""), stay.from_on, stay.to_on,
               "是" if who.vulnerable else "否"] if who is not None else [None] * 6),
        ]  # fmt: skip


def _places(room: Room) -> tuple[str, str, str]:
    """Return building, unit and door as the room's number says them: 3-2-1201."""
    parts = room.number.split("-", 2)
    return (parts[0], parts[1], parts[2]) if len(parts) == 3 else ("", room.unit, room.number)  # noqa: PLR2004


def _backwards(words: Any) -> dict[str, str]:
    return {code: word for word, code in words.items()}


def _note(  # noqa: PLR0913, PLR0917 — who, where, what, why
    session: Session, actor: Actor, tenant_id: str, kind: str, reason: str, room_key: int | None,
    rows: int,
) -> None:  # fmt: skip
    why = reason.strip()
    if not _SHORTEST <= len(why) <= _LONGEST:
        raise InvalidInputError(N_("请写明原因，至少 4 个字。"), fields={"reason": [N_("必填")]})
    session.add(Look(
        key=ids.new(), tenant_id=tenant_id, kind=kind, room_key=room_key, rows=rows, reason=why,
        by=actor.key, at=clock.now(),
    ))  # fmt: skip
    session.flush()
