"""Dates, times, date-times and durations as FEEL counts them (DMN 1.5, 10.3.2.3.4–9).

Dates are `datetime.date`; years that Python's calendar lacks are `FarDate`. Times carry nanoseconds
and an offset or the name of a zone. Days-and-time durations are whole nanoseconds.
"""

from __future__ import annotations

import datetime as dt
import functools
from dataclasses import dataclass
from typing import TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

SECOND = 1_000_000_000
DAY = 86_400 * SECOND
#: The largest year, positive or negative (XML Schema as the specification bounds it).
YEARS = 999_999_999
_CYCLE_DAYS, _CYCLE_YEARS = 146_097, 400
_MONTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@dataclass(frozen=True, slots=True, order=True)
class FarDate:
    """A date of the proleptic Gregorian calendar outside the years 1–9999."""

    year: int
    month: int
    day: int

    def toordinal(self) -> int:
        """Days since 0000-12-31, as `datetime.date.toordinal` counts them."""
        cycles, near = divmod(self.year - 2000, _CYCLE_YEARS)
        return dt.date(near + 2000, self.month, self.day).toordinal() + cycles * _CYCLE_DAYS

    def isoformat(self) -> str:
        sign = "-" if self.year < 0 else ""
        return f"{sign}{abs(self.year):04d}-{self.month:02d}-{self.day:02d}"


Date: TypeAlias = dt.date | FarDate


@dataclass(frozen=True, slots=True)
class Time:
    """A time of day; offset in seconds east of UTC, or the name of a zone."""

    hour: int
    minute: int
    second: int
    nano: int = 0
    offset: int | None = None
    zone: str | None = None

    def nanos(self) -> int:
        """Nanoseconds since midnight."""
        return ((self.hour * 60 + self.minute) * 60 + self.second) * SECOND + self.nano


@dataclass(frozen=True, slots=True)
class DateTime:
    """A date with a time of day; local when the time has neither offset nor zone."""

    date: Date
    time: Time


@dataclass(frozen=True, slots=True, order=True)
class Months:
    """A years-and-months duration."""

    months: int


@dataclass(frozen=True, slots=True, order=True)
class Nanos:
    """A days-and-time duration."""

    nanos: int


def date(year: int, month: int, day: int) -> Date:
    """The date; ValueError if there is none."""
    if dt.MINYEAR <= year <= dt.MAXYEAR:
        return dt.date(year, month, day)
    if abs(year) > YEARS or not 1 <= month <= 12 or not 1 <= day <= days_in(year, month):  # noqa: PLR2004
        raise ValueError((year, month, day))
    return FarDate(year, month, day)


def days_in(year: int, month: int) -> int:
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 29 if leap and month == 2 else _MONTHS[month - 1]  # noqa: PLR2004  February


def from_ordinal(ordinal: int) -> Date:
    """The date of a day number; ValueError beyond the bounds."""
    if 1 <= ordinal <= dt.date.max.toordinal():
        return dt.date.fromordinal(ordinal)
    cycles, near = divmod(ordinal - 1, _CYCLE_DAYS)
    base = dt.date.fromordinal(near + 1)
    return date(base.year + cycles * _CYCLE_YEARS, base.month, base.day)


def time_of(nanos: int, *, offset: int | None = None, zone: str | None = None) -> Time:
    """The time of day that many nanoseconds after midnight, wrapping around."""
    seconds, nano = divmod(nanos % DAY, SECOND)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return Time(hour, minute, second, nano, offset, zone)


@functools.lru_cache(maxsize=256)
def zone_info(name: str) -> ZoneInfo | None:
    """The zone of that name, None if the tz database has none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def offset_at(value: DateTime) -> int | None:
    """Seconds east of UTC that hold at this local date and time."""
    if value.time.zone is None:
        return value.time.offset
    info = zone_info(value.time.zone)
    delta = info.utcoffset(_near(value)) if info else None
    return int(delta.total_seconds()) if delta is not None else None


def _near(value: DateTime) -> dt.datetime:
    """The same local moment in a year that Python knows and that has the same calendar."""
    d, t = value.date, value.time
    year = d.year if dt.MINYEAR < d.year < dt.MAXYEAR else 2000 + d.year % _CYCLE_YEARS
    return dt.datetime(year, d.month, d.day, t.hour, t.minute, t.second)  # noqa: DTZ001  local by intent


def instant(value: DateTime) -> int | None:
    """Nanoseconds on the UTC time line; None for a local date-time."""
    offset = offset_at(value)
    return None if offset is None else local_nanos(value) - offset * SECOND


def local_nanos(value: DateTime) -> int:
    """Nanoseconds on the local time line."""
    return value.date.toordinal() * DAY + value.time.nanos()


def at_midnight(value: Date | DateTime) -> DateTime:
    """A date as the date-time at its start in UTC (10.3.2.3.5)."""
    return value if isinstance(value, DateTime) else DateTime(value, Time(0, 0, 0, offset=0))


def time_instant(value: Time) -> int | None:
    """Nanoseconds of a time of day in UTC; None for a local time. A zone counts as on 1970-01-01."""
    offset = offset_at(DateTime(dt.date(1970, 1, 1), value))
    return None if offset is None else value.nanos() - offset * SECOND


def add_nanos(value: DateTime, nanos: int) -> DateTime:
    """Move a date-time along its time line: zones go through UTC, others stay local."""
    time = value.time
    if time.zone is None:
        days, rest = divmod(local_nanos(value) + nanos, DAY)
        return DateTime(from_ordinal(days), time_of(rest, offset=time.offset))
    moved = (instant(value) or 0) + nanos
    days, rest = divmod(moved, DAY)
    return in_zone(DateTime(from_ordinal(days), time_of(rest, offset=0)), time.zone)


def in_zone(utc: DateTime, name: str) -> DateTime:
    """A UTC date-time as seen in a zone."""
    info = zone_info(name)
    near = _near(utc).replace(tzinfo=dt.UTC)
    delta = near.astimezone(info).utcoffset() if info else None
    shift = int(delta.total_seconds()) if delta else 0
    days, rest = divmod(local_nanos(utc) + shift * SECOND, DAY)
    return DateTime(from_ordinal(days), time_of(rest, zone=name))


def add_months(value: Date, months: int) -> Date:
    """Move a date by months; a day that the month lacks becomes its last day."""
    year, month = divmod(value.year * 12 + value.month - 1 + months, 12)
    return date(year, month + 1, min(value.day, days_in(year, month + 1)))


def months_between(start: Date, end: Date) -> int:
    """Whole months from start to end, negative if end is earlier."""
    months = (end.year - start.year) * 12 + end.month - start.month
    if months > 0 and end.day < start.day:
        months -= 1
    elif months < 0 and end.day > start.day:
        months += 1
    return months


def from_python(value: dt.datetime | dt.time | dt.timedelta) -> DateTime | Time | Nanos:
    """A standard library value as FEEL's; a zone keeps its key, any other tzinfo its offset."""
    if isinstance(value, dt.timedelta):
        return Nanos((value.days * 86_400 + value.seconds) * SECOND + value.microseconds * 1000)
    zone = value.tzinfo.key if isinstance(value.tzinfo, ZoneInfo) else None
    delta = value.utcoffset()
    offset = int(delta.total_seconds()) if delta is not None and zone is None else None
    nano = value.microsecond * 1000
    time = Time(value.hour, value.minute, value.second, nano, offset, zone)
    if isinstance(value, dt.datetime):
        return DateTime(value.date(), time)
    return time
