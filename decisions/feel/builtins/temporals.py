"""Functions on dates and times (DMN 1.5, 10.3.4.6 and 10.3.4.8), and the clock."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from decisions.feel import temporal
from decisions.feel.builtins.define import define
from decisions.feel.temporal import Date, DateTime, Months, Time
from decisions.feel.values import equal, kind

if TYPE_CHECKING:
    from collections.abc import Callable

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def _day(value: Date | DateTime) -> Date:
    return value.date if isinstance(value, DateTime) else value


@define("day of year(date: date|date and time)")
def day_of_year(value: Date | DateTime) -> Decimal:
    day = _day(value)
    return Decimal(day.toordinal() - temporal.date(day.year, 1, 1).toordinal() + 1)


@define("day of week(date: date|date and time)")
def day_of_week(value: Date | DateTime) -> str:
    return _DAYS[(_day(value).toordinal() + 6) % 7]


@define("month of year(date: date|date and time)")
def month_of_year(value: Date | DateTime) -> str:
    return _MONTHS[_day(value).month - 1]


@define("week of year(date: date|date and time)")
def week_of_year(value: Date | DateTime) -> Decimal:
    """The week of ISO 8601: weeks start on Monday, week 1 holds the year's first Thursday."""
    ordinal = _day(value).toordinal()
    thursday = temporal.from_ordinal(ordinal - (ordinal + 6) % 7 + 3)
    first = temporal.date(thursday.year, 1, 1)
    return Decimal((thursday.toordinal() - first.toordinal()) // 7 + 1)


@define("last day of month(date: date|date and time)")
def last_day_of_month(value: Date | DateTime) -> Date:
    """The last date of the month (Camunda)."""
    day = _day(value)
    return temporal.date(day.year, day.month, temporal.days_in(day.year, day.month))


@define("years and months duration(from: date|date and time, to: date|date and time)")
def years_and_months_duration(start: Date | DateTime, end: Date | DateTime) -> Months:
    return Months(temporal.months_between(_day(start), _day(end)))


@define("is(value1?: any, value2?: any)")
def is_(value1: Any = None, value2: Any = None) -> bool:
    """The same value of the same kind; times also need the same offset or zone."""
    if kind(value1) != kind(value2):
        return False
    if isinstance(value1, (Time, DateTime)):
        return bool(value1 == value2)
    return equal(value1, value2) is True


def _system_clock() -> dt.datetime:
    return dt.datetime.now(dt.UTC).astimezone()  # noqa: TID251  the default; callers set a clock


class _Clock:
    read: Callable[[], dt.datetime] = staticmethod(_system_clock)


def set_clock(clock: Callable[[], dt.datetime] | None) -> None:
    """What `now()` and `today()` read: a function to an aware datetime, None for the system's."""
    _Clock.read = staticmethod(clock or _system_clock)


@define("now()")
def now() -> Any:
    return temporal.from_python(_Clock.read())


@define("today()")
def today() -> dt.date:
    return _Clock.read().date()
