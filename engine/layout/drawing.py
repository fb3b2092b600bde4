"""From bytes to bytes: the places of every element are worked out and written as BPMNDI."""

from lxml import etree

from engine.layout import artifacts, interchange, kept, labels, layers, routes, rows, sheet, source, texts
from engine.layout.plan import Box, Drawing, Plan

_PARSER = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_blank_text": False,
}
HEADER = 30
_POOL_GAP = 40
_INSIDE_TOP, _INSIDE_SIDE = 20, 10
_COLUMN = 160


def draw(xml: bytes, *, keep: bool = False) -> bytes:
    """Return the file with a place for every element; `keep` only places what has none."""
    root = etree.fromstring(xml, etree.XMLParser(**_PARSER))
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
    return _arrange(plan, framed=True)


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
        ports = len(node.boundaries) * sheet.PORT_STEP + 10
        node.width = max(node.width, texts.snapped(ports, 20) if node.boundaries else 0)
        node.span = max(1, (node.width + 110) // _COLUMN) if node.inner else 1
    layers.assign(plan)
    rows.assign(plan)
    artifacts.place(plan)
    paper = sheet.build(routes.find(plan))
    drawing = Drawing(width=paper.width, height=paper.height)
    _shapes(paper, drawing)
    for edge in plan.edges:
        if edge.id in paper.pieces:
            drawing.edges[edge.id] = paper.points(edge)
    frames = _frames(paper, drawing) if framed else {}
    borders = [Box(box.x, box.y - 1, box.width, 2) for box in frames.values()]
    labels.place(plan, drawing, borders)
    drawing.shapes = {**frames, **drawing.shapes}
    for node in plan.nodes.values():
        if node.inner:
            box = drawing.shapes[node.id]
            drawing.take(node.inner, dx=box.x, dy=box.y)
    return drawing


def _shapes(paper: sheet.Sheet, drawing: Drawing) -> None:
    for node in paper.plan.nodes.values():
        drawing.shapes[node.id] = paper.boxes[node.id]
        for event in node.boundaries:
            middle = sheet.port(node, event.id, paper.boxes)
            half = sheet.EVENT // 2
            drawing.shapes[event.id] = Box(middle.x - half, middle.y - half, 36, 36)


def _frames(paper: sheet.Sheet, drawing: Drawing) -> dict[str, Box]:
    """Return the boxes of pools and lanes around the bands."""
    frames: dict[str, Box] = {}
    depth = max((len(band.lanes) for band in paper.plan.bands), default=0)
    deepest = max((len(b.lanes) + bool(b.pool) for b in paper.plan.bands), default=depth)
    for index, band in enumerate(paper.plan.bands):
        top, bottom = paper.band(index)
        path = ([band.pool] if band.pool else []) + list(band.lanes)
        for level, identity in enumerate(path):
            left = HEADER * (level - deepest)
            box = Box(left, top, drawing.width - left, bottom - top)
            known = frames.get(identity)
            if known:
                box = Box(left, known.y, box.width, bottom - known.y)
            frames[identity] = box
    return frames
