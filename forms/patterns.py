"""JavaScript regular expressions, as form-js runs them, on the `regex` module with a time limit.

Only what means the same in both is translated (ECMA-262 §22.2, no flags); the rest is refused.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

import regex

#: seconds a pattern may run on one value
TIME_LIMIT: Final = 0.05
MAX_PATTERN: Final = 500
#: WhiteSpace and LineTerminator of ECMA-262, what `trim()` and `\s` mean
SPACE: Final = "\t\n\v\f\r \xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_SPACE_CLASS: Final = "".join(f"\\u{ord(c):04x}" for c in SPACE)
_ESCAPES: Final = {
    "d": "0-9",
    "w": "0-9A-Za-z_",
    "s": _SPACE_CLASS,
    "t": "\\t",
    "n": "\\n",
    "r": "\\r",
    "f": "\\f",
    "v": "\\v",
    "0": "\\x00",
}
_OPENERS: Final = ("(?:", "(?=", "(?!", "(?<=", "(?<!")
_QUANTIFIER: Final = re.compile(r"[*+?]|\{\d{1,4}(?:,\d{0,4})?\}")
_HEX: Final = re.compile(r"x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}")
_SYNTAX: Final = frozenset("^$\\.*+?()[]{}|/-")


class PatternError(ValueError):
    """The pattern is wrong, or means something else in Python."""


def search(pattern: str) -> Callable[[str], bool]:
    """Return the function that says whether a text holds the pattern; TimeoutError when slow."""
    find = _compiled(pattern).search

    def found(text: str) -> bool:
        if max(text, default="") > "\uffff":
            text = code_units(text)
        return find(text, timeout=TIME_LIMIT) is not None

    return found


def code_units(text: str) -> str:
    """Return the text as JavaScript counts it: one character a UTF-16 code unit."""
    return "".join(
        c if c <= "\uffff" else chr(0xD7C0 + (ord(c) >> 10)) + chr(0xDC00 + (ord(c) & 0x3FF))
        for c in text
    )


def length(text: str) -> int:
    """Return the `length` of the trimmed text in JavaScript."""
    trimmed = text.strip(SPACE)
    return (
        len(trimmed) + sum(c > "\uffff" for c in trimmed) if not trimmed.isascii() else len(trimmed)
    )


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> Any:
    if len(pattern) > MAX_PATTERN or max(pattern, default="") > "\uffff":
        raise PatternError(f"longer than {MAX_PATTERN} or outside the basic plane")
    try:
        return regex.compile(_translated(pattern), regex.V0)
    except regex.error as error:
        raise PatternError(str(error)) from error


def _translated(pattern: str) -> str:
    out: list[str] = []
    #: the groups open at this place; looking ahead or behind can't be repeated
    groups: list[bool] = []
    place, repeatable = 0, False
    while place < len(pattern):
        found = _QUANTIFIER.match(pattern, place)
        if found and not repeatable:
            raise PatternError(f"nothing to repeat at {place}")
        if found:
            lazy = pattern.startswith("?", found.end())
            piece, place, repeatable = found.group() + "?" * lazy, found.end() + lazy, False
        elif pattern[place] == ")":
            if not groups:
                raise PatternError(f"a group closes that was never opened, at {place}")
            piece, place, repeatable = ")", place + 1, groups.pop()
        else:
            piece, place, repeatable = _atom(pattern, place)
            groups += [piece == "(?:"] if piece in _OPENERS else []
        out.append(piece)
    return "".join(out)


def _atom(pattern: str, place: int) -> tuple[str, int, bool]:
    char = pattern[place]
    if char == "\\":
        piece, end = _escape(pattern, place + 1, inside=False)
        return piece, end, piece not in _BOUNDARIES
    if char == "[":
        return (*_class(pattern, place), True)
    if char == "(":
        return _group(pattern, place)
    plain = {".": r"[^\n\r\u2028\u2029]", "$": r"(?![\s\S])"}.get(char)
    if plain is None:
        plain = char if char in "^|" else re.escape(char)
    return plain, place + 1, char not in "^$|"


_BOUNDARIES: Final = (
    "(?:(?<=[0-9A-Za-z_])(?![0-9A-Za-z_])|(?<![0-9A-Za-z_])(?=[0-9A-Za-z_]))",
    "(?:(?<=[0-9A-Za-z_])(?=[0-9A-Za-z_])|(?<![0-9A-Za-z_])(?![0-9A-Za-z_]))",
)


def _group(pattern: str, place: int) -> tuple[str, int, bool]:
    if not pattern.startswith("(?", place):
        return "(?:", place + 1, False
    opener = next((o for o in _OPENERS if pattern.startswith(o, place)), None)
    if opener is None:
        raise PatternError(f"this kind of group is not portable, at {place}")
    return opener, place + len(opener), False


def _escape(pattern: str, place: int, *, inside: bool) -> tuple[str, int]:
    char = pattern[place : place + 1]
    found = _HEX.match(pattern, place)
    if found:
        return "\\" + found.group(), found.end()
    if char in ("b", "B") and char and not inside:
        return _BOUNDARIES[char == "B"], place + 1
    if char and char in "DWS":
        if inside:
            raise PatternError(f"\\{char} inside a class is not portable")
        return f"[^{_ESCAPES[char.lower()]}]", place + 1
    if char == "0" and pattern[place + 1 : place + 2].isdigit():
        raise PatternError("octal escapes are not portable")
    if char in _ESCAPES:
        piece = _ESCAPES[char]
        return (piece if inside else f"[{piece}]"), place + 1
    if char and char in _SYNTAX:
        return re.escape(char), place + 1
    raise PatternError(f"\\{char} is not portable")


def _class(pattern: str, place: int) -> tuple[str, int]:
    start = place + 1
    negated = pattern[start : start + 1] == "^"
    start += negated
    out, place = ["[^" if negated else "["], start
    while pattern[place : place + 1] != "]":
        char = pattern[place : place + 1]
        if not char:
            raise PatternError("a class is not closed")
        if char == "\\":
            piece, place = _escape(pattern, place + 1, inside=True)
        else:
            piece = char if char == "-" else re.escape(char)
            place += 1
        out.append(piece)
    if place == start:
        raise PatternError("an empty class is not portable")
    return "".join(out) + "]", place + 1
