"""Compile `+ - * / **` and negation: numbers, texts, dates and durations (10.3.2.14)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from decisions.feel import budget, temporal
from decisions.feel.codes import Code, Env, Scope, code, compiles
from decisions.feel.syntax import Arithmetic, Negation
from decisions.feel.temporal import DateTime, Months, Nanos, Time
from decisions.feel.values import CONTEXT, kind, normalise

if TYPE_CHECKING:
    from collections.abc import Callable

_NUMBERS: dict[str, Callable[[Any, Any], Decimal]] = {
    "+": CONTEXT.add,
    "-": CONTEXT.subtract,
    "*": CONTEXT.multiply,
    "/": CONTEXT.divide,
    "**": CONTEXT.power,
}


@compiles(Arithmetic)
def _arithmetic(node: Arithmetic, env: Env) -> Code:
    left, right = code(node.left, env), code(node.right, env)
    op, on_numbers = node.op, _NUMBERS[node.op]

    def run(scope: Scope) -> Any:
        a, b = left(scope), right(scope)
        kind_a, kind_b = a.__class__, b.__class__
        if (kind_a is Decimal or kind_a is int) and (kind_b is Decimal or kind_b is int):
            try:
                return on_numbers(a, b)
            except ArithmeticError:
                return None
        return calculate(op, a, b)

    return run


def calculate(op: str, left: Any, right: Any) -> Any:
    """`left op right` for any kinds; null where the operation is not defined."""
    if left is None or right is None:
        return None
    left, right = normalise(left), normalise(right)
    operation = _TABLE.get((kind(left), op, kind(right)))
    if operation is None:
        return None
    try:
        return operation(left, right)
    except (ArithmeticError, ValueError):  # out of the range of numbers or dates
        return None


@compiles(Negation)
def _negation(node: Negation, env: Env) -> Code:
    operand = code(node.operand, env)
    return lambda scope: negate(operand(scope))


def negate(value: Any) -> Any:
    value = normalise(value)
    if isinstance(value, Months):
        return Months(-value.months)
    if isinstance(value, Nanos):
        return Nanos(-value.nanos)
    return CONTEXT.minus(value) if kind(value) == "number" else None


def _concatenate(left: str, right: str) -> str:
    budget.check_text(len(left) + len(right))
    budget.spend_on(left)
    return left + right


def _difference(left: Any, right: Any) -> Nanos | None:
    start, end = temporal.at_midnight(right), temporal.at_midnight(left)
    a, b = temporal.instant(start), temporal.instant(end)
    if (a is None) != (b is None):
        return None
    if a is None or b is None:
        a, b = temporal.local_nanos(start), temporal.local_nanos(end)
    return Nanos(b - a)


def _time_difference(left: Time, right: Time) -> Nanos | None:
    a, b = temporal.time_instant(left), temporal.time_instant(right)
    if (a is None) != (b is None):
        return None
    if a is None or b is None:
        a, b = left.nanos(), right.nanos()
    return Nanos(a - b)


def _shift_date(value: temporal.Date, by: Nanos) -> temporal.Date:
    return temporal.add_nanos(temporal.at_midnight(value), by.nanos).date


def _shift_time(value: Time, by: Nanos) -> Time:
    return temporal.time_of(value.nanos() + by.nanos, offset=value.offset, zone=value.zone)


def _shift_months(value: DateTime, by: Months) -> DateTime:
    return DateTime(temporal.add_months(value.date, by.months), value.time)


def _scaled(make: Callable[[int], Any], amount: int, factor: Any) -> Any:
    return make(_whole(CONTEXT.multiply(Decimal(amount), factor)))


def _whole(amount: Decimal) -> int:
    """The whole part of a duration's amount; one beyond all dates is none."""
    if abs(amount) > _LONGEST:
        raise OverflowError(amount)
    return int(amount)


_LONGEST = Decimal(10) ** 30


def _ratio(left: int, right: int) -> Decimal:
    return CONTEXT.divide(Decimal(left), Decimal(right))


_YEARS, _DAYS = "years and months duration", "days and time duration"
_MOMENT = "date and time"
_TABLE: dict[tuple[str, str, str], Callable[[Any, Any], Any]] = {
    **{("number", op, "number"): do for op, do in _NUMBERS.items()},
    ("string", "+", "string"): _concatenate,
    ("date", "-", "date"): _difference,
    ("date", "-", _MOMENT): _difference,
    (_MOMENT, "-", "date"): _difference,
    (_MOMENT, "-", _MOMENT): _difference,
    ("time", "-", "time"): _time_difference,
    ("date", "+", _YEARS): lambda a, b: temporal.add_months(a, b.months),
    ("date", "-", _YEARS): lambda a, b: temporal.add_months(a, -b.months),
    ("date", "+", _DAYS): _shift_date,
    ("date", "-", _DAYS): lambda a, b: _shift_date(a, Nanos(-b.nanos)),
    (_MOMENT, "+", _YEARS): _shift_months,
    (_MOMENT, "-", _YEARS): lambda a, b: _shift_months(a, Months(-b.months)),
    (_MOMENT, "+", _DAYS): lambda a, b: temporal.add_nanos(a, b.nanos),
    (_MOMENT, "-", _DAYS): lambda a, b: temporal.add_nanos(a, -b.nanos),
    ("time", "+", _DAYS): _shift_time,
    ("time", "-", _DAYS): lambda a, b: _shift_time(a, Nanos(-b.nanos)),
    (_YEARS, "+", "date"): lambda a, b: temporal.add_months(b, a.months),
    (_YEARS, "+", _MOMENT): lambda a, b: _shift_months(b, a),
    (_DAYS, "+", "date"): lambda a, b: _shift_date(b, a),
    (_DAYS, "+", _MOMENT): lambda a, b: temporal.add_nanos(b, a.nanos),
    (_DAYS, "+", "time"): lambda a, b: _shift_time(b, a),
    (_YEARS, "+", _YEARS): lambda a, b: Months(a.months + b.months),
    (_YEARS, "-", _YEARS): lambda a, b: Months(a.months - b.months),
    (_DAYS, "+", _DAYS): lambda a, b: Nanos(a.nanos + b.nanos),
    (_DAYS, "-", _DAYS): lambda a, b: Nanos(a.nanos - b.nanos),
    (_YEARS, "*", "number"): lambda a, b: _scaled(Months, a.months, b),
    ("number", "*", _YEARS): lambda a, b: _scaled(Months, b.months, a),
    (_DAYS, "*", "number"): lambda a, b: _scaled(Nanos, a.nanos, b),
    ("number", "*", _DAYS): lambda a, b: _scaled(Nanos, b.nanos, a),
    (_YEARS, "/", "number"): lambda a, b: Months(_whole(CONTEXT.divide(Decimal(a.months), b))),
    (_DAYS, "/", "number"): lambda a, b: Nanos(_whole(CONTEXT.divide(Decimal(a.nanos), b))),
    (_YEARS, "/", _YEARS): lambda a, b: _ratio(a.months, b.months),
    (_DAYS, "/", _DAYS): lambda a, b: _ratio(a.nanos, b.nanos),
}
