"""Reads and writes BPMNDI, the part of a BPMN file that says where everything is drawn."""

from lxml import etree

from engine.layout import source
from engine.layout.plan import Box, Drawing, Point

BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DI = "http://www.omg.org/spec/DD/20100524/DI"
_ORIGIN_X, _ORIGIN_Y = 160, 80


def planes(root: source.Element) -> list[source.Element]:
    """Return what gets a picture of its own: the collaboration, processes outside it."""
    collaborations = list(source.children(root, "collaboration"))[:1]
    inside = {
        (part.get("processRef") or "").rpartition(":")[2]
        for one in collaborations
        for part in source.children(one, "participant")
    }
    alone = [one for one in source.children(root, "process") if one.get("id") not in inside]
    return collaborations + alone


def replace(root: source.Element, pictures: list[tuple[source.Element, Drawing]]) -> bytes:
    """Put fresh diagrams in the place of all that were there."""
    for old in root.findall(f"{{{BPMNDI}}}BPMNDiagram"):
        _take_out(root, old)
    for number, (plane, drawing) in enumerate(pictures, 1):
        sheet = add_plane(root, plane.get("id", ""), number)
        write(root, sheet, placed(drawing))
        etree.indent(sheet.getparent(), space="  ", level=1)
    return written(root)


def placed(drawing: Drawing) -> Drawing:
    """Return the drawing moved to where bpmn.io begins a sheet."""
    boxes = list(drawing.shapes.values())
    left = _ORIGIN_X - min((box.x for box in boxes), default=0)
    top = _ORIGIN_Y - min((box.y for box in boxes), default=0)
    moved = Drawing(width=drawing.width, height=drawing.height)
    moved.take(drawing, dx=left, dy=top)
    return moved


def add_plane(root: source.Element, element: str, number: int) -> source.Element:
    """Append an empty diagram for one collaboration or process."""
    known = {key: uri for key, uri in root.nsmap.items() if key}
    prefixes = {
        key: uri
        for key, uri in (("bpmndi", BPMNDI), ("dc", DC), ("di", DI))
        if uri not in known.values() and key not in known
    }
    diagram = etree.SubElement(root, f"{{{BPMNDI}}}BPMNDiagram", nsmap=prefixes)
    diagram.set("id", f"BPMNDiagram_{number}")
    sheet = etree.SubElement(diagram, f"{{{BPMNDI}}}BPMNPlane")
    sheet.set("id", f"BPMNPlane_{number}")
    sheet.set("bpmnElement", element)
    return sheet


def write(root: source.Element, sheet: source.Element, drawing: Drawing) -> None:
    """Write every shape, edge and label of a drawing on a plane."""
    elements = {one.get("id"): one for one in root.iter(f"{{{source.BPMN}}}*")}
    for identity, box in drawing.shapes.items():
        _add_shape(sheet, elements[identity], box, drawing.labels.get(identity))
    for identity, points in drawing.edges.items():
        _add_edge(sheet, identity, points, drawing.labels.get(identity))


def written(root: source.Element) -> bytes:
    """Return the whole file as bytes."""
    text: bytes = etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8")
    return text if text.endswith(b"\n") else text + b"\n"


def _take_out(root: source.Element, old: source.Element) -> None:
    before = old.getprevious()
    if before is not None:
        before.tail = old.tail
    root.remove(old)


def _add_shape(
    sheet: source.Element, element: source.Element, box: Box, label: Box | None
) -> None:
    identity = element.get("id", "")
    shape = etree.SubElement(sheet, f"{{{BPMNDI}}}BPMNShape")
    shape.set("id", f"{identity}_di")
    shape.set("bpmnElement", identity)
    name = source.tag(element)
    if name in {"participant", "lane"}:
        shape.set("isHorizontal", "true")
    if name in source.SCOPES:
        shape.set("isExpanded", "true")
    if name == "exclusiveGateway":
        shape.set("isMarkerVisible", "true")
    _add_bounds(shape, box)
    _add_label(shape, label)


def _add_edge(
    sheet: source.Element, identity: str, points: list[Point], label: Box | None
) -> None:
    edge = etree.SubElement(sheet, f"{{{BPMNDI}}}BPMNEdge")
    edge.set("id", f"{identity}_di")
    edge.set("bpmnElement", identity)
    for point in points:
        waypoint = etree.SubElement(edge, f"{{{DI}}}waypoint")
        waypoint.set("x", str(point.x))
        waypoint.set("y", str(point.y))
    _add_label(edge, label)


def _add_label(owner: source.Element, box: Box | None) -> None:
    if box is not None:
        label = etree.SubElement(owner, f"{{{BPMNDI}}}BPMNLabel")
        _add_bounds(label, box)


def _add_bounds(owner: source.Element, box: Box) -> None:
    bounds = etree.SubElement(owner, f"{{{DC}}}Bounds")
    for key in ("x", "y", "width", "height"):
        bounds.set(key, str(getattr(box, key)))
