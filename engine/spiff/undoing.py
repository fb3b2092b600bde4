"""Judges compensation and cancellation: what is drawn must be undoable exactly as drawn."""

from engine.spiff.elements import Element, Process
from engine.spiff.problems import Report


def check(process: Process, report: Report) -> None:
    """Report wrong compensation and cancel events of a process."""
    for element in process.elements.values():
        kinds = {event.kind for event in element.events}
        if "compensation" in kinds:
            _compensation(process, element, report)
        if "cancel" in kinds:
            _cancel(process, element, report)
        if element.type == "transaction":
            _transaction(process, element, report)


def _compensation(process: Process, element: Element, report: Report) -> None:
    if element.type == "boundaryEvent":
        _handler(process, element, report)
    elif element.type == "startEvent":
        sub = process.elements.get(element.scope)
        around = process.elements.get(sub.scope) if sub is not None else None
        if around is None:
            report.add("compensation-scope", element.id, element.line)
    for event in element.events:
        if event.activity is not None and event.activity not in process.elements:
            report.add("compensation-activity", element.id, event.line, id=event.activity)


def _handler(process: Process, element: Element, report: Report) -> None:
    host = process.elements.get(element.attached_to or "")
    handler = process.elements.get(element.compensation_handler or "")
    if handler is None or not handler.for_compensation or handler.scope != element.scope:
        report.add("compensation-handler", element.id, element.line)
    if host is not None and (host.loop is not None or host.for_compensation):
        report.add("compensation-loop", element.id, element.line)
    if not element.interrupting:
        report.add("must-interrupt", element.id, element.line)


def _cancel(process: Process, element: Element, report: Report) -> None:
    place = element.attached_to if element.type == "boundaryEvent" else element.scope
    holder = process.elements.get(place or "")
    if holder is None or holder.type != "transaction":
        report.add("cancel-outside-transaction", element.id, element.line)


def _transaction(process: Process, element: Element, report: Report) -> None:
    """Ask a transaction that may be cancelled where it goes on then."""
    cancels = [
        inner for inner in process.elements.values()
        if inner.scope == element.id and any(event.kind == "cancel" for event in inner.events)
    ]  # fmt: skip
    handled = any(
        other.attached_to == element.id and any(event.kind == "cancel" for event in other.events)
        for other in process.elements.values()
    )
    if cancels and not handled:
        report.add("cancel-unhandled", element.id, element.line)
    if element.loop is not None and cancels:
        report.add("loop-refused", element.id, element.line, type=element.type)
