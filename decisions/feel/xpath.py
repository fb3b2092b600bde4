"""Turn XPath/XML Schema regular expressions and replacements into those of the `regex` module."""

from __future__ import annotations

import re

_NAME_START = r"\p{L}\p{Nl}_:"
_NAME_PART = _NAME_START + r"\p{M}\p{Nd}\p{Pc}.·-"
_FLAGS = frozenset("smixq")
_IN_CLASS_OR_SPACE = re.compile(r"(?P<kept>\[(?:[^\]\\]|\\.)*\])|[\t\n\r ]+")
#: Escapes that XPath knows; anything else after a backslash is an error there.
_ESCAPES = frozenset("nrt\\|.?*+(){}$-[]^dDwWsS")
#: `\p{L}` is a category, `\p{IsGreek}` a block.
_PROPERTY = re.compile(r"\{(?P<block>Is)?(?P<name>[A-Za-z0-9-]+)\}")
_CLASSES = {
    "i": f"[{_NAME_START}]",
    "I": f"[^{_NAME_START}]",
    "c": f"[{_NAME_PART}]",
    "C": f"[^{_NAME_PART}]",
}


def translate(pattern: str, flags: str) -> str | None:
    """The pattern in Python's notation, None if XPath would refuse it."""
    if not set(flags) <= _FLAGS:
        return None
    if "q" in flags:
        return re.escape(pattern)
    if "x" in flags:
        pattern = _IN_CLASS_OR_SPACE.sub(lambda m: m["kept"] or "", pattern)
    return _Translation(pattern, flags).run()


class _Translation:
    """One walk over a pattern."""

    def __init__(self, pattern: str, flags: str) -> None:
        self.pattern = pattern
        self.multiline = "m" in flags
        self.any = "." if "s" in flags else r"[^\n\r]"
        self.i = 0
        self.depth = 0
        self.out: list[str] = []

    def run(self) -> str | None:
        while self.i < len(self.pattern):
            piece = self._next()
            if piece is None:
                return None
            self.out.append(piece)
        return "".join(self.out) if self.depth == 0 else None

    def _next(self) -> str | None:
        char = self.pattern[self.i]
        self.i += 1
        if char == "\\":
            return self._escape()
        if char == "[":
            self.depth += 1
            return self._negation("[")
        if char == "]":
            self.depth -= 1
            return "]" if self.depth >= 0 else None
        return self._in_class(char) if self.depth else self._outside(char)

    def _negation(self, opened: str) -> str:
        if self.pattern[self.i : self.i + 1] == "^":
            self.i += 1
            return opened + "^"
        return opened

    def _in_class(self, char: str) -> str:
        following = self.pattern[self.i : self.i + 1]
        if char == "-" and following == "[":
            return "--"
        return "\\" + char if char in "&~|" or (char == "-" and following == "-") else char

    def _outside(self, char: str) -> str | None:
        following = self.pattern[self.i : self.i + 2]
        if char == "(" and following[:1] == "?" and following != "?:":
            return None
        if char in "^$" and not self.multiline:
            return r"\A" if char == "^" else r"\Z"
        return self.any if char == "." else char

    def _escape(self) -> str | None:
        char = self.pattern[self.i : self.i + 1]
        self.i += 1
        if char in {"p", "P"}:
            match = _PROPERTY.match(self.pattern, self.i)
            if match is None:
                return None
            self.i = match.end()
            block = "In" if match["block"] else ""
            return f"\\{char}{{{block}{match['name']}}}"
        if char in _CLASSES:
            return _CLASSES[char]
        if char.isdigit() and char != "0" and not self.depth:
            return f"(?:\\{char})"
        return "\\" + char if char and char in _ESCAPES else None


_REFERENCE = re.compile(r"\\([\\$])|\$([0-9]+)|([\\$])")


def replacement_of(text: str, groups: int, *, literal: bool) -> str | None:
    """A replacement with `$1` in Python's notation, None if XPath would refuse it."""
    if literal:
        return text.replace("\\", "\\\\")
    wrong = False

    def one(match: re.Match[str]) -> str:
        nonlocal wrong
        escaped, group, stray = match.groups()
        if escaped:
            return "\\\\" if escaped == "\\" else "$"
        if stray:
            wrong = True
            return ""
        return _group(group, groups)

    result = _REFERENCE.sub(one, text)
    return None if wrong else result


def _group(digits: str, groups: int) -> str:
    """`$12` is group 12 if there are that many, else group 1 and a 2; a group too far is nothing."""
    rest = ""
    while len(digits) > 1 and int(digits) > groups:
        digits, rest = digits[:-1], digits[-1] + rest
    return (f"\\g<{digits}>" if int(digits) <= groups else "") + rest
