"""What an expression reads: its free variables as paths, and the functions it calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from decisions.feel.syntax import (
    Call,
    ContextOf,
    Filter,
    For,
    FunctionOf,
    Name,
    Node,
    Path,
    Quantified,
    children,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator


#: in the set of bound names: leave out what stands inside filters
_NO_FILTERS = "\0"


def free_paths(
    nodes: Iterable[Node], functions: Container[str], *, filters: bool = True
) -> frozenset[tuple[str, ...]]:
    """Variables from outside; with `filters` also names in filters, which may be items' entries."""
    bound = frozenset(("?",) if filters else ("?", _NO_FILTERS))
    return frozenset(
        path
        for node in nodes
        for path in _paths(node, bound)
        if not (len(path) == 1 and path[0] in functions)
    )


def _paths(node: Node, bound: frozenset[str]) -> Iterator[tuple[str, ...]]:
    path = _path(node)
    if path is not None:
        if path[0] not in bound:
            yield path
        return
    visit = _VISITORS.get(node.__class__)
    if visit is not None:
        yield from visit(node, bound)
        return
    for child in children(node):
        yield from _paths(child, bound)


def _path(node: Node) -> tuple[str, ...] | None:
    if isinstance(node, Name):
        return (node.name,)
    if isinstance(node, Path):
        start = _path(node.target)
        return None if start is None else (*start, node.name)
    return None


def _in_loop(node: For | Quantified, bound: frozenset[str]) -> Iterator[tuple[str, ...]]:
    if isinstance(node, For):
        bound |= {"partial"}
    for iterator in node.iterators:
        for part in (iterator.source, iterator.end):
            if part is not None:
                yield from _paths(part, bound)
        bound |= {iterator.name}
    yield from _paths(node.result if isinstance(node, For) else node.condition, bound)


def _in_filter(node: Filter, bound: frozenset[str]) -> Iterator[tuple[str, ...]]:
    yield from _paths(node.target, bound)
    if _NO_FILTERS not in bound:
        yield from _paths(node.condition, bound | {"item"})


def _in_context(node: ContextOf, bound: frozenset[str]) -> Iterator[tuple[str, ...]]:
    for key, entry in node.entries:
        yield from _paths(entry, bound | {key} if entry.__class__ is FunctionOf else bound)
        bound |= {key}


def _in_function(node: FunctionOf, bound: frozenset[str]) -> Iterator[tuple[str, ...]]:
    names = {parameter.name for parameter in node.parameters}
    yield from _paths(node.body, bound | names)


def _in_call(node: Call, bound: frozenset[str]) -> Iterator[tuple[str, ...]]:
    if not isinstance(node.target, Name):
        yield from _paths(node.target, bound)
    for argument in node.arguments:
        yield from _paths(argument, bound)


_VISITORS: dict[type, Callable[[Any, frozenset[str]], Iterator[tuple[str, ...]]]] = {
    For: _in_loop,
    Quantified: _in_loop,
    Filter: _in_filter,
    ContextOf: _in_context,
    FunctionOf: _in_function,
    Call: _in_call,
}


def called(nodes: Iterable[Node]) -> frozenset[str]:
    """The names of functions that are called by name."""
    found: list[str] = []
    todo = list(nodes)
    while todo:
        node = todo.pop()
        if node.__class__ is Call and isinstance(node.target, Name):
            found.append(node.target.name)
        todo.extend(children(node))
    return frozenset(found)
