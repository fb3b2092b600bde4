"""Calendars are rows; this is where limits learn which days and hours count (decision 14).

`clocks(session, tenant_id)` gives a project's two calendars as plain values and keeps them in the
process until a calendar changes: at once here, within `RECHECK` seconds in other processes.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, func, select, update
from sqlalchemy.orm import Session

from engine import calendar_data, clock, db
from engine.calendar_book import DEFAULT, Book, Clocks, Sheet, share
from engine.calendar_data import company
from engine.errors import N_, NotFoundError
from engine.models import Calendar, CalendarDay, CalendarYear
from engine.working_time import CalendarError

__all__ = [
    "DEFAULT", "RECHECK", "SERVICE", "STATUTORY", "Book", "Clocks", "Sheet", "book", "changed",
    "clocks", "default", "define", "missing_years", "patience", "read", "seed", "set_day",
    "set_year", "share", "today",
]  # fmt: skip
STATUTORY, SERVICE = company.STATUTORY, company.SERVICE
_WEEK = 7
#: from this month on the next year's notice is expected
_NOTICE_MONTH = 11
#: seconds after which a process looks whether another one changed a calendar
RECHECK = 5.0


def clocks(session: Session, tenant_id: str, group: str | None = None) -> Clocks:
    """Return the calendars of a project, or of a team in it, kept in the process."""
    return book(session).clocks(tenant_id, group)


def book(session: Session) -> Book:
    """Return all calendars, kept in the process until one changes."""
    kept = _kept(session)
    now = time.monotonic()
    if kept.book is None or now >= kept.check_at:
        version = _version(session)
        if kept.book is None or version != kept.version:
            kept.book = read(session)
        kept.version, kept.check_at = version, now + RECHECK
    return kept.book


def read(session: Session) -> Book:
    """Read all calendars from their rows, as this unit sees them."""
    days: dict[str, dict[date, tuple[bool, list[Any] | None]]] = defaultdict(dict)
    for row in session.scalars(select(CalendarDay)):
        days[row.calendar_code][row.on] = (row.working, row.spans)
    years: dict[str, set[int]] = defaultdict(set)
    for year in session.scalars(select(CalendarYear).where(CalendarYear.official)):
        years[year.calendar_code].add(year.year)
    return Book(
        Sheet(
            code=row.code, kind=row.kind, zone=row.zone, week=row.week, tenant_id=row.tenant_id,
            group=row.group, days=days[row.code], official=frozenset(years[row.code]),
        )
        for row in session.scalars(select(Calendar).order_by(Calendar.code))
    )  # fmt: skip


def seed(session: Session) -> None:
    """Put the company's calendars and the official years in; what is there already stays."""
    for kind, (name, week) in company.CALENDARS.items():
        if session.get(Calendar, kind) is None:
            session.add(Calendar(code=kind, name=name, kind=kind, zone=company.ZONE, week=week))
    session.flush()
    for year in calendar_data.official_years():
        if session.get(CalendarYear, (STATUTORY, year)) is None:
            set_year(session, STATUTORY, year, calendar_data.days(year), source="official")


def define(session: Session, row: Calendar) -> None:
    """Add a calendar or change its ordinary week; a project's own goes before the company's."""
    for spans in row.week:
        company.read_spans(spans)
    if row.kind not in company.CALENDARS or len(row.week) != _WEEK:
        raise CalendarError(N_("日历“{name}”应为法定或服务日历，并有七天"), name=row.name)
    session.merge(row)
    changed(session, row.code)


def set_year(
    session: Session, code: str, year: int, days: Iterable[calendar_data.Day], *, source: str
) -> None:
    """Replace a year of a calendar by official data."""
    whole = (CalendarDay.on >= date(year, 1, 1), CalendarDay.on <= date(year, 12, 31))
    query = select(CalendarDay).where(CalendarDay.calendar_code == code, *whole)
    known = {row.on: row for row in session.scalars(query)}
    for day in days:
        if day.on.year != year:
            raise CalendarError(N_("{on} 不在 {year} 年"), on=day.on, year=year)
        row = known.get(day.on)
        if row is None:
            row = known[day.on] = CalendarDay(calendar_code=code, on=day.on)
            session.add(row)
        row.working, row.name, row.source = day.working, day.name, source
    session.merge(CalendarYear(calendar_code=code, year=year, official=True))
    changed(session, code)


def set_day(session: Session, code: str, on: date, *, working: bool,
            spans: list[list[str]] | None = None, name: str | None = None) -> None:  # fmt: skip
    """Make one day a working day or a day off, with spans of its own if need be."""
    company.read_spans(spans or [])
    session.merge(CalendarDay(calendar_code=code, on=on, working=working, spans=spans,
                              name=name, source="edited"))  # fmt: skip
    changed(session, code)


def missing_years(session: Session, today: date) -> list[tuple[Calendar, int]]:
    """Return the calendars with the years that should have official data by now.

    This year, and from November on the next one (requirements §7.2).
    """
    wanted = [today.year] if today.month < _NOTICE_MONTH else [today.year, today.year + 1]
    now = read(session)
    rows = session.scalars(
        select(Calendar).where(Calendar.kind == STATUTORY).order_by(Calendar.code)
    )
    return [
        (row, year) for row in rows for year in wanted if year not in now.official(row.code)
    ]  # fmt: skip


def patience(session: Session) -> timedelta:
    """Return how long it may take until every process sees a changed calendar."""
    alone = session.get_bind().dialect.name == "sqlite"
    return timedelta() if alone else timedelta(seconds=RECHECK + 1)


def default() -> Clocks:
    """Return the calendars that hold where the database has none."""
    return DEFAULT


def changed(session: Session, code: str) -> None:
    """Let every process read the calendars anew: this one when the unit is durable."""
    session.flush()
    bumped = session.execute(
        update(Calendar).where(Calendar.code == code).values(version=Calendar.version + 1)
    )
    if not bumped.rowcount:  # type: ignore[attr-defined] # an UPDATE's result has it
        raise NotFoundError(N_("没有日历“{code}”"), code=code)
    _forget()
    db.after_commit(session, _forget)


@dataclass(slots=True)
class _Kept:
    generation: int
    version: int | None = None
    check_at: float = 0.0
    book: Book | None = None


_by_engine: WeakKeyDictionary[Engine, _Kept] = WeakKeyDictionary()
_lock = threading.Lock()
_generation = 0


def _forget() -> None:
    global _generation  # noqa: PLW0603 — what this process keeps, dropped as a whole
    with _lock:
        _generation += 1


def _kept(session: Session) -> _Kept:
    engine = session.get_bind().engine
    with _lock:
        kept = _by_engine.get(engine)
        if kept is None or kept.generation != _generation:
            kept = _by_engine[engine] = _Kept(_generation)
        return kept


def _version(session: Session) -> int:
    return session.scalar(select(func.coalesce(func.sum(Calendar.version), 0))) or 0


def today() -> date:
    """Return the company's local date."""
    return clock.now().astimezone(DEFAULT.statutory.zone).date()
