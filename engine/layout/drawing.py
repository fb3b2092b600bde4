"""From bytes to bytes: the places of every element are worked out and written as BPMNDI."""

from engine.layout import (
    artifacts,
    interchange,
    kept,
    labels,
    layers,
    paper,
    routes,
    rows,
    sheet,
    source,
    texts,
)
from engine.layout.plan import GRID, Box, Drawing, Plan

_HEADER = 30
_INSIDE_TOP, _INSIDE_SIDE = 20, 10
_COLUMN = 160


def draw(xml: bytes, *, keep: bool = False) -> bytes:
    """Return the file with a place for every element; `keep` only places what has none."""
    root = source.read(xml)
    pictures = [(plane, picture(root, plane)) for plane in interchange.planes(root)]
    if keep:
        return kept.complete(root, pictures)
    return interchange.replace(root, pictures)


def picture(root: source.Element, plane: source.Element) -> Drawing:
    """Lay out one collaboration or one process."""
    if source.tag(plane) == "collaboration":
        processes = {one.get("id", ""): one for one in source.children(root, "process")}
        plan = source.collaboration(plane, processes, _inner)
    else:
        plan = source.scope(plane, _inner)
    drawing = _arrange(plan, framed=True)
    _join_scopes(root, drawing)
    return drawing


def _join_scopes(root: source.Element, drawing: Drawing) -> None:
    """Draw lines that lead into or out of a sub-process, which no single grid knows."""
    elements = interchange.elements(root)
    for key, element in elements.items():
        if key not in drawing.edges:
            points = kept.line(element, drawing, elements)
            if points:
                drawing.edges[key] = points


def _inner(element: source.Element) -> Drawing:
    """Lay out the inside of a sub-process, its title above."""
    plan = source.scope(element, _inner)
    drawing = _arrange(plan, framed=False)
    framed = Drawing(
        width=max(140, texts.snapped(drawing.width + 2 * _INSIDE_SIDE, 20)),
        height=max(100, texts.snapped(drawing.height + _INSIDE_TOP, 20)),
    )
    framed.take(drawing, dx=_INSIDE_SIDE, dy=_INSIDE_TOP)
    return framed


def _arrange(plan: Plan, *, framed: bool) -> Drawing:
    for node in plan.nodes.values():
        ports = len(node.boundaries) * paper.PORT_STEP + 10
        node.width = max(node.width, texts.snapped(ports, 20) if node.boundaries else 0)
        node.span = max(1, (node.width + 110) // _COLUMN) if node.inner else 1
    layers.assign(plan)
    rows.assign(plan)
    artifacts.place(plan)
    placed = sheet.build(routes.find(plan))
    drawing = Drawing(width=placed.width, height=placed.height)
    _shapes(placed, drawing)
    for edge in plan.edges:
        if edge.id in placed.pieces:
            drawing.edges[edge.id] = placed.points(edge)
    frames = _frames(placed, drawing) if framed else {}
    borders = [Box(box.x, box.y - 1, box.width, 2) for box in frames.values()]
    labels.place(plan, drawing, borders)
    drawing.shapes = {**frames, **drawing.shapes}
    for node in plan.nodes.values():
        if node.inner:
            box = drawing.shapes[node.id]
            aside = (box.width - node.inner.width) // 2 // GRID * GRID
            drawing.take(node.inner, dx=box.x + aside, dy=box.y)
    return drawing


def _shapes(placed: paper.Sheet, drawing: Drawing) -> None:
    half = paper.EVENT // 2
    for node in placed.plan.nodes.values():
        drawing.shapes[node.id] = placed.boxes[node.id]
        for event in node.boundaries:
            middle = paper.port(node, event.id, placed.boxes)
            drawing.shapes[event.id] = Box(middle.x - half, middle.y - half, 2 * half, 2 * half)


def _frames(placed: paper.Sheet, drawing: Drawing) -> dict[str, Box]:
    """Return the boxes of pools and lanes around the bands."""
    frames: dict[str, Box] = {}
    bands = placed.plan.bands
    deepest = max((len(band.lanes) + bool(band.pool) for band in bands), default=0)
    for index, band in enumerate(bands):
        top, bottom = placed.band(index)
        path = ([band.pool] if band.pool else []) + list(band.lanes)
        for level, identity in enumerate(path):
            left = _HEADER * (level - deepest)
            upper = frames[identity].y if identity in frames else top
            frames[identity] = Box(left, upper, drawing.width - left, bottom - upper)
    return frames
