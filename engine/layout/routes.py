"""Finds each line's way through the grid: along gaps and empty cells, with few bends.

Cheapest ways are found one edge after the other and then again with all the others known, so
the order hardly matters. Exact coordinates come later, from `sheet` and `tracks`.
"""

from dataclasses import dataclass, field
from heapq import heappop, heappush

from engine.layout import doors, net
from engine.layout.net import DOWN, LEFT, RIGHT, UP, Net, Route, Vertex, Way
from engine.layout.plan import Edge, Plan

_ACROSS, _ALONG = 80, 55
_BEND, _CROSSING, _CLASH, _CROWD, _TURN = 45, 150, 900, 6, 15
_MEET, _SWAP = 60, 60
_PASSES = 3
#: edges beyond which one pass must do
_MANY = 150

State = tuple[Vertex, Way]


def find(plan: Plan) -> Net:
    """Route every edge of the plan."""
    grid = net.build(plan)
    order = sorted(plan.edges, key=lambda edge: _urgency(plan, edge))
    for turn in range(_PASSES if len(order) < _MANY else 1):
        for edge in order:
            if turn:
                net.forget(grid, edge)
            route = _Search(grid, edge).run()
            if route:
                net.remember(grid, edge, route)
    return grid


def _urgency(plan: Plan, edge: Edge) -> tuple[int, int, int, int]:
    ends = [plan.nodes.get(key) for key in (edge.source, edge.target)]
    if ends[0] is None or ends[1] is None:
        return (3, 0, 0, edge.order)
    apart = abs(ends[0].row - ends[1].row) + 3 * abs(ends[0].band - ends[1].band)
    kind = {"flow": 0, "compensation": 0}.get(edge.kind, 2)
    return (kind + edge.back, apart, abs(ends[1].column - ends[0].column), edge.order)


@dataclass(slots=True)
class _Search:
    """One search for the cheapest way, a vertex with its direction being a state."""

    grid: Net
    edge: Edge
    goals: dict[State, doors.Door] = field(default_factory=dict)
    heap: list[tuple[float, int, float, State]] = field(default_factory=list)
    best: dict[State, float] = field(default_factory=dict)
    before: dict[State, State | doors.Door] = field(default_factory=dict)
    far: dict[Vertex, float] = field(default_factory=dict)
    kin: dict[str, frozenset[int]] = field(default_factory=dict)
    finish: tuple[float, State, doors.Door] | None = None

    def run(self) -> Route | None:
        """Follow the state that promises the cheapest way until none can be cheaper."""
        self.kin = doors.kin(self.grid, self.edge)
        self.goals = {(door.vertex, door.way): door for door in doors.entries(self.grid, self.edge)}
        for door in doors.exits(self.grid, self.edge):
            self._reach((door.vertex, door.way), door.price, door)
        while self.heap:
            promise, _, price, state = heappop(self.heap)
            if self.finish and promise >= self.finish[0]:
                break
            if price <= self.best[state]:
                self._leave(state, price)
        return self._route()

    def _leave(self, state: State, price: float) -> None:
        vertex, way = state
        for turned in (RIGHT, DOWN, LEFT, UP):
            if turned == (-way[0], -way[1]):
                continue
            here = price + self._turn_price(vertex, way, turned)
            door = self.goals.get((vertex, turned))
            if door and (self.finish is None or here + door.price < self.finish[0]):
                self.finish = (here + door.price, state, door)
            after = (vertex[0] + turned[0], vertex[1] + turned[1])
            step = self._step_price(vertex, after, turned)
            if step is not None:
                self._reach((after, turned), here + step, state)

    def _reach(self, state: State, price: float, before: State | doors.Door) -> None:
        if price < self.best.get(state, float("inf")):
            self.best[state] = price
            self.before[state] = before
            promise = price + self._rest(state[0])
            heappush(self.heap, (promise, len(self.before), price, state))

    def _rest(self, vertex: Vertex) -> float:
        """Return what the way from here costs at least."""
        if vertex not in self.far:
            self.far[vertex] = min(
                (
                    _ACROSS * abs(goal[0] - vertex[0]) + _ALONG * abs(goal[1] - vertex[1])
                    for goal, _ in self.goals
                ),
                default=0.0,
            )
        return self.far[vertex]

    def _route(self) -> Route | None:
        if self.finish is None:
            return None
        _, state, door = self.finish
        trail = [door.own]
        step: State | doors.Door = state
        while isinstance(step, tuple):
            trail.append(step[0])
            step = self.before[step]
        trail.append(step.own)
        return Route(tuple(reversed(trail)), step.side, door.side)

    def _turn_price(self, vertex: Vertex, way: Way, turned: Way) -> float:
        """Return what it costs to go on or to bend at a vertex beside the lines already there."""
        price = 0.0 if way == turned else float(_BEND)
        row = self.grid.levels[vertex[1]].kind == "row"
        fixed = row and vertex[0] % 2 == 1
        for key, came, went in self.grid.turns.get(vertex, ()):
            if key == self.edge.id or vertex[0] in self.kin.get(key, ()):
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

    def _step_price(self, start: Vertex, end: Vertex, way: Way) -> float | None:
        """Return the price of one step, or None where a box or the edge of the sheet is."""
        grid = self.grid
        if not (0 <= end[0] < grid.width and 0 <= end[1] < len(grid.levels)):
            return None
        if start in grid.blocked or end in grid.blocked:
            return None
        if "pool" in {grid.levels[start[1]].kind, grid.levels[end[1]].kind}:
            return None
        across = way[1] == 0
        line = grid.levels[start[1]].kind == "row" if across else start[0] % 2 == 1
        others = 0
        for key in grid.units.get(net.unit(start, end), ()):
            if key != self.edge.id and (across or start[0] not in self.kin.get(key, ())):
                others += 1
        return (_ACROSS if across else _ALONG) + others * (_CLASH if line else _CROWD)
