"""What the drawing works on: boxes to place, lines to draw, the rows that lanes give.

A scope (a whole file, or the inside of one sub-process) is one grid: columns from left to
right, bands (lanes, or a pool without lanes) from top to bottom, sub-rows inside a band.
"""

from dataclasses import dataclass, field
from enum import StrEnum

GRID = 10


class Kind(StrEnum):
    """How a box looks, as far as space goes."""

    TASK = "task"
    GATEWAY = "gateway"
    EVENT = "event"
    SCOPE = "scope"
    DATA = "data"
    STORE = "store"
    NOTE = "note"

    @property
    def artifact(self) -> bool:
        """Stands beside the flow, not in it."""
        return self in {Kind.DATA, Kind.STORE, Kind.NOTE}

    @property
    def pointed(self) -> bool:
        """Has one point a side, so that two lines there fall together."""
        return self in {Kind.GATEWAY, Kind.EVENT}


@dataclass(frozen=True, slots=True)
class Point:
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle; touching is not overlapping."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height

    @property
    def centre(self) -> Point:
        return Point(self.x + self.width // 2, self.y + self.height // 2)

    def moved(self, dx: int, dy: int) -> "Box":
        return Box(self.x + dx, self.y + dy, self.width, self.height)

    def grown(self, by: int) -> "Box":
        return Box(self.x - by, self.y - by, self.width + 2 * by, self.height + 2 * by)

    def overlap(self, other: "Box") -> int:
        """Return the common area."""
        width = min(self.right, other.right) - max(self.x, other.x)
        height = min(self.bottom, other.bottom) - max(self.y, other.y)
        return width * height if width > 0 and height > 0 else 0


@dataclass(slots=True, kw_only=True)
class Drawing:
    """A finished scope: places by element id, its corner at (0, 0)."""

    width: int = 0
    height: int = 0
    shapes: dict[str, Box] = field(default_factory=dict)
    edges: dict[str, list[Point]] = field(default_factory=dict)
    labels: dict[str, Box] = field(default_factory=dict)

    def take(self, inner: "Drawing", *, dx: int, dy: int) -> None:
        """Put another drawing inside this one."""
        self.shapes.update({key: box.moved(dx, dy) for key, box in inner.shapes.items()})
        self.labels.update({key: box.moved(dx, dy) for key, box in inner.labels.items()})
        for key, points in inner.edges.items():
            self.edges[key] = [Point(point.x + dx, point.y + dy) for point in points]


@dataclass(slots=True, kw_only=True)
class Boundary:
    """An event that sits on the lower edge of its host."""

    id: str
    name: str
    offset: int = 0


@dataclass(slots=True, kw_only=True, eq=False)
class Node:
    """A box of the grid: `span` columns wide, one row high."""

    id: str
    name: str
    kind: Kind
    width: int
    height: int
    band: int = 0
    order: int = 0
    aside: bool = False
    inner: Drawing | None = None
    boundaries: list[Boundary] = field(default_factory=list)
    column: int = 0
    row: int = 0
    span: int = 1


@dataclass(slots=True, kw_only=True)
class Edge:
    """A line from box to box; `port` and `goal` name boundary events it starts or ends at."""

    id: str
    name: str
    source: str
    target: str
    kind: str = "flow"
    port: str | None = None
    goal: str | None = None
    back: bool = False
    default: bool = False
    order: int = 0


@dataclass(slots=True, kw_only=True)
class Band:
    """A horizontal strip: a leaf lane, a pool without lanes, or a whole sub-process."""

    lanes: tuple[str, ...] = ()
    pool: str | None = None
    empty: bool = False
    rows: int = 1


@dataclass(slots=True, kw_only=True)
class Plan:
    """One scope, read and not yet placed."""

    bands: list[Band] = field(default_factory=list)
    nodes: dict[str, Node] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)

    def flows(self) -> list[Edge]:
        """Return the edges that order the columns."""
        return [edge for edge in self.edges if edge.kind in {"flow", "compensation"}]
