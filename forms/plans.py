"""The order in which the fields of a scope can be known, and what forbids one."""

from collections.abc import Iterable, Sequence

from forms.expressions import Path
from forms.nodes import Node

_THIS = ("this", "_this_")
_PARENT = ("parent", "_parent_")
#: names, and whether they stand in rows of a list of the scope
_Reads = tuple[frozenset[Path], bool]


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


def too_deep(plan: Sequence[Node], *, row: bool) -> list[Node]:
    """Return the nodes that read what the viewer may see differently from the server.

    The viewer takes hidden values out of its data once, not until nothing changes; in rows not at
    all. So an expression may read a field that is hidden by a field that is always there, no deeper,
    and in a row no field that may be hidden.
    """
    limit = 0 if row else 1
    depth: dict[str, int] = {}
    wrong: list[Node] = []
    for node in plan:
        read = {id_ for names in _all_reads(node) for id_ in _touched(names, plan, row=row)}
        if max((depth.get(id_, 0) for id_ in read), default=0) > limit:
            wrong.append(node)
        above = max((depth[owner] for owner in node.owners), default=0)
        hiding = _touched((node.hide.names, False), plan, row=row) if node.hide else set()
        own = 1 + max((depth.get(id_, 0) for id_ in hiding), default=0) if node.hide else 0
        depth[node.id] = max(own, above)
    return wrong


def _needed(node: Node, nodes: Sequence[Node], *, row: bool) -> set[str]:
    needed = set(node.owners)
    for reads in _reads(node):
        needed |= _touched(reads, nodes, row=row)
    return needed


def _touched(reads: _Reads, nodes: Sequence[Node], *, row: bool) -> set[str]:
    names, inner = reads
    paths = [_inside(name, row=row, inner=inner) for name in names]
    return {node.id for node in nodes for path in paths if path and _touches(node.path, path)}


def _all_reads(node: Node) -> Iterable[_Reads]:
    yield from _reads(node)
    inner = node.rows is not None
    yield from ((e.names, inner) for e in node.late())


def _reads(node: Node) -> Iterable[_Reads]:
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
