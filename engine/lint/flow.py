"""Whether every element can be reached and can reach an end."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from engine.lint.rules import Findings
from engine.spiff import Element, Process

#: a condition that always holds, as of a branch that every case takes
_ALWAYS = "true"
_CHOOSING = ("exclusiveGateway", "inclusiveGateway")


def check(process: Process, found: Findings) -> None:
    """Judge the flow of a process and of each sub-process in it."""
    scopes: dict[str, list[Element]] = defaultdict(list)
    for element in process.elements.values():
        scopes[element.scope].append(element)
    ways = ways_of(process)
    for scope, elements in scopes.items():
        _ends(process, scope, elements, found)
        holder = process.elements.get(scope)
        free = holder is not None and holder.type == "adHocSubProcess"
        _starts(elements, ways, found, free=free)
    for element in process.elements.values():
        _defaults(process, element, found)


def ways_of(process: Process) -> Mapping[str, list[str]]:
    """Return where a token may go from each element, events on its border and links included."""
    ways: dict[str, list[str]] = defaultdict(list)
    for flow in process.flows.values():
        ways[flow.source].append(flow.target)
    for element in process.elements.values():
        if element.attached_to:
            ways[element.attached_to].append(element.id)
        if element.compensation_handler:
            ways[element.id].append(element.compensation_handler)
        if element.type == "intermediateThrowEvent":
            ways[element.id] += _caught(process, element)
    return ways


def _caught(process: Process, throwing: Element) -> list[str]:
    names = {event.name for event in throwing.events if event.kind == "link"}
    return [
        element.id
        for element in process.elements.values()
        if element.type == "intermediateCatchEvent"
        and element.scope == throwing.scope
        and any(event.kind == "link" and event.name in names for event in element.events)
    ]


def _starts(
    elements: list[Element], ways: Mapping[str, list[str]], found: Findings, *, free: bool
) -> None:
    """Judge what no token reaches; in a free (ad-hoc) scope begins all that no flow leads to."""
    first = [
        element.id
        for element in elements
        if element.type == "startEvent"
        or element.triggered_by_event
        or element.instantiate
        or element.for_compensation
        or (free and not element.incoming)
    ]
    reached = reach(first, ways)
    for element in elements:
        if element.id not in reached and element.incoming:
            found.add("unreachable", element.id, element.line)


def _ends(process: Process, scope: str, elements: list[Element], found: Findings) -> None:
    holder = process.elements.get(scope)
    if not any(element.type == "endEvent" for element in elements):
        line = holder.line if holder else process.line
        if any(element.type == "startEvent" for element in elements):
            found.add("no-end", scope, line)
        return
    back: dict[str, list[str]] = defaultdict(list)
    for source, targets in ways_of(process).items():
        for target in targets:
            back[target].append(source)
    last = [element.id for element in elements if not element.outgoing]
    reached = reach(last, back)
    for element in elements:
        if element.id in last and not _may_end(element):
            found.add("dead-end", element.id, element.line)
        elif element.id not in reached:
            found.add("endless", element.id, element.line)


def _may_end(element: Element) -> bool:
    """Tell whether an element may be the last one: ends, links, and what hangs beside the flow."""
    kinds = {event.kind for event in element.events}
    return (
        element.type in {"endEvent", "boundaryEvent", "startEvent", "eventBasedGateway"}
        or element.triggered_by_event
        or element.for_compensation
        or (element.type == "intermediateThrowEvent" and "link" in kinds)
    )


def reach(first: Iterable[str], ways: Mapping[str, list[str]]) -> set[str]:
    """Return everything that can be reached along the ways."""
    seen = set(first)
    waiting = list(seen)
    while waiting:
        for target in ways.get(waiting.pop(), ()):
            if target not in seen:
                seen.add(target)
                waiting.append(target)
    return seen


def _defaults(process: Process, element: Element, found: Findings) -> None:
    if element.type in _CHOOSING and len(element.outgoing) > 1 and not element.default:
        conditions = [process.flows[key].condition for key in element.outgoing]
        if all(conditions) and not any((one or "").strip(" =") == _ALWAYS for one in conditions):
            found.add("no-default", element.id, element.line)
