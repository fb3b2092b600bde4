"""The parts of FEEL's grammar that are no expressions: types, parameter names, argument names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from decisions.feel.lexer import words
from decisions.feel.types import SIMPLE, Type

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from decisions.feel.grammar import Parser

_STOPS = frozenset(
    ("(", "[", "{", ",", ")", "]", "}", "", "if", "for", "some", "every", "function")
)


def name_until(parser: Parser, *ends: str) -> str:
    """The name (of any words and signs) before one of the end tokens, which is consumed last."""
    start = parser.i
    while parser.tokens[parser.i].text not in ends:
        token = parser.tokens[parser.i]
        if token.kind == "end" or (token.kind == "string" and parser.i > start):
            raise parser.unexpected()
        parser.i += 1
    if parser.i == start:
        raise parser.unexpected()
    found = text_between(parser, start, parser.i)
    if len(ends) == 1:
        parser.i += 1
    return found


def text_between(parser: Parser, start: int, end: int) -> str:
    """The source of some tokens with white space made single."""
    source = parser.source[parser.tokens[start].start : parser.tokens[end - 1].end]
    return " ".join(source.split())


def named_argument(parser: Parser) -> bool:
    """Whether the next argument is given by name: words and signs, then a colon."""
    if parser.tokens[parser.i].kind not in {"name", "other"}:
        return False
    for token in parser.tokens[parser.i :]:
        if token.text == ":":
            return True
        if token.text in _STOPS or token.kind == "string":
            return False
    return False


def type_(parser: Parser) -> Type:
    """A type: `number`, `list<T>`, `context<a: T>`, `function<T> -> T`, or a declared one."""
    token = parser.tokens[parser.i]
    if token.text in _GENERIC and parser.tokens[parser.i + 1].text == "<":
        parser.i += 2
        return _GENERIC[token.text](parser)
    for known in (parser.types, SIMPLE):
        name = _longest(parser, known)
        if name is not None:
            parser.i += len(words(name))
            return known[name]
    if token.kind != "name":
        raise parser.unexpected()
    raise parser.error(
        "feel.type", f"没有“{token.text}”这种类型", f"there is no type '{token.text}'"
    )


def _longest(parser: Parser, known: Iterable[str]) -> str | None:
    best: str | None = None
    for name in known:
        parts = words(name)
        here = tuple(t.text for t in parser.tokens[parser.i : parser.i + len(parts)])
        if parts == here and (best is None or len(parts) > len(words(best))):
            best = name
    return best


def _one(kind: str) -> Callable[[Parser], Type]:
    def read(parser: Parser) -> Type:
        found = Type(kind, (type_(parser),))
        parser.need(">")
        return found

    return read


def _context(parser: Parser) -> Type:
    fields: dict[str, Type] = {}
    while True:
        name = name_until(parser, ":")
        fields[name] = type_(parser)
        if not parser.take(","):
            break
    parser.need(">")
    return Type("context", fields=fields)


def _function(parser: Parser) -> Type:
    parameters: list[Type] = []
    while not parser.take(">"):
        parameters.append(type_(parser))
        if not parser.take(","):
            parser.need(">")
            break
    parser.need("->")
    return Type("function", tuple(parameters), result=type_(parser))


_GENERIC: dict[str, Callable[[Parser], Type]] = {
    "list": _one("list"),
    "range": _one("range"),
    "context": _context,
    "function": _function,
}
