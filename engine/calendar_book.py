"""All calendars of an installation as plain values: which one counts for a project and team.

A `Book` can be asked "what if": `with_sheet` gives another book without touching a row.
"""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from engine.calendar_data import company
from engine.calendar_data.company import SERVICE, STATUTORY
from engine.ports import COMPANY
from engine.working_time import Duration, WorkingTime, add_calendar, parse, parse_working

log = logging.getLogger(__name__)
_MS = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One calendar: its row, its days that differ, its years with official data."""

    code: str
    kind: str
    zone: str
    week: list[Any]
    tenant_id: str | None = None
    group: str | None = None
    days: Mapping[date, tuple[bool, list[Any] | None]] = field(default_factory=dict)
    official: frozenset[int] = frozenset()

    def fits(self, kind: str, tenant_id: str, group: str | None) -> bool:
        """Tell whether this calendar may count for a project's team."""
        return (
            self.kind == kind
            and self.tenant_id in {tenant_id, COMPANY, None}
            and self.group in {group, None}
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """Two calendars: working days are statutory, working hours the service's."""

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

    def unofficial(self, begin: datetime, end: datetime) -> tuple[int, ...]:
        """Return the years between two instants that have no official data."""
        return self.statutory.provisional(begin, end)

    def provisional(self, begin: datetime, end: datetime) -> bool:
        """Tell whether a working limit rests on a year without official data; say so once."""
        years = self.unofficial(begin, end)
        for year in years:
            _say_once(self.statutory.code, year)
        return bool(years)


def share(start: datetime, due: datetime, percent: float, measure: WorkingTime | None) -> datetime:
    """Return when `percent` of a limit has passed; beyond 100 it counts on from the due moment.

    The answer is whole milliseconds, as rows keep instants: a moment between two of them would never
    have come at the instant its row names.
    """
    if percent == 100:  # noqa: PLR2004 — the limit itself
        return due
    total = measure.elapsed(start, due) if measure else due - start
    part = total * (percent if percent < 100 else percent - 100) / 100  # noqa: PLR2004
    begin = start if percent < 100 else due  # noqa: PLR2004
    whole = part // _MS
    if measure is None:
        return begin + whole * _MS
    return measure.add(begin, Duration(milliseconds=whole))


class Book:
    """All calendars; the one closest to a project's team counts, the company's where none is."""

    def __init__(self, sheets: Iterable[Sheet]) -> None:
        self.sheets = {sheet.code: sheet for sheet in sheets}
        self._clocks: dict[tuple[str, str | None], Clocks] = {}
        self._times: dict[str, WorkingTime] = {}

    def clocks(self, tenant_id: str, group: str | None = None) -> Clocks:
        """Return the two calendars of a project's team."""
        found = self._clocks.get((tenant_id, group))
        if found is None:
            found = self._clocks[tenant_id, group] = Clocks(
                statutory=self._closest(STATUTORY, tenant_id, group),
                service=self._closest(SERVICE, tenant_id, group),
            )
        return found

    def with_sheet(self, sheet: Sheet) -> "Book":
        """Return the book as it would be with another version of one calendar."""
        return Book({**self.sheets, sheet.code: sheet}.values())

    def time(self, code: str) -> WorkingTime:
        """Return the working time of one calendar."""
        found = self._times.get(code)
        if found is None:
            found = self._times[code] = self._read(self.sheets[code])
        return found

    def official(self, code: str) -> frozenset[int]:
        """Return the years of a calendar that rest on official data."""
        return self.time(code).official or frozenset()

    def _closest(self, kind: str, tenant_id: str, group: str | None) -> WorkingTime:
        """Return a team's own calendar, else the project's, else the company's, else ours."""
        found = [sheet for sheet in self.sheets.values() if sheet.fits(kind, tenant_id, group)]
        if not found:
            return BUILT_IN[kind]
        closest = min(found, key=lambda s: (s.group is None, s.tenant_id != tenant_id, s.code))
        return self.time(closest.code)

    def _read(self, sheet: Sheet) -> WorkingTime:
        """Read a calendar; a statutory one of a project stands on the company's days."""
        days, official = dict(sheet.days), sheet.official
        below = self.sheets.get(STATUTORY)
        if sheet.kind == STATUTORY and sheet.code != STATUTORY and below is not None:
            days = {**below.days, **days}
            official |= below.official
        return company.working_time(
            sheet.kind, sheet.zone, sheet.week, days, official, code=sheet.code
        )


def _say_once(code: str, year: int) -> None:
    if (code, year) not in _said:
        _said.add((code, year))
        log.warning(
            "calendar %s: year %s has no official data; limits in it are provisional", code, year
        )


_said: set[tuple[str, int]] = set()
BUILT_IN = {kind: company.built_in(kind) for kind in company.CALENDARS}
DEFAULT = Clocks(statutory=BUILT_IN[STATUTORY], service=BUILT_IN[SERVICE])
