"""Turns the grid into pixels: sizes of columns, rows and gaps, tracks for the lines in them."""

from collections import defaultdict

from engine.layout import ports, texts, tracks
from engine.layout.net import Net
from engine.layout.paper import MARGIN, STEP, Line, Piece, Sheet, cut
from engine.layout.plan import Box, Kind, Node

_ROUNDS = 3
_BETWEEN_POOLS = 40


def build(net: Net) -> Sheet:
    """Size the grid and give every piece its track."""
    pieces = {edge.id: cut(net, edge) for edge in net.plan.edges if edge.id in net.routes}
    sheet = Sheet(net, pieces)
    ports.choose(sheet)
    _measure(sheet)
    for _ in range(_ROUNDS):
        for across in (True, False):
            _assign_tracks(sheet, across=across)
            _measure(sheet)
        ports.untangle(sheet)
    _measure(sheet)
    return sheet


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
    pools = [net.plan.bands[level.band].pool for level in net.levels]
    for lines in (sheet.columns, sheet.levels):
        at = 0
        for index, line in enumerate(lines):
            if lines is sheet.levels and index and pools[index] != pools[index - 1]:
                at += _BETWEEN_POOLS
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
                line.size = max(line.size, line.margin + piece.level * STEP + line.after)
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
    wide += 10 if edge.default else 0
    column = 2 * (node.column + node.span - 1) + 1
    slack = max(0, max(sheet.columns[column].size, sheet.columns[column].least) - node.width) // 2
    gap = sheet.columns[column + 1]
    if len(sheet.net.ports[edge.source, "right"]) == 1:
        gap.margin = max(gap.margin, texts.snapped(wide + 12 - slack))
        gap.least = max(gap.least, gap.margin + MARGIN)
    elif first.end - first.start > 1:
        gap.after = max(gap.after, texts.snapped(wide + 16))


def _box(sheet: Sheet, node: Node) -> Box:
    first = sheet.columns[2 * node.column + 1]
    last = sheet.columns[2 * (node.column + node.span - 1) + 1]
    row = sheet.levels[sheet.net.level(node)]
    wide, high = node.width, node.height
    if node.kind is Kind.SCOPE and node.span > 1:
        wide = (last.start + last.size - first.start) // 20 * 20
    x = first.start + (last.start + last.size - first.start) // 20 * 10 - wide // 2
    return Box(x, row.start + (row.size - high) // 2, wide, high)
