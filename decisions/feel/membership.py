"""Compile `in` and the unary tests of cells and filters (DMN 1.5, 10.3.2.8, 7.3.2)."""

from __future__ import annotations

import operator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from decisions.feel.codes import Check, Code, Env, Inner, Scope, code, compiles, mentions
from decisions.feel.comparing import relation
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
from decisions.feel.values import Range, contains, equal, normalise

if TYPE_CHECKING:
    from collections.abc import Callable


@compiles(In)
def _in(node: In, env: Env) -> Code:
    value = code(node.value, env)
    constants = [test.value for test in node.tests if isinstance(test, Const)]
    checks = [check(test, env) for test in node.tests]
    if len(constants) == len(checks) and all(isinstance(c, str) for c in constants):
        name = node.value.name if isinstance(node.value, Name) else None
        return _in_strings(name, value, frozenset(constants))
    return lambda scope: any_of(checks, scope, value(scope))


def _in_strings(name: str | None, value: Code, strings: frozenset[str]) -> Code:
    """`value in ("a", "b")`; a plain variable is looked up here."""

    def run(scope: Scope) -> bool | None:
        try:
            found = scope[name] if name is not None else value(scope)
        except KeyError:
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
