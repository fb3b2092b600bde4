"""What a form's expression may use, because browser and server must not differ.

The browser evaluates forms with feelin, whose numbers are doubles and which leaves the
specification in places. `RULES` names every known difference; an expression that could meet one is
refused when a form is saved. What passes has equal value and equal hide result on both sides.
"""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from decisions.feel.builtins import BUILTINS
from decisions.feel.errors import FeelError, Problem, error_at
from decisions.feel.exactness import exact, has_order, kind_of, never_null
from decisions.feel.expressions import compile as compile_expression
from decisions.feel.expressions import compile_unary
from decisions.feel.grammar import LEVELS
from decisions.feel.lexer import tokens
from decisions.feel.portable_calls import ARGUMENTS
from decisions.feel.portable_rules import FUNCTIONS, RULES
from decisions.feel.syntax import (
    Arithmetic,
    Between,
    Call,
    Comparison,
    Const,
    ContextOf,
    Filter,
    For,
    FunctionOf,
    If,
    In,
    InstanceOf,
    Interval,
    ListOf,
    Logic,
    Name,
    Negation,
    Node,
    Path,
    Quantified,
    Test,
    children,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_MOST_DIGITS = 15
_BEFORE_UNARY = frozenset(("", "(", "[", ",", ":", "then", "else", "if", "return", "satisfies"))


def portable(
    source: str, *, unary: bool = False, kinds: Mapping[str, str] | None = None
) -> tuple[Problem, ...]:
    """The reasons why browser and server could differ on an expression, or its syntax error.

    `unary` for conditions that form-js runs as unary tests (`conditional.hide`, `readonly`).
    `kinds` tells what names hold: integer, number, string, boolean, date, list, context; a name
    that it lacks is taken to hold what its use asks for, numbers then with decimals.
    """
    try:
        tests = compile_unary(source).node.tests if unary else None
        nodes = [compile_expression(source).node] if tests is None else tests
    except FeelError as error:
        return (error.problem,)
    check = _Check(source, kinds or {})
    check.look_for_spaced_minus()
    for node in nodes:
        if unary and isinstance(node, (Test, Interval, ListOf, Const)):
            check.refuse("test", node)
        check.visit(node)
    return tuple(dict.fromkeys(check.found))


class _Check:
    """One walk over a syntax tree."""

    def __init__(self, source: str, kinds: Mapping[str, str]) -> None:
        self.source = source
        self.kinds = kinds
        self.found: list[Problem] = []

    def refuse(self, rule: str, node: Node) -> None:
        zh, en = RULES[rule]
        error = error_at(self.source, _offset(node), f"feel.portable.{rule}", zh, en)
        self.found.append(error.problem)

    def look_for_spaced_minus(self) -> None:
        """Refuse `- 3`: the browser takes what follows the space, comparison and all, first."""
        before = ""
        found = tokens(self.source)
        for minus, following in itertools.pairwise(found):
            unary = minus.text == "-" and (before in _BEFORE_UNARY or before in LEVELS)
            if unary and following.kind == "number" and following.start > minus.end:
                zh, en = RULES["negative"]
                code = "feel.portable.negative"
                self.found.append(error_at(self.source, minus.start, code, zh, en).problem)
            before = minus.text

    def same_kind(self, node: Node, *sides: Node) -> None:
        """Refuse to compare values of kinds that are known to differ."""
        found = {kind_of(side, self.kinds, FUNCTIONS) for side in sides} - {None}
        null = any(isinstance(side, Const) and side.value is None for side in sides)
        if found & {"list", "context"} and not null:
            self.refuse("structure", node)
        if len(found) > 1 or "mixed" in found:
            self.refuse("kinds", node)
        if any(isinstance(side, (Comparison, Between, In)) for side in sides):
            self.refuse("chain", node)

    def visit(self, node: Node) -> None:
        rule = _VISITS.get(node.__class__)
        if rule is not None:
            rule(self, node)
        for child in children(node):
            if not (isinstance(node, Call) and child is node.target and isinstance(child, Name)):
                self.visit(child)


def _offset(node: Node) -> int:
    """Where a node, or the first thing in it that knows its place, stands."""
    at = getattr(node, "at", None)
    if isinstance(at, int):
        return at
    return min((_offset(child) for child in children(node)), default=0)


def _const(check: _Check, node: Const) -> None:
    value = node.value
    if isinstance(value, Decimal):
        digits = len(value.as_tuple().digits)
        exponent = value.as_tuple().exponent
        if digits > _MOST_DIGITS or not isinstance(exponent, int) or exponent > 0:
            check.refuse("digits", node)
    elif not isinstance(value, (str, bool)) and value is not None:
        check.refuse("temporal", node)


def _name(check: _Check, node: Name) -> None:
    if not node.name.isidentifier() or node.name in BUILTINS or node.name in _WORDS:
        check.refuse("name", node)


_WORDS = frozenset(("?", "list", "precedes", "item and", "partial"))


def _path(check: _Check, node: Path) -> None:
    if not node.name.isidentifier():
        check.refuse("name", node)


def _arithmetic(check: _Check, node: Arithmetic) -> None:
    if node.op == "**":
        check.refuse("power", node)


def _comparison(check: _Check, node: Comparison) -> None:
    sides = (node.left, node.right)
    if not all(exact(side, check.kinds) for side in sides):
        check.refuse("rounding", node)
    if any(isinstance(side, (ListOf, ContextOf, Interval)) for side in sides):
        check.refuse("structure", node)
    check.same_kind(node, *sides)
    if node.op not in {"=", "!="} and not all(
        has_order(side, check.kinds, FUNCTIONS) for side in sides
    ):
        check.refuse("order", node)


def _between(check: _Check, node: Between) -> None:
    low, high = node.low, node.high
    numbers = [end.value for end in (low, high) if isinstance(end, Const)]
    literal = len(numbers) == 2 and all(isinstance(n, Decimal) for n in numbers)  # noqa: PLR2004
    if not literal or numbers[0] > numbers[1]:
        check.refuse("ends", node)
    check.same_kind(node, node.value, low)
    if not exact(node.value, check.kinds):
        check.refuse("rounding", node)


def _in(check: _Check, node: In) -> None:
    if len(node.tests) == 1:
        check.refuse("membership", node)
    for test in node.tests:
        if not isinstance(test, Const):
            check.refuse("membership", node)
        check.same_kind(node, node.value, test)
    if not exact(node.value, check.kinds):
        check.refuse("rounding", node)


def _if(check: _Check, node: If) -> None:
    if not _says_yes_or_no(node.condition, check.kinds):
        check.refuse("condition", node)


def _says_yes_or_no(node: Node, kinds: Mapping[str, str]) -> bool:
    if isinstance(node, Name):
        return kinds.get(node.name) == "boolean"
    if isinstance(node, Call) and isinstance(node.target, Name):
        return FUNCTIONS.get(node.target.name, "") == "boolean"
    constant = isinstance(node, Const) and (node.value is None or isinstance(node.value, bool))
    return constant or isinstance(node, (Comparison, Logic, Between, In, Quantified))


def _quantified(check: _Check, node: Quantified) -> None:
    _one_list(check, node)
    if not never_null(node.condition, check.kinds):
        check.refuse("null in a loop", node)


def _for(check: _Check, node: For) -> None:
    _one_list(check, node)


def _one_list(check: _Check, node: For | Quantified) -> None:
    for iterator in node.iterators:
        shared = isinstance(iterator.source, (Name, Path, ListOf, Filter))
        if iterator.end is not None or not shared:
            check.refuse("loop", node)


def _filter(check: _Check, node: Filter) -> None:
    condition = node.condition
    index = isinstance(condition, Const) and isinstance(condition.value, Decimal)
    if not index and not isinstance(condition, (Comparison, Logic, Between, In)):
        check.refuse("filter", node)


def _refused(rule: str) -> Callable[[_Check, Any], None]:
    return lambda check, node: check.refuse(rule, node)


def _call(check: _Check, node: Call) -> None:
    name = node.target.name if isinstance(node.target, Name) else ""
    if name not in FUNCTIONS:
        check.refuse("function", node)
        return
    if node.names is not None:
        check.refuse("named", node)
    limits = ARGUMENTS.get(name)
    if limits is not None and not limits(node.arguments, check.kinds):
        check.refuse("arguments", node)


_VISITS: dict[type, Callable[[_Check, Any], None]] = {
    Const: _const,
    Name: _name,
    Path: _path,
    Arithmetic: _arithmetic,
    Comparison: _comparison,
    Between: _between,
    In: _in,
    If: _if,
    Quantified: _quantified,
    For: _for,
    Filter: _filter,
    Call: _call,
    FunctionOf: _refused("function literal"),
    InstanceOf: _refused("instance of"),
    Interval: _refused("range"),
    Negation: _refused("negative"),
}
