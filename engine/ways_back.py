"""Which way back a token may go in a diagram, and which others have to go with it.

A step sent back runs again with all that follows. Tokens of parallel branches that would come into
being a second time are taken along; a way back into a branch whose other branches are over would
wait at their join for ever, and is none.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.spiff import Element, Place, Process

#: choose one way: what leads on from here does not run side by side
_ONE_WAY = frozenset({"exclusiveGateway", "eventBasedGateway"})

Graph = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A way back to an element: the token that moves, and those that go with it."""

    token: int
    taken: tuple[int, ...]


def way(process: Process, places: Iterable[Place], token: int, target: str) -> Way | None:
    """Return how a token goes back to an element; None when it can't."""
    by_token = {place.token: place for place in places}
    goal = process.elements.get(target)
    here = by_token.get(token)
    while here is not None and goal is not None and _scope(process, here) != goal.scope:
        here = None if here.around is None else by_token.get(here.around)
    if here is None or goal is None or here.element == target:
        return None
    graph = _graph(process, goal.scope)
    if here.element not in _reach(graph, target):
        return None
    beside = [
        place for place in by_token.values()
        if place.around == here.around and place.token != here.token
    ]  # fmt: skip
    taken = [one for one in beside if _comes_again(process, graph, here, one, target)]
    staying = [one for one in beside if one not in taken]
    if _waits_for_ever(process, graph, here.element, target, staying):
        return None
    return Way(token=token, taken=tuple(one.token for one in taken))


def _scope(process: Process, place: Place) -> str:
    found = process.elements.get(place.element)
    return "" if found is None else found.scope


def _graph(process: Process, scope: str) -> Graph:
    """Return what follows each element of a scope: by flows, by boundary events, by links."""
    inside = [element for element in process.elements.values() if element.scope == scope]
    found: dict[str, list[str]] = {element.id: [] for element in inside}
    for flow in process.flows.values():
        if flow.source in found:
            found[flow.source].append(flow.target)
    for element in inside:
        if element.attached_to in found:
            found[element.attached_to].append(element.id)
        for name in _links(element):
            found[element.id] += [one.id for one in inside if one.incoming == () and
                                  one is not element and name in _links(one)]  # fmt: skip
    return {key: tuple(dict.fromkeys(following)) for key, following in found.items()}


def _links(element: Element) -> tuple[str, ...]:
    return tuple(event.name for event in element.events if event.kind == "link")


def _reach(graph: Graph, start: str, *, without: frozenset[str] = frozenset()) -> set[str]:
    """Return an element with all that can follow it by ways that avoid some others."""
    seen: set[str] = set()
    todo = [start]
    while todo:
        at = todo.pop()
        if at not in seen and at not in without and at in graph:
            seen.add(at)
            todo.extend(graph[at])
    return seen


def _comes_again(process: Process, graph: Graph, here: Place, other: Place, target: str) -> bool:
    """Tell whether going back to the target would make the other token a second time.

    It would when every way from the target to here leads through a fork that parted the two.
    """
    forks = frozenset(
        fork for fork, following in graph.items()
        if len(following) > 1 and process.elements[fork].type not in _ONE_WAY
        and _parts(graph, fork, here.element, other.element)
    )  # fmt: skip
    return bool(forks) and here.element not in _reach(graph, target, without=forks)


def _parts(graph: Graph, fork: str, one: str, other: str) -> bool:
    """Tell whether a fork leads to two elements by two different ways."""
    behind = [_reach(graph, first, without=frozenset({fork})) for first in graph[fork]]
    return any(
        one in a and other in b
        for i, a in enumerate(behind)
        for j, b in enumerate(behind)
        if i != j
    )


def _waits_for_ever(
    process: Process, graph: Graph, here: str, target: str, staying: Iterable[Place]
) -> bool:
    """Tell whether a join between target and here would miss a branch that is over."""
    for join, element in process.elements.items():
        if element.type != "parallelGateway" or len(element.incoming) < 2:  # noqa: PLR2004 — two make a join
            continue
        if join not in graph or here in _reach(graph, target, without=frozenset({join})):
            continue  # there is a way around it
        closed = frozenset({join})
        sources = (target, *(place.element for place in staying))
        live = set().union(*(_reach(graph, source, without=closed) for source in sources))
        if any(process.flows[flow].source not in live for flow in element.incoming):
            return True
    return False
