"""Working time in FEEL: what diagrams and tables say instead of P1D (decision 2).

`working days(2)` and `working hours(8)` are moments from now, or from a second argument;
`working hours between(a, b)` is a number; `is working day(d)` is true or false. They count on the
calendars of the project whose step runs (`within`), else on the company's. `moment(text)` reads
what a form gave, `local day(text)` its day in the project.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from decisions import feel
from engine import calendars, clock
from engine.ports import ports
from engine.working_time import Duration

_scope: ContextVar[calendars.Clocks | None] = ContextVar("calendars", default=None)
_HOUR_MS = 3_600_000
#: a limit beyond this is a slip of the pen
_LONGEST = 10_000


@contextmanager
def within(clocks: calendars.Clocks) -> Iterator[None]:
    """Count on a project's calendars while its step runs."""
    token = _scope.set(clocks)
    try:
        yield
    finally:
        _scope.reset(token)


def working_days(n: Any, start: Any = None) -> datetime | None:
    """Return the same clock time `n` working days after `start` or now; null for nonsense."""
    begin = _moment(start)
    if begin is None or not _sensible(n) or n != int(n):
        return None
    return _local(_clocks().statutory.add(begin, Duration(days=int(n))))


def working_hours(n: Any, start: Any = None) -> datetime | None:
    """Return when `n` working hours of the service calendar have passed since `start` or now."""
    begin = _moment(start)
    if begin is None or not _sensible(n):
        return None
    return _local(_clocks().service.add(begin, Duration(milliseconds=int(n * _HOUR_MS))))


def working_hours_between(begin: Any, end: Any) -> Decimal | None:
    """Return the working hours of the service calendar between two moments."""
    low, high = _moment(begin), _moment(end)
    if begin is None or end is None or low is None or high is None:
        return None
    return Decimal(_clocks().service.between(low, high)) / 60


def is_working_day(day: Any) -> bool | None:
    """Tell whether somebody works on a date, by the statutory calendar."""
    read = feel.text_of(day)
    try:
        return bool(_clocks().statutory.spans(date.fromisoformat(str(read)[:10])))
    except ValueError:
        return None


def moment(value: Any) -> datetime | None:
    """Return a moment that a form gave as text, in local time; null for nonsense."""
    read = None if value is None else _moment(value)
    return None if read is None else _local(read)


def local_day(value: Any) -> date | None:
    """Return the day on which a moment falls in the project, whatever offset it is written with."""
    read = moment(value)
    return None if read is None else read.date()


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "working days": working_days,
    "working hours": working_hours,
    "working hours between": working_hours_between,
    "is working day": is_working_day,
    "moment": moment,
    "local day": local_day,
}
#: known to every expression, in diagrams, tables and forms
for _name, _function in FUNCTIONS.items():
    feel.register(_name, _function)
ports.feel_functions |= FUNCTIONS


def _clocks() -> calendars.Clocks:
    return _scope.get() or calendars.default()


def _sensible(n: Any) -> bool:
    return isinstance(n, int | Decimal) and not isinstance(n, bool) and 0 < n <= _LONGEST


def _moment(value: Any) -> datetime | None:
    """Read a FEEL date and time or its ISO text; local time is the calendar's."""
    if value is None:
        return clock.now()
    try:
        read = datetime.fromisoformat(str(feel.text_of(value)).partition("@")[0])
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=_clocks().statutory.zone)


def _local(moment: datetime) -> datetime:
    """Give the moment with its offset, so that FEEL's dates and times of day are local."""
    offset = moment.astimezone(_clocks().statutory.zone).utcoffset() or timedelta()
    return moment.astimezone(timezone(offset))


def _now() -> datetime:
    """Tell `now()` and `today()` the engine's own time, local to the project whose step runs."""
    return _local(clock.now())


feel.set_clock(_now)
