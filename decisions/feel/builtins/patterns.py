"""`matches`, `replace` and `split` with XPath regular expressions, run under a time-out."""

from __future__ import annotations

import functools
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import regex

from decisions.feel import budget
from decisions.feel.builtins.define import define
from decisions.feel.errors import limit
from decisions.feel.xpath import replacement_of, translate

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Seconds a single match may take.
TIMEOUT = 0.03
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


@contextmanager
def _timed() -> Iterator[None]:
    """Charge the time of matching to the budget; a match over its time-out is an error."""
    start = time.thread_time()
    try:
        yield
    except TimeoutError:
        zh, en = (
            "正则表达式匹配太久，已停止",
            "the regular expression took too long and was stopped",
        )
        raise limit(zh, en) from None
    finally:
        budget.spend_since(start)


@define("matches(input: string, pattern: string, flags?: string)")
def matches(text: str, pattern: str, flags: str | None = None) -> bool | None:
    with _timed():
        found = compiled(pattern, flags or "")
        return None if found is None else found.search(text, timeout=TIMEOUT) is not None


@define("replace(input: string, pattern: string, replacement: string, flags?: string)")
def replace(text: str, pattern: str, replacement: str, flags: str | None = None) -> str | None:
    """Null if the pattern matches nothing at all, as XPath has it."""
    with _timed():
        found = compiled(pattern, flags or "")
        if found is None or found.search("", timeout=TIMEOUT):
            return None
        template = replacement_of(replacement, found.groups, literal="q" in (flags or ""))
        if template is None:
            return None
        budget.check_text(len(text) + (len(text) + 1) * len(replacement) // 4)
        result: str = found.sub(template, text, timeout=TIMEOUT)
    budget.check_text(len(result))
    return result


@define("split(string: string, delimiter: string)")
def split(text: str, delimiter: str) -> list[str] | None:
    parts: list[str] = []
    last = 0
    with _timed():
        found = compiled(delimiter, "")
        if found is None:
            return None
        for match in found.finditer(text, timeout=TIMEOUT):
            if match.end() > match.start():
                parts.append(text[last : match.start()])
                last = match.end()
    budget.check_list(len(parts))
    return [*parts, text[last:]]
