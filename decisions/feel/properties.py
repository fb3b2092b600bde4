"""The properties of dates, times, durations and ranges: `d.year`, `r.start included` (10.3.2.15)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from decisions.feel import temporal
from decisions.feel.temporal import SECOND, DateTime, Months, Nanos, Time


def _weekday(value: Any) -> Decimal:
    return Decimal((value.toordinal() + 6) % 7 + 1)


def _offset(value: Time | DateTime) -> Nanos | None:
    whole = value if isinstance(value, DateTime) else DateTime(temporal.date(1970, 1, 1), value)
    offset = temporal.offset_at(whole)
    return None if offset is None else Nanos(offset * SECOND)


def _time_zone(value: Time | DateTime) -> str | None:
    return (value.time if isinstance(value, DateTime) else value).zone


def _years(value: Months) -> Decimal:
    return _signed(value.months, 12, None)


def _months(value: Months) -> Decimal:
    return _signed(value.months, 1, 12)


def _part(size: int, wrap: int | None) -> Callable[[Nanos], Decimal]:
    return lambda value: _signed(value.nanos, size * SECOND, wrap)


def _signed(amount: int, size: int, wrap: int | None) -> Decimal:
    whole = abs(amount) // size
    part = whole % wrap if wrap else whole
    return Decimal(-part if amount < 0 else part)


_Read = Callable[[Any], Any]
_DATE: dict[str, _Read] = {
    "year": lambda v: Decimal(v.year),
    "month": lambda v: Decimal(v.month),
    "day": lambda v: Decimal(v.day),
    "weekday": _weekday,
}
_TIME: dict[str, _Read] = {
    "hour": lambda v: Decimal(v.hour),
    "minute": lambda v: Decimal(v.minute),
    "second": lambda v: Decimal(v.second),
    "time offset": _offset,
    "timezone": _time_zone,
}


def _inside(read: _Read, part: str) -> _Read:
    return lambda value: read(getattr(value, part))


PROPERTIES: dict[str, dict[str, _Read]] = {
    "date": _DATE,
    "time": _TIME,
    "date and time": {
        **{name: _inside(read, "date") for name, read in _DATE.items()},
        **{name: _inside(_TIME[name], "time") for name in ("hour", "minute", "second")},
        "time offset": _offset,
        "timezone": _time_zone,
    },
    "years and months duration": {"years": _years, "months": _months},
    "days and time duration": {
        "days": _part(86_400, None),
        "hours": _part(3600, 24),
        "minutes": _part(60, 60),
        "seconds": _part(1, 60),
    },
    "range": {
        "start": lambda v: v.start,
        "end": lambda v: v.end,
        "start included": lambda v: v.start_included,
        "end included": lambda v: v.end_included,
    },
}
#: Property names of several words, which the parser has to know.
NAMES = ("time offset", "start included", "end included")
