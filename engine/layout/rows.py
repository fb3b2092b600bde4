"""Gives every box its sub-row inside its band: the main path straight, branches beside it.

A first guess follows each box's predecessor; then boxes move and swap as long as that makes
the picture cheaper. The price counts height differences, lines through boxes and crossings of
the straight connections, which stand in for the routed ones.
"""

from collections import defaultdict
from dataclasses import dataclass

from engine.layout.plan import Edge, Node, Plan

_BAND = 4
_SWEEPS = 8
_HEIGHT, _STRAIGHT, _THROUGH, _CROSSING, _OFF_MAIN, _NEW_ROW = 10, 6, 40, 30, 8, 40

Line = tuple[float, float, float, float]
#: a line with its extent: left, right, top, bottom
Drawn = tuple[Line, float, float, float, float]


def assign(plan: Plan) -> None:
    """Set the row of every box of the flow and the number of rows of every band."""
    grid = _Grid(plan)
    main = _main_path(plan)
    for node in sorted(grid.nodes, key=lambda one: (one.column, one.id not in main, one.order)):
        grid.settle(node, fixed=node.id in main)
    for _ in range(_SWEEPS):
        moved = [grid.improve(node) for node in grid.nodes if node.id not in main]
        merged = [grid.merge(band) for band in range(len(plan.bands))]
        if not any(moved + merged):
            break
    _place_aside(plan)
    _number(plan)


class _Grid:
    """The boxes of one plan while their rows are sought."""

    def __init__(self, plan: Plan) -> None:
        self.nodes = [
            node for node in plan.nodes.values() if not node.aside and not node.kind.artifact
        ]
        self.taken: dict[tuple[int, int, int], Node] = {}
        self.touching: dict[str, list[Edge]] = defaultdict(list)
        self.by_id = {node.id: node for node in self.nodes}
        self.lines: dict[str, Drawn] = {}
        #: counts the changes of places, so that what was found for a box is known to hold still
        self.changes = 0
        self.around: dict[str, tuple[int, _Around]] = {}
        self.content: dict[str, int] = {}
        for edge in plan.edges:
            if edge.source in self.by_id and edge.target in self.by_id:
                self.touching[edge.source].append(edge)
                if edge.target != edge.source:
                    self.touching[edge.target].append(edge)

    def settle(self, node: Node, *, fixed: bool) -> None:
        """Give the box its first row: the main path's, or the cheapest free one."""
        if fixed and self._free(node, 0):
            self._put(node, 0)
            return
        rows = [row for row in range(-3, 5) if self._free(node, row)] or self._edge_rows(node)
        self._put(node, min(rows, key=lambda row: (self._price(node, row), abs(row), -row)))

    def improve(self, node: Node) -> bool:
        """Move the box, or change places with another, if that is cheaper."""
        if self.content.get(node.id) == self.changes:
            return False
        start = node.row
        best_price, best_row = self._price(node, start), start
        rows = {one.row for one in self.nodes if one.band == node.band}
        for row in range(min(rows) - 1, max(rows) + 2):
            if row != start and self._free(node, row):
                price = self._price(node, row)
                if price < best_price:
                    best_price, best_row = price, row
        if best_row == start:
            self.content[node.id] = self.changes
            return False
        self._lift(node)
        self._put(node, best_row)
        return True

    def merge(self, band: int) -> bool:
        """Move a whole row onto another where that is cheaper."""
        rows = sorted({one.row for one in self.nodes if one.band == band})
        for here in rows:
            movers = [one for one in self.nodes if one.band == band and one.row == here]
            for there in rows:
                if here not in {0, there} and self._try(movers, there):
                    return True
        return False

    def _try(self, movers: list[Node], row: int) -> bool:
        if not all(self._free(node, row) for node in movers):
            return False
        start = movers[0].row
        before = sum(self._price(node, start) for node in movers)
        for to in (row, start):
            for node in movers:
                self._lift(node)
                self._put(node, to)
            if to == row and sum(self._price(node, row) for node in movers) < before:
                return True
        return False

    def _edge_rows(self, node: Node) -> list[int]:
        rows = [one.row for one in self.nodes if one.band == node.band]
        return [min(rows) - 1, max(rows) + 1]

    def _cells(self, node: Node, row: int) -> list[tuple[int, int, int]]:
        return [(node.band, row, node.column + step) for step in range(node.span)]

    def _free(self, node: Node, row: int) -> bool:
        return all(self.taken.get(cell, node) is node for cell in self._cells(node, row))

    def _put(self, node: Node, row: int) -> None:
        node.row = row
        self.changes += 1
        for cell in self._cells(node, row):
            self.taken[cell] = node
        for edge in self.touching[node.id]:
            line = self._line(edge)
            if line:
                self.lines[edge.id] = (
                    line, min(line[0], line[2]), max(line[0], line[2]),
                    min(line[1], line[3]), max(line[1], line[3]),
                )  # fmt: skip

    def _lift(self, node: Node) -> None:
        self.changes += 1
        for cell in self._cells(node, node.row):
            self.taken.pop(cell, None)

    def _standing(self, node: Node) -> bool:
        return self.taken.get((node.band, node.row, node.column)) is node

    def _line(self, edge: Edge, moved: Node | None = None, row: int = 0) -> Line | None:
        """Return the straight stand-in of an edge whose both ends have a place."""
        ends: list[float] = []
        for identity, side in ((edge.source, 1), (edge.target, 0)):
            node = self.by_id[identity]
            if node is moved:
                height = node.band * _BAND + row
            elif self._standing(node):
                height = node.band * _BAND + node.row
            else:
                return None
            drop = 0.3 if side and edge.port else 0.0
            ends += [node.column + (node.span - 1) * side, height + drop]
        return ends[0], ends[1], ends[2], ends[3]

    def _price(self, node: Node, row: int) -> float:
        around = self._look_around(node)
        price = float(abs(row) * _OFF_MAIN)
        if row not in around.rows:
            price += _NEW_ROW
        for edge, others in around.beside:
            line = self._line(edge, node, row)
            if line is None:
                continue
            price += _HEIGHT * abs(line[1] - line[3]) + self._obstacles(edge, line)
            if line[1] == line[3] and not edge.back:
                price -= _STRAIGHT
            price += _CROSSING * _crossings(line, others)
        return price + _THROUGH * around.passing.get(node.band * _BAND + row, 0)

    def _look_around(self, node: Node) -> "_Around":
        """Return what the price of a box in any row rests on; it holds until a box moves."""
        known = self.around.get(node.id)
        if known is not None and known[0] == self.changes:
            return known[1]
        own = {edge.id for edge in self.touching[node.id]}
        others = [drawn for key, drawn in self.lines.items() if key not in own]
        passing: dict[float, int] = defaultdict(int)
        for line, left, right, _top, _bottom in others:
            if line[1] == line[3] and left < node.column < right:
                passing[line[1]] += 1
        found = _Around(
            rows={one.row for one in self.nodes
                  if one.band == node.band and one is not node and self._standing(one)},
            beside=[(edge, self._beside(edge, others)) for edge in self.touching[node.id]],
            passing=passing,
        )  # fmt: skip
        self.around[node.id] = (self.changes, found)
        return found

    def _beside(self, edge: Edge, others: list[Drawn]) -> list[Drawn]:
        """Return the lines over the same columns as an edge."""
        source, target = self.by_id[edge.source], self.by_id[edge.target]
        ends = source.column + source.span - 1, target.column
        left, right = min(ends), max(ends)
        return [one for one in others if one[2] >= left and one[1] <= right]

    def _obstacles(self, edge: Edge, line: Line) -> float:
        """Count boxes that stand between two ends on the same row."""
        if line[1] != line[3]:
            return 0.0
        node = self.by_id[edge.source]
        low, high = sorted((line[0], line[2]))
        between = range(int(low) + 1, int(high))
        row = int(line[1]) - node.band * _BAND
        hits = {self.taken.get((node.band, row, column)) for column in between}
        return _THROUGH * len(hits - {None, node, self.by_id[edge.target]})


@dataclass(slots=True)
class _Around:
    """What surrounds a box: used rows of its band, lines beside each edge, lines over its column."""

    rows: set[int]
    beside: list[tuple[Edge, list[Drawn]]]
    passing: dict[float, int]


def _crossings(line: Line, others: list[Drawn]) -> int:
    """Count the connections that cross a line, common ends not counted."""
    ax, ay, bx, by = line
    top, bottom = (ay, by) if ay <= by else (by, ay)
    wide, high = bx - ax, by - ay
    count = 0
    for (cx, cy, dx, dy), _left, _right, upper, lower in others:
        if (
            lower >= top
            and upper <= bottom
            and (wide * (cy - ay) - high * (cx - ax)) * (wide * (dy - ay) - high * (dx - ax)) < 0
            and ((dx - cx) * (ay - cy) - (dy - cy) * (ax - cx))
            * ((dx - cx) * (by - cy) - (dy - cy) * (bx - cx))
            < 0
        ):
            count += 1
    return count


def _main_path(plan: Plan) -> set[str]:
    """Return the longest way through the diagram, which keeps row 0 of its lanes."""
    nodes = [n for n in plan.nodes.values() if not n.aside and not n.kind.artifact]
    leaving: dict[str, list[str]] = defaultdict(list)
    for edge in plan.flows():
        if not edge.back and edge.source in plan.nodes and not edge.port:
            leaving[edge.source].append(edge.target)
    length: dict[str, int] = {}
    follow: dict[str, str] = {}
    for node in sorted(nodes, key=lambda one: -one.column):
        after = [key for key in leaving[node.id] if key in length]
        best = max(after, key=lambda key: length[key], default=None)
        length[node.id] = 1 + (length[best] if best else 0)
        if best:
            follow[node.id] = best
    here = max(nodes, key=lambda one: (length[one.id], -one.order), default=None)
    path: set[str] = set()
    step = here.id if here else None
    while step:
        path.add(step)
        step = follow.get(step)
    return path


def _place_aside(plan: Plan) -> None:
    """Put event sub-processes on a row below everything else in their band."""
    for node in plan.nodes.values():
        if node.aside:
            rows = [
                one.row
                for one in plan.nodes.values()
                if one.band == node.band and not one.aside and not one.kind.artifact
            ]
            node.row = max(rows, default=-1) + 1


def _number(plan: Plan) -> None:
    """Count the used rows of every band from 0."""
    for index, band in enumerate(plan.bands):
        inside = [n for n in plan.nodes.values() if n.band == index and not n.kind.artifact]
        rows = sorted({node.row for node in inside})
        for node in inside:
            node.row = rows.index(node.row)
        band.rows = max(1, len(rows))
