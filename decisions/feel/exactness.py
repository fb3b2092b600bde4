"""What can be told of an expression without its values: exact numbers, an order, never null."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from decisions.feel.syntax import (
    Arithmetic,
    Between,
    Call,
    Comparison,
    Const,
    ContextOf,
    Filter,
    For,
    If,
    In,
    ListOf,
    Logic,
    Name,
    Negation,
    Node,
    Path,
    Quantified,
)
from decisions.feel.values import kind

if TYPE_CHECKING:
    from collections.abc import Mapping

_COUNTS = frozenset(("count", "string length"))
_CHOICES = frozenset(("min", "max", "abs", "sum", "product"))
_SUMS = frozenset(("sum", "product", "mean", "modulo", "sqrt", "stddev"))


def path_of(node: Node) -> str | None:
    """`a.b` as text."""
    if isinstance(node, Name):
        return node.name
    if isinstance(node, Path):
        start = path_of(node.target)
        return None if start is None else f"{start}.{node.name}"
    return None


def whole(node: Node, kinds: Mapping[str, str]) -> bool:
    """Whether a number is surely whole, so that doubles hold it exactly."""
    if isinstance(node, Const):
        return isinstance(node.value, Decimal) and node.value == node.value.to_integral_value()
    if isinstance(node, (Name, Path)):
        return kinds.get(path_of(node) or "") == "integer"
    if isinstance(node, Arithmetic):
        return node.op in "+-*" and whole(node.left, kinds) and whole(node.right, kinds)
    if isinstance(node, Negation):
        return whole(node.operand, kinds)
    return isinstance(node, Call) and _whole_call(node, kinds)


def _whole_call(node: Call, kinds: Mapping[str, str]) -> bool:
    name = node.target.name if isinstance(node.target, Name) else ""
    if name in _COUNTS:
        return True
    return name in _CHOICES and all(whole(argument, kinds) for argument in node.arguments)


def exact(node: Node, kinds: Mapping[str, str]) -> bool:
    """Whether a number comes out the same in decimals and in doubles; true of what is no number."""
    if isinstance(node, Arithmetic):
        return whole(node, kinds) or _is_text(node, kinds) or _is_date(node)
    if isinstance(node, Negation):
        return exact(node.operand, kinds)
    if isinstance(node, If):
        return exact(node.then, kinds) and exact(node.otherwise, kinds)
    if isinstance(node, Call) and isinstance(node.target, Name):
        if node.target.name in _SUMS:
            return whole(node, kinds)
        return all(exact(argument, kinds) for argument in node.arguments)
    return not isinstance(node, Filter) or exact(node.target, kinds)


def _is_text(node: Arithmetic, kinds: Mapping[str, str]) -> bool:
    """`"a" + b` joins texts."""
    return node.op == "+" and any(
        (isinstance(side, Const) and isinstance(side.value, str))
        or (isinstance(side, Arithmetic) and _is_text(side, kinds))
        or kinds.get(path_of(side) or "") == "string"
        or (isinstance(side, Call) and isinstance(side.target, Name) and side.target.name in _TEXTS)
        for side in (node.left, node.right)
    )


_TEXTS = frozenset(("string", "upper case", "lower case", "substring", "string join", "replace"))
_TEMPORAL = frozenset(("date", "duration"))


def _is_date(node: Arithmetic) -> bool:
    """`date(a) + duration("P1D")`."""
    return node.op in "+-" and any(
        (isinstance(side, Call) and isinstance(side.target, Name) and side.target.name in _TEMPORAL)
        or (isinstance(side, Arithmetic) and _is_date(side))
        for side in (node.left, node.right)
    )


def has_order(node: Node, kinds: Mapping[str, str], results: Mapping[str, str]) -> bool:
    """Whether `<` means the same on both sides: numbers and dates, not texts or booleans."""
    if isinstance(node, (Name, Path)) and kinds.get(path_of(node) or "") == "date":
        return True  # both are written alike, so their texts have the order of the dates
    if isinstance(node, Const) and node.value is None:
        return False
    return kind_of(node, kinds, results) in {"number", "date", None}


def kind_of(node: Node, kinds: Mapping[str, str], results: Mapping[str, str]) -> str | None:
    """The kind of a value as far as it can be told; `results` are those of functions.

    A date field holds text on both sides; only `date(…)` makes a date of it.
    """
    if isinstance(node, Const):
        return None if node.value is None else kind(node.value)
    if isinstance(node, (Name, Path, Filter)):
        return _kind_of_place(node, kinds, results)
    if isinstance(node, If):
        branches = {kind_of(part, kinds, results) for part in (node.then, node.otherwise)} - {None}
        return "mixed" if len(branches) > 1 else next(iter(branches), None)
    return _kind_of_result(node, kinds, results)


def _kind_of_place(
    node: Name | Path | Filter, kinds: Mapping[str, str], results: Mapping[str, str]
) -> str | None:
    """What a variable holds; a filter, and a path through a list, make lists."""
    if isinstance(node, Filter):
        index = isinstance(node.condition, Const) and not isinstance(node.condition.value, bool)
        return None if index else "list"
    known = _FIELD_KINDS.get(kinds.get(path_of(node) or "", ""))
    if known is None and isinstance(node, Path):
        return "list" if kind_of(node.target, kinds, results) == "list" else None
    return known


def _kind_of_result(node: Node, kinds: Mapping[str, str], results: Mapping[str, str]) -> str | None:
    if isinstance(node, Call) and isinstance(node.target, Name):
        name = node.target.name
        return None if name == "duration" else results.get(name)
    if isinstance(node, Arithmetic):
        if _is_text(node, kinds):
            return "string"
        return None if _is_date(node) else "number"
    return _MADE.get(node.__class__)


_MADE: dict[type, str] = {
    **dict.fromkeys((Comparison, Logic, Quantified, Between, In), "boolean"),
    **dict.fromkeys((For, ListOf), "list"),
    ContextOf: "context",
}
_FIELD_KINDS = {
    "integer": "number",
    "number": "number",
    "string": "string",
    "date": "string",
    "boolean": "boolean",
    "list": "list",
    "context": "context",
}


def never_null(node: Node, kinds: Mapping[str, str], sure: frozenset[str] = frozenset()) -> bool:
    """Whether a condition is surely true or false; `x != null and x > 5` guards x."""
    if isinstance(node, Const):
        return isinstance(node.value, bool)
    if isinstance(node, Comparison):
        if node.op in {"=", "!="}:
            return any(isinstance(side, Const) for side in (node.left, node.right))
        return all(_present(side, sure) for side in (node.left, node.right))
    if isinstance(node, Logic):
        for item in node.items:
            if not never_null(item, kinds, sure):
                return False
            known = _guards(item, wanted="!=" if node.op == "and" else "=")
            sure |= frozenset(() if known is None else (known,))
        return True
    return False


def _present(node: Node, sure: frozenset[str]) -> bool:
    if isinstance(node, Const):
        return node.value is not None
    return path_of(node) in sure


def _guards(node: Node, *, wanted: str) -> str | None:
    """The path that `path != null` (before `and`) or `path = null` (before `or`) makes sure."""
    if isinstance(node, Comparison) and node.op == wanted:
        for one, other in ((node.left, node.right), (node.right, node.left)):
            if isinstance(other, Const) and other.value is None:
                return path_of(one)
    return None
