"""Functions on texts, and `not` (DMN 1.5, 10.3.4.2–3). Positions count characters, not code units."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from decisions.feel import budget
from decisions.feel.builtins.define import define


@define("not(negand: any)")
def not_(negand: Any) -> bool | None:
    return not negand if isinstance(negand, bool) else None


@define("substring(string: string, start position: number, length?: number)")
def substring(string: str, start: Decimal, length: Decimal | None = None) -> str | None:
    """From a 1-based position, counted from the end if negative."""
    first = int(start) - 1 if start > 0 else len(string) + int(start)
    if int(start) == 0 or first < 0 or (length is not None and int(length) < 0):
        return None
    return string[first : None if length is None else first + int(length)]


@define("string length(string: string)")
def string_length(string: str) -> Decimal:
    return Decimal(len(string))


@define("upper case(string: string)")
def upper_case(string: str) -> str:
    return string.upper()


@define("lower case(string: string)")
def lower_case(string: str) -> str:
    return string.lower()


@define("substring before(string: string, match: string)")
def substring_before(string: str, match: str) -> str:
    return string.partition(match)[0] if match and match in string else ""


@define("substring after(string: string, match: string)")
def substring_after(string: str, match: str) -> str:
    return string.partition(match)[2] if match else string


@define("contains(string: string, match: string)")
def contains(string: str, match: str) -> bool:
    return match in string


@define("starts with(string: string, match: string)")
def starts_with(string: str, match: str) -> bool:
    return string.startswith(match)


@define("ends with(string: string, match: string)")
def ends_with(string: str, match: str) -> bool:
    return string.endswith(match)


@define("string join(list: list, delimiter?: string, prefix?: string, suffix?: string)")
def string_join(
    list_: list[Any],
    delimiter: str | None = None,
    prefix: str | None = None,
    suffix: str | None = None,
) -> str | None:
    """The texts of a list in one; nulls are left out."""
    texts = [item for item in list_ if item is not None]
    if not all(isinstance(item, str) for item in texts):
        return None
    budget.check_text(sum(map(len, texts)) + len(texts) * len(delimiter or ""))
    return (prefix or "") + (delimiter or "").join(texts) + (suffix or "")
