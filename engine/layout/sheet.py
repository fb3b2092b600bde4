"""Turns the grid into pixels: sizes of columns, rows and gaps, and the lines in them."""

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import combinations, pairwise

from engine.layout import texts, tracks
from engine.layout.plan import Box, Edge, Kind, Node, Plan, Point
from engine.layout.routes import Net

_STEP = 20
_MARGIN = 20
_ROUNDS = 3
_PORT_REACH = 30
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
    margin: int = _MARGIN
    after: int = _MARGIN
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
            return line.start + line.margin + piece.level * _STEP
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
    return Point(box.right - _MARGIN - 10 - PORT_STEP * index, box.bottom)


def build(net: Net) -> Sheet:
    """Size the grid and give every piece its track."""
    pieces = {edge.id: _pieces(net, edge) for edge in net.plan.edges if edge.id in net.routes}
    sheet = Sheet(net, pieces)
    _choose_ports(sheet)
    _measure(sheet)
    for _ in range(_ROUNDS):
        for across in (True, False):
            _assign_tracks(sheet, across=across)
            _measure(sheet)
        _untangle(sheet)
    _measure(sheet)
    return sheet


def _untangle(sheet: Sheet) -> None:
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
            sheet.shifts[edge.id, use] = now + (10 if now < _PORT_REACH else -10)
            return


def _pieces(net: Net, edge: Edge) -> list[Piece]:
    path = net.routes[edge.id].path
    pieces: list[Piece] = []
    for start, end in pairwise(path):
        across = start[1] == end[1]
        along = (start[0], end[0]) if across else (start[1], end[1])
        if pieces and pieces[-1].across == across:
            pieces[-1].end = along[1]
        else:
            line = start[1] if across else start[0]
            pieces.append(
                Piece(edge=edge, across=across, line=line, start=along[0], end=along[1])
            )
    pieces[0].first = True
    pieces[-1].last = True
    return pieces


def _choose_ports(sheet: Sheet) -> None:
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
            if middle is None:
                shift = 10 * (2 * index - len(places) + 1)
            else:
                shift = 20 * (index - middle)
            sheet.shifts[key, use] = max(-_PORT_REACH, min(_PORT_REACH, shift))


def _heading(pieces: list[Piece], use: str) -> tuple[int, int]:
    """Return which way a line bends next to its box, and how far it then goes."""
    if len(pieces) == 1:
        return 0, 0
    one, after = pieces[0], pieces[1]
    start, end = (after.start, after.end) if use == "out" else (after.end, after.start)
    turn = 1 if end > start else -1
    beyond = abs(one.end - one.start) + (abs(pieces[2].end - pieces[2].start) if len(pieces) > 2 else 0)
    return turn, -turn * beyond


def _assign_tracks(sheet: Sheet, *, across: bool) -> None:
    gaps: dict[int, list[tuple[Piece, tracks.Run]]] = defaultdict(list)
    for pieces in sheet.pieces.values():
        for index, piece in enumerate(pieces):
            if piece.across == across and sheet.gap(piece):
                gaps[piece.line].append((piece, _run(sheet, pieces, index)))
    for shared in gaps.values():
        found = tracks.levels([run for _, run in shared])
        for (piece, _), level in zip(shared, found, strict=True):
            piece.level = level


def _run(sheet: Sheet, pieces: list[Piece], index: int) -> tracks.Run:
    ends: list[tuple[int, int]] = []
    for step in (-1, 1):
        other = pieces[index + step]
        at = sheet.at(other)
        here, there = (other.end, other.start) if step < 0 else (other.start, other.end)
        ends.append((at, 1 if there > here else -1))
    ends.sort()
    return tracks.Run(ends[0][0], ends[1][0], ends[0][1], ends[1][1])


def _measure(sheet: Sheet) -> None:
    """Lay the lines of the grid one after the other and put the boxes on them."""
    net = sheet.net
    sheet.columns = [Line() for _ in range(net.width)]
    sheet.levels = [Line() for _ in net.levels]
    _size_boxes(sheet)
    _size_gaps(sheet)
    for lines in (sheet.columns, sheet.levels):
        at = 0
        for line in lines:
            line.start = at
            line.size = max(line.size, line.least)
            at += line.size
    for node in net.plan.nodes.values():
        sheet.boxes[node.id] = _box(sheet, node)


def _size_boxes(sheet: Sheet) -> None:
    for line, level in zip(sheet.levels, sheet.net.levels, strict=True):
        line.least = {"row": 60, "gap": 30, "pool": 60}[level.kind]
    for index, line in enumerate(sheet.columns):
        line.least = 60 if index % 2 else 50
    for node in sheet.plan.nodes.values():
        row = sheet.levels[sheet.net.level(node)]
        row.size = max(row.size, texts.snapped(node.height, 20))
        if node.span == 1:
            column = sheet.columns[2 * node.column + 1]
            column.size = max(column.size, texts.snapped(node.width, 20))
        if node.boundaries:
            below = sheet.levels[sheet.net.level(node) + 1]
            below.margin, below.least = 50, 60


def _size_gaps(sheet: Sheet) -> None:
    for pieces in sheet.pieces.values():
        _make_room_for_label(sheet, pieces)
    for pieces in sheet.pieces.values():
        for piece in pieces:
            if sheet.gap(piece):
                line = sheet.line(piece)
                line.size = max(line.size, line.margin + piece.level * _STEP + line.after)
    for node in sheet.plan.nodes.values():
        first, last = 2 * node.column + 1, 2 * (node.column + node.span - 1) + 1
        lines = sheet.columns[first : last + 1]
        lacking = node.width - sum(max(line.size, line.least) for line in lines)
        if lacking > 0:
            lines[-1].size = max(lines[-1].size, lines[-1].least) + texts.snapped(lacking, 20)


def _make_room_for_label(sheet: Sheet, pieces: list[Piece]) -> None:
    """Widen the gap after a box so that the line's label fits before the first bend.

    Of lines that leave together, only the one that goes straight on has its label here, behind
    the bends of the others.
    """
    edge, first = pieces[0].edge, pieces[0]
    node = sheet.plan.nodes.get(edge.source)
    if not edge.name or node is None or not first.across:
        return
    wide, _ = texts.label(edge.name)
    column = 2 * (node.column + node.span - 1) + 1
    slack = max(0, max(sheet.columns[column].size, sheet.columns[column].least) - node.width) // 2
    gap = sheet.columns[column + 1]
    if len(sheet.net.ports[edge.source, "right"]) == 1:
        gap.margin = max(gap.margin, texts.snapped(wide + 12 - slack))
        gap.least = max(gap.least, gap.margin + _MARGIN)
    elif first.end - first.start > 1:
        gap.after = max(gap.after, texts.snapped(wide + 16))


def _box(sheet: Sheet, node: Node) -> Box:
    first = sheet.columns[2 * node.column + 1]
    last = sheet.columns[2 * (node.column + node.span - 1) + 1]
    row = sheet.levels[sheet.net.level(node)]
    wide, high = node.width, node.height
    if node.kind is Kind.SCOPE and node.span > 1:
        wide = last.start + last.size - first.start
    x = first.start + (last.start + last.size - first.start - wide) // 2
    return Box(x, row.start + (row.size - high) // 2, wide, high)
