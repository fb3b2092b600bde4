"""Compile comparisons, three-valued logic and `between` (DMN 1.5, 10.3.2.8, 10.3.2.13)."""

from __future__ import annotations

import operator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from decisions.feel.codes import Code, Env, Scope, code, compiles
from decisions.feel.syntax import (
    Between,
    Comparison,
    Const,
    Logic,
    Name,
)
from decisions.feel.values import equal, order

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
        return _is_null(name, load, wanted=wanted)
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


def _is_null(name: str, load: Code, *, wanted: bool) -> Code:
    def run(scope: Scope) -> bool:
        try:
            return (scope[name] is None) is wanted
        except KeyError:
            return (load(scope) is None) is wanted

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
    if len(items) == 3:  # noqa: PLR2004  no loop for three either
        return _three(*items, stop=stop)

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


def _three(first: Code, second: Code, third: Code, *, stop: bool) -> Code:
    def run(scope: Scope) -> bool | None:
        a = first(scope)
        if a is stop:
            return stop  # type: ignore[no-any-return]  # a bool, widened by `is`
        b = second(scope)
        if b is stop:
            return stop  # type: ignore[no-any-return]  # a bool, widened by `is`
        c = third(scope)
        if c is stop:
            return stop  # type: ignore[no-any-return]  # a bool, widened by `is`
        return not stop if a.__class__ is b.__class__ is c.__class__ is bool else None

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
