"""Orders the lines that share a gap so that they neither overlap nor cross needlessly."""

from collections.abc import Sequence
from dataclasses import dataclass

_NEAR = 10
_OVERLAP = 10


@dataclass(frozen=True, slots=True)
class Run:
    """One straight piece in a gap: its extent, and where it turns at either end.

    A turn is -1 towards smaller coordinates (up, or left), +1 towards greater, 0 for none.
    """

    low: int
    high: int
    low_turn: int
    high_turn: int

    @property
    def ends(self) -> tuple[tuple[int, int], tuple[int, int]]:
        return (self.low, self.low_turn), (self.high, self.high_turn)


def levels(runs: Sequence[Run]) -> list[int]:
    """Return the track of every run, 0 being the first (upper or left) one."""
    order = _ordered(runs)
    found: dict[int, int] = {}
    for index in order:
        below = [found[other] + 1 for other in found if _touch(runs[other], runs[index])]
        found[index] = max(below, default=0)
    return [found[index] for index in range(len(runs))]


def price(first: Run, second: Run) -> int:
    """Return what it costs to put `first` before (above, left of) `second`."""
    cost = 0
    for at, turn in first.ends:
        if turn > 0:
            cost += _meets(at, turn, second)
    for at, turn in second.ends:
        if turn < 0 and first.low < at < first.high:
            cost += 1
    return cost


def _meets(at: int, turn: int, other: Run) -> int:
    cost = 1 if other.low < at < other.high else 0
    clash = any(abs(at - end) < _NEAR and way == -turn for end, way in other.ends)
    return cost + (_OVERLAP if clash else 0)


def _touch(one: Run, other: Run) -> bool:
    return one.low < other.high + _NEAR and other.low < one.high + _NEAR


def _ordered(runs: Sequence[Run]) -> list[int]:
    def lean(index: int) -> tuple[int, int, int]:
        run = runs[index]
        return (run.low_turn + run.high_turn, run.low, index)

    order = sorted(range(len(runs)), key=lean)
    for _ in range(len(runs)):
        if not any(_reinsert(order, runs, index) for index in sorted(order)):
            break
    return order


def _reinsert(order: list[int], runs: Sequence[Run], index: int) -> bool:
    """Move one run to its cheapest place; say whether it moved."""
    at = order.index(index)
    others = order[:at] + order[at + 1 :]
    cost = sum(price(runs[index], runs[other]) for other in others)
    best, place, here = cost, 0, cost
    for position, other in enumerate(others, 1):
        cost += price(runs[other], runs[index]) - price(runs[index], runs[other])
        if position == at:
            here = cost
        if cost < best:
            best, place = cost, position
    if at == 0:
        here = sum(price(runs[index], runs[other]) for other in others)
    if best >= here:
        return False
    others.insert(place, index)
    order[:] = others
    return True
