"""Compile comparisons, three-valued logic, `between`, `in` and unary tests (10.3.2.8, 10.3.2.13)."""

from __future__ import annotations

import operator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from decisions.feel.codes import Check, Code, Env, Inner, Scope, code, compiles, mentions
from decisions.feel.syntax import (
    Between,
    Comparison,
    Const,
    In,
    InstanceOf,
    Interval,
    Logic,
    Name,
    Node,
    Quantified,
    Test,
)
from decisions.feel.values import Range, contains, equal, normalise, order

if TYPE_CHECKING:
    from collections.abc import Callable

_SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@compiles(Comparison)
def _comparison(node: Comparison, env: Env) -> Code:
    if isinstance(node.left, Name) and isinstance(node.right, Const):
        return _with_constant(node, env)
    left, right, test = code(node.left, env), code(node.right, env), relation(node.op)
    return lambda scope: test(left(scope), right(scope))


def relation(op: str) -> Callable[[Any, Any], bool | None]:
    """The function behind a comparison sign."""
    if op == "=":
        return equal
    if op == "!=":
        return _unequal
    sign = _SIGNS[op]

    def test(a: Any, b: Any) -> bool | None:
        kind_a, kind_b = a.__class__, b.__class__
        if (kind_a is Decimal or kind_a is int) and (kind_b is Decimal or kind_b is int):
            return sign(a, b)
        found = order(a, b)
        return None if found is None else sign(found, 0)

    return test


def _unequal(a: Any, b: Any) -> bool | None:
    same = equal(a, b)
    return None if same is None else not same


def _with_constant(node: Comparison, env: Env) -> Code:
    """`name op constant`, the commonest comparison, without intermediate calls."""
    assert isinstance(node.left, Name)  # noqa: S101  told by the caller
    assert isinstance(node.right, Const)  # noqa: S101
    name, constant, load = node.left.name, node.right.value, code(node.left, env)
    if node.op in _SIGNS:
        return _ordered(name, load, _SIGNS[node.op], relation(node.op), constant)
    wanted = node.op == "="
    test = relation(node.op)
    if constant is None:
        return lambda scope: (load(scope) is None) is wanted
    kind = constant.__class__

    def run(scope: Scope) -> bool | None:
        try:
            value = scope[name]
        except KeyError:
            value = load(scope)
        if value.__class__ is kind and kind in _HASHED:
            return (value == constant) is wanted
        return test(value, constant)

    return run


_HASHED = frozenset({str, bool, Decimal})


def _ordered(
    name: str, load: Code, sign: Callable[[Any, Any], bool], test: Callable[..., Any], constant: Any
) -> Code:
    if constant.__class__ is not Decimal:
        return lambda scope: test(load(scope), constant)

    def run(scope: Scope) -> Any:
        try:
            value = scope[name]
        except KeyError:
            value = load(scope)
        if value.__class__ is Decimal or value.__class__ is int:
            return sign(value, constant)
        return test(value, constant)

    return run


@compiles(Logic)
def _logic(node: Logic, env: Env) -> Code:
    """`and` stops at false, `or` at true; null is what is neither (10.3.2.8)."""
    stop = node.op == "or"
    items = [code(item, env) for item in node.items]
    if len(items) == 2:  # noqa: PLR2004  the commonest
        return _both(*items, stop=stop)

    def run(scope: Scope) -> bool | None:
        result: bool | None = not stop
        for item in items:
            value = item(scope)
            if value is stop:
                return stop  # type: ignore[no-any-return]  # a bool, widened by `is`
            if value.__class__ is not bool:
                result = None
        return result

    return run


def _both(first: Code, second: Code, *, stop: bool) -> Code:
    def run(scope: Scope) -> bool | None:
        a = first(scope)
        if a is stop:
            return stop  # type: ignore[no-any-return]  # a bool, widened by `is`
        b = second(scope)
        if b is stop:
            return stop  # type: ignore[no-any-return]  # a bool, widened by `is`
        return not stop if a.__class__ is bool and b.__class__ is bool else None

    return run


@compiles(Between)
def _between(node: Between, env: Env) -> Code:
    value, low, high = (code(part, env) for part in (node.value, node.low, node.high))
    at_least, at_most = relation(">="), relation("<=")

    def run(scope: Scope) -> bool | None:
        found = value(scope)
        above = at_least(found, low(scope))
        if above is False:
            return False
        below = at_most(found, high(scope))
        return below if above is True or below is False else None

    return run


@compiles(In)
def _in(node: In, env: Env) -> Code:
    value = code(node.value, env)
    constants = [test.value for test in node.tests if isinstance(test, Const)]
    checks = [check(test, env) for test in node.tests]
    if len(constants) == len(checks) and all(isinstance(c, str) for c in constants):
        return _in_strings(value, frozenset(constants))
    return lambda scope: any_of(checks, scope, value(scope))


def _in_strings(value: Code, strings: frozenset[str]) -> Code:
    def run(scope: Scope) -> bool | None:
        found = value(scope)
        if found.__class__ is str:
            return found in strings
        found = normalise(found)
        return False if found is None else found in strings if isinstance(found, str) else None

    return run


def any_of(checks: list[Check], scope: Scope, value: Any) -> bool | None:
    """The disjunction of some tests of one value."""
    result: bool | None = False
    for passes in checks:
        found = passes(scope, value)
        if found is True:
            return True
        if found is None:
            result = None
    return result


def check(node: Node, env: Env, *, cell: bool = False) -> Check:
    """One positive unary test; in a cell of a table an expression may also say yes or no itself."""
    if isinstance(node, Test):
        return _signed(node, env)
    if isinstance(node, Const):
        return _is_constant(node.value)
    run = code(node, env)
    if mentions(node, "?"):
        return lambda scope, value: _own_answer(run(Inner(scope, {"?": value})), value)
    if isinstance(node, Interval) and _constant_ends(node):
        return _in_constant(run(None))
    own = isinstance(node, (Comparison, Logic, Between, In, InstanceOf, Quantified))
    if cell:
        return lambda scope, value: _answer(run(scope), value, own=own)
    return lambda scope, value: matches(run(scope), value)


def _is_constant(constant: Any) -> Check:
    if constant.__class__ is not str:
        return lambda _scope, value: equal(value, constant)

    def run(_scope: Scope, value: Any) -> bool | None:
        return value == constant if value.__class__ is str else equal(value, constant)

    return run


def _in_constant(interval: Range | None) -> Check:
    """A range that is known beforehand; numbers go the short way."""
    if interval is None:
        return lambda _scope, _value: None
    low, high = interval.start, interval.end
    if interval.op or not (isinstance(low, Decimal) and isinstance(high, Decimal)):
        return lambda _scope, value: contains(interval, value)
    above: Callable[[Any, Any], bool] = operator.le if interval.start_included else operator.lt
    below: Callable[[Any, Any], bool] = operator.le if interval.end_included else operator.lt

    def run(_scope: Scope, value: Any) -> bool | None:
        if value.__class__ is Decimal or value.__class__ is int:
            return above(low, value) and below(value, high)
        return contains(interval, value)

    return run


def _signed(node: Test, env: Env) -> Check:
    operand, test = code(node.operand, env), relation(node.op)
    if isinstance(node.operand, Const):
        constant = node.operand.value
        return lambda _scope, value: test(value, constant)
    return lambda scope, value: test(value, operand(scope))


def _constant_ends(node: Interval) -> bool:
    return all(end is None or isinstance(end, Const) for end in (node.start, node.end))


def _own_answer(found: Any, value: Any) -> bool | None:
    """A test that names the value itself: its yes, no or null counts."""
    return found if found is None or found.__class__ is bool else matches(found, value)


def _answer(found: Any, value: Any, *, own: bool) -> bool | None:
    """A test's own yes or no counts unless it is a plain value to compare a boolean with."""
    if found.__class__ is bool and (own or value.__class__ is not bool):
        return found
    return matches(found, value)


def matches(found: Any, value: Any) -> bool | None:
    """`value in found`: a range or list that holds it, or an equal value."""
    found = normalise(found)
    if isinstance(found, Range):
        return contains(found, value)
    if isinstance(found, list):
        if equal(found, value) is True:
            return True
        return any(_one(item, value) is True for item in found)
    return equal(found, value)


def _one(item: Any, value: Any) -> bool | None:
    return contains(item, value) if isinstance(item, Range) else equal(item, value)
