"""Judges a process as read: what this package would not run exactly is refused here."""

from collections.abc import Callable

from engine.spiff import event_checks
from engine.spiff.elements import Element, Process
from engine.spiff.problems import Report
from engine.spiff.vocabulary import NODES

_CHOOSING = frozenset({"exclusiveGateway", "inclusiveGateway", "complexGateway"})
_INSIDE_SCOPE = frozenset({"subProcess", "transaction"})


def check(process: Process, report: Report) -> None:
    """Report what is wrong in one process."""
    _flows(process, report)
    for element in process.elements.values():
        _ends(process, element, report)
        _choices(process, element, report)
        for one in _CHECKS.get(element.type, ()):
            one(process, element, report)
        if element.loop is not None:
            _loop(element, report)
    _scopes(process, report)


def _flows(process: Process, report: Report) -> None:
    for flow in process.flows.values():
        scopes = set()
        for end, key in (("sourceRef", flow.source), ("targetRef", flow.target)):
            node = process.elements.get(key)
            if node is None:
                report.add("flow-ends-nowhere", flow.id, flow.line, end=end, id=key)
            else:
                scopes.add(node.scope)
        if len(scopes) > 1:
            report.add("flow-crosses-scope", flow.id, flow.line)


_NO_INCOMING = {"startEvent": "flow-into-start", "boundaryEvent": "flow-into-boundary"}


def _ends(process: Process, element: Element, report: Report) -> None:
    """Check which elements may have incoming and outgoing flows."""
    kind = element.type
    if element.triggered_by_event or element.for_compensation:
        if element.incoming or element.outgoing:
            report.add("event-subprocess-flow", element.id, element.line)
        return
    if kind in _NO_INCOMING and element.incoming:
        report.add(_NO_INCOMING[kind], element.id, element.line)
    if kind == "endEvent" and element.outgoing:
        report.add("flow-out-of-end", element.id, element.line)
    if not element.outgoing and _needs_outgoing(process, element):
        report.add("no-outgoing", element.id, element.line, type=kind)
    if not element.incoming and not _begins(process, element):
        report.add("no-incoming", element.id, element.line, type=kind)


def _begins(process: Process, element: Element) -> bool:
    """Tell whether a token comes here without a flow."""
    holder = process.elements.get(element.scope)
    return (
        element.type in _NO_INCOMING
        or element.instantiate
        or (element.type == "intermediateCatchEvent" and _is(element, "link"))
        or (holder is not None and holder.type == "adHocSubProcess")
    )


def _is(element: Element, kind: str) -> bool:
    return any(event.kind == kind for event in element.events)


def _needs_outgoing(process: Process, element: Element) -> bool:
    """Tell whether a token would be stuck or lost here without a flow."""
    holder = process.elements.get(element.scope)
    if element.type == "intermediateThrowEvent":
        free = holder is not None and holder.type == "adHocSubProcess"
        return not free and not _is(element, "link")
    return element.type in ("startEvent", "eventBasedGateway", "intermediateCatchEvent") or (
        element.type == "boundaryEvent" and not _is(element, "compensation")
    )


def _choices(process: Process, element: Element, report: Report) -> None:
    """Check conditions and default flows."""
    flows = [process.flows[key] for key in element.outgoing]
    chooses = element.type in _CHOOSING or NODES[element.type].activity
    if element.default is not None and element.default not in element.outgoing:
        report.add("default-unknown", element.id, element.line, id=element.default)
    for flow in flows:
        if flow.id == element.default:
            if flow.condition is not None:
                report.add("default-conditional", flow.id, flow.line)
        elif flow.condition is not None and not chooses:
            report.add("condition-misplaced", flow.id, flow.line)
        elif (
            not flow.condition and element.type in _CHOOSING and len(flows) > 1
        ) or flow.condition == "":
            report.add("condition-missing", flow.id, flow.line)


def _job(_process: Process, element: Element, report: Report) -> None:
    if element.job is None and not (element.type == "sendTask" and element.events):
        report.add("task-definition-missing", element.id, element.line, type=element.type)


def _script(_process: Process, element: Element, report: Report) -> None:
    if element.script is None and element.job is None:
        report.add("script-missing", element.id, element.line)


def _decision(_process: Process, element: Element, report: Report) -> None:
    if element.decision is None and element.job is None:
        report.add("decision-missing", element.id, element.line)


def _call(_process: Process, element: Element, report: Report) -> None:
    if element.called is None:
        report.add("called-element-missing", element.id, element.line)


def _receive(process: Process, element: Element, report: Report) -> None:
    if element.instantiate and (element.incoming or element.scope != process.id):
        report.add("instantiate", element.id, element.line)


def _complex(_process: Process, element: Element, report: Report) -> None:
    if len(element.incoming) > 1 and not element.activation_condition:
        report.add("activation-missing", element.id, element.line)


def _adhoc(process: Process, element: Element, report: Report) -> None:
    inside = [inner for inner in process.elements.values() if inner.scope == element.id]
    for inner in inside:
        if inner.type in ("startEvent", "endEvent"):
            report.add("adhoc-content", inner.id, inner.line)
    if not any(NODES[inner.type].activity and not inner.triggered_by_event for inner in inside):
        report.add("adhoc-empty", element.id, element.line)


def _loop(element: Element, report: Report) -> None:
    if element.triggered_by_event or element.for_compensation:
        report.add("loop-refused", element.id, element.line, type=element.type)


def _scopes(process: Process, report: Report) -> None:
    """Check the start events of the process and of each sub-process."""
    _process_starts(process, report)
    for element in process.elements.values():
        if element.type not in _INSIDE_SCOPE:
            continue
        starts = [
            inner for inner in process.elements.values()
            if inner.scope == element.id and inner.type == "startEvent"
        ]  # fmt: skip
        if element.triggered_by_event:
            if len(starts) != 1 or not starts[0].events:
                report.add("event-subprocess-start", element.id, element.line)
        elif len(starts) != 1 or starts[0].events:
            report.add("subprocess-start", element.id, element.line)


def _process_starts(process: Process, report: Report) -> None:
    starts = process.starts
    if not starts:
        report.add("no-start", process.id, process.line)
    for extra in [start for start in starts if not start.events][1:]:
        report.add("several-starts", extra.id, extra.line)


_Check = Callable[[Process, Element, Report], None]

_CHECKS: dict[str, tuple[_Check, ...]] = {
    "startEvent": (event_checks.start,),
    "endEvent": (event_checks.throw,),
    "intermediateThrowEvent": (event_checks.throw,),
    "intermediateCatchEvent": (event_checks.catch,),
    "boundaryEvent": (event_checks.boundary,),
    "eventBasedGateway": (event_checks.event_gateway,),
    "serviceTask": (_job,),
    "sendTask": (_job,),
    "scriptTask": (_script,),
    "businessRuleTask": (_decision,),
    "callActivity": (_call,),
    "complexGateway": (_complex,),
    "adHocSubProcess": (_adhoc,),
    "receiveTask": (_receive,),
}
