"""Look things up by key or by what somebody typed: rooms, residents, staff, departments, cases.

Personal values (names, telephone numbers of residents) are given only to those with the right
`personal.read` in the project that keeps them; what another project keeps is not found.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import identity
from engine.models import Instance, Tenant, User
from engine.ports import COMPANY, Actor, ports
from processes import rights, roles
from processes.archive import Occupancy, Resident, Room

#: entries that a search answers with, before the rights of the reader
LIMIT = 24
#: keys bound to one statement
_SLICE = 400
_SEPARATOR = re.compile(r"[-－—–/\s栋幢座单元室号]+")


def lookup(session: Session, kind: str, key: str, actor: Actor) -> Mapping[str, Any] | None:
    """Return an archive entry as the forms and the pages see it, or None.

    Kinds: room, person, resident, department, case; rooms, which tells of many keys, joined by
    commas, those that are known.
    """
    find = _KINDS.get(kind)
    return None if find is None else find(session, key, actor)


def search(
    session: Session, kind: str, text: str, actor: Actor, *, tenant_id: str, limit: int = 20
) -> list[Mapping[str, Any]]:
    """Return the entries of a project that match what somebody typed, best first."""
    if not rights.can(actor, "archive.read", tenant_id):
        return []
    find = _SEARCHES.get(kind)
    return [] if find is None else find(session, text.strip(), actor, tenant_id)[:limit]


def room_number(text: str) -> str:
    """Return a room number as it is kept: 3栋2单元1201室 and 3－2－1201 are 3-2-1201."""
    return "-".join(part for part in _SEPARATOR.split(text.strip()) if part)


def _room(session: Session, key: str, actor: Actor) -> Mapping[str, Any] | None:
    room = session.get(Room, int(key)) if _is_key(key) else None
    if room is None or not rights.can(actor, "archive.read", room.tenant_id):
        return None
    return _room_entry(session, room, actor)


def _rooms(session: Session, keys: str, actor: Actor) -> Mapping[str, Any]:
    """Tell which of many rooms this person may choose: a list of a thousand asks this, not each."""
    asked = [int(key) for key in keys.split(",") if _is_key(key)]
    here = [
        tenant.tenant_id
        for tenant in projects(session, actor)
        if rights.can(actor, "archive.read", tenant.tenant_id)
    ]
    found: set[str] = set()
    for start in range(0, len(asked), _SLICE):
        query = select(Room.key).where(
            Room.tenant_id.in_(here), Room.key.in_(asked[start : start + _SLICE])
        )
        found.update(str(key) for key in session.scalars(query))
    return {"label": "", "keys": found}


def _room_entry(session: Session, room: Room, actor: Actor) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "key": str(room.key), "label": room.number, "number": room.number,
        "tenant_id": room.tenant_id, "floor": room.floor, "area": room.area / 100, "use": room.use,
    }  # fmt: skip
    if rights.can(actor, "personal.read", room.tenant_id):
        entry["residents"] = _residents(session, room)
    return entry


def _residents(session: Session, room: Room) -> list[dict[str, Any]]:
    query = (
        select(Resident, Occupancy.kind)
        .join(Occupancy, Occupancy.resident_key == Resident.key)
        .where(Occupancy.room_key == room.key, Occupancy.to_on.is_(None))
        .order_by(Occupancy.kind, Resident.key)
    )
    return [_resident_entry(resident, kind) for resident, kind in session.execute(query)]


def _resident_entry(resident: Resident, kind: str | None = None) -> dict[str, Any]:
    return {
        "key": str(resident.key), "label": resident.name, "name": resident.name,
        "phone": resident.phone, "vulnerable": resident.vulnerable, "kind": kind,
        "tenant_id": resident.tenant_id,
    }  # fmt: skip


def _resident(session: Session, key: str, actor: Actor) -> Mapping[str, Any] | None:
    found = session.get(Resident, int(key)) if _is_key(key) else None
    if found is None or not rights.can(actor, "personal.read", found.tenant_id):
        return None
    return _resident_entry(found)


def _person(session: Session, key: str, actor: Actor) -> Mapping[str, Any] | None:
    """Return a member of the staff who works in one of the reader's projects."""
    user = session.get(User, int(key)) if _is_key(key) else None
    if user is None or not user.active:
        return None
    held = identity.memberships(session, user.key)
    near = actor.tenants() | {COMPANY}
    if not rights.is_system(actor) and COMPANY not in actor.tenants():
        held = [(group, tenant) for group, tenant in held if tenant in near]
    return _person_entry(user, held) if held else None


def _person_entry(user: User, held: list[tuple[str, str]]) -> dict[str, Any]:
    groups = sorted({group for group, _ in held})
    names = [roles.BY_KEY[group].zh for group in groups if group in roles.BY_KEY]
    return {"key": str(user.key), "label": user.name, "groups": groups, "roles": names}


def _department(_session: Session, key: str, _actor: Actor) -> Mapping[str, Any] | None:
    found = next((one for one in roles.DEPARTMENTS if one.key == key), None)
    if found is None:
        return None
    return {"key": key, "label": found.zh, "label_en": found.en, "groups": [found.group]}


def _case(session: Session, key: str, actor: Actor) -> Mapping[str, Any] | None:
    """Return another case by its number."""
    query = select(Instance).where(Instance.business_key == key, Instance.parent_key.is_(None))
    found = session.scalars(query.limit(1)).first()
    if found is None or not rights.can(actor, "instance.read", found):
        return None
    return _case_entry(found)


def _case_entry(case: Instance) -> dict[str, Any]:
    return {
        "key": case.business_key, "label": f"{case.business_key} {case.title or ''}".strip(),
        "process_id": case.process_id, "tenant_id": case.tenant_id, "state": case.state,
    }  # fmt: skip


def _search_rooms(
    session: Session, text: str, actor: Actor, tenant_id: str
) -> list[Mapping[str, Any]]:
    """Find rooms by number, whole numbers first; by resident with the right to read names."""
    number = room_number(text)
    here = select(Room).where(Room.tenant_id == tenant_id)
    found = list(
        session.scalars(
            here.where(Room.number.startswith(number, autoescape=True))
            .order_by(Room.number != number, Room.number)
            .limit(LIMIT)
        )
    )
    if not found and text and rights.can(actor, "personal.read", tenant_id):
        of_people = (
            here.join(Occupancy, Occupancy.room_key == Room.key)
            .join(Resident, Resident.key == Occupancy.resident_key)
            .where(Resident.name.contains(text, autoescape=True) | (Resident.phone == text))
            .order_by(Room.number)
            .limit(LIMIT)
        )
        found = list(session.scalars(of_people))
    return [_room_entry(session, room, actor) for room in found]


def _search_people(
    session: Session, text: str, _actor: Actor, tenant_id: str
) -> list[Mapping[str, Any]]:
    users = identity.people(session, tenant_id, text=text or None)
    return [
        _person_entry(
            user,
            [
                (group, scope)
                for group, scope in identity.memberships(session, user.key)
                if scope in (tenant_id, COMPANY)
            ],
        )
        for user in users
    ]


def _search_cases(
    session: Session, text: str, actor: Actor, tenant_id: str
) -> list[Mapping[str, Any]]:
    query = (
        select(Instance)
        .where(
            Instance.tenant_id == tenant_id,
            Instance.parent_key.is_(None),
            Instance.business_key.contains(text, autoescape=True)
            | Instance.title.contains(text, autoescape=True),
        )
        .order_by(Instance.key.desc())
        .limit(LIMIT)
    )
    cases = [case for case in session.scalars(query) if rights.can(actor, "instance.read", case)]
    return [_case_entry(case) for case in cases]


def _search_departments(
    session: Session, text: str, actor: Actor, _tenant_id: str
) -> list[Mapping[str, Any]]:
    keys = [one.key for one in roles.DEPARTMENTS if text in one.zh or text in one.key]
    return [entry for key in keys if (entry := _department(session, key, actor)) is not None]


def projects(session: Session, actor: Actor) -> list[Tenant]:
    """Return the projects that this person works in."""
    query = select(Tenant).order_by(Tenant.tenant_id)
    if not rights.is_system(actor) and COMPANY not in actor.tenants():
        query = query.where(Tenant.tenant_id.in_(sorted(actor.tenants())))
    return list(session.scalars(query))


def allowed(session: Session, actor: Actor, action: str) -> list[Tenant]:
    """Return the projects that this person works in and may do something for."""
    return [one for one in projects(session, actor) if ports.can(actor, action, one.tenant_id)]


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 20  # noqa: PLR2004 — 63 bits


_KINDS: Mapping[str, Callable[[Session, str, Actor], Mapping[str, Any] | None]] = {
    "room": _room,
    "rooms": _rooms,
    "person": _person,
    "resident": _resident,
    "department": _department,
    "case": _case,
}
_SEARCHES: Mapping[str, Callable[[Session, str, Actor, str], list[Mapping[str, Any]]]] = {
    "room": _search_rooms,
    "person": _search_people,
    "department": _search_departments,
    "case": _search_cases,
}
