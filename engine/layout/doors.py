"""The ways out of boxes and into them, and what each side costs."""

from dataclasses import dataclass

from engine.layout.net import DOWN, RIGHT, UP, Net, Vertex, Way
from engine.layout.plan import Edge, Kind, Node


@dataclass(frozen=True, slots=True)
class Door:
    """One way out of a box or into it: its side, the first vertex there and the price."""

    side: str
    own: Vertex
    vertex: Vertex
    way: Way
    price: float


def exits(net: Net, edge: Edge) -> list[Door]:
    """Return every way out of the edge's source."""
    node = net.plan.nodes.get(edge.source)
    if node is None:
        return _pool(net, edge.source, out=True)
    y = net.level(node)
    last, middle = _last(node), _middle(node)
    if edge.port:
        return [Door("port", (last, y), (last, y + 1), DOWN, 0.0)]
    side, cost = _leaving(node, edge)
    found = [
        Door("right", (last, y), (last + 1, y), RIGHT, side),
        Door("bottom", (middle, y), (middle, y + 1), DOWN, cost),
        Door("top", (middle, y), (middle, y - 1), UP, cost),
    ]
    return [_shared(net, node, door, edge, "out") for door in found]


def entries(net: Net, edge: Edge) -> list[Door]:
    """Return every way into the edge's target; the vertex is the last before it."""
    node = net.plan.nodes.get(edge.target)
    if node is None:
        return _pool(net, edge.target, out=False)
    y, first = net.level(node), 2 * node.column + 1
    last, middle = _last(node), _middle(node)
    if edge.goal:
        return [Door("port", (last, y), (last, y + 1), UP, 0.0)]
    left, above, below = _entering(net, node, edge)
    found = [
        Door("left", (first, y), (first - 1, y), RIGHT, left),
        Door("top", (middle, y), (middle, y - 1), DOWN, above),
        Door("bottom", (middle, y), (middle, y + 1), UP, below),
    ]
    host = net.plan.nodes[edge.source] if edge.port else None
    if host and _last(host) == middle and host is not node:
        found = found[:1]  # a boundary event stands beside the column's middle
    return [_shared(net, node, door, edge, "in") for door in found]


def kin(net: Net, edge: Edge) -> dict[str, frozenset[int]]:
    """Return the edges that may share a trunk above or below a gateway, and on which column.

    Lines that leave one gateway by its upper or lower corner, or come to one, run together
    until they part.
    """
    found: dict[str, frozenset[int]] = {}
    for end, side in ((edge.source, "source"), (edge.target, "target")):
        node = net.plan.nodes.get(end)
        if node is None or not node.kind.pointed or edge.port:
            continue
        column = frozenset({_middle(node)})
        for other in net.plan.edges:
            if other is not edge and not other.port and getattr(other, side) == end:
                found[other.id] = found.get(other.id, frozenset()) | column
    return found


def _last(node: Node) -> int:
    return 2 * (node.column + node.span - 1) + 1


def _middle(node: Node) -> int:
    return 2 * (node.column + node.span // 2) + 1


def _pool(net: Net, pool: str, *, out: bool) -> list[Door]:
    """Return the ways of a pool without contents: anywhere along its edges."""
    level = net.pools[pool]
    found = []
    for x in range(1, net.width, 2):
        for side, beside in (("bottom", level + 1), ("top", level - 1)):
            if 0 <= beside < len(net.levels):
                way = DOWN if (beside > level) == out else UP
                found.append(Door(side, (x, level), (x, beside), way, 0.0))
    return found


def _leaving(node: Node, edge: Edge) -> tuple[float, float]:
    """Return the prices of leaving to the right and up or down."""
    if edge.kind in {"association", "message"}:
        return 30.0, 0.0
    if node.kind is Kind.GATEWAY:
        return (40.0, 0.0) if edge.back else (0.0, 5.0)
    return (30.0, 30.0) if edge.back else (0.0, 60.0)


def _entering(net: Net, node: Node, edge: Edge) -> tuple[float, float, float]:
    """Return the prices of coming from the left, from above and from below."""
    if edge.kind in {"association", "message"}:
        return 40.0, 0.0, 0.0
    if node.kind is not Kind.GATEWAY:
        return 0.0, 30.0, 30.0
    above, below = _branches(net, node)
    return 0.0, 5.0 + 40.0 * above, 5.0 + 40.0 * below


def _branches(net: Net, node: Node) -> tuple[bool, bool]:
    """Say whether lines of a splitting gateway want to leave upwards and downwards."""
    ends = [
        net.level(net.plan.nodes[edge.target])
        for edge in net.plan.edges
        if edge.source == node.id and edge.target in net.plan.nodes
    ]
    here = net.level(node)
    return any(end < here for end in ends), any(end > here for end in ends)


def _shared(net: Net, node: Node, door: Door, edge: Edge, direction: str) -> Door:
    """Make a side dearer on which other lines come or go."""
    price = door.price
    for key, use in net.ports[node.id, door.side]:
        if key != edge.id:
            heavy = 300.0 if use == direction else 500.0
            price += heavy if node.kind.pointed else 40.0 + 40.0 * (use != direction)
    return Door(door.side, door.own, door.vertex, door.way, price)
