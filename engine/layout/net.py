"""The grid that lines run through: its vertices, the ways in and out of boxes, what is taken.

Vertices are crossings of column lines (gap, column, gap, …) and row lines (gap, row, gap, …).
"""

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise

from engine.layout.plan import Edge, Node, Plan

RIGHT, DOWN, LEFT, UP = (1, 0), (0, 1), (-1, 0), (0, -1)
#: the directions in the order of their numbers: the opposite of way n is way 3 - n
WAYS = (LEFT, UP, DOWN, RIGHT)
#: what one step along a row, or along a column, costs by itself
ACROSS, ALONG = 80, 55
#: what it costs to run where another line does: in line with boxes, or in a gap
CLASH, CROWD = 900, 6

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


#: number of the way, the state of going there from here, the state beyond, its price (None where
#: a box or the edge of the sheet is), the price beside each other line, and those lines
Step = tuple[int, int, int, int | None, int, list[str]]


@dataclass(frozen=True, slots=True)
class Corner:
    """One vertex: whether it lies on a row of boxes, the lines that turn in it, the steps from it."""

    vertex: Vertex
    row: bool
    turns: list[tuple[str, Way, Way]]
    steps: list[Step]


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
    #: what the search needs to know of each vertex, found once for all lines
    corners: dict[int, "Corner"] = field(default_factory=dict)

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
    for passed in set(route.path):
        net.turns[passed][:] = [turn for turn in net.turns[passed] if turn[0] != edge.id]
    for start, end in pairwise(route.path[1:-1]):
        net.units[unit(start, end)].remove(edge.id)


def state(net: Net, vertex: Vertex, way: Way) -> int:
    """Return the number of coming to a vertex in a direction; numbers are in the order of both."""
    return (vertex[0] * len(net.levels) + vertex[1]) << 2 | WAYS.index(way)


def vertex(net: Net, state: int) -> Vertex:
    """Return the vertex of a state."""
    return divmod(state >> 2, len(net.levels))


def corner(net: Net, place: int) -> Corner:
    """Return what the search needs to know of a vertex, by the number of its states."""
    found = net.corners.get(place)
    if found is None:
        here = vertex(net, place << 2)
        found = net.corners[place] = Corner(
            here, net.levels[here[1]].kind == "row", net.turns[here],
            [_step_from(net, here, way) for way in (RIGHT, DOWN, LEFT, UP)],
        )  # fmt: skip
    return found


def _step_from(net: Net, here: Vertex, way: Way) -> Step:
    there = (here[0] + way[0], here[1] + way[1])
    line = net.levels[here[1]].kind == "row" if way[1] == 0 else here[0] % 2 == 1
    return (
        WAYS.index(way), state(net, here, way), state(net, there, way), _step(net, here, way),
        CLASH if line else CROWD, net.units[unit(here, there)],
    )  # fmt: skip


def _step(net: Net, start: Vertex, way: Way) -> int | None:
    """Return the price of one step, or None where a box or the edge of the sheet is."""
    end = (start[0] + way[0], start[1] + way[1])
    if not (0 <= end[0] < net.width and 0 <= end[1] < len(net.levels)):
        return None
    if start in net.blocked or end in net.blocked:
        return None
    if "pool" in {net.levels[start[1]].kind, net.levels[end[1]].kind}:
        return None
    return ACROSS if way[1] == 0 else ALONG


def unit(start: Vertex, end: Vertex) -> tuple[Vertex, Vertex]:
    """Return one step between neighbours, the same in both directions."""
    return (start, end) if start <= end else (end, start)
