"""`matches`, `replace` and `split` with XPath regular expressions, run under a time-out."""

from __future__ import annotations

import functools

import regex

from decisions.feel import budget
from decisions.feel.builtins.define import define
from decisions.feel.errors import limit
from decisions.feel.xpath import replacement_of, translate

#: Seconds a single match may take.
TIMEOUT = 0.05
MAX_PATTERN = 1_000


@functools.lru_cache(maxsize=512)
def compiled(pattern: str, flags: str) -> regex.Pattern[str] | None:
    """The pattern in Python's notation, None if it is no XPath pattern."""
    if len(pattern) > MAX_PATTERN:
        raise limit("正则表达式太长", "the regular expression is too long")
    translated = translate(pattern, flags)
    if translated is None:
        return None
    options = regex.VERSION1
    for flag, option in (("i", regex.IGNORECASE), ("m", regex.MULTILINE), ("s", regex.DOTALL)):
        if flag in flags:
            options |= option
    try:
        return regex.compile(translated, options)
    except regex.error:
        return None


def _too_slow() -> Exception:
    return limit(
        "正则表达式匹配太久，已停止", "the regular expression took too long and was stopped"
    )


@define("matches(input: string, pattern: string, flags?: string)")
def matches(text: str, pattern: str, flags: str | None = None) -> bool | None:
    found = compiled(pattern, flags or "")
    if found is None:
        return None
    try:
        return found.search(text, timeout=TIMEOUT) is not None
    except TimeoutError:
        raise _too_slow() from None


@define("replace(input: string, pattern: string, replacement: string, flags?: string)")
def replace(text: str, pattern: str, replacement: str, flags: str | None = None) -> str | None:
    found = compiled(pattern, flags or "")
    template = replacement if "q" in (flags or "") else None
    if found is None:
        return None
    try:
        if found.search("", timeout=TIMEOUT):
            return None
        template = replacement_of(replacement, found.groups, literal=template is not None)
        if template is None:
            return None
        budget.check_text(len(text) + text.count("") * len(replacement))
        result: str = found.sub(template, text, timeout=TIMEOUT)
    except TimeoutError:
        raise _too_slow() from None
    return result


@define("split(string: string, delimiter: string)")
def split(text: str, delimiter: str) -> list[str] | None:
    found = compiled(delimiter, "")
    if found is None:
        return None
    parts: list[str] = []
    last = 0
    try:
        for match in found.finditer(text, timeout=TIMEOUT):
            if match.end() > match.start():
                parts.append(text[last : match.start()])
                last = match.end()
    except TimeoutError:
        raise _too_slow() from None
    budget.check_list(len(parts))
    return [*parts, text[last:]]
