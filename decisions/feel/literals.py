"""What a FEEL expression can begin with: literals, names, parentheses, and the wordy forms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from decisions.feel import phrases, texts
from decisions.feel.lexer import unescape
from decisions.feel.syntax import (
    Const,
    ContextOf,
    For,
    FunctionOf,
    If,
    Interval,
    Iterator,
    ListOf,
    Name,
    Node,
    Parameter,
    Quantified,
    Test,
)
from decisions.feel.values import CONTEXT

if TYPE_CHECKING:
    from collections.abc import Callable

    from decisions.feel.grammar import Parser

_CONSTANTS = {"true": True, "false": False, "null": None}


def primary(parser: Parser) -> Node:
    """The expression that starts at the next token, without what may follow it."""
    token = parser.tokens[parser.i]
    if token.kind == "name":
        return _word(parser)
    if token.kind == "number":
        return _number(parser)
    if token.kind == "string":
        parser.i += 1
        return Const(unescape(token.text))
    read = _BY_SIGN.get(token.text)
    if read is None:
        return _name(parser)
    return read(parser)


def _number(parser: Parser) -> Node:
    token = parser.next()
    try:
        return Const(CONTEXT.create_decimal(token.text))
    except ArithmeticError:
        raise parser.error(
            "feel.number", "数太大", "the number is too large", token.start
        ) from None


def _word(parser: Parser) -> Node:
    text = parser.tokens[parser.i].text
    known = parser.names.match(parser.tokens, parser.i)
    if known:
        return _name(parser)
    read = _BY_WORD.get(text)
    if read is not None:
        return read(parser)
    if text in _CONSTANTS:
        parser.i += 1
        return Const(_CONSTANTS[text])
    if text in _RESERVED:
        raise parser.unexpected()
    return _name(parser)


def _name(parser: Parser) -> Node:
    at = parser.tokens[parser.i].start
    known = parser.names.match(parser.tokens, parser.i)
    if known:
        parser.i = known[1]
        return Name(known[0], at)
    return Name(parser.word(), at)


def _at(parser: Parser) -> Node:
    at = parser.next()
    token = parser.next()
    value = texts.parse_temporal(unescape(token.text)) if token.kind == "string" else None
    if value is None:
        raise parser.error(
            "feel.temporal", '@ 后面应是日期、时间或时长的文字，如 @"2026-11-22"',
            'after @ comes the text of a date, time or duration, like @"2026-11-22"', at.start,
        )  # fmt: skip
    return Const(value)


def _paren(parser: Parser) -> Node:
    found = parenthesised(parser)
    if len(found) > 1:
        raise parser.error("feel.syntax", "括号里只能有一个值", "parentheses hold one value")
    return as_range(found[0])


def as_range(node: Node) -> Node:
    """`(< 5)` outside a test is a range value."""
    if not isinstance(node, Test):
        return node
    start = None if node.op in {"<", "<="} else node.operand
    end = None if node.op in {">", ">="} else node.operand
    low, high = node.op in {">=", "="}, node.op in {"<=", "="}
    return Interval(start, end, start_included=low, end_included=high, op=node.op)


def parenthesised(parser: Parser) -> list[Node]:
    """`(test, test)`, or the range `(a..b)` as the only element."""
    parser.next()
    first = parser.test()
    if parser.take(".."):
        return [_interval(parser, first, included=False)]
    found = [first]
    while parser.take(","):
        found.append(parser.test())
    parser.need(")")
    return found


def _bracket(parser: Parser) -> Node:
    parser.next()
    if parser.take("]"):
        return ListOf([])
    first = parser.test()
    if parser.take(".."):
        return _interval(parser, first, included=True)
    items = [as_range(first)]
    while parser.take(","):
        items.append(as_range(parser.test()))
    parser.need("]")
    return ListOf(items)


def _open_interval(parser: Parser) -> Node:
    parser.next()
    first = parser.endpoint()
    parser.need("..")
    return _interval(parser, first, included=False)


def _interval(parser: Parser, start: Node, *, included: bool) -> Node:
    end = parser.endpoint()
    closing = parser.next()
    if closing.text not in {"]", ")", "["}:
        parser.i -= 1
        raise parser.unexpected()
    return Interval(start, end, start_included=included, end_included=closing.text == "]")


def _brace(parser: Parser) -> Node:
    parser.next()
    entries: list[tuple[str, Node]] = []
    while not parser.take("}"):
        key = _key(parser)
        parser.names.add(key)
        entries.append((key, parser.expression()))
        if not parser.take(","):
            parser.need("}")
            break
    return ContextOf(entries)


def _key(parser: Parser) -> str:
    token = parser.tokens[parser.i]
    if token.kind == "string" and parser.tokens[parser.i + 1].text == ":":
        parser.i += 2
        return unescape(token.text)
    return phrases.name_until(parser, ":")


def _if(parser: Parser) -> Node:
    parser.next()
    condition = parser.expression()
    parser.need("then")
    then = parser.expression()
    parser.need("else")
    return If(condition, then, parser.expression())


def _for(parser: Parser) -> Node:
    at = parser.next().start
    iterators = _iterators(parser)
    parser.need("return")
    return For(iterators, parser.expression(), at)


def _quantified(parser: Parser) -> Node:
    word = parser.next()
    iterators = _iterators(parser)
    parser.need("satisfies")
    return Quantified(word.text == "every", iterators, parser.expression(), word.start)


def _iterators(parser: Parser) -> list[Iterator]:
    found = []
    while True:
        name = phrases.name_until(parser, "in")
        parser.names.add(name)
        source = parser.expression()
        end = parser.expression() if parser.take("..") else None
        found.append(Iterator(name, source, end))
        if not parser.take(","):
            return found


def _function(parser: Parser) -> Node:
    if parser.tokens[parser.i + 1].text != "(":
        raise parser.unexpected()
    parser.i += 2
    parameters: list[Parameter] = []
    while not parser.take(")"):
        name = phrases.name_until(parser, ":", ",", ")")
        parser.names.add(name)
        type_ = phrases.type_(parser) if parser.take(":") else None
        parameters.append(Parameter(name, type_))
        if not parser.take(","):
            parser.need(")")
            break
    external = parser.take("external")
    return FunctionOf(parameters, parser.expression(), external)


_BY_SIGN: dict[str, Callable[[Parser], Node]] = {
    "@": _at,
    "(": _paren,
    "[": _bracket,
    "]": _open_interval,
    "{": _brace,
}
_BY_WORD: dict[str, Callable[[Parser], Node]] = {
    "if": _if,
    "for": _for,
    "some": _quantified,
    "every": _quantified,
    "function": _function,
}
_RESERVED = frozenset(
    ["and", "or", "then", "else", "in", "return", "satisfies", "between", "instance", "of"]
)
