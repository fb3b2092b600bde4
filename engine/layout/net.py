"""The grid that lines run through: its vertices, the ways in and out of boxes, what is taken.

Vertices are crossings of column lines (gap, column, gap, …) and row lines (gap, row, gap, …).
"""

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise

from engine.layout.plan import Edge, Node, Plan

RIGHT, DOWN, LEFT, UP = (1, 0), (0, 1), (-1, 0), (0, -1)

Vertex = tuple[int, int]
Way = tuple[int, int]
Port = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Level:
    """One row line: a gap between rows, a row of boxes, or an empty pool."""

    kind: str
    band: int
    row: int = 0


@dataclass(frozen=True, slots=True)
class Route:
    """The way of one edge: vertices from box to box, and the sides it uses."""

    path: tuple[Vertex, ...]
    out: str
    into: str


@dataclass(slots=True)
class Net:
    """The grid of one plan and what already runs through it."""

    plan: Plan
    levels: list[Level] = field(default_factory=list)
    rows: dict[tuple[int, int], int] = field(default_factory=dict)
    pools: dict[str, int] = field(default_factory=dict)
    width: int = 1
    blocked: set[Vertex] = field(default_factory=set)
    routes: dict[str, Route] = field(default_factory=dict)
    units: dict[tuple[Vertex, Vertex], list[str]] = field(default_factory=lambda: defaultdict(list))
    turns: dict[Vertex, list[tuple[str, Way, Way]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    ports: dict[Port, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))

    def level(self, node: Node) -> int:
        """Return the row line a box stands on."""
        return self.rows[node.band, node.row]


def build(plan: Plan) -> Net:
    """Make the grid of a plan, its boxes as obstacles."""
    net = Net(plan)
    for index, band in enumerate(plan.bands):
        if band.empty and band.pool:
            net.pools[band.pool] = len(net.levels)
            net.levels.append(Level("pool", index))
            continue
        for row in range(band.rows):
            net.levels.append(Level("gap", index, row))
            net.rows[index, row] = len(net.levels)
            net.levels.append(Level("row", index, row))
        net.levels.append(Level("gap", index, band.rows))
    columns = max((node.column + node.span for node in plan.nodes.values()), default=1)
    net.width = 2 * columns + 1
    for node in plan.nodes.values():
        for step in range(2 * node.span - 1):
            net.blocked.add((2 * node.column + 1 + step, net.level(node)))
    return net


def remember(net: Net, edge: Edge, route: Route) -> None:
    """Enter an edge's way, for the price of all later ones."""
    net.routes[edge.id] = route
    net.ports[edge.source, route.out].append((edge.id, "out"))
    net.ports[edge.target, route.into].append((edge.id, "in"))
    path = route.path
    for start, end in pairwise(path[1:-1]):
        net.units[unit(start, end)].append(edge.id)
    for a, b, c in zip(path, path[1:], path[2:], strict=False):
        net.turns[b].append((edge.id, (b[0] - a[0], b[1] - a[1]), (c[0] - b[0], c[1] - b[1])))


def forget(net: Net, edge: Edge) -> None:
    """Take an edge's way out again."""
    route = net.routes.pop(edge.id, None)
    if route is None:
        return
    net.ports[edge.source, route.out].remove((edge.id, "out"))
    net.ports[edge.target, route.into].remove((edge.id, "in"))
    for vertex in set(route.path):
        net.turns[vertex] = [turn for turn in net.turns[vertex] if turn[0] != edge.id]
    for start, end in pairwise(route.path[1:-1]):
        net.units[unit(start, end)].remove(edge.id)


def unit(start: Vertex, end: Vertex) -> tuple[Vertex, Vertex]:
    """Return one step between neighbours, the same in both directions."""
    return (start, end) if start <= end else (end, start)
