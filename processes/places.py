"""Where people work: regions and their projects, own buildings, and which roles lie apart.

An assistant's own buildings come first: theirs are told of tasks of a room there, and their list
of the group's tasks leaves out what belongs to a colleague's building. A building that nobody has
is everybody's; a task is never nobody's.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import memberships
from engine.errors import N_, InvalidInputError
from engine.memberships import rules
from engine.models import Membership, Task, TaskState, Tenant, User, Word
from engine.ports import COMPANY, Actor
from processes.archive import Building, Region, RegionProject, Room

#: who holds one of these never stands in for one of those: repairs and money, money and its checker
APART: tuple[tuple[frozenset[str], frozenset[str]], ...] = (
    (frozenset({"eng_worker", "eng_dispatch"}), frozenset({"cashier", "finance_hq"})),
    (frozenset({"cashier"}), frozenset({"finance_hq"})),
)
#: roles that nobody lends: they keep the system, not the business
NEVER_LENT = frozenset(
    {"admin", "designer", "publisher", "auditor", "integration", "owner", "external"}
)
_ROOM = b"=room:"
_APART = re.compile(r"[\s,，、;；栋]+")
#: open tasks of a group that are looked through
_MOST = 2_000


def register() -> None:
    """Answer the engine's questions about places and deputies."""
    rules.projects, rules.region = projects_of, region_of
    rules.lends, rules.nearest = may_stand_in, nearest


def may_stand_in(own: Collection[str], group: str) -> bool:
    """Tell whether who holds these groups may stand in for a holder of another one."""
    held = frozenset(own)
    apart = any(
        (group in one and held & other) or (group in other and held & one) for one, other in APART
    )
    return group not in NEVER_LENT and not apart


def projects_of(session: Session, region_key: int) -> list[str]:
    """Return the projects of a region."""
    query = select(RegionProject.tenant_id).where(RegionProject.region_key == region_key)
    return list(session.scalars(query.order_by(RegionProject.tenant_id)))


def region_of(session: Session, tenant_id: str) -> int | None:
    """Return the region that a project lies in."""
    return session.scalar(
        select(RegionProject.region_key).where(RegionProject.tenant_id == tenant_id)
    )


def names(session: Session) -> dict[str, str]:
    """Return what the places of memberships are called, but for the whole company."""
    regions = session.scalars(select(Region).order_by(Region.name))
    projects = session.scalars(select(Tenant).order_by(Tenant.tenant_id))
    return {
        **{one.tenant_id: one.name for one in projects},
        **{f"{memberships.REGION}{one.key}": one.name for one in regions},
    }


def buildings(session: Session, tenant_id: str, text: str) -> list[str]:
    """Return the numbers of buildings that somebody typed; raises when the project has no such."""
    wanted = list(dict.fromkeys(part for part in _APART.split(text.strip()) if part))
    query = select(Building.number).where(Building.tenant_id == tenant_id)
    unknown = sorted(set(wanted) - set(session.scalars(query)))
    if unknown:
        raise InvalidInputError(
            N_("这个项目没有 {numbers} 栋。"), numbers="、".join(unknown),
            fields={"buildings": [N_("请填写楼栋号，用逗号分开，例如 3，5。")]},
        )  # fmt: skip
    return wanted


def nearest(session: Session, task: Task, people: Sequence[int]) -> Sequence[int]:
    """Return those of some people whose own building a task's room is in; else all of them."""
    kept = _kept(session)
    if not kept:
        return people
    building = _buildings(session, [task.root_key]).get(task.root_key)
    theirs = {
        who for row in kept if building in (row.buildings or ())
        and row.group == task.group and row.tenant_id in (task.tenant_id, COMPANY)
        for who in (memberships.stand_ins(session).get(row.user_key, row.user_key),)
    }  # fmt: skip
    return [one for one in people if one in theirs] or people


def elsewhere(session: Session, actor: Actor) -> frozenset[int]:
    """Return the cases whose open tasks wait for a colleague of another building first."""
    found: set[int] = set()
    kept = _kept(session)
    away = memberships.stand_ins(session)
    for group, tenant in sorted(actor.memberships):
        rows = [row for row in kept if (row.group, row.tenant_id) == (group, tenant)]
        mine = {
            one for row in rows if away.get(row.user_key, row.user_key) == actor.key
            for one in row.buildings or ()
        }  # fmt: skip
        others = {one for row in rows for one in row.buildings or ()} - mine
        if mine and others:
            waiting = _waiting(session, group, tenant)
            places = _buildings(session, waiting)
            found |= {root for root in waiting if places.get(root) in others}
    return frozenset(found)


def _kept(session: Session) -> list[Membership]:
    """Return the memberships of today that name buildings."""
    seen: list[Membership] | None = session.info.get("buildings")
    if seen is None:
        query = (
            select(Membership)
            .join(User, User.key == Membership.user_key)
            .where(User.active, Membership.buildings.is_not(None), memberships.today())
        )
        seen = session.info["buildings"] = list(session.scalars(query))
    return seen


def _waiting(session: Session, group: str, tenant_id: str) -> list[int]:
    query = (
        select(Task.root_key)
        .where(Task.tenant_id == tenant_id, Task.group == group, Task.state == TaskState.OPEN,
               Task.assignee.is_(None))
        .distinct()
        .limit(_MOST)
    )  # fmt: skip
    return list(session.scalars(query))


def _buildings(session: Session, roots: Iterable[int]) -> Mapping[int, str]:
    """Return the building of the room that each case is about."""
    query = select(Word.root_key, Word.word).where(
        Word.root_key.in_(list(roots)), Word.word >= _ROOM, Word.word < _ROOM[:-1] + b";"
    )
    rooms = {root: int(word.removeprefix(_ROOM)) for root, word in session.execute(query)}
    numbers = select(Room.key, Building.number).join(Building, Building.key == Room.building_key)
    found = {  # noqa: C416 — rows are not pairs to mypy
        key: number
        for key, number in session.execute(numbers.where(Room.key.in_(set(rooms.values()))))
    }
    return {root: found[room] for root, room in rooms.items() if room in found}
