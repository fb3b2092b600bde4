"""Judges events: which definitions each may carry, what it sits on, where links lead."""

from collections.abc import Iterable

from engine.spiff.elements import Element, Process
from engine.spiff.problems import Report
from engine.spiff.triggers import ALLOWED
from engine.spiff.vocabulary import NODES

_WAITING = frozenset({"message", "signal", "timer", "conditional"})
_SEVERAL = 2


def _kinds(element: Element, allowed: Iterable[str], report: Report) -> None:
    for event in element.events:
        if event.kind not in allowed:
            report.add(
                "event-definition-refused", element.id, event.line,
                type=element.type, kind=event.kind,
            )  # fmt: skip


def start(process: Process, element: Element, report: Report) -> None:
    """Check a start event, by where it stands."""
    holder = process.elements.get(element.scope)
    if holder is None:
        _kinds(element, ALLOWED["startEvent"], report)
        _from_outside(element, report)
    elif holder.triggered_by_event:
        _kinds(element, ALLOWED["eventStart"], report)
        kinds = {event.kind for event in element.events}
        if not element.interrupting and "error" in kinds:
            report.add("must-interrupt", element.id, element.line)
    _mixed(element, report)
    _codes(element, report)


def _from_outside(element: Element, report: Report) -> None:
    """Refuse what nobody outside could start an instance by."""
    if element.parallel_multiple:
        report.add("unknown-attribute", element.id, element.line, name="parallelMultiple")
    for event in element.events:
        if event.name.strip().startswith("="):
            report.add("name-computed", element.id, event.line, name=event.name)


def _codes(element: Element, report: Report) -> None:
    """Refuse computed codes where an error is caught: they are compared as they stand."""
    for event in element.events:
        if (event.code or "").strip().startswith("="):
            report.add("name-computed", element.id, event.line, name=event.code)


def catch(process: Process, element: Element, report: Report) -> None:
    """Check an intermediate catch event."""
    if not element.events:
        report.add("event-definition-missing", element.id, element.line, type=element.type)
    _kinds(element, ALLOWED[element.type], report)
    _mixed(element, report)
    _codes(element, report)
    _links(process, element, report)


def _mixed(element: Element, report: Report) -> None:
    """Refuse one event that both waits and is looked up when thrown, or waits for too few."""
    if element.parallel_multiple and len(element.events) < _SEVERAL:
        report.add("event-definition-missing", element.id, element.line, type=element.type)
    kinds = {event.kind for event in element.events}
    if len(element.events) > 1 and not kinds <= _WAITING:
        report.add(
            "event-definition-refused", element.id, element.line,
            type=element.type, kind="+".join(sorted(kinds)),
        )  # fmt: skip


def throw(process: Process, element: Element, report: Report) -> None:
    """Check an intermediate throw or end event."""
    _kinds(element, ALLOWED[element.type], report)
    _links(process, element, report)
    for event in element.events:
        if event.kind in ("error", "escalation") and not event.code:
            report.add("code-missing", element.id, event.line, kind=event.kind)


def _links(process: Process, element: Element, report: Report) -> None:
    for event in element.events:
        if event.kind != "link":
            continue
        peers = [
            other for other in process.elements.values()
            if other.type != element.type and other.scope == element.scope
            and any(e.kind == "link" and e.name == event.name for e in other.events)
        ]  # fmt: skip
        twins = [
            other for other in process.elements.values()
            if other.type == element.type and other.scope == element.scope
            and any(e.kind == "link" and e.name == event.name for e in other.events)
        ]  # fmt: skip
        if element.type == "intermediateThrowEvent" and len(peers) != 1:
            report.add("link-target", element.id, element.line, name=event.name)
        if element.type == "intermediateCatchEvent" and (not peers or len(twins) > 1):
            rule = "link-target" if len(twins) > 1 else "link-source"
            report.add(rule, element.id, element.line, name=event.name)


def boundary(process: Process, element: Element, report: Report) -> None:
    """Check a boundary event and its host."""
    catch(process, element, report)
    host = process.elements.get(element.attached_to or "")
    if host is None or host.scope != element.scope:
        report.add("attached-unknown", element.id, element.line, id=element.attached_to)
    elif not NODES[host.type].activity or host.triggered_by_event:
        report.add("boundary-host", element.id, element.line, type=host.type)
    kinds = {event.kind for event in element.events}
    if not element.interrupting and kinds & {"error", "cancel"}:
        report.add("must-interrupt", element.id, element.line)


def event_gateway(process: Process, element: Element, report: Report) -> None:
    """Check an event-based gateway and what it waits for."""
    if len(element.outgoing) < _SEVERAL:
        report.add("event-gateway-flows", element.id, element.line)
    if element.instantiate:
        report.add("instantiate", element.id, element.line)
    hosts = {other.attached_to for other in process.elements.values()}
    for key in element.outgoing:
        target = process.elements.get(process.flows[key].target)
        if target is not None and (not _catches(target) or target.id in hosts):
            report.add("event-gateway-target", target.id, target.line)


def _catches(target: Element) -> bool:
    """Tell whether an element can be waited for by a gateway."""
    kinds = {event.kind for event in target.events}
    return (
        target.type in ("intermediateCatchEvent", "receiveTask")
        and bool(kinds)
        and kinds <= _WAITING
        and len(target.incoming) == 1
        and target.loop is None
    )
