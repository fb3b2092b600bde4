"""Parse FEEL tokens into the syntax tree by precedence climbing (DMN 1.5, 10.3.1.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from decisions.feel import literals, phrases
from decisions.feel.cursor import Cursor
from decisions.feel.names import Names
from decisions.feel.syntax import (
    Arithmetic,
    Between,
    Call,
    Comparison,
    Const,
    Filter,
    In,
    InstanceOf,
    Logic,
    Name,
    Negation,
    Node,
    Path,
    Test,
    UnaryTests,
    children,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from decisions.feel.lexer import Token
    from decisions.feel.types import Type

#: Deepest nesting, and most levels of the tree, that are read.
MAX_DEPTH, MAX_LEVELS = 50, 150

KEYWORDS = frozenset(
    [
        "and",
        "or",
        "if",
        "then",
        "else",
        "for",
        "in",
        "return",
        "some",
        "every",
        "satisfies",
        "between",
        "instance",
        "of",
        "function",
        "true",
        "false",
        "null",
    ]
)
COMPARISONS = frozenset(("=", "!=", "<", "<=", ">", ">="))
_OR, _AND, _COMPARE, _ADD, _MULTIPLY, _POWER = range(1, 7)
LEVELS = {
    "or": _OR, "and": _AND, "between": _COMPARE, "in": _COMPARE,
    "+": _ADD, "-": _ADD, "*": _MULTIPLY, "/": _MULTIPLY, "**": _POWER,
    **dict.fromkeys(COMPARISONS, _COMPARE),
}  # fmt: skip


class Parser(Cursor):
    """Reads one source by precedence."""

    def __init__(self, source: str, names: Names, types: Mapping[str, Type] | None = None) -> None:
        super().__init__(source)
        self.names = Names(base=names)
        self.types = types or {}
        self.depth = 0

    # --- what others ask for ---

    def whole_expression(self) -> Node:
        node = self.expression()
        self._at_end()
        self._check_levels([node])
        return node

    def whole_tests(self) -> UnaryTests:
        """A cell: `-`, `not(…)` or tests separated by commas (rules 14–16)."""
        if self.peek("-") and self.tokens[self.i + 1].kind == "end":
            return UnaryTests(anything=True)
        negated = self.tokens[self.i].text == "not" and self.tokens[self.i + 1].text == "("
        if negated:
            start = self.i
            self.i += 2
            found = UnaryTests(self.tests(), negated=True)
            self.need(")")
            if self.tokens[self.i].kind == "end":
                return found
            self.i = start
        found = UnaryTests(self.tests())
        self._at_end()
        self._check_levels(found.tests)
        return found

    def _check_levels(self, level: list[Node]) -> None:
        """Refuse trees so deep that evaluating them would overflow, as of `1 + 1 + 1 …`."""
        if len(self.tokens) <= MAX_LEVELS:
            return
        for _ in range(MAX_LEVELS):
            level = [child for node in level for child in children(node)]
            if not level:
                return
        raise self.error("feel.too_deep", "表达式太长", "the expression has too many levels", 0)

    def _at_end(self) -> None:
        if self.tokens[self.i].kind != "end":
            raise self.unexpected()

    # --- the parts ---

    def tests(self) -> list[Node]:
        found = [self.test()]
        while self.take(","):
            found.append(self.test())
        return found

    def test(self) -> Node:
        """A positive unary test: an operator with its operand, or any expression."""
        if self.tokens[self.i].text in COMPARISONS:
            op = self.next().text
            return Test(op, self.expression(_ADD))
        return self.expression()

    def expression(self, level: int = _OR) -> Node:
        self._deeper()
        left = self._climb(self._unary(), level)
        self.depth -= 1
        return left

    def endpoint(self) -> Node:
        """An end of a range."""
        return self.expression(_ADD)

    def _climb(self, left: Node, level: int) -> Node:
        while True:
            op = self.tokens[self.i].text
            found = LEVELS.get(op)
            if found is None or found < level:
                return left
            left = self._binary(left, op, found)

    def _deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.error(
                "feel.too_deep", "表达式嵌套太深", "the expression is nested too deeply"
            )

    def _binary(self, left: Node, op: str, level: int) -> Node:
        self.i += 1
        if level <= _AND:
            return self._logic(op, left, level)
        if op == "between":
            low = self.expression(_ADD)
            self.need("and")
            return Between(left, low, self.expression(_ADD))
        if op == "in":
            return In(left, self._in_tests())
        right = self.expression(level + 1)
        return Comparison(op, left, right) if level == _COMPARE else Arithmetic(op, left, right)

    def _logic(self, op: str, left: Node, level: int) -> Logic:
        items = [left, self.expression(level + 1)]
        while self.peek(op):
            self.i += 1
            items.append(self.expression(level + 1))
        return Logic(op, items)

    def _in_tests(self) -> list[Node]:
        """`in (test, test)` or `in test`; `in (1..5]` and `in (a + b) * 2` are single tests."""
        if self.tokens[self.i].text in COMPARISONS:
            return [self.test()]
        if not self.peek("("):
            return [self.expression(_ADD)]
        found = literals.parenthesised(self)
        if len(found) > 1:
            return found
        value = literals.as_range(found[0])
        whole = self._climb(self._instance(self._postfix(value)), _ADD)
        return found if whole is value else [whole]

    def _unary(self) -> Node:
        if not self.peek("-"):
            return self._instance(self._postfix(literals.primary(self)))
        self.i += 1
        if self.tokens[self.i].kind == "number":
            operand = self._postfix(literals.primary(self))
            if isinstance(operand, Const):
                return self._instance(Const(-operand.value))
            return Negation(operand)
        self._deeper()
        operand = self._unary()
        self.depth -= 1
        return Negation(operand)

    def _instance(self, node: Node) -> Node:
        while self.peek("instance") and self.tokens[self.i + 1].text == "of":
            self.i += 2
            node = InstanceOf(node, phrases.type_(self))
        return node

    def _postfix(self, node: Node) -> Node:
        while True:
            token = self.tokens[self.i]
            if token.text == "." and token.kind == "op":
                self.i += 1
                node = Path(node, self.member(), token.start)
            elif token.text == "[" and not self._closes_range():
                self.i += 1
                node = Filter(node, self.test(), token.start)
                self.need("]")
            elif token.text == "(":
                self.i += 1
                node = self._call(node, token)
            else:
                return node

    def _closes_range(self) -> bool:
        """`[1..5[`: the bracket after a range's end opens no filter."""
        following = self.tokens[self.i + 1]
        return following.kind == "end" or following.text in _AFTER_RANGE

    def _call(self, target: Node, opening: Token) -> Call:
        arguments: list[Node] = []
        names: list[str] | None = None
        if not self.take(")"):
            names = [] if phrases.named_argument(self) else None
            while True:
                if names is not None:
                    names.append(phrases.name_until(self, ":"))
                arguments.append(self.expression())
                if not self.take(","):
                    break
            self.need(")")
        at = target.at if isinstance(target, Name) else opening.start
        return Call(target, arguments, names, at)

    def member(self) -> str:
        """The name after a dot; names of several words are known or simply joined."""
        known = self.names.match(self.tokens, self.i)
        if known:
            self.i = known[1]
            return known[0]
        parts = [self.word()]
        while self.tokens[self.i].kind == "name" and self.tokens[self.i].text not in KEYWORDS:
            parts.append(self.next().text)
        return " ".join(parts)

    def word(self) -> str:
        if self.tokens[self.i].kind != "name":
            raise self.unexpected()
        return self.next().text


_AFTER_RANGE = frozenset((",", ")", "]", "}", "then", "else", "and", "or", "return", "satisfies"))
