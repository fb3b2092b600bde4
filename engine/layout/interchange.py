"""Reads and writes BPMNDI, the part of a BPMN file that says where everything is drawn."""

from lxml import etree

from engine.layout import source
from engine.layout.plan import GRID, Box, Drawing, Point

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
        for diagram in sheet.iterancestors(f"{{{BPMNDI}}}BPMNDiagram"):
            etree.indent(diagram, space="  ", level=1)
            diagram.tail = "\n"
    return written(root)


def elements(root: source.Element) -> dict[str, source.Element]:
    """Return every BPMN element by its id."""
    return {one.get("id", ""): one for one in root.iter(f"{{{source.BPMN}}}*") if one.get("id")}


def ends(element: source.Element) -> tuple[str, str]:
    """Return the ids that a line joins, or two empty texts."""
    if source.tag(element) not in {"sequenceFlow", "association", "messageFlow"}:
        return "", ""
    source_id, target_id = element.get("sourceRef", ""), element.get("targetRef", "")
    return source_id.rpartition(":")[2], target_id.rpartition(":")[2]


def plane(root: source.Element, element: str) -> source.Element | None:
    """Return the plane on which a collaboration or process is drawn."""
    for sheet in root.iter(f"{{{BPMNDI}}}BPMNPlane"):
        if (sheet.get("bpmnElement") or "").rpartition(":")[2] == element:
            return sheet
    return None


def read(root: source.Element) -> Drawing:
    """Return the places that the file has."""
    drawing = Drawing()
    for shape in root.iter(f"{{{BPMNDI}}}BPMNShape"):
        identity = (shape.get("bpmnElement") or "").rpartition(":")[2]
        for bounds in shape.iterchildren(f"{{{DC}}}Bounds"):
            drawing.shapes[identity] = _box(bounds)
    for bounds in root.iterfind(f".//{{{BPMNDI}}}BPMNLabel/{{{DC}}}Bounds"):
        for owner in bounds.iterancestors(f"{{{BPMNDI}}}BPMNShape", f"{{{BPMNDI}}}BPMNEdge"):
            drawing.labels[(owner.get("bpmnElement") or "").rpartition(":")[2]] = _box(bounds)
    for edge in root.iter(f"{{{BPMNDI}}}BPMNEdge"):
        identity = (edge.get("bpmnElement") or "").rpartition(":")[2]
        drawing.edges[identity] = [
            Point(round(float(one.get("x", 0))), round(float(one.get("y", 0))))
            for one in edge.iter(f"{{{DI}}}waypoint")
        ]
    return drawing


def _box(bounds: source.Element) -> Box:
    sizes = [round(float(bounds.get(key, 0))) for key in ("x", "y", "width", "height")]
    return Box(sizes[0], sizes[1], sizes[2], sizes[3])


def placed(drawing: Drawing) -> Drawing:
    """Return the drawing moved to where bpmn.io begins a sheet."""
    boxes = list(drawing.shapes.values())
    left = _ORIGIN_X - min((box.x for box in boxes), default=0) // GRID * GRID
    top = _ORIGIN_Y - min((box.y for box in boxes), default=0) // GRID * GRID
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
    if len(root) and not (root[-1].tail or "").strip():
        root[-1].tail = "\n  "
    diagram = etree.SubElement(root, f"{{{BPMNDI}}}BPMNDiagram", nsmap=prefixes)
    diagram.set("id", f"BPMNDiagram_{number}")
    sheet = etree.SubElement(diagram, f"{{{BPMNDI}}}BPMNPlane")
    sheet.set("id", f"BPMNPlane_{number}")
    sheet.set("bpmnElement", element)
    return sheet


def write(root: source.Element, sheet: source.Element, drawing: Drawing) -> None:
    """Write every shape, edge and label of a drawing on a plane."""
    known = elements(root)
    for identity, box in drawing.shapes.items():
        _add_shape(sheet, known[identity], box, drawing.labels.get(identity))
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


def _add_shape(sheet: source.Element, element: source.Element, box: Box, label: Box | None) -> None:
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


def _add_edge(sheet: source.Element, identity: str, points: list[Point], label: Box | None) -> None:
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
