"""Finds a free place for every name that stands outside its shape."""

from collections.abc import Iterable, Iterator
from itertools import chain, pairwise

from engine.layout import texts
from engine.layout.plan import Box, Drawing, Edge, Kind, Node, Plan, Point

_LINE, _SHAPE, _LABEL, _FRAME = 4, 3, 5, 2
#: length of a line on which the stroke of a default flow stands
_MARK = 12


def place(plan: Plan, drawing: Drawing, frames: Iterable[Box]) -> None:
    """Put the labels of events, gateways, data and lines where least is hidden."""
    desk = _Desk(drawing, list(frames))
    for edge in plan.edges:
        if edge.name and edge.id in drawing.edges:
            size = texts.label(edge.name)
            spots = chain(
                _beside_line(_own_part(edge, plan, drawing), *size),
                _beside_line(drawing.edges[edge.id], *size),
            )
            drawing.labels[edge.id] = desk.best(spots)
    for node in plan.nodes.values():
        for event in node.boundaries:
            if event.name:
                box, size = drawing.shapes[event.id], texts.label(event.name)
                drawing.labels[event.id] = desk.best(_below_event(box, *size))
        if node.name and (node.kind.pointed or node.kind in {Kind.DATA, Kind.STORE}):
            size = texts.label(node.name)
            drawing.labels[node.id] = desk.best(_around(node, drawing.shapes[node.id], *size))


def on_line(name: str, points: list[Point], drawing: Drawing) -> Box:
    """Return the best place for the name of one line among what is drawn."""
    return _Desk(drawing, []).best(_beside_line(points, *texts.label(name)))


class _Desk:
    """What a label must not hide."""

    def __init__(self, drawing: Drawing, frames: list[Box]) -> None:
        self.shapes = list(drawing.shapes.values())
        self.lines = [
            Box(min(a.x, b.x) - 2, min(a.y, b.y) - 2, abs(a.x - b.x) + 4, abs(a.y - b.y) + 4)
            for points in drawing.edges.values()
            for a, b in pairwise(points)
        ]
        self.frames = frames
        self.labels = list(drawing.labels.values())

    def best(self, spots: Iterator[Box]) -> Box:
        """Take the first spot that hides nothing, or the one that hides least."""
        found = next(spots)
        least = self._hidden(found)
        for box in spots:
            if not least:
                break
            cost = self._hidden(box)
            if cost < least:
                found, least = box, cost
        self.labels.append(found)
        return found

    def _hidden(self, box: Box) -> float:
        cost = 0.0
        for weight, others in (
            (_LINE, self.lines),
            (_SHAPE, self.shapes),
            (_LABEL, self.labels),
            (_FRAME, self.frames),
        ):
            cost += weight * sum(box.overlap(other) for other in others)
        return cost


def _own_part(edge: Edge, plan: Plan, drawing: Drawing) -> list[Point]:
    """Return the line without what it shares with others from the same point, or its mark."""
    points = drawing.edges[edge.id]
    if edge.default:
        points = [_along(points[0], points[1], _MARK), *points[1:]]
    shared = 0
    for other in plan.edges:
        twin = drawing.edges.get(other.id)
        if twin and other is not edge and twin[0] == drawing.edges[edge.id][0]:
            shared = max(shared, _common(points, twin))
    if not shared or points[2:]:
        return points[1:] if shared else points
    return [_along(points[0], points[1], shared), points[1]]


def _along(start: Point, end: Point, distance: int) -> Point:
    """Return the point at a distance on the straight way from start to end."""
    way_x = (end.x > start.x) - (end.x < start.x)
    way_y = (end.y > start.y) - (end.y < start.y)
    return Point(start.x + distance * way_x, start.y + distance * way_y)


def _common(one: list[Point], other: list[Point]) -> int:
    """Return how far two lines from one point run together on their first stretch."""
    across = one[0].y == one[1].y
    if across != (other[0].y == other[1].y):
        return 0
    ends = [(line[1].x - line[0].x) if across else (line[1].y - line[0].y) for line in (one, other)]
    return min(abs(end) for end in ends) if ends[0] * ends[1] > 0 else 0


def _around(node: Node, box: Box, wide: int, high: int) -> Iterator[Box]:
    """Yield spots above, below and at the corners; events and data prefer below."""
    middle = box.centre.x - wide // 2
    above, below = box.y - high - 4, box.bottom + 4
    upper = [Box(middle, above, wide, high)]
    lower = [Box(middle, below, wide, high)]
    yield from upper + lower if node.kind is Kind.GATEWAY else lower + upper
    inset = box.width // 2 - 6 if node.kind is Kind.GATEWAY else 4
    left, right = box.x + inset - wide, box.right - inset
    if node.kind is not Kind.GATEWAY:
        left, right = box.x - wide - 4, box.right + 4
        yield Box(right, box.centre.y - high - 4, wide, high)
        yield Box(left, box.centre.y - high - 4, wide, high)
        yield Box(right, box.centre.y + 4, wide, high)
        yield Box(left, box.centre.y + 4, wide, high)
    for y in (above, below, above + 10, below - 10):
        yield Box(left, y, wide, high)
        yield Box(right, y, wide, high)
    for away in (12, 24, 36):
        for y in (above - away, below + away):
            yield Box(middle, y, wide, high)
            yield Box(left, y, wide, high)
            yield Box(right, y, wide, high)


def _below_event(box: Box, wide: int, high: int) -> Iterator[Box]:
    """Yield spots beside the line that leaves a boundary event downwards."""
    for y in (box.bottom + 2, box.bottom - 8, box.bottom + 12):
        yield Box(box.centre.x - wide - 5, y, wide, high)
        yield Box(box.centre.x + 6, y, wide, high)
    yield Box(box.centre.x - wide // 2, box.bottom + 4, wide, high)
    yield Box(box.right + 2, box.centre.y + 2, wide, high)
    yield Box(box.x - wide - 2, box.centre.y + 2, wide, high)


def _beside_line(points: list[Point], wide: int, high: int) -> Iterator[Box]:
    """Yield spots along the line, from its start on, on both sides."""
    for start, end in pairwise(points):
        length = abs(end.x - start.x) + abs(end.y - start.y)
        if start.y == end.y:
            way = 1 if end.x > start.x else -1
            for away in range(4, max(length - wide, 5), 10):
                x = start.x + away if way > 0 else start.x - away - wide
                yield Box(x, start.y - high - 3, wide, high)
                yield Box(x, start.y + 4, wide, high)
        else:
            way = 1 if end.y > start.y else -1
            for away in range(4, max(length - high, 5), 10):
                y = start.y + away if way > 0 else start.y - away - high
                yield Box(start.x + 5, y, wide, high)
                yield Box(start.x - wide - 5, y, wide, high)
