"""Finds each line's way through the grid: along gaps and empty cells, with few bends.

Cheapest ways are found one edge after the other and then again with all the others known, so
the order hardly matters. Exact coordinates come later, from `sheet` and `tracks`.
"""

from dataclasses import dataclass, field
from heapq import heappop, heappush

from engine.layout import doors, net
from engine.layout.net import RIGHT, Net, Route, Vertex, Way
from engine.layout.plan import Edge, Plan

_BEND, _CROSSING, _CLASH, _TURN = 45, 150, net.CLASH, 15
_MEET, _SWAP = 60, 60
_PASSES = 3
#: edges beyond which one pass must do
_MANY = 150

#: a vertex with the direction in which a line comes: net.state, in the order of both
State = int


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
    ends: list[Vertex] = field(default_factory=list)
    heap: list[tuple[float, int, float, State]] = field(default_factory=list)
    best: dict[State, float] = field(default_factory=dict)
    before: dict[State, State | doors.Door] = field(default_factory=dict)
    far: dict[int, float] = field(default_factory=dict)
    kin: dict[str, frozenset[int]] = field(default_factory=dict)
    finish: tuple[float, State, doors.Door] | None = None

    def run(self) -> Route | None:
        """Follow the state that promises the cheapest way until none can be cheaper."""
        self.kin = doors.kin(self.grid, self.edge)
        for door in doors.entries(self.grid, self.edge):
            self.goals[net.state(self.grid, door.vertex, door.way)] = door
        self.ends = list(dict.fromkeys(door.vertex for door in self.goals.values()))
        for door in doors.exits(self.grid, self.edge):
            self._reach(net.state(self.grid, door.vertex, door.way), door.price, door)
        while self.heap:
            promise, _, price, state = heappop(self.heap)
            if self.finish and promise >= self.finish[0]:
                break
            if price <= self.best[state]:
                self._leave(state, price)
        return self._route()

    def _leave(self, state: State, price: float) -> None:
        corner, way = net.corner(self.grid, state >> 2), state & 3
        back = 3 - way
        for turned, goal, after, base, dear, lines in corner.steps:
            if turned == back:
                continue
            door = self.goals.get(goal)
            if base is None and door is None:
                continue
            here = price if turned == way else price + _BEND
            if corner.turns:
                here += self._turn_price(corner, net.WAYS[way], net.WAYS[turned])
            if door and (self.finish is None or here + door.price < self.finish[0]):
                self.finish = (here + door.price, state, door)
            if base is not None:
                self._reach(after, here + base + (self._beside(corner, turned, lines) * dear
                                                  if lines else 0), state)  # fmt: skip

    def _reach(self, state: State, price: float, before: State | doors.Door) -> None:
        known = self.best.get(state)
        if known is None or price < known:
            self.best[state] = price
            self.before[state] = before
            rest = self.far.get(state >> 2)
            promise = price + (self._rest(state >> 2) if rest is None else rest)
            heappush(self.heap, (promise, len(self.before), price, state))

    def _rest(self, place: int) -> float:
        """Return what the way from here costs at least."""
        x, y = divmod(place, len(self.grid.levels))
        far = min(
            (net.ACROSS * abs(end[0] - x) + net.ALONG * abs(end[1] - y) for end in self.ends),
            default=0.0,
        )
        self.far[place] = far
        return far

    def _route(self) -> Route | None:
        if self.finish is None:
            return None
        _, state, door = self.finish
        trail = [door.own]
        step: State | doors.Door = state
        while isinstance(step, int):
            trail.append(net.vertex(self.grid, step))
            step = self.before[step]
        trail.append(step.own)
        return Route(tuple(reversed(trail)), step.side, door.side)

    def _turn_price(self, corner: net.Corner, way: Way, turned: Way) -> float:
        """Return what the lines that pass or bend here add to going on or bending."""
        price = 0.0
        x, row = corner.vertex[0], corner.row
        fixed = row and x % 2 == 1
        for key, came, went in corner.turns:
            if key == self.edge.id or x in self.kin.get(key, ()):
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

    def _beside(self, corner: net.Corner, turned: int, lines: list[str]) -> int:
        """Count the other lines that already run along this step."""
        across, x = net.WAYS[turned][1] == 0, corner.vertex[0]
        return sum(
            key != self.edge.id and (across or x not in self.kin.get(key, ())) for key in lines
        )
