"""Values that stand for all others in a column: every constant, and one between each two.

A column whose tests compare with constants only is the same everywhere between two neighbouring
constants, so testing the samples tells all. Other columns can't be told and are left out.
"""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from decisions.feel.codes import Env, code
from decisions.feel.errors import FeelError
from decisions.feel.expressions import FUNCTIONS, parse_tests, runnable_tests, scope_names
from decisions.feel.reading import free_paths
from decisions.feel.syntax import Call, Const, Name, Node, UnaryTests, children
from decisions.feel.temporal import Months, Nanos
from decisions.feel.values import kind, order

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

#: stands for every text, or value of whatever kind, that no rule names
OTHER = "\0"
_MAKERS = frozenset(("date", "duration"))
_ENV = Env(functions=FUNCTIONS)


class Opaque(ValueError):  # noqa: N818  no error, a finding
    """A column whose tests need more than constants."""


def parsed(source: str) -> UnaryTests:
    """The tests of a cell; Opaque if they are wrong or read variables."""
    try:
        tests = parse_tests(source, scope_names(()))
    except FeelError:
        raise Opaque(source) from None
    if free_paths(tests.tests, FUNCTIONS):
        raise Opaque(source)
    return tests


def samples(cells: Iterable[str], allowed: str, type_name: str) -> list[Any]:
    """Values of a column of which every other one is a double; a single one if all cells are `-`."""
    values: list[Any] = []
    for source in (*cells, allowed):
        if source and source != "-":
            for node in parsed(source).tests:
                values.extend(_constants(node))
    null = [None] if None in values else []
    values = [value for value in values if value is not None]
    if type_name == "boolean" or any(isinstance(value, bool) for value in values):
        found: list[Any] = [True, False]
    else:
        found = _spread(values)
    return _allowed([*(found or [OTHER]), *null], allowed) or [OTHER]


def hits(source: str, found: list[Any]) -> int:
    """The samples that pass a cell, as bits."""
    if source == "-":
        return (1 << len(found)) - 1
    test = runnable_tests(parsed(source), _ENV)
    return sum(1 << n for n, value in enumerate(found) if test({}, value) is True)


def _allowed(found: list[Any], allowed: str) -> list[Any]:
    if not allowed:
        return found
    test = runnable_tests(parsed(allowed), _ENV)
    return [value for value in found if test({}, value) is True]


def _constants(node: Node) -> list[Any]:
    if isinstance(node, Const):
        return [node.value]
    if isinstance(node, Call):
        made = isinstance(node.target, Name) and node.target.name in _MAKERS
        if not made or not all(isinstance(argument, Const) for argument in node.arguments):
            raise Opaque
        return [code(node, _ENV)({})]
    return [value for child in children(node) for value in _constants(child)]


def _spread(values: list[Any]) -> list[Any]:
    """The constants in order, with something before, between and after them."""
    kinds = {kind(value) for value in values}
    if not kinds:
        return []
    if len(kinds) > 1:
        raise Opaque
    name = kinds.pop()
    if name == "string":
        return [*dict.fromkeys(values), OTHER]
    measure, make = _SCALES.get(name, (None, None))
    if measure is None or make is None:
        raise Opaque
    if any(order(value, value) is None for value in values):
        raise Opaque
    points = sorted({measure(value) for value in values})
    spread = [points[0] - 1, *points, points[-1] + 1]
    spread += [(a + b) / 2 for a, b in itertools.pairwise(points) if _apart(a, b, name)]
    return [make(point) for point in sorted(spread)]


def _apart(low: Any, high: Any, name: str) -> bool:
    return name == "number" or high - low > 1


_SCALES: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "number": (Decimal, Decimal),
    "date": (lambda v: v.toordinal(), lambda n: dt.date.fromordinal(int(n))),
    "days and time duration": (lambda v: v.nanos, lambda n: Nanos(int(n))),
    "years and months duration": (lambda v: v.months, lambda n: Months(int(n))),
}
