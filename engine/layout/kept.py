"""Keeps hand-made positions: only elements without a place get one, near their neighbours."""

from itertools import pairwise

from engine.layout import interchange, labels, source, ways
from engine.layout.plan import Box, Drawing, Point

_FRAMES = {"participant", "lane"}
_BESIDE = 50


def complete(root: source.Element, pictures: list[tuple[source.Element, Drawing]]) -> bytes:
    """Return the file with its own places and fresh ones for what had none."""
    places = interchange.read(root)
    elements = interchange.elements(root)
    whole = {key for _, drawing in pictures for key in drawing.shapes if key in elements}
    frames = {key for key in whole if source.tag(elements[key]) in _FRAMES}
    if not places.shapes or not frames <= places.shapes.keys():
        return interchange.replace(root, pictures)
    for number, (plane, drawing) in enumerate(pictures, 1):
        sheet = interchange.plane(root, plane.get("id", ""))
        if sheet is None:
            sheet = interchange.add_plane(root, plane.get("id", ""), 100 + number)
            interchange.write(root, sheet, interchange.placed(drawing))
        else:
            fresh = _fresh(drawing, places, elements)
            interchange.write(root, sheet, fresh)
    return interchange.written(root)


def _fresh(drawing: Drawing, places: Drawing, elements: dict[str, source.Element]) -> Drawing:
    """Place what the drawing has and the file has not; known places grow as it goes."""
    fresh = Drawing()
    for key, box in drawing.shapes.items():
        if key not in places.shapes:
            spot = _spot(key, box, drawing, places, elements)
            places.shapes[key] = fresh.shapes[key] = spot
            if key in drawing.labels:
                dx, dy = spot.x - box.x, spot.y - box.y
                fresh.labels[key] = drawing.labels[key].moved(dx, dy)
    places.labels.update(fresh.labels)
    _add_lines(fresh, places, elements)
    return fresh


def _add_lines(fresh: Drawing, places: Drawing, elements: dict[str, source.Element]) -> None:
    for key, element in elements.items():
        points = [] if key in places.edges else line(element, places, elements)
        if points:
            places.edges[key] = fresh.edges[key] = points
    shapes = _without_frames(places, elements)
    for key, points in fresh.edges.items():
        if name := elements[key].get("name"):
            shown = Drawing(shapes=shapes, edges=places.edges, labels=places.labels)
            places.labels[key] = fresh.labels[key] = labels.on_line(name, points, shown)


def _without_frames(places: Drawing, elements: dict[str, source.Element]) -> dict[str, Box]:
    around = _FRAMES | source.SCOPES
    return {
        key: box
        for key, box in places.shapes.items()
        if key in elements and source.tag(elements[key]) not in around
    }


def line(
    element: source.Element, places: Drawing, elements: dict[str, source.Element]
) -> list[Point]:
    """Return the way of a flow whose ends have places, or nothing."""
    ends = interchange.ends(element)
    start, end = (places.shapes.get(identity) for identity in ends)
    if start is None or end is None:
        return []
    if start != end and (_holds(start, end) or _holds(end, start)):
        return []
    down = source.tag(elements[ends[0]]) == "boundaryEvent"
    return ways.find(start, end, _obstacles(elements, places, ends), down=down)


def _holds(one: Box, other: Box) -> bool:
    """Tell whether a box lies inside another, as an element does in its pool."""
    return one.overlap(other) == other.width * other.height


def _spot(
    key: str, box: Box, drawing: Drawing, places: Drawing, elements: dict[str, source.Element]
) -> Box:
    host = elements[key].get("attachedToRef")
    anchor = host or _neighbour(key, places, elements) or next(iter(places.shapes))
    known, drawn = places.shapes[anchor], drawing.shapes.get(anchor, box)
    if host:
        return box.moved(known.x - drawn.x, known.y - drawn.y)
    inside = elements[key].getparent()
    parent = inside.get("id", "") if inside is not None else ""
    if parent in drawing.shapes and parent in places.shapes and anchor == parent:
        return box.moved(known.x - drawn.x, known.y - drawn.y)
    start = known.right + _BESIDE if drawn.x <= box.x else known.x - _BESIDE - box.width
    wish = Box(start, known.centre.y - box.height // 2, box.width, box.height)
    frame = places.shapes.get(_lane(key, elements) or parent)
    return _free(wish, frame, _obstacles(elements, places, (key, parent)) + _lines(places))


def _free(wish: Box, frame: Box | None, taken: list[Box]) -> Box:
    """Return the free spot nearest to the wish, inside the lane if there is one."""
    levels = range(wish.y - 330, wish.y + 340, 10)
    if frame:
        first = frame.y + 10 + (wish.y - frame.y) % 10
        levels = range(first, frame.bottom - wish.height - 9, 10)
    spots = [
        (abs(x - wish.x) + 2 * abs(y - wish.y), x, y)
        for x in range(wish.x, wish.x + 410, 10)
        for y in levels
    ]
    for _, x, y in sorted(spots):
        spot = Box(x, y, wish.width, wish.height)
        if not any(spot.grown(10).overlap(other) for other in taken):
            return spot
    return Box(wish.x, max(other.bottom for other in taken) + _BESIDE, wish.width, wish.height)


def _lane(key: str, elements: dict[str, source.Element]) -> str | None:
    """Return the innermost lane that names the element."""
    found = None
    for identity, element in elements.items():
        if source.tag(element) == "lane":
            inside = {(ref.text or "").strip() for ref in source.children(element, "flowNodeRef")}
            found = identity if key in inside else found
    return found


def _lines(places: Drawing) -> list[Box]:
    return [
        Box(min(a.x, b.x), min(a.y, b.y), abs(a.x - b.x) + 1, abs(a.y - b.y) + 1)
        for points in places.edges.values()
        for a, b in pairwise(points)
    ]


def _neighbour(key: str, places: Drawing, elements: dict[str, source.Element]) -> str | None:
    """Return a placed element that a line joins to this one, or the sub-process around it."""
    for element in elements.values():
        ends = interchange.ends(element)
        if key in ends:
            other = ends[0] if ends[1] == key else ends[1]
            if other in places.shapes and other != key:
                return other
    parent = elements[key].getparent()
    around = parent.get("id", "") if parent is not None else ""
    return around if around in places.shapes else None


def _obstacles(
    elements: dict[str, source.Element], places: Drawing, without: tuple[str, ...]
) -> list[Box]:
    """Return what a box or line must keep clear of: everything but frames and its own."""
    around = {
        id(one) for key in without if key in elements for one in elements[key].iterancestors()
    }
    return [
        box
        for key, box in places.shapes.items()
        if key in elements
        and key not in without
        and source.tag(elements[key]) not in _FRAMES
        and id(elements[key]) not in around
    ]
