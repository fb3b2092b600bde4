"""Where exactly on a box's side its lines begin and end."""

from collections import defaultdict
from itertools import combinations

from engine.layout.paper import Piece, Sheet
from engine.layout.plan import Edge

_REACH = 30


def choose(sheet: Sheet) -> None:
    """Spread the lines that share a side of a box; a straight one keeps the middle."""
    sides: dict[tuple[str, str], list[tuple[int, int, str, str]]] = defaultdict(list)
    for key, pieces in sheet.pieces.items():
        edge, route = pieces[0].edge, sheet.net.routes[key]
        straight = len(pieces) == 1
        for identity, side, use in (
            (edge.source, route.out, "out"),
            (edge.target, route.into, "in"),
        ):
            node = sheet.plan.nodes.get(identity)
            if node is None or node.kind.pointed or side == "port":
                continue
            turn, reach = _heading(pieces if use == "out" else pieces[::-1], use)
            sides[identity, side].append((0 if straight else turn, reach, key, use))
    for places in sides.values():
        places.sort()
        middle = next((i for i, one in enumerate(places) if one[0] == 0), None)
        for index, (_, _, key, use) in enumerate(places):
            shift = 10 * (2 * index - len(places) + 1) if middle is None else 20 * (index - middle)
            sheet.shifts[key, use] = max(-_REACH, min(_REACH, shift))


def _heading(pieces: list[Piece], use: str) -> tuple[int, int]:
    """Return which way a line bends next to its box, and how far it then goes."""
    if len(pieces) == 1:
        return 0, 0
    one, after = pieces[0], pieces[1]
    start, end = (after.start, after.end) if use == "out" else (after.end, after.start)
    turn = 1 if end > start else -1
    beyond = sum(abs(piece.end - piece.start) for piece in (one, *pieces[2:3]))
    return turn, -turn * beyond


def untangle(sheet: Sheet) -> None:
    """Shift the port of a line that would lie on a stranger's between two columns."""
    stubs: dict[int, list[tuple[Piece, str, int, int]]] = defaultdict(list)
    for pieces in sheet.pieces.values():
        if len(pieces) > 1:
            points = sheet.points(pieces[0].edge)
            for piece, use, a, b in (
                (pieces[0], "out", points[0], points[1]),
                (pieces[-1], "in", points[-2], points[-1]),
            ):
                if piece.across:
                    stubs[a.y].append((piece, use, min(a.x, b.x), max(a.x, b.x)))
    for level in stubs.values():
        for one, other in combinations(level, 2):
            if other[2] < one[3] and one[2] < other[3] and _strangers(one[0].edge, other[0].edge):
                _shift_port(sheet, one, other)


def _strangers(one: Edge, other: Edge) -> bool:
    return one.source != other.source and one.target != other.target


def _shift_port(sheet: Sheet, *stubs: tuple[Piece, str, int, int]) -> None:
    for piece, use, _, _ in stubs:
        edge = piece.edge
        node = sheet.plan.nodes[edge.source if use == "out" else edge.target]
        if not node.kind.pointed:
            now = sheet.shifts.get((edge.id, use), 0)
            sheet.shifts[edge.id, use] = now + (10 if now < _REACH else -10)
            return
