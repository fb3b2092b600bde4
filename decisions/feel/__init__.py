"""FEEL: compile an expression once, evaluate it many times.

    expression = feel.compile('amount > 100 and category in ("fee", "service")')
    expression.evaluate({"amount": 120, "category": "fee"})   # True

Values are None, bool, Decimal (int accepted), str, list, dict, datetime.date and the kinds of
`decisions.feel.temporal`. What can't be computed is null; only wrong syntax and safety bounds raise.
"""

from decisions.feel.builtins.temporals import set_clock
from decisions.feel.errors import FeelError, Problem
from decisions.feel.expressions import (
    Expression,
    UnaryTest,
    compile,  # noqa: A004  feel.compile, as re.compile
    compile_unary,
    register,
)
from decisions.feel.functions import Function
from decisions.feel.portable import portable
from decisions.feel.temporal import DateTime, Months, Nanos, Time
from decisions.feel.values import Range, equal, order
from decisions.feel.writing import from_json, text_of, to_json

__all__ = [
    "DateTime",
    "Expression",
    "FeelError",
    "Function",
    "Months",
    "Nanos",
    "Problem",
    "Range",
    "Time",
    "UnaryTest",
    "compile",
    "compile_unary",
    "equal",
    "from_json",
    "order",
    "portable",
    "register",
    "set_clock",
    "text_of",
    "to_json",
]
