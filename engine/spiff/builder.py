"""Compiles a process into SpiffWorkflow specs: every expression once, every reference resolved."""

from typing import Any

from engine.spiff.elements import Element, Process
from engine.spiff.formulas import Formulas
from engine.spiff.library import BpmnProcessSpec, WorkflowSpec
from engine.spiff.problems import Report
from engine.spiff.specs import activities, catching, gateways, scopes, throwing
from engine.spiff.specs.activities import Activity
from engine.spiff.specs.catching import BoundaryEvent, Catching
from engine.spiff.specs.nodes import Node, Outgoing
from engine.spiff.specs.throwing import Throwing

_CLASSES: dict[str, type[Node]] = {
    "task": Activity, "manualTask": Activity, "userTask": activities.UserTask,
    "serviceTask": activities.JobTask, "sendTask": activities.JobTask,
    "receiveTask": activities.ReceiveTask, "callActivity": activities.CallActivity,
    "subProcess": scopes.SubProcess, "transaction": scopes.SubProcess,
    "adHocSubProcess": scopes.AdHocSubProcess, "complexGateway": gateways.ComplexGateway,
    "exclusiveGateway": gateways.ExclusiveGateway, "parallelGateway": gateways.ParallelGateway,
    "inclusiveGateway": gateways.InclusiveGateway,
    "eventBasedGateway": gateways.EventBasedGateway,
    "startEvent": catching.StartEvent, "endEvent": throwing.EndEvent,
    "intermediateCatchEvent": catching.CatchEvent,
    "intermediateThrowEvent": throwing.ThrowEvent, "boundaryEvent": BoundaryEvent,
}  # fmt: skip


class ProcessSpec(BpmnProcessSpec):  # type: ignore[misc]  # the library is untyped
    """A compiled process: sub-processes are scopes in the same spec."""

    def __init__(self, process: Process) -> None:
        WorkflowSpec.__init__(self, name=process.id)
        self.data_objects: dict[str, Any] = {}
        self.bpmn_start_events: list[Any] = []
        self.nodes: dict[str, Node] = {}
        self.settling: tuple[Any, ...] = ()
        self.has_conditions = False


class Builder:
    """Builds one process."""

    def __init__(self, process: Process, report: Report) -> None:
        self.process = process
        self.formulas = Formulas(report)
        self.spec = ProcessSpec(process)

    def build(self) -> ProcessSpec:
        """Return the compiled process; wrong expressions are in the report."""
        root = Element(id=f"#{self.process.id}", type="process", name=self.process.name)
        self.spec.start = scopes.ProcessRoot(self.spec, root)
        for element in self.process.elements.values():
            self.spec.nodes[element.id] = self._node(element)
        for element in self.process.elements.values():
            self._connect(self.spec.nodes[element.id])
        self._contain()
        self._undoings()
        self._arming()
        nodes = self.spec.nodes.values()
        self.spec.settling = tuple(n for n in nodes if isinstance(n, gateways.Settling))
        self.spec.has_conditions = any(
            t.definition.kind == "conditional" for n in nodes for t in getattr(n, "triggers", ())
        )
        self.formulas.properties(self.process.id, self.process.properties, self.process.line)
        return self.spec

    def _node(self, element: Element) -> Node:
        node = self._class(element)(self.spec, element)
        self.formulas.mappings(node)
        if isinstance(node, Activity):
            node.repetition = self.formulas.repetition(element)
        if isinstance(node, Catching):
            self.formulas.catching(node)
        if isinstance(node, Throwing):
            self.formulas.throwing(node)
        fill = getattr(self, f"_fill_{element.type}", None)
        if fill is not None:
            fill(node, element)
        self.formulas.properties(element.id, element.properties, element.line)
        return node

    @staticmethod
    def _class(element: Element) -> type[Node]:
        if element.triggered_by_event:
            return scopes.EventSubProcess
        if element.type in ("businessRuleTask", "scriptTask"):
            if element.job is not None:
                return activities.JobTask
            own = element.type == "scriptTask"
            return activities.ScriptTask if own else activities.DecisionTask
        if element.type == "sendTask" and element.job is None:
            return activities.MessageTask
        return _CLASSES[element.type]

    # Elements with more to say

    def _fill_userTask(self, node: Any, element: Element) -> None:  # noqa: N802 — the BPMN name
        names = (
            "assignee", "candidate_groups", "candidate_users", "priority", "due_date",
            "follow_up_date",
        )  # fmt: skip
        node.formulas = {
            name: self.formulas.text(name, getattr(element, name), element)
            for name in names
            if getattr(element, name)
        }

    def _fill_serviceTask(self, node: Any, element: Element) -> None:  # noqa: N802
        if element.job is None:
            node.throwers = tuple(self.formulas.thrower(event, element) for event in element.events)
            return
        node.type_formula = self.formulas.text("type", element.job.type, element)
        node.retries_formula = self.formulas.text("retries", element.job.retries, element)

    _fill_sendTask = _fill_serviceTask  # noqa: N815

    def _fill_scriptTask(self, node: Any, element: Element) -> None:  # noqa: N802
        self._fill_serviceTask(node, element)
        if element.job is None and element.script is not None:
            node.formula = self.formulas.feel("script", element.script.expression, element)
            node.result_variable = element.script.result_variable

    def _fill_businessRuleTask(self, node: Any, element: Element) -> None:  # noqa: N802
        self._fill_serviceTask(node, element)
        reference = element.decision
        if element.job is None and reference is not None:
            node.id_formula = self.formulas.text("decisionId", reference.decision_id, element)
            node.reference = reference

    def _fill_callActivity(self, node: Any, element: Element) -> None:  # noqa: N802
        if element.called is not None:
            node.id_formula = self.formulas.text("processId", element.called.process_id, element)

    def _fill_complexGateway(self, node: Any, element: Element) -> None:  # noqa: N802
        if element.activation_condition:
            node.activation = self.formulas.feel(
                "activation", element.activation_condition, element
            )

    def _fill_adHocSubProcess(self, node: Any, element: Element) -> None:  # noqa: N802
        if element.completion_condition:
            node.until_formula = self.formulas.feel(
                "completion", element.completion_condition, element
            )
        if element.active_elements:
            node.active_formula = self.formulas.feel("active", element.active_elements, element)

    # Connections

    def _connect(self, node: Node) -> None:
        flows = []
        for key in node.element.outgoing:
            flow = self.process.flows[key]
            if flow.target not in self.spec.nodes:
                continue
            owner = Element(id=flow.id, type="sequenceFlow", line=flow.line)
            condition = (
                self.formulas.feel("condition", flow.condition, owner) if flow.condition else None
            )
            outgoing = Outgoing(flow.id, self.spec.nodes[flow.target], condition)
            flows.append(outgoing)
            if key == node.element.default:
                node.default = outgoing
        node.flows = tuple(flows)
        if node.element.attached_to in self.spec.nodes and isinstance(node, BoundaryEvent):
            host = self.spec.nodes[node.element.attached_to]
            if isinstance(host, Activity):
                host.boundaries += (node,)
                host.armed_events += (node,) if node.armed else ()
        if any(event.kind == "link" for event in node.element.events):
            self._link(node)

    def _link(self, node: Node) -> None:
        if node.element.type == "intermediateThrowEvent":
            names = {event.name for event in node.element.events}
            node.flows = tuple(
                Outgoing(f"{node.name}~{target.name}", target)
                for target in self.spec.nodes.values()
                if target.element.type == "intermediateCatchEvent"
                and target.element.scope == node.element.scope
                and any(e.kind == "link" and e.name in names for e in target.element.events)
            )

    def _contain(self) -> None:
        """Tell each scope what it contains."""
        holders: dict[str, Any] = {self.process.id: self.spec.start}
        holders.update(self.spec.nodes)
        for node in self.spec.nodes.values():
            holder = holders.get(node.element.scope)
            if not isinstance(holder, scopes.Scope):
                continue
            if isinstance(node, scopes.EventSubProcess):
                holder.event_subs += (node,)
            elif _begins(node):
                holder.start = _preferred(holder.start, node)
            elif isinstance(holder, scopes.AdHocSubProcess) and _enters(node):
                holder.entries += (node,)

    def _undoings(self) -> None:
        """Connect what can be compensated with what undoes it, inner scopes first."""
        nodes = self.spec.nodes
        for node in list(nodes.values()):
            host = nodes.get(node.element.attached_to or "")
            handler = nodes.get(node.element.compensation_handler or "")
            if host is not None and handler is not None:
                host.undo_handler = handler
        for node in reversed(list(nodes.values())):
            if isinstance(node, scopes.Scope) and node.undo_handler is None:
                self._undo_scope(node)

    def _undo_scope(self, node: scopes.Scope) -> None:
        subs = [
            sub for sub in node.event_subs
            if any(trigger.definition.kind == "compensation" for trigger in sub.start.triggers)
        ]  # fmt: skip
        inside = [n for n in self.spec.nodes.values() if n.element.scope == node.name]
        if subs or any(inner.undoable for inner in inside):
            name = f"{node.name}#undo"
            undone = scopes.UndoneScope(self.spec, Element(id=name, type="undo", scope=node.name))
            undone.handler = subs[0] if subs else None
            self.spec.nodes[name] = undone
            node.undo_scope = undone

    def _arming(self) -> None:
        """Let what waits for events run first."""
        for node in self.spec.nodes.values():
            waits = isinstance(node, Catching) and bool(node.triggers)
            if waits or (isinstance(node, Activity) and node.armed_events):
                node.arms = True


def _begins(node: Node) -> bool:
    """Tell whether an instance may begin here."""
    element = node.element
    return element.type == "startEvent" or (element.instantiate and not element.incoming)


def _enters(node: Node) -> bool:
    """Tell whether an ad-hoc sub-process begins with this."""
    element = node.element
    return not element.incoming and not element.for_compensation and not element.attached_to


def _preferred(known: Any, node: Any) -> Any:
    """Return the none start event if there is one, else the first."""
    return node if known is None or (known.triggers and not node.triggers) else known
