"""Cut FEEL source into tokens (DMN 1.5, 10.3.1.2 rules 27–61)."""

from __future__ import annotations

import re
from typing import NamedTuple

from decisions.feel.errors import error_at

_START = (
    "?A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d"
    "\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_PART = _START + "0-9\u00b7\u0300-\u036f\u203f-\u2040"
_SPACE = r"\s\u180e\u200b\ufeff"
#: Characters of the "name start" range that FEEL (rule 61) counts as white space.
_NOT_IN_NAMES = r"(?![\u1680\u180e\u3000])"

_TOKEN = re.compile(
    rf"""
      (?P<space>[{_SPACE}]+|//[^\n]*|/\*.*?\*/)
    | (?P<name>(?:{_NOT_IN_NAMES}[{_START}])(?:{_NOT_IN_NAMES}[{_PART}])*)
    | (?P<number>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    | (?P<string>"[^"\\]*(?:\\.[^"\\]*)*")
    | (?P<op>\*\*|\.\.|<=|>=|!=|->|[-+*/()\[\]{{}},:.<>=@])
    | (?P<bad>/\*|")
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(
    r"\\(?:U([0-9a-fA-F]{6})|u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})"
    r"|u([0-9a-fA-F]{4})|([\"'\\nrt]))"
)
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t"}


class Token(NamedTuple):
    """A piece of source; `kind` is name, number, string, op, other or end."""

    kind: str
    text: str
    start: int
    end: int


def tokens(source: str) -> list[Token]:
    """All tokens of the source, closed by one of kind `end`."""
    found = []
    for match in _TOKEN.finditer(source):
        kind = match.lastgroup or ""
        if kind == "space":
            continue
        if kind == "bad":
            raise _unclosed(source, match.start())
        found.append(Token(kind, match.group(), match.start(), match.end()))
    found.append(Token("end", "", len(source), len(source)))
    return found


def words(name: str) -> tuple[str, ...]:
    """The texts of a name's tokens, by which names with spaces and signs are recognised."""
    return tuple(m.group() for m in _TOKEN.finditer(name) if m.lastgroup != "space")


def unescape(literal: str) -> str:
    """The value of a string literal with its quotes."""
    body = literal[1:-1]
    return _ESCAPE.sub(_character, body) if "\\" in body else body


def _character(match: re.Match[str]) -> str:
    six, high, low, four, simple = match.groups()
    if high:
        pair = (int(high, 16) - 0xD800 << 10) + int(low, 16) - 0xDC00 + 0x10000
        return chr(pair)
    if simple:
        return _SIMPLE.get(simple, simple)
    code = int(six or four, 16)
    return chr(code) if code <= 0x10FFFF else match.group()  # noqa: PLR2004  last code point


def _unclosed(source: str, start: int) -> Exception:
    if source[start] == '"':
        zh, en = "文字少了结尾的双引号", "the string lacks its closing quote"
    else:
        zh, en = "注释少了结尾的 */", "the comment lacks its closing */"
    return error_at(source, start, "feel.unclosed", zh, en)
