"""Calendars are rows; this is where limits learn which days and hours count (decision 14).

`clocks(session, tenant_id)` gives a project's two calendars as plain values and keeps them in the
process until a calendar changes: at once here, within `_RECHECK` seconds in other processes.
"""

import logging
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, func, select, update
from sqlalchemy.orm import Session

from engine import calendar_data, clock, db
from engine.calendar_data import company
from engine.errors import N_, NotFoundError
from engine.models import Calendar, CalendarDay, CalendarYear
from engine.ports import COMPANY
from engine.working_time import (
    CalendarError,
    Duration,
    WorkingTime,
    add_calendar,
    parse,
    parse_working,
)

log = logging.getLogger(__name__)

STATUTORY, SERVICE = company.STATUTORY, company.SERVICE
_WEEK = 7
#: seconds after which a process looks whether another one changed a calendar
_RECHECK = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """The two calendars of a project: working days are statutory, working hours the service's."""

    statutory: WorkingTime
    service: WorkingTime

    def due(
        self, start: datetime, amount: str, *, working: bool, end_of_day: bool = False
    ) -> datetime:
        """Return when a limit written as text ends."""
        if not working:
            read = parse(amount, end_of_day=end_of_day)
            return add_calendar(start, read, self.statutory.zone)
        read = parse_working(amount, end_of_day=end_of_day)
        if not read.days:
            return self.service.add(start, read)
        day = Duration(days=read.days, end_of_day=end_of_day and not read.milliseconds)
        at = self.statutory.add(start, day)
        if not read.milliseconds:
            return at
        rest = Duration(milliseconds=read.milliseconds, end_of_day=end_of_day)
        return self.service.add(at, rest)

    def measure(self, amount: str, *, working: bool) -> WorkingTime | None:
        """Return the calendar in which a limit's lateness counts; None is real elapsed time."""
        if not working:
            return None
        if not amount.startswith("P"):  # a moment, not a duration: until a day of a plan
            return self.statutory
        return self.statutory if parse_working(amount).days else self.service

    def provisional(self, begin: datetime, end: datetime) -> bool:
        """Tell whether a working limit rests on a year without official data; say so once."""
        years = self.statutory.provisional(begin, end)
        for year in years:
            _say_once(year)
        return bool(years)


def share(start: datetime, due: datetime, percent: float, measure: WorkingTime | None) -> datetime:
    """Return when `percent` of a limit has passed; beyond 100 it counts on from the due moment."""
    if percent == 100:  # noqa: PLR2004 — the limit itself
        return due
    total = measure.elapsed(start, due) if measure else due - start
    part = total * (percent if percent < 100 else percent - 100) / 100  # noqa: PLR2004
    begin = start if percent < 100 else due  # noqa: PLR2004
    if measure is None:
        return begin + part
    return measure.add(begin, Duration(milliseconds=int(part / timedelta(milliseconds=1))))


def clocks(session: Session, tenant_id: str) -> Clocks:
    """Return a project's calendars, kept in the process."""
    kept = _kept(session)
    now = time.monotonic()
    if now >= kept.check_at:
        version = _version(session)
        if version != kept.version:
            kept.clocks.clear()
        kept.version, kept.check_at = version, now + _RECHECK
    found = kept.clocks.get(tenant_id)
    if found is None:
        found = kept.clocks[tenant_id] = Clocks(
            statutory=_load(session, STATUTORY, tenant_id),
            service=_load(session, SERVICE, tenant_id),
        )
    return found


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
        for span in spans:
            company.minutes(span)
    if row.kind not in company.CALENDARS or len(row.week) != _WEEK:
        raise CalendarError(N_("日历“{name}”应为法定或服务日历，并有七天"), name=row.name)
    session.merge(row)
    _changed(session, row.code)


def set_year(
    session: Session, code: str, year: int, days: Iterable[calendar_data.Day], *, source: str
) -> None:
    """Replace a year of a calendar by official data."""
    for day in days:
        if day.on.year != year:
            raise CalendarError(N_("{on} 不在 {year} 年"), on=day.on, year=year)
        session.merge(CalendarDay(calendar_code=code, on=day.on, working=day.working,
                                  name=day.name, source=source))  # fmt: skip
    session.merge(CalendarYear(calendar_code=code, year=year, official=True))
    _changed(session, code)


def set_day(session: Session, code: str, on: date, *, working: bool,
            spans: list[list[str]] | None = None, name: str | None = None) -> None:  # fmt: skip
    """Make one day a working day or a day off, with spans of its own if need be."""
    for span in spans or ():
        company.minutes(span)
    session.merge(CalendarDay(calendar_code=code, on=on, working=working, spans=spans,
                              name=name, source="edited"))  # fmt: skip
    _changed(session, code)


def missing_years(session: Session, today: date) -> tuple[int, ...]:
    """Return the years that should have official data by now: this one, from November the next."""
    months_ahead = 11
    wanted = [today.year] if today.month < months_ahead else [today.year, today.year + 1]
    known = select(CalendarYear.year).where(
        CalendarYear.calendar_code == STATUTORY, CalendarYear.official
    )
    there = set(session.scalars(known))
    return tuple(year for year in wanted if year not in there)


def default() -> Clocks:
    """Return the calendars that hold where the database has none."""
    return _DEFAULT


def _changed(session: Session, code: str) -> None:
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
    clocks: dict[str, Clocks] = field(default_factory=dict)


_by_engine: WeakKeyDictionary[Engine, _Kept] = WeakKeyDictionary()
_lock = threading.Lock()
_generation = 0
_said: set[int] = set()


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


def _load(session: Session, kind: str, tenant_id: str) -> WorkingTime:
    found = session.scalars(
        select(Calendar)
        .where(Calendar.kind == kind, Calendar.tenant_id.in_([tenant_id, COMPANY]) |
               Calendar.tenant_id.is_(None))
        .order_by(Calendar.tenant_id.is_(None), Calendar.tenant_id == COMPANY)
        .limit(1)
    ).first()  # fmt: skip
    if found is None:
        return getattr(_DEFAULT, kind)  # type: ignore[no-any-return] # one of two fields
    rows = session.scalars(select(CalendarDay).where(CalendarDay.calendar_code == found.code))
    years = session.scalars(
        select(CalendarYear.year).where(
            CalendarYear.calendar_code == found.code, CalendarYear.official
        )
    )
    days = {row.on: (row.working, row.spans) for row in rows}
    return company.working_time(kind, found.zone, found.week, days, frozenset(years))


def _say_once(year: int) -> None:
    if year not in _said:
        _said.add(year)
        log.warning("calendar year %s has no official data; limits in it are provisional", year)


_DEFAULT = Clocks(statutory=company.built_in(STATUTORY), service=company.built_in(SERVICE))


def today() -> date:
    """Return the company's local date."""
    return clock.now().astimezone(_DEFAULT.statutory.zone).date()
