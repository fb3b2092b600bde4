"""The order in which the fields of a scope can be known, and what forbids one."""

from collections.abc import Iterable, Mapping, Sequence

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


def loose(nodes: Sequence[Node], *, row: bool) -> list[Node]:
    """Return the nodes that may be seen where what they look at is hidden.

    What the viewer's expressions see of a hidden field is not what the server sees: a draft's
    value, or in a row what was typed before. So whoever looks at a field that can be hidden must be
    hidden with it: its condition repeats the other's (`other's condition or …`).
    """
    by_id = {node.id: node for node in nodes}
    seen = {
        id_ for node in nodes for reads in _reads(node) for id_ in _touched(reads, nodes, row=row)
    }
    wrong: list[Node] = []
    for node in nodes:
        if node.compute is not None and node.id not in seen:
            continue
        read = {id_ for reads in _reads(node) for id_ in _touched(reads, nodes, row=row)}
        own = _conditions(node, by_id)
        if any(not _conditions(by_id[id_], by_id) <= own for id_ in read):
            wrong.append(node)
    return wrong


def _conditions(node: Node, by_id: Mapping[str, Node]) -> set[str]:
    """Return the conditions under any of which a node is hidden, those of its groups too."""
    hides = [node.hide, *(by_id[owner].hide for owner in node.owners)]
    return {part for hide in hides if hide for part in hide.alternatives()}


def _needed(node: Node, nodes: Sequence[Node], *, row: bool) -> set[str]:
    needed = set(node.owners)
    for reads in _reads(node):
        needed |= _touched(reads, nodes, row=row)
    return needed


def _touched(reads: _Reads, nodes: Sequence[Node], *, row: bool) -> set[str]:
    names, inner = reads
    paths = [_inside(name, row=row, inner=inner) for name in names]
    return {node.id for node in nodes for path in paths if path and _touches(node.path, path)}


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
