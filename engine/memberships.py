"""What groups people hold now: their own, and those of absent people whom they stand in for.

A membership holds from a day to a day of its project's own calendar; one of a region holds in each
of its projects. So does an absence: in each project by its midnights, and where no project is asked
about, by those of the first project that the absent person works in. Everything is asked of the rows of this moment: nothing has to be done at midnight.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, bindparam, case, or_, select
from sqlalchemy.orm import Session

from engine import calendars, clock
from engine.models import Membership, Tenant
from engine.models.identity import Absence
from engine.ports import COMPANY

#: what leads the key of a region where a membership names its place
REGION = "region:"
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A group that somebody holds in a project, or everywhere."""

    group: str
    tenant_id: str
    #: whose it is, when the holder only stands in for them
    lent_by: int | None = None


@dataclass(slots=True, kw_only=True)
class Rules:
    """What the business says of places and deputies; it registers here."""

    #: key of a region -> its projects
    projects: Callable[[Session, int], Collection[str]] = lambda _session, _key: ()
    #: project -> key of the region that it lies in
    region: Callable[[Session, str], int | None] = lambda _session, _tenant: None
    #: whether who holds these groups may stand in for a holder of another one
    lends: Callable[[Collection[str], str], bool] = lambda _own, _group: True
    #: of the people that a task is offered to, those who are told first
    nearest: Callable[[Session, Any, Sequence[int]], Sequence[int]] = lambda _s, _task, all_: all_


rules = Rules()

#: absences that are in force in some zone of the world
_about_now = (
    Absence.from_on <= bindparam("latest"), Absence.to_on >= bindparam("earliest"),
    Absence.ended_at.is_(None),
)  # fmt: skip
_first = select(Absence.user_key.label("k"), Absence.from_on, Absence.to_on).where(
    Absence.deputy_key == bindparam("user"), *_about_now
)
_absent = _first.cte("absent", recursive=True)
#: whoever stands in for a deputy does so while both are away
_absent = _absent.union(
    select(
        Absence.user_key,
        case((Absence.from_on > _absent.c.from_on, Absence.from_on), else_=_absent.c.from_on),
        case((Absence.to_on < _absent.c.to_on, Absence.to_on), else_=_absent.c.to_on),
    )
    .join(_absent, Absence.deputy_key == _absent.c.k)
    .where(*_about_now)
)
_held = (
    select(Membership.user_key, Membership.group, Membership.tenant_id, Membership.from_on,
           Membership.to_on, Tenant.zone, _absent.c.from_on.label("away_from"),
           _absent.c.to_on.label("away_to"))
    .outerjoin(Tenant, Tenant.tenant_id == Membership.tenant_id)
    .outerjoin(_absent, _absent.c.k == Membership.user_key)
    .where(
        or_(Membership.user_key == bindparam("user"), _absent.c.k.is_not(None)),
        or_(Membership.from_on.is_(None), Membership.from_on <= bindparam("latest")),
        or_(Membership.to_on.is_(None), Membership.to_on >= bindparam("earliest")),
    )
    .order_by(Membership.key)
)  # fmt: skip
_home = (
    select(Tenant.zone)
    .join(Membership, Membership.tenant_id == Tenant.tenant_id)
    .where(or_(Membership.to_on.is_(None), Membership.to_on >= bindparam("earliest")))
    .order_by(Membership.key)
    .limit(1)
)
_away = (
    select(Absence.user_key, Absence.deputy_key, Absence.from_on, Absence.to_on,
           _home.where(Membership.user_key == Absence.user_key).correlate(Absence)
           .scalar_subquery())
    .where(*_about_now)
    .order_by(Absence.key)
)  # fmt: skip


def of(session: Session, user_key: int) -> list[Grant]:
    """Return what a person holds now, own grants first; a region's as one for each project."""
    rows = [
        row for row in session.execute(_held, {"user": user_key, **_about()})
        if holds(row.from_on, row.to_on, row.zone)
    ]  # fmt: skip
    own = dict.fromkeys((row.group, row.tenant_id) for row in rows if row.user_key == user_key)
    lent = {
        (row.group, row.tenant_id, row.user_key) for row in rows
        if row.user_key != user_key and holds(row.away_from, row.away_to, row.zone)
    }  # fmt: skip
    found = [
        Grant(group=group, tenant_id=tenant)
        for group, place in own
        for tenant in _tenants(session, place)
    ]
    return found + [
        Grant(group=group, tenant_id=tenant, lent_by=who)
        for group, place, who in _lendable({group for group, _ in own}, lent)
        for tenant in _tenants(session, place)
    ]


def holds(from_on: date | None, to_on: date | None, zone: str | None) -> bool:
    """Tell whether a membership holds on this day of its project's calendar."""
    here = _day_in(zone)
    return (from_on is None or from_on <= here) and (to_on is None or to_on >= here)


def places(session: Session, tenant_id: str) -> tuple[str, ...]:
    """Return where a membership may be held to count in a project: there, its region, everywhere."""
    seen: dict[str, tuple[str, ...]] = session.info.setdefault("places", {})
    if tenant_id not in seen:
        region = None if tenant_id == COMPANY else rules.region(session, tenant_id)
        further = () if region is None else (f"{REGION}{region}",)
        seen[tenant_id] = (tenant_id, *further, COMPANY)
    return seen[tenant_id]


def today() -> ColumnElement[bool]:
    """Return the condition for memberships that hold today, by the company's calendar."""
    return on_time(calendars.today())


def on_time(day: date) -> ColumnElement[bool]:
    """Return the condition for memberships that hold on a day."""
    first = or_(Membership.from_on.is_(None), Membership.from_on <= day)
    return first & or_(Membership.to_on.is_(None), Membership.to_on >= day)


def stand_ins(session: Session) -> Mapping[int, int]:
    """Return who is absent today, where they work, and who stands in, at the end of the chain."""
    seen: dict[int, int] | None = session.info.get("stand-ins")
    if seen is None:
        direct = {
            user: deputy for user, deputy, first, last_day, zone in session.execute(_away, _about())
            if holds(first, last_day, zone)
        }  # fmt: skip
        seen = session.info["stand-ins"] = {user: last(direct, user) for user in direct}
    return seen


def today_of(session: Session, user_key: int) -> date:
    """Return today's date where a person works: in the first project that they belong to."""
    zone = session.scalar(_home.where(Membership.user_key == user_key), _about())
    return _day_in(zone)


def last(direct: Mapping[int, int], user_key: int) -> int:
    """Return who stands in at the end of a chain of absences; a circle ends where it began."""
    at, passed = direct[user_key], {user_key}
    while at in direct and at not in passed:
        passed.add(at)
        at = direct[at]
    return at


def _lendable(
    own: Collection[str], lent: Iterable[tuple[str, str, int]]
) -> list[tuple[str, str, int]]:
    """Return what a deputy may hold beside what they hold; who keeps money does no repairs (P8)."""
    held, found = set(own), []
    for group, place, who in sorted(lent):
        if rules.lends(frozenset(held), group):
            held.add(group)
            found.append((group, place, who))
    return found


def _day_in(zone: str | None) -> date:
    return calendars.today() if zone is None else clock.now().astimezone(ZoneInfo(zone)).date()


def _about() -> dict[str, date]:
    """Return the days that it may be somewhere now."""
    day = calendars.today()
    return {"latest": day + _DAY, "earliest": day - _DAY}


def _tenants(session: Session, place: str) -> Collection[str]:
    if not place.startswith(REGION):
        return (place,)
    return rules.projects(session, int(place.removeprefix(REGION)))
