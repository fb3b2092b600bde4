"""Work that comes round: daily, weekly, on a month's first working day; rows that people edit.

Each active schedule has one timer with its key. What fell due while nobody ran is done once. A
schedule of the whole company is done project by project, each in a unit of its own.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from engine import calendars, clock, ids, timers
from engine.errors import N_, ForbiddenError, InvalidInputError, NotFoundError
from engine.models import Schedule, Tenant, Timer, TimerKind
from engine.ports import COMPANY, Actor, ports

DAY, WEEK, MONTH = "day", "week", "month"
#: how a rule is called
RULES = {DAY: N_("每天"), WEEK: N_("每周"), MONTH: N_("每月首个工作日")}
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_WEEK = 7
#: what people fill in
_EDITED = ("tenant_id", "name", "every", "weekday", "time", "does", "active")


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One time that a schedule is due in one project."""

    schedule_key: int
    tenant_id: str
    #: the moment it was due, the last one when several were missed
    at: datetime
    #: its local day
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Something that a schedule can do in a project."""

    code: str
    name: str
    act: Callable[[Session, Turn], object]


#: code -> what a business has registered
actions: dict[str, Action] = {}


def action(code: str, name: str) -> Callable[[Callable[[Session, Turn], object]], Action]:
    """Register what schedules may do."""

    def register(act: Callable[[Session, Turn], object]) -> Action:
        return actions.setdefault(code, Action(code=code, name=name, act=act))

    return register


def seed(session: Session, shipped: dict[str, Schedule]) -> None:
    """Put shipped schedules in once; what people have made of them stays."""
    known = set(session.scalars(select(Schedule.seed).where(Schedule.seed.is_not(None))))
    for code, row in shipped.items():
        if code not in known:
            row.key, row.seed = ids.new(), code
            session.add(row)
            session.flush()
            _arm(session, row)


def listed(session: Session, actor: Actor) -> list[Schedule]:
    """Return the schedules of the company and of the projects this person may manage."""
    rows = session.scalars(select(Schedule).order_by(Schedule.tenant_id, Schedule.key))
    return [row for row in rows
            if row.tenant_id == COMPANY or ports.can(actor, "schedule.manage", row.tenant_id)]  # fmt: skip


def save(session: Session, actor: Actor, given: Schedule) -> Schedule:
    """Add a schedule, or change the one of its key; its timer follows."""
    given.weekday = given.weekday if given.every == WEEK else None
    _check(session, given)
    before = session.get(Schedule, given.key) if given.key else None
    if given.key and before is None:
        raise NotFoundError(N_("没有这个计划"))
    for scope in {given.tenant_id, before.tenant_id if before else given.tenant_id}:
        if not ports.can(actor, "schedule.manage", scope):
            raise ForbiddenError(N_("公司的计划由品质部和系统管理员维护，项目的由项目经理维护。"))
    if before is not None:
        given.seed, given.last_at, given.last_turns = before.seed, before.last_at, before.last_turns
    else:
        given.key, given.last_turns = ids.new(), 0
    row = session.merge(given)
    session.flush()
    _arm(session, row)
    return row


def get(session: Session, actor: Actor, key: int) -> Schedule:
    """Return a schedule that this person may look at."""
    row = session.get(Schedule, key)
    if row is None or row not in listed(session, actor):
        raise NotFoundError(N_("没有这个计划"))
    return row


def amend(session: Session, actor: Actor, key: int, values: Mapping[str, Any]) -> Schedule:
    """Change some of a schedule and leave the rest as it is."""
    row = get(session, actor, key)
    kept = {name: getattr(row, name) for name in _EDITED}
    return save(session, actor, Schedule(**{**kept, **values, "key": key}))


def coming(session: Session, row: Schedule, *, count: int = 5) -> list[datetime]:
    """Return the next moments of a schedule."""
    found: list[datetime] = []
    at = clock.now()
    while len(found) < count:
        at = following(session, row, at)
        found.append(at)
    return found


def following(session: Session, row: Schedule, after: datetime) -> datetime:
    """Return the first moment of a schedule after another one."""
    zone = _zone(session, row.tenant_id)
    clock_time = time.fromisoformat(row.time)
    for on in _days(session, row, after.astimezone(zone).date()):
        at = datetime.combine(on, clock_time, zone)
        if at > after:
            return at
    raise AssertionError  # the days never end


def on_due(session: Session, timer: Timer) -> None:
    """Do a schedule's turn, or let each project do it; set the next one."""
    data = timer.data or {}
    if "tenant" in data:
        session.execute(delete(Timer).where(Timer.key == timer.key))
        row = session.get(Schedule, int(data["schedule"]))
        if row is not None and row.active:
            _act(session, row, str(data["tenant"]), datetime.fromisoformat(data["at"]))
        return
    row = session.get(Schedule, timer.key, populate_existing=True)
    if row is None or not row.active:
        session.execute(delete(Timer).where(Timer.key == timer.key))
        return
    now, at, turns = clock.now(), timer.due_at, 1
    while (later := following(session, row, at)) <= now:
        at, turns = later, turns + 1
    row.last_at, row.last_turns = at, turns
    if row.tenant_id == COMPANY:
        _each_project(session, row, at)
    else:
        _act(session, row, row.tenant_id, at)
    _arm(session, row)


def _each_project(session: Session, row: Schedule, at: datetime) -> None:
    now = clock.now()
    session.add_all(
        Timer(key=ids.new(), tenant_id=tenant_id, kind=TimerKind.SCHEDULE, due_at=now,
              data={"schedule": str(row.key), "tenant": tenant_id, "at": at.isoformat()})
        for tenant_id in session.scalars(select(Tenant.tenant_id).order_by(Tenant.tenant_id))
    )  # fmt: skip
    session.flush()
    timers.wake(session, now)


def _act(session: Session, row: Schedule, tenant_id: str, at: datetime) -> None:
    does = actions.get(row.does)
    if does is None:
        raise NotFoundError(N_("没有名为“{code}”的动作"), code=row.does)
    on = at.astimezone(_zone(session, tenant_id)).date()
    does.act(session, Turn(schedule_key=row.key, tenant_id=tenant_id, at=at, on=on))


def _arm(session: Session, row: Schedule) -> None:
    """Write the timer of the next turn in place of the one before."""
    session.execute(delete(Timer).where(Timer.key == row.key))
    if not row.active:
        return
    due = following(session, row, clock.now())
    session.add(Timer(key=row.key, tenant_id=row.tenant_id, kind=TimerKind.SCHEDULE, due_at=due))
    session.flush()
    timers.wake(session, due)


def _check(session: Session, row: Schedule) -> None:
    if row.every not in RULES or (row.every == WEEK and row.weekday not in range(_WEEK)):
        name = "every" if row.every not in RULES else "weekday"
        raise _wrong(name, N_("请选择每天、每周的哪一天，或每月首个工作日。"))
    if not _TIME.fullmatch(row.time):
        raise _wrong("time", N_("时间请写成 17:30 的形式。"))
    if row.does not in actions:
        raise _wrong("does", N_("请选择要做的事。"))
    if not row.name.strip():
        raise _wrong("name", N_("请写名称。"))
    if row.tenant_id != COMPANY and session.get(Tenant, row.tenant_id) is None:
        raise _wrong("tenant_id", N_("没有这个项目"))


def _wrong(name: str, text: str) -> InvalidInputError:
    return InvalidInputError(text, fields={name: [text]})


def _days(session: Session, row: Schedule, first: date) -> Iterator[date]:
    """Yield the days of a rule from one day on."""
    on = first.replace(day=1) if row.every == MONTH else first
    work = calendars.clocks(session, row.tenant_id).statutory
    while True:
        if row.every == MONTH:
            begun = on
            while not work.spans(on):
                on += timedelta(days=1)
            yield on
            on = (begun.replace(day=1) + timedelta(days=32)).replace(day=1)
        else:
            if row.every == DAY or on.weekday() == row.weekday:
                yield on
            on += timedelta(days=1)


def _zone(session: Session, tenant_id: str) -> ZoneInfo:
    return calendars.clocks(session, tenant_id).statutory.zone
