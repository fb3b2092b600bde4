"""Functions on places in a list, 1-based and from the end if negative (DMN 1.5, 10.3.4.4)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from decisions.feel import budget
from decisions.feel.builtins.define import define
from decisions.feel.values import equal

if TYPE_CHECKING:
    from decisions.feel.functions import Function


def _place(list_: list[Any], position: Decimal) -> int | None:
    """The 0-based index of a position, None outside the list."""
    at = int(position)
    if at == 0 or abs(at) > len(list_):
        return None
    return at - 1 if at > 0 else len(list_) + at


@define("sublist(list: list, start position: number, length?: number)")
def sublist(list_: list[Any], start: Decimal, length: Decimal | None = None) -> list[Any] | None:
    first = _place(list_, start)
    if first is None:
        return None
    if length is None:
        return list_[first:]
    last = first + int(length)
    return list_[first:last] if int(length) >= 0 and last <= len(list_) else None


@define("insert before(list: list, position: number, newItem: any)")
def insert_before(list_: list[Any], position: Decimal, new: Any) -> list[Any] | None:
    at = len(list_) if int(position) == len(list_) + 1 else _place(list_, position)
    if at is None:
        return None
    budget.check_list(len(list_) + 1)
    return [*list_[:at], new, *list_[at:]]


@define("remove(list: list, position: number)")
def remove(list_: list[Any], position: Decimal) -> list[Any] | None:
    at = _place(list_, position)
    return None if at is None else [*list_[:at], *list_[at + 1 :]]


@define("list replace(list: list, position: number, newItem: any)")
def list_replace(list_: list[Any], position: Decimal, new: Any) -> list[Any] | None:
    at = _place(list_, position)
    return None if at is None else [*list_[:at], new, *list_[at + 1 :]]


@define("list replace(list: list, match: function, newItem: any)")
def list_replace_matching(list_: list[Any], match: Function, new: Any) -> list[Any] | None:
    """Replace the items for which match(item, newItem) is true."""
    budget.spend(len(list_))
    found = []
    for item in list_:
        answer = match.call([item, new])
        if not isinstance(answer, bool):
            return None
        found.append(new if answer else item)
    return found


@define("index of(list: list, match: any)")
def index_of(list_: list[Any], match: Any) -> list[Decimal]:
    budget.spend(len(list_))
    return [Decimal(n) for n, item in enumerate(list_, 1) if equal(item, match) is True]
