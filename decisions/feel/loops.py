"""Compile what goes through lists: `for`, `some`, `every`, filters (10.3.2.5, 10.3.2.14)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from decisions.feel import budget, temporal
from decisions.feel.codes import Code, Env, Inner, Scope, code, compiles, mentions, weight
from decisions.feel.membership import check
from decisions.feel.syntax import (
    Between,
    Comparison,
    Const,
    Filter,
    For,
    In,
    InstanceOf,
    Interval,
    Iterator,
    Logic,
    Node,
    Quantified,
    Test,
)
from decisions.feel.values import Range, kind, normalise, number

_Step = tuple[str, Callable[[Any], Iterable[Any] | None]]


@compiles(For)
def _for(node: For, env: Env) -> Code:
    steps, inner = _steps(node.iterators, env.bind("partial"))
    result, cost = code(node.result, inner), weight(node.result)
    looks_back = mentions(node.result, "partial")

    def run(scope: Scope) -> list[Any] | None:
        found: list[Any] = []
        for own in _products(steps, scope):
            if own is None:
                return None
            budget.spend(cost)
            if looks_back:
                budget.spend_on(found)
                own["partial"] = list(found)
            found.append(result(own))
        return found

    return run


@compiles(Quantified)
def _quantified(node: Quantified, env: Env) -> Code:
    steps, inner = _steps(node.iterators, env)
    condition, stop, cost = code(node.condition, inner), not node.every, weight(node.condition)

    def run(scope: Scope) -> bool | None:
        answer: bool | None = not stop
        for own in _products(steps, scope):
            if own is None:
                return None
            budget.spend(cost)
            found = condition(own)
            if found is stop:
                return stop  # type: ignore[no-any-return]  # a bool, widened by `is`
            if found.__class__ is not bool:
                answer = None
        return answer

    return run


def _steps(iterators: list[Iterator], env: Env) -> tuple[list[_Step], Env]:
    steps: list[_Step] = []
    for iterator in iterators:
        steps.append((iterator.name, _source(iterator, env)))
        env = env.bind(iterator.name)
    return steps, env


def _source(iterator: Iterator, env: Env) -> Callable[[Any], Iterable[Any] | None]:
    source = code(iterator.source, env)
    if iterator.end is None:
        return lambda scope: elements(source(scope))
    end = code(iterator.end, env)
    return lambda scope: count(source(scope), end(scope))


def _products(steps: list[_Step], scope: Scope) -> Iterable[Inner | None]:
    """A scope for every combination; None when a source is null."""
    name, source = steps[0]
    items = source(scope)
    if items is None:
        yield None
        return
    for item in items:
        budget.spend(1)
        own = Inner(scope, {name: item})
        if len(steps) == 1:
            yield own
        else:
            yield from _products(steps[1:], own)


def elements(value: Any) -> Iterable[Any] | None:
    """What a loop goes through: a list, a closed range, or one value as a list of one."""
    if value.__class__ is list:
        return value
    value = normalise(value)
    if isinstance(value, Range):
        return _range_elements(value)
    return None if value is None else value if isinstance(value, list) else [value]


def _range_elements(value: Range) -> list[Any] | None:
    found = count(value.start, value.end)
    if found is None or value.op:
        return None
    items = list(found)
    low = 0 if value.start_included else 1
    return items[low : len(items) if value.end_included else -1]


def count(start: Any, end: Any) -> Iterable[Any] | None:
    """`start..end`, upwards or downwards, over whole numbers or dates."""
    a, b = number(start), number(end)
    if a is not None and b is not None:
        if a != a.to_integral_value() or b != b.to_integral_value():
            return None
        budget.check_list(abs(int(b - a)))
        return _numbers(int(a), int(b))
    if kind(start) == kind(end) == "date":
        first, last = start.toordinal(), end.toordinal()
        budget.check_list(abs(last - first))
        step = 1 if last >= first else -1
        return [temporal.from_ordinal(n) for n in range(first, last + step, step)]
    return None


def _numbers(first: int, last: int) -> list[Any]:
    step = 1 if last >= first else -1
    return [number(n) for n in range(first, last + step, step)]


@compiles(Filter)
def _filter(node: Filter, env: Env) -> Code:
    target = code(node.target, env)
    condition = node.condition
    cost = weight(condition)
    if isinstance(condition, (Test, Interval)):
        passes = check(condition, env.bind("item"))
        return lambda scope: chosen(
            target(scope), lambda item: passes(item_scope(scope, item), item), cost
        )
    found = code(condition, env.bind("item"))
    if _always_boolean(condition):
        return lambda scope: chosen(
            target(scope), lambda item: found(item_scope(scope, item)), cost
        )
    index = code(condition, env)

    def run(scope: Scope) -> Any:
        value = target(scope)
        at = number(index(scope))
        if at is not None:
            return _nth(value, at)
        return chosen(value, lambda item: found(item_scope(scope, item)), cost)

    return run


def _always_boolean(node: Node) -> bool:
    kinds = (Comparison, Logic, Between, In, InstanceOf, Quantified)
    return isinstance(node, kinds) or (isinstance(node, Const) and isinstance(node.value, bool))


def item_scope(scope: Scope, item: Any) -> Inner:
    """The scope in which a filter looks at an item: its entries, and itself as `item`."""
    item = normalise(item)
    own = Inner(scope, item if isinstance(item, dict) else None)
    own.setdefault("item", item)
    return own


def chosen(value: Any, passes: Callable[[Any], Any], cost: int) -> list[Any] | None:
    value = normalise(value)
    if value is None:
        return None
    items = value if isinstance(value, list) else [value]
    budget.spend(len(items) * cost)
    return [item for item in items if passes(item) is True]


def _nth(value: Any, at: Any) -> Any:
    """The item at a 1-based index, from the end if negative; null outside."""
    value = normalise(value)
    items = value if isinstance(value, list) else [] if value is None else [value]
    position = int(at) if at == at.to_integral_value() else 0
    if position == 0 or abs(position) > len(items):
        return None
    return items[position - 1 if position > 0 else position]
