"""Corrections of calendars: what an edit would move, the edit itself, and the log of both.

An `Edit` is looked at (`preview`, which writes nothing) before it is made (`apply`). Open limits
are worked out again by `recounting` once the edit is durable.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from engine import calendars, clock, ids, limits, recounting
from engine.calendar_book import Book, Sheet
from engine.calendar_data import company
from engine.errors import N_, ForbiddenError, InvalidInputError, NotFoundError
from engine.models import (
    Calendar,
    CalendarChange,
    CalendarDay,
    CalendarYear,
    Instance,
    Task,
    TaskState,
    Tenant,
)
from engine.ports import COMPANY, Actor, ports
from engine.working_time import CalendarError

_WEEK = 7
_BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class DayEdit:
    """What a day shall be."""

    working: bool
    #: None: the ordinary spans of work
    spans: list[Any] | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A correction of one calendar."""

    code: str
    #: a day as it shall be; None: ordinary again
    days: Mapping[date, DayEdit | None] = field(default_factory=dict)
    #: the ordinary week as it shall be
    week: list[Any] | None = None
    #: years that rest on official data from now on
    official: frozenset[int] = frozenset()
    #: "edited" or "import"
    source: str = "edited"


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """One thing that an edit changes: a day by its date, "week", or "official" with its year."""

    what: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """An open limit that an edit would move."""

    task_key: int
    tenant_id: str
    number: str
    name: str
    before: datetime
    after: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What an edit would do."""

    changes: tuple[Changed, ...]
    #: how many open limits would move, and the first of them
    moved: int
    moves: tuple[Move, ...]


def may_manage(actor: Actor, calendar: Calendar) -> bool:
    """Tell whether this person may correct a calendar: of their project, or the company's."""
    return ports.can(actor, "calendar.manage", calendar.tenant_id or COMPANY)


def get(session: Session, code: str) -> Calendar:
    """Return a calendar by its code."""
    row = session.get(Calendar, code)
    if row is None:
        raise NotFoundError(N_("没有日历“{code}”"), code=code)
    return row


def for_change(session: Session, actor: Actor, code: str) -> Calendar:
    """Return a calendar that this person is about to correct."""
    row = get(session, code)
    if not may_manage(actor, row):
        raise ForbiddenError(N_("这张日历由品质部、系统管理员或本项目经理维护。"))
    return row


def days_of(session: Session, code: str, year: int) -> dict[date, DayEdit]:
    """Return the days of a year that have rows of their own."""
    query = select(CalendarDay).where(
        CalendarDay.calendar_code == code,
        CalendarDay.on >= date(year, 1, 1), CalendarDay.on <= date(year, 12, 31),
    )  # fmt: skip
    return {row.on: DayEdit(working=row.working, spans=row.spans, name=row.name)
            for row in session.scalars(query)}  # fmt: skip


def preview(session: Session, edit: Edit, *, most: int = 100) -> Preview:
    """Return what an edit would change and which open limits it would move; nothing is written."""
    now_book = calendars.read(session)
    changes = tuple(_changes(session, edit))
    later = now_book.with_sheet(_edited(now_book.sheets[get(session, edit.code).code], edit))
    moved, moves = 0, list[Move]()
    for row in _open_limits(session, edit.code):
        after = _due(row, later)
        if after is None or after == row.due_at:
            continue
        moved += 1
        if len(moves) < most:
            moves.append(
                Move(task_key=row.key, tenant_id=row.tenant_id, number=row.number or "",
                     name=row.name, before=row.due_at, after=after)
            )  # fmt: skip
    return Preview(changes=changes, moved=moved, moves=tuple(moves))


def apply(session: Session, actor: Actor, edit: Edit, *, reason: str | None) -> CalendarChange:
    """Make an edit: all of it or nothing; open limits follow in units of their own."""
    row = for_change(session, actor, edit.code)
    changes = list(_changes(session, edit))
    if not changes:
        raise InvalidInputError(N_("没有变化，不需要保存。"))
    _write(session, row, edit)
    calendars.changed(session, row.code)
    change = CalendarChange(
        key=ids.new(), calendar_code=row.code, at=clock.now(), by=actor.key, reason=reason,
        changes=[{"what": c.what, "before": c.before, "after": c.after} for c in changes],
        moved=0, moves=[],
    )  # fmt: skip
    session.add(change)
    recounting.begin(session, change)
    session.flush()
    return change


def begin(
    session: Session, actor: Actor, *, kind: str, tenant_id: str, group: str | None = None,
    name: str = "",
) -> Calendar:  # fmt: skip
    """Add a calendar of a project or of a team: it begins with the company's week."""
    if kind not in company.CALENDARS:
        text = N_("请选择日历的种类。")
        raise InvalidInputError(text, fields={"kind": [text]})
    tenant = session.get(Tenant, tenant_id)
    if tenant is None:
        raise InvalidInputError(N_("没有这个项目"), fields={"tenant_id": [N_("没有这个项目")]})
    row = Calendar(
        code="-".join(filter(None, (tenant_id, group, kind))), kind=kind, tenant_id=tenant_id,
        name=name.strip() or company.CALENDARS[kind][0], group=group, week=get(session, kind).week,
        zone=tenant.zone, version=1,
    )  # fmt: skip
    return add(session, actor, row)


def add(session: Session, actor: Actor, row: Calendar) -> Calendar:
    """Add a calendar for a project or one of its teams; limits opened before keep theirs."""
    if not may_manage(actor, row):
        raise ForbiddenError(N_("这张日历由品质部、系统管理员或本项目经理维护。"))
    same = select(Calendar.code).where(
        Calendar.kind == row.kind, Calendar.tenant_id == row.tenant_id,
        Calendar.group.is_(None) if row.group is None else Calendar.group == row.group,
    )  # fmt: skip
    if session.scalars(same).first() is not None:
        raise InvalidInputError(N_("这个项目和班组已经有这种日历，请直接修改。"))
    calendars.define(session, row)
    change = CalendarChange(
        key=ids.new(), calendar_code=row.code, at=clock.now(), by=actor.key, reason=None,
        changes=[{"what": "new", "before": None, "after": row.name}], moved=0, moves=[],
    )  # fmt: skip
    session.add(change)
    recounting.begin(session, change)
    session.flush()
    return row


def log(session: Session, code: str, *, limit: int = 50) -> list[CalendarChange]:
    """Return the changes of a calendar, newest first."""
    query = select(CalendarChange).where(CalendarChange.calendar_code == code)
    return list(session.scalars(query.order_by(CalendarChange.key.desc()).limit(limit)))


def _edited(sheet: Sheet, edit: Edit) -> Sheet:
    days = dict(sheet.days)
    for on, day in edit.days.items():
        if day is None:
            days.pop(on, None)
        else:
            days[on] = (day.working, day.spans)
    return replace(
        sheet, days=days, week=edit.week or sheet.week, official=sheet.official | edit.official
    )


def _changes(session: Session, edit: Edit) -> Iterator[Changed]:
    row = get(session, edit.code)
    if edit.week is not None:
        _check_week(edit.week)
        if edit.week != row.week:
            yield Changed(what="week", before=row.week, after=edit.week)
    query = select(CalendarDay).where(CalendarDay.calendar_code == edit.code)
    known = {day.on: day for day in session.scalars(query)}
    for on, day in sorted(edit.days.items()):
        company.read_spans((day.spans if day else None) or [])
        if day is not None and day.spans and not day.working:
            text = N_("放假的日子不写时间段")
            raise InvalidInputError(text, fields={"days": [text]})
        before, after = _shown(known.get(on)), _shown(day)
        if before != after:
            yield Changed(what=on.isoformat(), before=before, after=after)
    official = calendars.read(session).sheets[edit.code].official
    for year in sorted(edit.official - official):
        yield Changed(what="official", before=None, after=year)


def _check_week(week: list[Any]) -> None:
    if len(week) != _WEEK or not any(week):
        text = N_("一周七天都要写，至少有一天上班")
        raise CalendarError(text, fields={"week": [text]})
    for spans in week:
        company.read_spans(spans)


def _shown(day: CalendarDay | DayEdit | None) -> dict[str, Any] | None:
    if day is None:
        return None
    return {"working": day.working, "spans": day.spans, "name": day.name}


def _write(session: Session, row: Calendar, edit: Edit) -> None:
    if edit.week is not None:
        row.week = edit.week
    gone = [on for on, day in edit.days.items() if day is None]
    session.execute(
        delete(CalendarDay).where(CalendarDay.calendar_code == row.code, CalendarDay.on.in_(gone))
    )
    for on, day in edit.days.items():
        if day is not None:
            session.merge(CalendarDay(calendar_code=row.code, on=on, working=day.working,
                                      spans=day.spans, name=day.name, source=edit.source))  # fmt: skip
    for year in edit.official:
        session.merge(CalendarYear(calendar_code=row.code, year=year, official=True))


def _open_limits(session: Session, code: str) -> Iterator[Any]:
    """Yield the open tasks with a limit that the calendar can matter to, oldest first."""
    row, behind = get(session, code), 0
    columns = (Task.key, Task.tenant_id, Task.group, Task.limits, Task.due_at, Task.name,
               Instance.business_key.label("number"))  # fmt: skip
    query = (
        select(*columns)
        .join(Instance, Instance.key == Task.root_key)
        .where(Task.state == TaskState.OPEN, Task.due_at.is_not(None))
        .order_by(Task.key)
        .limit(_BATCH)
    )
    if row.tenant_id not in {None, COMPANY}:
        query = query.where(Task.tenant_id == row.tenant_id)
    while found := session.execute(query.where(Task.key > behind)).all():
        yield from found
        behind = found[-1].key


def _due(row: Any, book: Book) -> datetime | None:
    if not row.limits or row.limits.get("clock") != limits.WORKING:
        return None
    clocks = book.clocks(row.tenant_id, row.group)
    return limits.plan(row.limits, clocks, clock.now()).due_at
