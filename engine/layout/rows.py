"""Gives every box its sub-row inside its band: the main path straight, branches beside it.

A first guess follows each box's predecessor; then boxes move and swap as long as that makes
the picture cheaper. The price counts height differences, lines through boxes and crossings of
the straight connections, which stand in for the routed ones.
"""

from collections import defaultdict

from engine.layout.plan import Edge, Node, Plan

_BAND = 4
_SWEEPS = 8
_HEIGHT, _STRAIGHT, _THROUGH, _CROSSING, _OFF_MAIN, _NEW_ROW = 10, 6, 40, 30, 8, 40

Line = tuple[float, float, float, float]


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
        self.lines: dict[str, tuple[Edge, Line]] = {}
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
        start = node.row
        best_price, best_row = self._price(node, start), start
        rows = {one.row for one in self.nodes if one.band == node.band}
        for row in range(min(rows) - 1, max(rows) + 2):
            if row != start and self._free(node, row):
                price = self._price(node, row)
                if price < best_price:
                    best_price, best_row = price, row
        if best_row == start:
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
        for cell in self._cells(node, row):
            self.taken[cell] = node
        for edge in self.touching[node.id]:
            line = self._line(edge)
            if line:
                self.lines[edge.id] = (edge, line)

    def _lift(self, node: Node) -> None:
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
        price = float(abs(row) * _OFF_MAIN)
        if not any(
            one.row == row and one is not node and self._standing(one)
            for one in self.nodes
            if one.band == node.band
        ):
            price += _NEW_ROW
        own = {edge.id for edge in self.touching[node.id]}
        for edge in self.touching[node.id]:
            line = self._line(edge, node, row)
            if line is None:
                continue
            price += _HEIGHT * abs(line[1] - line[3]) + self._obstacles(edge, line)
            if line[1] == line[3] and not edge.back:
                price -= _STRAIGHT
            left, right = min(line[0], line[2]), max(line[0], line[2])
            for key, (_, other) in self.lines.items():
                apart = max(other[0], other[2]) < left or min(other[0], other[2]) > right
                if not apart and key not in own and _cross(line, other):
                    price += _CROSSING
        return price + self._in_the_way(node, row, own)

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

    def _in_the_way(self, node: Node, row: int, own: set[str]) -> float:
        height = node.band * _BAND + row
        price = 0.0
        for key, (_, line) in self.lines.items():
            low, high = sorted((line[0], line[2]))
            level = line[1] == line[3] == height
            if key not in own and level and low < node.column < high:
                price += _THROUGH
        return price


def _cross(one: Line, other: Line) -> bool:
    """Say whether two connections cross, common ends not counted."""

    def side(line: Line, x: float, y: float) -> float:
        return (line[2] - line[0]) * (y - line[1]) - (line[3] - line[1]) * (x - line[0])

    return (
        side(one, other[0], other[1]) * side(one, other[2], other[3]) < 0
        and side(other, one[0], one[1]) * side(other, one[2], one[3]) < 0
    )


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
