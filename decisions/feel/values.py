"""What FEEL values are, and when they are equal or ordered (DMN 1.5, 10.3.2.2–10.3.2.7).

Values: None, bool, Decimal (int on input), str, list, dict, dates, times, durations, `Range`,
`Function`. Values of other kinds on input (float, datetime, tuple, Mapping) are understood too.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import Any, TypeAlias

from decisions.feel import budget, temporal
from decisions.feel.functions import Function
from decisions.feel.temporal import DateTime, FarDate, Months, Nanos, Time

Value: TypeAlias = Any

#: IEEE 754 decimal128: 34 digits, rounding half even; impossible results are caught and are null.
CONTEXT = Context(
    prec=34,
    rounding=ROUND_HALF_EVEN,
    Emin=-6143,
    Emax=6144,
    traps=[InvalidOperation, DivisionByZero, Overflow],
)


@dataclass(frozen=True, slots=True)
class Range:
    """An interval; a missing end (None) is open to infinity.

    `op` is the sign of a range written as a test: `(< 5)` is no other range's equal. `(!= 5)` is
    the one that is no interval: everything but its start.
    """

    start: Value
    end: Value
    start_included: bool
    end_included: bool
    op: str = ""


KINDS: dict[type, str] = {
    type(None): "null",
    bool: "boolean",
    Decimal: "number",
    int: "number",
    str: "string",
    list: "list",
    dict: "context",
    dt.date: "date",
    FarDate: "date",
    Time: "time",
    DateTime: "date and time",
    Months: "years and months duration",
    Nanos: "days and time duration",
    Range: "range",
}


def kind(value: Value) -> str:
    """The name of a value's FEEL type; "unknown" for what FEEL has no word for."""
    found = KINDS.get(value.__class__)
    if found is not None:
        return found
    if isinstance(value, Function):
        return "function"
    normal = normalise(value)
    return "unknown" if normal is value else kind(normal)


def normalise(value: Value) -> Value:
    """A foreign value (float, datetime, tuple, Mapping, subclass …) as FEEL's own; others unchanged."""
    if value.__class__ in KINDS or isinstance(value, Function):
        return value
    for base, convert in _FOREIGN:
        if isinstance(value, base):
            return convert(value)
    return Function.of_python(value) if callable(value) else value


def _float(value: float) -> Decimal | None:
    return CONTEXT.create_decimal(repr(value)) if math.isfinite(value) else None


_FOREIGN: tuple[tuple[type, Any], ...] = (
    (float, _float),
    (str, lambda v: str(v.value) if hasattr(v, "value") else str(v)),
    (int, int),
    (dt.datetime, temporal.from_python),
    (dt.date, lambda v: dt.date(v.year, v.month, v.day)),
    (dt.time, temporal.from_python),
    (dt.timedelta, temporal.from_python),
    (dict, dict),
    (Mapping, dict),
    (list, list),
    (tuple, list),
    (set, sorted),
    (frozenset, sorted),
)


def number(value: Value) -> Decimal | None:
    """A number as Decimal, None for anything else."""
    if value.__class__ is Decimal:
        return value
    if value.__class__ is int:
        return Decimal(value)
    return _float(value) if value.__class__ is float else None


def equal(left: Value, right: Value) -> bool | None:
    """`left = right`: null when the kinds differ, except that null equals only null."""
    if left is None or right is None:
        return left is right
    same = left.__class__ is right.__class__
    if same and left.__class__ in _PLAIN:
        return bool(left == right)
    left, right = normalise(left), normalise(right)
    left_kind, right_kind = kind(left), kind(right)
    if left_kind != right_kind:
        both = left_kind.endswith("duration") and right_kind.endswith("duration")
        return _unlike(left, right) if both else None
    compare = _EQUAL.get(left_kind)
    return bool(left == right) if compare is None else compare(left, right)


def _unlike(left: Value, right: Value) -> bool | None:
    """Durations of different kinds are comparable only where both are nothing."""
    amounts = (v.months if isinstance(v, Months) else v.nanos for v in (left, right))
    return None if any(amounts) else True


def _equal_lists(left: list[Value], right: list[Value]) -> bool:
    budget.spend(1 + len(left) // 4)
    return len(left) == len(right) and all(
        equal(a, b) is True for a, b in zip(left, right, strict=True)
    )


def _equal_contexts(left: dict[str, Value], right: dict[str, Value]) -> bool:
    budget.spend(1 + len(left) // 4)
    return left.keys() == right.keys() and all(equal(v, right[k]) is True for k, v in left.items())


def _equal_times(left: Time, right: Time) -> bool:
    """Times are equal to the second: hour, minute, second and offset count (10.3.2.3.4)."""
    a, b = temporal.time_instant(left), temporal.time_instant(right)
    if a is None or b is None:
        return a is b and left.nanos() // temporal.SECOND == right.nanos() // temporal.SECOND
    return a // temporal.SECOND == b // temporal.SECOND


def _equal_date_times(left: DateTime, right: DateTime) -> bool:
    a, b = temporal.instant(left), temporal.instant(right)
    if a is None or b is None:
        a_local, b_local = temporal.local_nanos(left), temporal.local_nanos(right)
        return a is b and a_local // temporal.SECOND == b_local // temporal.SECOND
    return a // temporal.SECOND == b // temporal.SECOND


def _equal_ranges(left: Range, right: Range) -> bool:
    flags = (left.start_included, left.end_included, left.op)
    return (
        flags == (right.start_included, right.end_included, right.op)
        and equal(left.start, right.start) is True
        and equal(left.end, right.end) is True
    )


_PLAIN = frozenset({str, bool, Decimal, int, dt.date, Months, Nanos})
_EQUAL: dict[str, Any] = {
    "list": _equal_lists,
    "context": _equal_contexts,
    "time": _equal_times,
    "date and time": _equal_date_times,
    "range": _equal_ranges,
    "function": lambda a, b: a is b or (a.key is not None and a.key == b.key),
}


def order(left: Value, right: Value) -> int | None:
    """-1, 0 or 1; None where FEEL defines no order between the two."""
    left, right = normalise(left), normalise(right)
    left_kind = kind(left)
    if left_kind != kind(right):
        return None
    key = _ORDER.get(left_kind)
    if key is None:
        return None
    a, b = key(left), key(right)
    if a is None or b is None:
        return None if a is not b else order_local(left, right)
    return int(a > b) - int(a < b)


def order_local(left: Time | DateTime, right: Time | DateTime) -> int:
    """Order two values without offset on their local time line."""
    a, b = (v.nanos() if isinstance(v, Time) else temporal.local_nanos(v) for v in (left, right))
    return (a > b) - (a < b)


def _itself(value: Value) -> Value:
    return value


_ORDER: dict[str, Any] = {
    "number": _itself,
    "string": _itself,
    "date": lambda v: (v.year, v.month, v.day),
    "time": temporal.time_instant,
    "date and time": temporal.instant,
    "years and months duration": _itself,
    "days and time duration": _itself,
}


def contains(interval: Range, value: Value) -> bool | None:
    """Whether a value lies in a range; null where they can't be compared."""
    if interval.op == "!=":
        same = equal(value, interval.start)
        return None if same is None else not same
    if value is None:
        return None
    low = _within(interval.start, value, included=interval.start_included)
    high = _within(value, interval.end, included=interval.end_included)
    if low is False or high is False:
        return False
    return True if low and high else None


def _within(low: Value, high: Value, *, included: bool) -> bool | None:
    if low is None or high is None:
        return True
    found = order(low, high)
    return None if found is None else found < 0 or (found == 0 and included)
