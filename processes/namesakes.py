"""Rooms and people by what a spreadsheet calls them, and back: many at once."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from engine.models import Membership, User
from engine.ports import COMPANY, Actor
from processes import lookups, rights
from processes.archive import Room

_T = TypeVar("_T")
#: values bound to one statement
_SLICE = 400
#: kind and what somebody wrote, or kind and key
Pair = tuple[str, str]


def keys(session: Session, actor: Actor, asked: Iterable[Pair]) -> Mapping[Pair, Sequence[str]]:
    """Return the keys of everything that is called so, in the projects where this person works."""
    found: defaultdict[Pair, list[str]] = defaultdict(list)
    asked = set(asked)
    tenants = _tenants(session, actor)
    rooms = {lookups.room_number(text): text for kind, text in asked if kind == "room"}
    for part in _slices(list(rooms)):
        query = select(Room.key, Room.number).where(
            Room.tenant_id.in_(tenants), Room.number.in_(part)
        )
        for key, number in session.execute(query):
            found["room", rooms[number]].append(str(key))
    for part in _slices([text for kind, text in asked if kind == "person"]):
        for user in session.scalars(_people(tenants).where(
            or_(User.name.in_(part), User.username.in_(part))
        )):  # fmt: skip
            for text in {user.name, user.username} & set(part):
                found["person", text].append(str(user.key))
    return found


def labels(session: Session, actor: Actor, asked: Iterable[Pair]) -> dict[Pair, str]:
    """Return what rooms and people are called, those that this person may know."""
    found: dict[Pair, str] = {}
    asked = set(asked)
    tenants = _tenants(session, actor)
    for part in _slices(_numbers(asked, "room")):
        rooms = select(Room.key, Room.number).where(Room.tenant_id.in_(tenants), Room.key.in_(part))
        found.update({("room", str(key)): number for key, number in session.execute(rooms)})
    for part in _slices(_numbers(asked, "person")):
        users = session.scalars(_people(tenants).where(User.key.in_(part)))
        found.update({("person", str(user.key)): user.name for user in users})
    return found


def _tenants(session: Session, actor: Actor) -> list[str]:
    return [
        tenant.tenant_id
        for tenant in lookups.projects(session, actor)
        if rights.can(actor, "archive.read", tenant.tenant_id)
    ]


def _people(tenants: Sequence[str]) -> Select[User]:
    """Choose the colleagues of these projects and of the company."""
    near = select(Membership.user_key).where(Membership.tenant_id.in_([*tenants, COMPANY]))
    return select(User).where(User.active, User.key.in_(near))


def _numbers(asked: Iterable[Pair], wanted: str) -> list[int]:
    return [int(key) for kind, key in asked if kind == wanted and key.isascii() and key.isdigit()]


def _slices(values: Sequence[_T]) -> Iterator[Sequence[_T]]:
    for start in range(0, len(values), _SLICE):
        yield values[start : start + _SLICE]
