"""Finds each line's way through the grid: along gaps and empty cells, with few bends.

Vertices are crossings of column lines (gap, column, gap, …) and row lines (gap, row, gap, …).
Cheapest ways are found one edge after the other and then again with all the others known, so
the order hardly matters. Exact coordinates come later, from `tracks`.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from heapq import heappop, heappush

from engine.layout.plan import Edge, Kind, Node, Plan

RIGHT, DOWN, LEFT, UP = (1, 0), (0, 1), (-1, 0), (0, -1)
_ACROSS, _ALONG = 80, 55
_BEND, _CROSSING, _CLASH, _CROWD, _TURN = 45, 150, 900, 6, 15
_MEET, _SWAP = 60, 60
_PASSES = 3

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


def find(plan: Plan) -> Net:
    """Route every edge of the plan."""
    net = _build(plan)
    order = sorted(plan.edges, key=lambda edge: _urgency(plan, edge))
    for turn in range(_PASSES):
        for edge in order:
            if turn:
                _forget(net, edge)
            route = _search(net, edge)
            if route:
                _remember(net, edge, route)
    return net


def _build(plan: Plan) -> Net:
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


def _urgency(plan: Plan, edge: Edge) -> tuple[int, int, int, int]:
    ends = [plan.nodes.get(key) for key in (edge.source, edge.target)]
    if ends[0] is None or ends[1] is None:
        return (3, 0, 0, edge.order)
    apart = abs(ends[0].row - ends[1].row) + 3 * abs(ends[0].band - ends[1].band)
    kind = {"flow": 0, "compensation": 0}.get(edge.kind, 2)
    return (kind + edge.back, apart, abs(ends[1].column - ends[0].column), edge.order)


def _exits(net: Net, edge: Edge) -> list[tuple[str, Vertex, Vertex, Way, float]]:
    """Return (side, own vertex, first vertex, direction, price) of every way out."""
    node = net.plan.nodes.get(edge.source)
    if node is None:
        level = net.pools[edge.source]
        return [
            (side, (x, level), (x, level + way[1]), way, 0.0)
            for x in range(1, net.width, 2)
            for side, way in (("bottom", DOWN), ("top", UP))
            if 0 <= level + way[1] < len(net.levels)
        ]
    y = net.level(node)
    last = 2 * (node.column + node.span - 1) + 1
    middle = 2 * (node.column + node.span // 2) + 1
    if edge.port:
        return [("port", (last, y), (last, y + 1), DOWN, 0.0)]
    side, cost = _leaving(node, edge)
    return [
        ("right", (last, y), (last + 1, y), RIGHT, side),
        ("bottom", (middle, y), (middle, y + 1), DOWN, cost),
        ("top", (middle, y), (middle, y - 1), UP, cost),
    ]


def _leaving(node: Node, edge: Edge) -> tuple[float, float]:
    """Return the prices of leaving to the right and up or down."""
    if edge.kind in {"association", "message"}:
        return 30.0, 0.0
    if node.kind is Kind.GATEWAY:
        return (40.0, 0.0) if edge.back else (0.0, 5.0)
    return (30.0, 30.0) if edge.back else (0.0, 60.0)


def _entries(net: Net, edge: Edge) -> list[tuple[str, Vertex, Vertex, Way, float]]:
    """Return (side, own vertex, last vertex, direction, price) of every way in."""
    node = net.plan.nodes.get(edge.target)
    if node is None:
        level = net.pools[edge.target]
        return [
            (side, (x, level), (x, level - way[1]), way, 0.0)
            for x in range(1, net.width, 2)
            for side, way in (("top", DOWN), ("bottom", UP))
            if 0 <= level - way[1] < len(net.levels)
        ]
    y, first = net.level(node), 2 * node.column + 1
    last = 2 * (node.column + node.span - 1) + 1
    middle = 2 * (node.column + node.span // 2) + 1
    if edge.goal:
        return [("port", (last, y), (last, y + 1), UP, 0.0)]
    left, cost = 0.0, 30.0
    if edge.kind in {"association", "message"}:
        left, cost = 40.0, 0.0
    elif node.kind is Kind.GATEWAY:
        cost = 5.0
    above, below = _branches(net, node)
    return [
        ("left", (first, y), (first - 1, y), RIGHT, left),
        ("top", (middle, y), (middle, y - 1), DOWN, cost + 40.0 * above),
        ("bottom", (middle, y), (middle, y + 1), UP, cost + 40.0 * below),
    ]


def _branches(net: Net, node: Node) -> tuple[bool, bool]:
    """Say whether lines of a splitting gateway want to leave upwards and downwards."""
    if node.kind is not Kind.GATEWAY:
        return False, False
    ends = [
        net.level(net.plan.nodes[edge.target])
        for edge in net.plan.edges
        if edge.source == node.id and edge.target in net.plan.nodes
    ]
    here = net.level(node)
    return any(end < here for end in ends), any(end > here for end in ends)


def _port_price(net: Net, identity: str, side: str, direction: str, edge: Edge) -> float:
    node = net.plan.nodes.get(identity)
    if node is None or side == "port":
        return 0.0
    price = 0.0
    for key, use in net.ports[identity, side]:
        if key != edge.id:
            heavy = 300.0 if use == direction else 500.0
            price += heavy if node.kind.pointed else 40.0 + 40.0 * (use != direction)
    return price


def _search(net: Net, edge: Edge) -> Route | None:
    goals: dict[tuple[Vertex, Way], tuple[float, str, Vertex]] = {}
    for side, own, vertex, way, price in _entries(net, edge):
        total = price + _port_price(net, edge.target, side, "in", edge)
        goals[vertex, way] = (total, side, own)
    heap: list[tuple[float, int, Vertex, Way]] = []
    best: dict[tuple[Vertex, Way], float] = {}
    before: dict[tuple[Vertex, Way], tuple[Vertex, Way] | tuple[str, Vertex]] = {}
    count = 0
    for side, own, vertex, way, price in _exits(net, edge):
        total = price + _port_price(net, edge.source, side, "out", edge)
        best[vertex, way] = total
        before[vertex, way] = (side, own)
        heappush(heap, (total, count, vertex, way))
        count += 1
    finish: tuple[float, Vertex, Way, Way] | None = None
    while heap:
        price, _, vertex, way = heappop(heap)
        if finish and price >= finish[0]:
            break
        if price > best[vertex, way]:
            continue
        for turned in (RIGHT, DOWN, LEFT, UP):
            if turned == (-way[0], -way[1]):
                continue
            here = price + _turn_price(net, edge, vertex, way, turned)
            goal = goals.get((vertex, turned))
            if goal and (finish is None or here + goal[0] < finish[0]):
                finish = (here + goal[0], vertex, way, turned)
            after = (vertex[0] + turned[0], vertex[1] + turned[1])
            step = _step_price(net, edge, vertex, after, turned)
            if step is not None and here + step < best.get((after, turned), float("inf")):
                best[after, turned] = here + step
                before[after, turned] = (vertex, way)
                heappush(heap, (here + step, count, after, turned))
                count += 1
    if finish is None:
        return None
    return _trace(before, goals, finish)


def _trace(
    before: dict[tuple[Vertex, Way], tuple[Vertex, Way] | tuple[str, Vertex]],
    goals: dict[tuple[Vertex, Way], tuple[float, str, Vertex]],
    finish: tuple[float, Vertex, Way, Way],
) -> Route:
    _, vertex, way, turned = finish
    _, into, own = goals[vertex, turned]
    path = [own]
    while True:
        path.append(vertex)
        step = before[vertex, way]
        if isinstance(step[0], str):
            path.append(step[1])
            return Route(tuple(reversed(path)), step[0], into)
        vertex, way = step[0], step[1]


def _turn_price(net: Net, edge: Edge, vertex: Vertex, way: Way, turned: Way) -> float:
    price = 0.0 if way == turned else float(_BEND)
    row = net.levels[vertex[1]].kind == "row"
    fixed = row and vertex[0] % 2 == 1
    for key, came, went in net.turns.get(vertex, ()):
        if key == edge.id:
            continue
        if came == went and way == turned:
            price += _CROSSING if abs(came[0]) != abs(way[0]) else 0
        elif fixed:
            price += _CLASH
        elif row and (RIGHT in {came, way}) and (came == turned or way == went):
            price += _SWAP
        else:
            price += _MEET if came == went or way == turned else _TURN
    return price


def _step_price(net: Net, edge: Edge, start: Vertex, end: Vertex, way: Way) -> float | None:
    """Return the price of one step, or None where a box or the edge of the sheet is."""
    if not (0 <= end[0] < net.width and 0 <= end[1] < len(net.levels)):
        return None
    if start in net.blocked or end in net.blocked:
        return None
    if "pool" in {net.levels[start[1]].kind, net.levels[end[1]].kind}:
        return None
    across = way[1] == 0
    line = net.levels[start[1]].kind == "row" if across else start[0] % 2 == 1
    others = sum(1 for key in net.units.get(_unit(start, end), ()) if key != edge.id)
    return (_ACROSS if across else _ALONG) + others * (_CLASH if line else _CROWD)


def _unit(start: Vertex, end: Vertex) -> tuple[Vertex, Vertex]:
    return (start, end) if start <= end else (end, start)


def _remember(net: Net, edge: Edge, route: Route) -> None:
    net.routes[edge.id] = route
    net.ports[edge.source, route.out].append((edge.id, "out"))
    net.ports[edge.target, route.into].append((edge.id, "in"))
    path = route.path
    for start, end in zip(path[1:-1], path[2:-1], strict=False):
        net.units[_unit(start, end)].append(edge.id)
    for a, b, c in zip(path, path[1:], path[2:], strict=False):
        net.turns[b].append((edge.id, (b[0] - a[0], b[1] - a[1]), (c[0] - b[0], c[1] - b[1])))


def _forget(net: Net, edge: Edge) -> None:
    route = net.routes.pop(edge.id, None)
    if route is None:
        return
    net.ports[edge.source, route.out].remove((edge.id, "out"))
    net.ports[edge.target, route.into].remove((edge.id, "in"))
    for vertex in set(route.path):
        net.turns[vertex] = [turn for turn in net.turns[vertex] if turn[0] != edge.id]
    for start, end in zip(route.path[1:-1], route.path[2:-1], strict=False):
        net.units[_unit(start, end)].remove(edge.id)
