"""Sums, means and their kin; each takes a list or the items themselves (DMN 1.5, 10.3.4.4)."""

from __future__ import annotations

import functools
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

from decisions.feel import budget
from decisions.feel.builtins.define import define
from decisions.feel.values import CONTEXT, normalise, number, order

if TYPE_CHECKING:
    from collections.abc import Callable

_Numbers: TypeAlias = list[Decimal]


def _over_numbers(name: str) -> Callable[[Callable[[_Numbers], Any]], Callable[[list[Any]], Any]]:
    """Declare a statistic for a list and for items; anything but numbers makes it null."""

    def register(function: Callable[[_Numbers], Any]) -> Callable[[list[Any]], Any]:
        @functools.wraps(function)
        def of_list(items: list[Any]) -> Any:
            budget.spend(len(items))
            numbers = [number(item) for item in items]
            if any(item is None for item in numbers):
                return None
            try:
                return function([item for item in numbers if item is not None])
            except ArithmeticError:
                return None

        define(f"{name}(list: list)")(of_list)
        define(f"{name}(n...: any)")(lambda *items: of_list(list(items)))
        return of_list

    return register


@_over_numbers("sum")
def sum_(numbers: _Numbers) -> Decimal | None:
    return functools.reduce(CONTEXT.add, numbers) if numbers else None


@_over_numbers("product")
def product(numbers: _Numbers) -> Decimal | None:
    return functools.reduce(CONTEXT.multiply, numbers) if numbers else None


@_over_numbers("mean")
def mean(numbers: _Numbers) -> Decimal | None:
    return CONTEXT.divide(functools.reduce(CONTEXT.add, numbers), len(numbers)) if numbers else None


@_over_numbers("median")
def median(numbers: _Numbers) -> Decimal | None:
    if not numbers:
        return None
    ordered, half = sorted(numbers), len(numbers) // 2
    if len(numbers) % 2:
        return ordered[half]
    return CONTEXT.divide(CONTEXT.add(ordered[half - 1], ordered[half]), 2)


@_over_numbers("stddev")
def stddev(numbers: _Numbers) -> Decimal | None:
    """The standard deviation of a sample."""
    if len(numbers) < 2:  # noqa: PLR2004  a sample of one has none
        return None
    middle = CONTEXT.divide(functools.reduce(CONTEXT.add, numbers), len(numbers))
    squares = (CONTEXT.power(CONTEXT.subtract(n, middle), 2) for n in numbers)
    return CONTEXT.sqrt(CONTEXT.divide(functools.reduce(CONTEXT.add, squares), len(numbers) - 1))


@_over_numbers("mode")
def mode(numbers: _Numbers) -> _Numbers:
    """The most frequent numbers, ascending."""
    times: dict[Decimal, int] = {}
    for n in numbers:
        times[n] = times.get(n, 0) + 1
    most = max(times.values(), default=0)
    return sorted(n for n, found in times.items() if found == most)


@define("min(list: list)")
def min_(items: list[Any]) -> Any:
    return _extreme(items, -1)


@define("min(c...: any)")
def min_arguments(*items: Any) -> Any:
    return _extreme(items, -1)


@define("max(list: list)")
def max_(items: list[Any]) -> Any:
    return _extreme(items, 1)


@define("max(c...: any)")
def max_arguments(*items: Any) -> Any:
    return _extreme(items, 1)


def _extreme(items: Any, sign: int) -> Any:
    """The first smallest or largest; null for nothing and for what has no order."""
    budget.spend(len(items))
    best: Any = None
    for index, item in enumerate(items):
        if index == 0:
            best = item
        found = order(item, best)
        if found is None:
            return None
        if found == sign:
            best = item
    return normalise(best)
