"""Which arguments of the shared functions mean the same in the browser and on the server."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from decisions.feel.exactness import exact, kind_of
from decisions.feel.portable_rules import FUNCTIONS, pattern_is_shared
from decisions.feel.syntax import Const, Name, Node, Path

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def _whole(node: Node, least: int) -> bool:
    value = node.value if isinstance(node, Const) else None
    return isinstance(value, Decimal) and value == value.to_integral_value() and value >= least


def _substring(arguments: list[Node], _kinds: Mapping[str, str]) -> bool:
    positions = arguments[1:]
    return all(_whole(node, least) for node, least in zip(positions, (1, 0), strict=False))


def _exact_only(arguments: list[Node], kinds: Mapping[str, str]) -> bool:
    return len(arguments) == 1 and all(exact(argument, kinds) for argument in arguments)


def _pattern(arguments: list[Node], _kinds: Mapping[str, str]) -> bool:
    """A literal pattern that both engines read alike, and a plain replacement."""
    texts = [node.value if isinstance(node, Const) else None for node in arguments[1:]]
    if not texts or len(texts) > 2 or not all(isinstance(text, str) for text in texts):  # noqa: PLR2004
        return False
    pattern, rest = str(texts[0]), str(texts[1]) if len(texts) > 1 else ""
    return pattern_is_shared(pattern) and not set(rest) & {"$", "\\"}


def _numbers(arguments: list[Node], kinds: Mapping[str, str]) -> bool:
    """The browser's min and max know numbers only."""
    found = {kind_of(argument, kinds, FUNCTIONS) for argument in arguments}
    return found <= {"number", "list", None}


def _two(arguments: list[Node], _kinds: Mapping[str, str]) -> bool:
    return len(arguments) <= 2  # noqa: PLR2004  feelin knows no prefix and suffix


def _date(arguments: list[Node], kinds: Mapping[str, str]) -> bool:
    """`date("2026-11-22")` or a date field."""
    if len(arguments) != 1:
        return False
    argument = arguments[0]
    if isinstance(argument, Name):
        return kinds.get(argument.name, "date") == "date"
    return isinstance(argument, (Path, Const))


def _duration(arguments: list[Node], _kinds: Mapping[str, str]) -> bool:
    return len(arguments) == 1 and isinstance(arguments[0], Const)


#: function → whether browser and server compute it alike for these arguments
ARGUMENTS: dict[str, Callable[[list[Node], Mapping[str, str]], bool]] = {
    "substring": _substring,
    "matches": lambda a, k: len(a) == 2 and _pattern(a, k),  # noqa: PLR2004
    "replace": lambda a, k: len(a) == 3 and _pattern(a, k),  # noqa: PLR2004
    "split": lambda a, k: len(a) == 2 and _pattern(a, k),  # noqa: PLR2004
    "string join": _two,
    "min": _numbers,
    "max": _numbers,
    "string": _exact_only,
    "floor": _exact_only,
    "ceiling": _exact_only,
    "odd": _exact_only,
    "even": _exact_only,
    "date": _date,
    "duration": _duration,
}
