"""Grid and pixels together: where every line of the grid lies, where every edge turns."""

from dataclasses import dataclass, field
from itertools import pairwise

from engine.layout.net import Net
from engine.layout.plan import Box, Edge, Node, Plan, Point

STEP = 20
MARGIN = 20
EVENT = 36
PORT_STEP = 50


@dataclass(slots=True, kw_only=True)
class Piece:
    """A straight part of an edge on one line of the grid, its ends as grid lines."""

    edge: Edge
    across: bool
    line: int
    start: int
    end: int
    first: bool = False
    last: bool = False
    level: int = 0


@dataclass(slots=True)
class Line:
    """A column, a row or a gap: where it begins, how big it is, room around its tracks."""

    start: int = 0
    size: int = 0
    margin: int = MARGIN
    after: int = MARGIN
    least: int = 0


@dataclass(slots=True)
class Sheet:
    """Pixel places of one plan."""

    net: Net
    pieces: dict[str, list[Piece]]
    columns: list[Line] = field(default_factory=list)
    levels: list[Line] = field(default_factory=list)
    shifts: dict[tuple[str, str], int] = field(default_factory=dict)
    boxes: dict[str, Box] = field(default_factory=dict)

    @property
    def plan(self) -> Plan:
        return self.net.plan

    @property
    def width(self) -> int:
        return self.columns[-1].start + self.columns[-1].size

    @property
    def height(self) -> int:
        return self.levels[-1].start + self.levels[-1].size

    def band(self, index: int) -> tuple[int, int]:
        """Return the upper and lower edge of a band."""
        lines = [
            line
            for line, level in zip(self.levels, self.net.levels, strict=True)
            if level.band == index
        ]
        return lines[0].start, lines[-1].start + lines[-1].size

    def points(self, edge: Edge) -> list[Point]:
        """Return the corners of an edge, its ends on the borders of its boxes."""
        pieces = self.pieces[edge.id]
        route = self.net.routes[edge.id]
        corners = [self._border(edge.source, route.out, self.at(pieces[0]))]
        for one, other in pairwise(pieces):
            across, upright = (one, other) if one.across else (other, one)
            corners.append(Point(self.at(upright), self.at(across)))
        corners.append(self._border(edge.target, route.into, self.at(pieces[-1])))
        return corners

    def at(self, piece: Piece) -> int:
        """Return the y of a piece that runs across, the x of one that runs up or down."""
        line = self.line(piece)
        if self.gap(piece):
            return line.start + line.margin + piece.level * STEP
        return line.start + line.size // 2 + self._shift(piece)

    def line(self, piece: Piece) -> Line:
        return (self.levels if piece.across else self.columns)[piece.line]

    def gap(self, piece: Piece) -> bool:
        """Say whether the piece runs between rows or columns, where tracks are."""
        return self.net.levels[piece.line].kind == "gap" if piece.across else piece.line % 2 == 0

    def _shift(self, piece: Piece) -> int:
        edge = piece.edge
        line = self.line(piece)
        middle = line.start + line.size // 2
        if piece.first and edge.port:
            return port(self.plan.nodes[edge.source], edge.port, self.boxes).x - middle
        if piece.last and edge.goal:
            return port(self.plan.nodes[edge.target], edge.goal, self.boxes).x - middle
        if piece.first == piece.last:
            return 0
        return self.shifts.get((edge.id, "out" if piece.first else "in"), 0)

    def _border(self, identity: str, side: str, at: int) -> Point:
        if identity in self.net.pools:
            line = self.levels[self.net.pools[identity]]
            return Point(at, line.start if side == "top" else line.start + line.size)
        box = self.boxes[identity]
        below = box.bottom + (EVENT // 2 if side == "port" else 0)
        if side in {"left", "right"}:
            return Point(box.x if side == "left" else box.right, at)
        return Point(at, box.y if side == "top" else below)


def port(host: Node, event: str, boxes: dict[str, Box]) -> Point:
    """Return the centre of a boundary event on the lower edge of its host."""
    index = [one.id for one in host.boundaries].index(event)
    box = boxes[host.id]
    return Point(box.right - MARGIN - 10 - PORT_STEP * index, box.bottom)


def cut(net: Net, edge: Edge) -> list[Piece]:
    """Cut an edge's way into straight pieces."""
    path = net.routes[edge.id].path
    pieces: list[Piece] = []
    for start, end in pairwise(path):
        across = start[1] == end[1]
        along = (start[0], end[0]) if across else (start[1], end[1])
        if pieces and pieces[-1].across == across:
            pieces[-1].end = along[1]
        else:
            line = start[1] if across else start[0]
            pieces.append(Piece(edge=edge, across=across, line=line, start=along[0], end=along[1]))
    pieces[0].first = True
    pieces[-1].last = True
    return pieces
