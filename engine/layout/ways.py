"""Finds a way for a single line between boxes that already have their places."""

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator
from functools import cache
from heapq import heappop, heappush

from engine.layout.plan import Box, Point

_CLEAR = 20
_BEND, _THROUGH, _SIDE = 60, 5000, 40
_SIDES = {"right": (1, 0), "bottom": (0, 1), "left": (-1, 0), "top": (0, -1)}

Step = tuple[int, int]
State = tuple[int, int, int, int]


def find(start: Box, end: Box, obstacles: Collection[Box], *, down: bool = False) -> list[Point]:
    """Return the corners of a line from border to border; `down` leaves from the lower edge."""
    boxes = [*obstacles, start, end]
    xs = sorted({x for box in boxes for x in (box.x - _CLEAR, box.centre.x, box.right + _CLEAR)})
    ys = sorted({y for box in boxes for y in (box.y - _CLEAR, box.centre.y, box.bottom + _CLEAR)})
    blocked = [box.grown(5) for box in boxes]

    @cache
    def hidden(x: int, y: int, to_x: int, to_y: int) -> int:
        strip = Box(min(x, to_x), min(y, to_y), abs(x - to_x) + 1, abs(y - to_y) + 1)
        return sum(1 for box in blocked if box.overlap(strip))

    goals = {
        (*_outside(end, side), -way[0], -way[1]): (side, 0 if side == "left" else _SIDE)
        for side, way in _SIDES.items()
    }
    heap: list[tuple[float, int, State]] = []
    before: dict[State, State | str] = {}
    best: dict[State, float] = {}
    for side in ("bottom",) if down else _SIDES:
        state = (*_outside(start, side), *_SIDES[side])
        best[state] = 0.0 if side == "right" or down else _SIDE
        before[state] = side
        heappush(heap, (best[state], len(best), state))
    while heap:
        price, _, state = heappop(heap)
        if state in goals:
            return _corners(start, end, before, state, goals[state][0])
        if price > best[state]:
            continue
        for after, more in _steps(state, xs, ys, hidden):
            total = price + more + (goals[after][1] if after in goals else 0)
            if total < best.get(after, float("inf")):
                best[after] = total
                before[after] = state
                heappush(heap, (total, len(best), after))
    return [start.centre, end.centre]


def _outside(box: Box, side: str) -> tuple[int, int]:
    way = _SIDES[side]
    reach_x, reach_y = box.width // 2 + _CLEAR, box.height // 2 + _CLEAR
    return box.centre.x + way[0] * reach_x, box.centre.y + way[1] * reach_y


def _steps(
    state: State, xs: list[int], ys: list[int], hidden: Callable[[int, int, int, int], int]
) -> Iterator[tuple[State, float]]:
    x, y, dx, dy = state
    for way in _SIDES.values():
        if way == (-dx, -dy):
            continue
        bend = 0 if way == (dx, dy) else _BEND
        line, at = (xs, x) if way[0] else (ys, y)
        place = bisect_left(line, at) + way[0] + way[1]
        if not 0 <= place < len(line):
            continue
        to = line[place]
        goal = (to, y) if way[0] else (x, to)
        through = hidden(x, y, *goal) * _THROUGH
        yield (*goal, *way), abs(to - at) + bend + through


def _corners(
    start: Box, end: Box, before: dict[State, State | str], last: State, into: str
) -> list[Point]:
    trail = [Point(last[0], last[1])]
    state = last
    while True:
        step = before[state]
        if isinstance(step, str):
            points = [_border(start, step), *reversed(trail), _border(end, into)]
            return _straightened(points)
        trail.append(Point(step[0], step[1]))
        state = step


def _border(box: Box, side: str) -> Point:
    way = _SIDES[side]
    return Point(
        box.centre.x + way[0] * (box.width // 2), box.centre.y + way[1] * (box.height // 2)
    )


def _straightened(points: list[Point]) -> list[Point]:
    corners = [points[0]]
    for index in range(1, len(points) - 1):
        a, b, c = corners[-1], points[index], points[index + 1]
        if b != a and not (a.x == b.x == c.x or a.y == b.y == c.y):
            corners.append(b)
    return [*corners, points[-1]]
