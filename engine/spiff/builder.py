"""Compiles a process into SpiffWorkflow specs: every expression once, every reference resolved."""

from collections.abc import Callable
from functools import partial
from typing import Any

from decisions import feel
from engine.spiff import schedule
from engine.spiff.elements import Element, EventDefinition, Process, Usage
from engine.spiff.library import BpmnProcessSpec, WorkflowSpec
from engine.spiff.problems import Report
from engine.spiff.schedule import TimerTextError
from engine.spiff.scripting import Formula, expression, is_path, text_or_expression
from engine.spiff.specs import activities, catching, gateways, scopes, throwing
from engine.spiff.specs.activities import Activity
from engine.spiff.specs.catching import BoundaryEvent, Catching, Trigger
from engine.spiff.specs.loops import Repetition
from engine.spiff.specs.nodes import Node, Outgoing
from engine.spiff.specs.throwing import Thrower, Throwing
from engine.spiff.steps import HOME

#: properties whose values are expressions
FEEL_PROPERTIES = frozenset({"startFrom", "title", "businessKey"})

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
        self.report = report
        self.usages: list[Usage] = []
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
        self._properties(self.process.id, self.process.properties, self.process.line)
        return self.spec

    def _node(self, element: Element) -> Node:
        node = self._class(element)(self.spec, element)
        self._mappings(node)
        if isinstance(node, Activity):
            node.repetition = self._repetition(element)
        if isinstance(node, Catching):
            self._catching(node)
        if isinstance(node, Throwing):
            self._throwing(node)
        fill = getattr(self, f"_fill_{element.type}", None)
        if fill is not None:
            fill(node, element)
        self._properties(element.id, element.properties, element.line)
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

    # Expressions

    def formula(
        self, compiler: Callable[[str, str, str], Formula], place: str, source: str, owner: Element
    ) -> Formula:
        """Compile and note an expression; a wrong one is reported and stands as a constant."""
        try:
            formula = compiler(owner.id, place, source)
        except feel.FeelError as error:
            self.report.add(
                "feel-invalid", owner.id, owner.line, place=place,
                detail=error.zh, detail_en=error.en,
            )  # fmt: skip
            return Formula(owner.id, place, source)
        if formula.compiled is not None:
            self.usages.append(
                Usage(element=owner.id, place=place, source=source, names=formula.names,
                      line=owner.line)
            )  # fmt: skip
        return formula

    def _feel(self, place: str, source: str, owner: Element) -> Formula:
        return self.formula(expression, place, source, owner)

    def _text(self, place: str, source: str, owner: Element) -> Formula:
        return self.formula(text_or_expression, place, source, owner)

    def _properties(self, owner: str, properties: Any, line: int | None) -> None:
        element = Element(id=owner, type="property", line=line)
        for name in FEEL_PROPERTIES & set(properties):
            compiler = expression if name == "startFrom" else text_or_expression
            self.formula(compiler, name, properties[name], element)

    def _mappings(self, node: Node) -> None:
        element = node.element
        for mapping in (*element.inputs, *element.outputs):
            if not is_path(mapping.target):
                self.report.add("target-invalid", element.id, mapping.line, name=mapping.target)
        of = partial(self._text, owner=element)
        node.input_formulas = tuple((m.target, of("input", m.source)) for m in element.inputs)
        node.output_formulas = tuple((m.target, of("output", m.source)) for m in element.outputs)

    def _catching(self, node: Catching) -> None:
        element = node.element
        node.triggers = tuple(
            self._trigger(definition, element)
            for definition in element.events
            if definition.kind != "link"
        )
        node.repeats = not element.interrupting

    def _trigger(self, definition: EventDefinition, owner: Element) -> Trigger:
        formula = key = title = None
        if definition.kind == "timer":
            formula = self._text("timer", definition.expression, owner)
            self._check_timer(definition, formula, owner)
        elif definition.kind == "conditional":
            formula = self._feel("condition", definition.expression, owner)
        elif definition.kind in ("message", "signal"):
            title = self._text("name", definition.name, owner)
            if definition.correlation_key:
                key = self._feel("correlationKey", definition.correlation_key, owner)
        return Trigger(definition, formula, key, title)

    def _check_timer(self, definition: EventDefinition, formula: Formula, owner: Element) -> None:
        if formula.compiled is not None or formula.source.startswith("="):
            return
        try:
            schedule.check(definition.timer, formula.source, HOME)
        except TimerTextError as error:
            self.report.add("timer-invalid", owner.id, definition.line, detail=str(error))

    def _throwing(self, node: Throwing) -> None:
        element = node.element
        node.throwers = tuple(
            self._thrower(definition, element)
            for definition in element.events
            if definition.kind != "link"
        )
        if element.job is not None:
            node.type_formula = self._text("type", element.job.type, element)
            node.retries_formula = self._text("retries", element.job.retries, element)

    def _thrower(self, definition: EventDefinition, owner: Element) -> Thrower:
        title = key = code = None
        if definition.kind in ("message", "signal"):
            title = self._text("name", definition.name, owner)
            if definition.correlation_key:
                key = self._feel("correlationKey", definition.correlation_key, owner)
        elif definition.code:
            code = self._text("code", definition.code, owner)
        return Thrower(definition, title, key, code)

    def _repetition(self, element: Element) -> Repetition | None:
        loop = element.loop
        if loop is None:
            return None
        places = (
            "cardinality", "input_collection", "output_element", "completion_condition", "condition"
        )  # fmt: skip
        formulas = {
            place: self._feel(place, getattr(loop, place), element)
            for place in places
            if getattr(loop, place)
        }
        throwers = tuple(
            (self._feel("behavior", condition, element) if condition else None,
             self._thrower(definition, element))
            for condition, definition in loop.throws
        )  # fmt: skip
        return Repetition(loop, formulas, throwers)

    # Elements with more to say

    def _fill_userTask(self, node: Any, element: Element) -> None:  # noqa: N802 — the BPMN name
        names = (
            "assignee", "candidate_groups", "candidate_users", "priority", "due_date",
            "follow_up_date",
        )  # fmt: skip
        node.formulas = {
            name: self._text(name, getattr(element, name), element)
            for name in names
            if getattr(element, name)
        }

    def _fill_serviceTask(self, node: Any, element: Element) -> None:  # noqa: N802
        if element.job is None:
            node.throwers = tuple(self._thrower(event, element) for event in element.events)
            return
        node.type_formula = self._text("type", element.job.type, element)
        node.retries_formula = self._text("retries", element.job.retries, element)

    _fill_sendTask = _fill_serviceTask  # noqa: N815

    def _fill_scriptTask(self, node: Any, element: Element) -> None:  # noqa: N802
        self._fill_serviceTask(node, element)
        if element.job is None and element.script is not None:
            node.formula = self._feel("script", element.script.expression, element)
            node.result_variable = element.script.result_variable

    def _fill_businessRuleTask(self, node: Any, element: Element) -> None:  # noqa: N802
        self._fill_serviceTask(node, element)
        reference = element.decision
        if element.job is None and reference is not None:
            node.id_formula = self._text("decisionId", reference.decision_id, element)
            node.reference = reference

    def _fill_callActivity(self, node: Any, element: Element) -> None:  # noqa: N802
        if element.called is not None:
            node.id_formula = self._text("processId", element.called.process_id, element)

    def _fill_complexGateway(self, node: Any, element: Element) -> None:  # noqa: N802
        if element.activation_condition:
            node.activation = self._feel("activation", element.activation_condition, element)

    def _fill_adHocSubProcess(self, node: Any, element: Element) -> None:  # noqa: N802
        if element.completion_condition:
            node.until_formula = self._feel("completion", element.completion_condition, element)
        if element.active_elements:
            node.active_formula = self._feel("active", element.active_elements, element)

    # Connections

    def _connect(self, node: Node) -> None:
        flows = []
        for key in node.element.outgoing:
            flow = self.process.flows[key]
            if flow.target not in self.spec.nodes:
                continue
            owner = Element(id=flow.id, type="sequenceFlow", line=flow.line)
            condition = self._feel("condition", flow.condition, owner) if flow.condition else None
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
