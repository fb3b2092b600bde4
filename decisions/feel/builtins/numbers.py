"""Functions on numbers (DMN 1.5, 10.3.4.5)."""

from __future__ import annotations

import decimal
from decimal import Decimal
from typing import Any

from decisions.feel.arithmetic import negate
from decisions.feel.builtins.define import define
from decisions.feel.temporal import Months, Nanos
from decisions.feel.values import CONTEXT, number

_SCALES = range(-6111, 6177)


@define("decimal(n: number, scale: number)")
def decimal_(n: Decimal, scale: Decimal) -> Decimal | None:
    return _rounded(n, scale, decimal.ROUND_HALF_EVEN)


@define("floor(n: number)")
@define("floor(n: number, scale: number)")
def floor(n: Decimal, scale: Decimal | None = None) -> Decimal | None:
    return _rounded(n, scale, decimal.ROUND_FLOOR)


@define("ceiling(n: number)")
@define("ceiling(n: number, scale: number)")
def ceiling(n: Decimal, scale: Decimal | None = None) -> Decimal | None:
    return _rounded(n, scale, decimal.ROUND_CEILING)


@define("round up(n: number, scale: number)")
def round_up(n: Decimal, scale: Decimal) -> Decimal | None:
    return _rounded(n, scale, decimal.ROUND_UP)


@define("round down(n: number, scale: number)")
def round_down(n: Decimal, scale: Decimal) -> Decimal | None:
    return _rounded(n, scale, decimal.ROUND_DOWN)


@define("round half up(n: number, scale: number)")
def round_half_up(n: Decimal, scale: Decimal) -> Decimal | None:
    return _rounded(n, scale, decimal.ROUND_HALF_UP)


@define("round half down(n: number, scale: number)")
def round_half_down(n: Decimal, scale: Decimal) -> Decimal | None:
    return _rounded(n, scale, decimal.ROUND_HALF_DOWN)


def _rounded(n: Decimal, scale: Decimal | None, rounding: str) -> Decimal | None:
    """N with `scale` decimals; a scale with a fraction is cut to its whole part."""
    places = int(scale or 0)
    if places not in _SCALES:
        return None
    n = Decimal(n)
    exponent = n.as_tuple().exponent
    if isinstance(exponent, int) and exponent >= -places:
        return n
    context = decimal.Context(prec=6200, rounding=rounding, Emin=-6176, Emax=6144)
    try:
        return CONTEXT.plus(n.quantize(Decimal(1).scaleb(-places), context=context))
    except ArithmeticError:
        return None


@define("abs(n: number|years and months duration|days and time duration)")
def abs_(n: Any) -> Any:
    if isinstance(n, Months):
        return Months(abs(n.months))
    if isinstance(n, Nanos):
        return Nanos(abs(n.nanos))
    return negate(n) if n < 0 else n


@define("modulo(dividend: number, divisor: number)")
def modulo(dividend: Decimal, divisor: Decimal) -> Decimal | None:
    """The remainder with the sign of the divisor: dividend - divisor * floor(dividend / divisor)."""
    try:
        rest = CONTEXT.remainder(dividend, divisor)
    except ArithmeticError:
        return None
    if rest and (rest < 0) != (divisor < 0):
        rest = CONTEXT.add(rest, divisor)
    return rest


@define("sqrt(number: number)")
def sqrt(n: Decimal) -> Decimal | None:
    return CONTEXT.sqrt(n) if n >= 0 else None


@define("log(number: number)")
def log(n: Decimal) -> Decimal | None:
    """The natural logarithm."""
    return CONTEXT.ln(n) if n > 0 else None


@define("exp(number: number)")
def exp(n: Decimal) -> Decimal | None:
    try:
        return CONTEXT.exp(n)
    except ArithmeticError:
        return None


@define("odd(number: number)")
def odd(n: Decimal) -> bool | None:
    return CONTEXT.remainder(number(n) or Decimal(0), Decimal(2)).copy_abs() == 1


@define("even(number: number)")
def even(n: Decimal) -> bool | None:
    return CONTEXT.remainder(number(n) or Decimal(0), Decimal(2)) == 0
