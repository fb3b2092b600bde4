"""Functions on whole lists (DMN 1.5, 10.3.4.4), and `sort` (10.3.4.7)."""

from __future__ import annotations

import functools
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from decisions.feel import budget
from decisions.feel.builtins.define import define
from decisions.feel.values import equal, order

if TYPE_CHECKING:
    from decisions.feel.functions import Function


@define("list contains(list: list, element: any)")
def list_contains(list_: list[Any], element: Any) -> bool:
    budget.spend(len(list_))
    return any(equal(item, element) is True for item in list_)


@define("count(list: list)")
def count(list_: list[Any]) -> Decimal:
    return Decimal(len(list_))


@define("count(c...: any)")
def count_arguments(*items: Any) -> Decimal | None:
    return Decimal(len(items)) if len(items) > 1 else None


@define("all(list: list)")
def all_(list_: list[Any]) -> bool | None:
    return _quantified(list_, stop=False)


@define("all(b...: any)")
def all_arguments(*items: Any) -> bool | None:
    return _quantified(items, stop=False)


@define("any(list: list)")
def any_(list_: list[Any]) -> bool | None:
    return _quantified(list_, stop=True)


@define("any(b...: any)")
def any_arguments(*items: Any) -> bool | None:
    return _quantified(items, stop=True)


def _quantified(items: Any, *, stop: bool) -> bool | None:
    if any(item is stop for item in items):
        return stop
    return not stop if all(isinstance(item, bool) for item in items) else None


@define("concatenate(list...: list)")
def concatenate(*lists: list[Any]) -> list[Any]:
    budget.check_list(sum(map(len, lists)))
    return [item for list_ in lists for item in list_]


@define("append(list: list, item...: any)")
def append(list_: list[Any], *items: Any) -> list[Any]:
    budget.check_list(len(list_) + len(items))
    return [*list_, *items]


@define("reverse(list: list)")
def reverse(list_: list[Any]) -> list[Any]:
    return list_[::-1]


@define("union(list...: list)")
def union(*lists: list[Any]) -> list[Any]:
    return distinct_values(concatenate(*lists))


@define("distinct values(list: list)")
def distinct_values(list_: list[Any]) -> list[Any]:
    found: list[Any] = []
    seen: set[Any] = set()
    for item in list_:
        if item.__class__ in _HASHED:
            if item in seen:
                continue
            seen.add(item)
        else:
            budget.spend(len(found))
            if any(equal(item, other) is True for other in found):
                continue
        found.append(item)
    return found


_HASHED = frozenset({str, Decimal})


@define("flatten(list: list)")
def flatten(list_: list[Any]) -> list[Any]:
    found: list[Any] = []
    for item in list_:
        budget.spend(1)
        if isinstance(item, list):
            found.extend(flatten(item))
        else:
            found.append(item)
    return found


@define("duplicate values(list: list)")
def duplicate_values(list_: list[Any]) -> list[Any]:
    """The values that occur more than once, in the order of their first place (Camunda)."""
    return [item for item in distinct_values(list_) if _times(list_, item) > 1]


def _times(list_: list[Any], wanted: Any) -> int:
    budget.spend(len(list_))
    return sum(equal(item, wanted) is True for item in list_)


@define("sort(list: list, precedes?: function)")
def sort(list_: list[Any], precedes: Function | None = None) -> list[Any] | None:
    """Sorted by a function that tells whether its first argument comes before its second."""
    budget.spend(len(list_))
    if precedes is None:
        if len({order(a, b) is None for a in list_[:1] for b in list_}) > 1:
            return None
        return sorted(list_, key=functools.cmp_to_key(lambda a, b: order(a, b) or 0))

    def compare(a: Any, b: Any) -> int:
        budget.spend(1)
        if precedes.call([a, b]) is True:
            return -1
        return 1 if precedes.call([b, a]) is True else 0

    return sorted(list_, key=functools.cmp_to_key(compare))
