"""The order in which the fields of a scope can be known, and what forbids one."""

from collections.abc import Iterable, Sequence

from forms.expressions import Path
from forms.nodes import Node

_THIS = ("this", "_this_")
_PARENT = ("parent", "_parent_")


def ordered(nodes: Sequence[Node], *, row: bool) -> tuple[list[Node], list[Node]]:
    """Return the nodes, each after what it depends on; and those that form a cycle."""
    waits = {node.id: _needed(node, nodes, row=row) for node in nodes}
    done: list[Node] = []
    known: set[str] = set()
    while len(done) < len(nodes):
        ready = [n for n in nodes if n.id not in known and waits[n.id] <= known]
        if not ready:
            return done, [n for n in nodes if n.id not in known]
        done.extend(ready)
        known.update(n.id for n in ready)
    return done, []


def _needed(node: Node, nodes: Sequence[Node], *, row: bool) -> set[str]:
    needed = set(node.owners)
    for names, inner in _reads(node):
        for name in names:
            path = _inside(name, row=row, inner=inner)
            needed.update(n.id for n in nodes if path and _touches(n.path, path))
    return needed


def _reads(node: Node) -> Iterable[tuple[frozenset[Path], bool]]:
    own = [e for e in (node.hide, node.readonly_if, node.compute) if e is not None]
    yield from ((e.names, False) for e in own)
    for child in node.rows.nodes if node.rows else ():
        yield from ((e.names, True) for e in child.early())


def _inside(name: Path, *, row: bool, inner: bool) -> Path:
    """Return a name as a path of this scope, empty when it means something else.

    `inner` names stand in rows of a list of this scope: their `this` is the row, their `parent`
    is this scope. In a row, bare names mean the whole form, never the row.
    """
    if inner:
        if name[0] in _PARENT:
            return name[1:]
        return () if name[0] in _THIS or row else name
    if name[0] in _THIS:
        return name[1:]
    return () if row else name


def _touches(path: Path, name: Path) -> bool:
    short = min(len(path), len(name))
    return bool(path) and path[:short] == name[:short]
