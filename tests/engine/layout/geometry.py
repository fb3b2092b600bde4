"""Reads the places back from a drawn file and says what is wrong with the picture."""

from dataclasses import dataclass, field
from itertools import combinations, pairwise

from lxml import etree

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
BPMNDI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
DI = "{http://www.omg.org/spec/DD/20100524/DI}"
CONTAINERS = {"participant", "lane", "subProcess", "transaction", "adHocSubProcess"}


@dataclass(frozen=True)
class Rect:
    x: float
    y: float
    width: float
    height: float

    def meets(self, other: "Rect") -> bool:
        return (
            self.x < other.x + other.width
            and other.x < self.x + self.width
            and self.y < other.y + other.height
            and other.y < self.y + self.height
        )


@dataclass
class Picture:
    tags: dict[str, str] = field(default_factory=dict)
    elements: dict[str, etree._Element] = field(default_factory=dict)
    shapes: dict[str, Rect] = field(default_factory=dict)
    edges: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    labels: dict[str, Rect] = field(default_factory=dict)


def read(xml: bytes) -> Picture:
    root = etree.fromstring(xml)
    picture = Picture()
    for element in root.iter(f"{BPMN}*"):
        if element.get("id"):
            picture.elements[element.get("id")] = element
            picture.tags[element.get("id")] = element.tag.removeprefix(BPMN)
    for shape in root.iter(f"{BPMNDI}BPMNShape"):
        picture.shapes[shape.get("bpmnElement")] = _rect(shape.find(f"{DC}Bounds"))
    for edge in root.iter(f"{BPMNDI}BPMNEdge"):
        picture.edges[edge.get("bpmnElement")] = [
            (float(point.get("x")), float(point.get("y"))) for point in edge.iter(f"{DI}waypoint")
        ]
    for label in root.iter(f"{BPMNDI}BPMNLabel"):
        picture.labels[label.getparent().get("bpmnElement")] = _rect(label.find(f"{DC}Bounds"))
    return picture


def _rect(bounds: etree._Element) -> Rect:
    return Rect(*(float(bounds.get(key)) for key in ("x", "y", "width", "height")))


def overlapping(picture: Picture) -> list[str]:
    """Name pairs of shapes that overlap and should not."""
    found = []
    for (one, a), (other, b) in combinations(picture.shapes.items(), 2):
        if a.meets(b) and not _may_overlap(picture, one, other):
            found.append(f"{one} overlaps {other}")
    return found


def _may_overlap(picture: Picture, one: str, other: str) -> bool:
    pair = {picture.tags[one], picture.tags[other]}
    if pair & {"participant", "lane"}:
        return True
    for child, host in ((one, other), (other, one)):
        if picture.elements[child].get("attachedToRef") == host:
            return True
        if picture.elements[host] in list(picture.elements[child].iterancestors()):
            return True
    return False


def hidden_lines(picture: Picture) -> list[str]:
    """Name lines that run through a shape they do not belong to."""
    found = []
    for edge, points in picture.edges.items():
        element = picture.elements[edge]
        ends = {element.get("sourceRef"), element.get("targetRef")}
        inside = set(map(id, element.iterancestors()))
        for shape, rect in picture.shapes.items():
            if shape in ends or picture.tags[shape] in {"participant", "lane"}:
                continue
            if id(picture.elements[shape]) in inside or _belongs(picture, shape, ends):
                continue
            if any(_strip(a, b).meets(rect) for a, b in pairwise(points)):
                found.append(f"{edge} crosses {shape}")
    return found


def _belongs(picture: Picture, shape: str, ends: set[str]) -> bool:
    """A line may start at a boundary event that overlaps its host's lower edge."""
    hosts = {picture.elements[end].get("attachedToRef") for end in ends if end in picture.elements}
    return shape in hosts or picture.elements[shape].get("attachedToRef") in ends


def _strip(a: tuple[float, float], b: tuple[float, float]) -> Rect:
    x, y = min(a[0], b[0]), min(a[1], b[1])
    return Rect(x, y, max(abs(a[0] - b[0]), 0.1), max(abs(a[1] - b[1]), 0.1))


def slanted_lines(picture: Picture) -> list[str]:
    return [
        edge
        for edge, points in picture.edges.items()
        if any(a[0] != b[0] and a[1] != b[1] for a, b in pairwise(points))
    ]


def hidden_labels(picture: Picture) -> list[str]:
    """Name labels that lie on a shape, a line or another label."""
    found = []
    for owner, rect in picture.labels.items():
        for shape, other in picture.shapes.items():
            if picture.tags[shape] not in CONTAINERS and rect.meets(other):
                found.append(f"label of {owner} on {shape}")
        for edge, points in picture.edges.items():
            if any(_strip(a, b).meets(rect) for a, b in pairwise(points)):
                found.append(f"label of {owner} on line {edge}")
    for (one, a), (other, b) in combinations(picture.labels.items(), 2):
        if a.meets(b):
            found.append(f"labels of {one} and {other}")
    return found


def crossings(picture: Picture) -> int:
    """Count points where two lines cross at right angles."""
    count = 0
    for (_, one), (_, other) in combinations(sorted(picture.edges.items()), 2):
        for a, b in pairwise(one):
            for c, d in pairwise(other):
                count += _cross(a, b, c, d) or _cross(c, d, a, b)
    return count


def _cross(a, b, c, d) -> bool:
    if a[1] != b[1] or c[0] != d[0]:
        return False
    across = min(a[0], b[0]) < c[0] < max(a[0], b[0])
    return across and min(c[1], d[1]) < a[1] < max(c[1], d[1])


def doubled_lines(picture: Picture) -> list[str]:
    """Name pairs of lines that lie on each other away from a common end."""
    found = []
    for (one, a), (other, b) in combinations(sorted(picture.edges.items()), 2):
        if {a[0], a[-1]} & {b[0], b[-1]}:
            continue
        for p, q in pairwise(a):
            for r, s in pairwise(b):
                if _on_each_other(p, q, r, s):
                    found.append(f"{one} on {other}")
    return found


def _on_each_other(p, q, r, s) -> bool:
    for axis in (0, 1):
        other = 1 - axis
        if p[other] == q[other] == r[other] == s[other]:
            low = max(min(p[axis], q[axis]), min(r[axis], s[axis]))
            high = min(max(p[axis], q[axis]), max(r[axis], s[axis]))
            if high > low:
                return True
    return False


def bends(picture: Picture) -> int:
    return sum(len(points) - 2 for points in picture.edges.values())
