"""How points and ranges lie to each other (DMN 1.5, 10.3.4.9), and `range` from text."""

from __future__ import annotations

from typing import Any

from decisions.feel.builtins.define import BUILTINS, define
from decisions.feel.errors import FeelError
from decisions.feel.grammar import Parser
from decisions.feel.names import Names
from decisions.feel.syntax import Call, Const, Interval, Name, Node
from decisions.feel.values import Range, contains, kind, order


def _compare(a: Any, b: Any) -> int | None:
    return None if a is None or b is None else order(a, b)


def _as_range(value: Any) -> Range:
    return value if isinstance(value, Range) else Range(value, value, True, True)  # noqa: FBT003


def _ends(a: Any, b: Any) -> tuple[int, int] | None:
    """Order of the starts and of the ends; None if a range is open or they don't compare."""
    starts, ends = _compare(a.start, b.start), _compare(a.end, b.end)
    return None if starts is None or ends is None else (starts, ends)


@define("before(point1: any, point2: any)")
@define("before(point: any, range: range)")
@define("before(range: range, point: any)")
@define("before(range1: range, range2: range)")
def before(a: Any, b: Any) -> bool | None:
    x, y = _as_range(a), _as_range(b)
    found = _compare(x.end, y.start)
    if found is None:
        return None
    return found < 0 or (found == 0 and not (x.end_included and y.start_included))


@define("after(point1: any, point2: any)")
@define("after(point: any, range: range)")
@define("after(range: range, point: any)")
@define("after(range1: range, range2: range)")
def after(a: Any, b: Any) -> bool | None:
    return before(b, a)


@define("meets(range1: range, range2: range)")
def meets(a: Range, b: Range) -> bool | None:
    found = _compare(a.end, b.start)
    return None if found is None else found == 0 and a.end_included and b.start_included


@define("met by(range1: range, range2: range)")
def met_by(a: Range, b: Range) -> bool | None:
    return meets(b, a)


@define("overlaps(range1: range, range2: range)")
def overlaps(a: Range, b: Range) -> bool | None:
    first, second = before(a, b), before(b, a)
    return None if first is None or second is None else not first and not second


@define("overlaps before(range1: range, range2: range)")
def overlaps_before(a: Range, b: Range) -> bool | None:
    both, found = overlaps(a, b), _ends(a, b)
    if both is None or found is None:
        return None
    starts, ends = found
    earlier = starts < 0 or (starts == 0 and a.start_included and not b.start_included)
    shorter = ends < 0 or (ends == 0 and (b.end_included or not a.end_included))
    return both and earlier and shorter


@define("overlaps after(range1: range, range2: range)")
def overlaps_after(a: Range, b: Range) -> bool | None:
    both, found = overlaps(a, b), _ends(a, b)
    if both is None or found is None:
        return None
    starts, ends = found
    later = starts > 0 or (starts == 0 and b.start_included and not a.start_included)
    longer = ends > 0 or (ends == 0 and (a.end_included or not b.end_included))
    return both and later and longer


@define("finishes(point: any, range: range)")
@define("finishes(range1: range, range2: range)")
def finishes(a: Any, b: Range) -> bool | None:
    x = _as_range(a)
    ends, starts = _compare(x.end, b.end), _compare(x.start, b.start)
    if ends is None or starts is None:
        return None
    same_end = ends == 0 and x.end_included == b.end_included
    return same_end and (starts > 0 or (starts == 0 and (not x.start_included or b.start_included)))


@define("finished by(range: range, point: any)")
@define("finished by(range1: range, range2: range)")
def finished_by(a: Range, b: Any) -> bool | None:
    return finishes(b, a)


@define("starts(point: any, range: range)")
@define("starts(range1: range, range2: range)")
def starts(a: Any, b: Range) -> bool | None:
    x = _as_range(a)
    low, high = _compare(x.start, b.start), _compare(x.end, b.end)
    if low is None or high is None:
        return None
    same_start = low == 0 and x.start_included == b.start_included
    return same_start and (high < 0 or (high == 0 and (not x.end_included or b.end_included)))


@define("started by(range: range, point: any)")
@define("started by(range1: range, range2: range)")
def started_by(a: Range, b: Any) -> bool | None:
    return starts(b, a)


@define("includes(range: range, point: any)")
@define("includes(range1: range, range2: range)")
def includes(a: Range, b: Any) -> bool | None:
    if not isinstance(b, Range):
        return contains(a, b)
    found = _ends(a, b)
    if found is None:
        return None
    low, high = found
    from_start = low < 0 or (low == 0 and (a.start_included or not b.start_included))
    to_end = high > 0 or (high == 0 and (a.end_included or not b.end_included))
    return from_start and to_end


@define("during(point: any, range: range)")
@define("during(range1: range, range2: range)")
def during(a: Any, b: Range) -> bool | None:
    return includes(b, a)


@define("coincides(point1: any, point2: any)")
@define("coincides(range1: range, range2: range)")
def coincides(a: Any, b: Any) -> bool | None:
    if isinstance(a, Range) != isinstance(b, Range):
        return None
    x, y = _as_range(a), _as_range(b)
    found = _ends(x, y)
    if found is None or kind(a) == "null":
        return None
    flags = (x.start_included, x.end_included) == (y.start_included, y.end_included)
    return found == (0, 0) and flags


@define("range(from: string)")
def range_(text: str) -> Range | None:
    """A range from its text; its ends are literals or `date("…")` and the like."""
    try:
        node = Parser(text, Names(_MAKERS)).whole_expression()
    except FeelError:
        return None
    if not isinstance(node, Interval) or node.op:
        return None
    start, end = _constant(node.start), _constant(node.end)
    found = _compare(start, end)
    if found is None or found > 0:
        return None
    return Range(start, end, node.start_included, node.end_included)


_MAKERS = ("date", "time", "date and time", "duration")


def _constant(node: Node | None) -> Any:
    if isinstance(node, Const):
        return node.value
    if not isinstance(node, Call) or not isinstance(node.target, Name) or len(node.arguments) != 1:
        return None
    argument = node.arguments[0]
    if node.target.name not in _MAKERS or not isinstance(argument, Const):
        return None
    return BUILTINS[node.target.name].call([argument.value])
