"""Reads a BPMN 2.0 document with `zeebe:` extensions into processes; judges nothing it can't see."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from engine.spiff import implicit, zeebe
from engine.spiff.elements import Element, EventDefinition, Flow, Process
from engine.spiff.loops import read_loop
from engine.spiff.problems import Report
from engine.spiff.safexml import BPMN
from engine.spiff.triggers import Triggers
from engine.spiff.vocabulary import ATTRIBUTES, GLOBAL_TASKS, IGNORED, NODES, PARTS
from engine.spiff.zeebe import line, local, namespace

MAX_ELEMENTS = 500


@dataclass(slots=True)
class _Draft:
    """A process while it is read."""

    elements: dict[str, dict[str, Any]] = field(default_factory=dict)
    flows: dict[str, Flow] = field(default_factory=dict)
    lanes: dict[str, str] = field(default_factory=dict)
    lane_lines: dict[str, int | None] = field(default_factory=dict)
    associations: list[tuple[str, str]] = field(default_factory=list)


class Reader:
    """Walks one document."""

    def __init__(self, root: etree._Element, report: Report) -> None:
        self.root = root
        self.report = report
        self.ids: set[str] = set()
        self.triggers = Triggers(root, report)

    def processes(self) -> dict[str, Process]:
        """Return the executable processes."""
        self._check_ids()
        found: dict[str, Process] = {}
        for node in self.root.iterchildren(f"{{{BPMN}}}process"):
            if node.get("isExecutable", "true") not in ("false", "0"):
                process = self._process(node)
                found[process.id] = process
        for tag, kind in GLOBAL_TASKS.items():
            for node in self.root.iterchildren(f"{{{BPMN}}}{tag}"):
                if not node.get("id"):
                    self.report.add("missing-id", None, line(node), type=tag)
                    continue
                task = self._global_task(node, kind)
                found[task.id] = task
        if not found:
            self.report.add("no-process", None)
        self._check_pools()
        return found

    def _check_ids(self) -> None:
        for node in self.root.iter(etree.Element):
            if namespace(node) != BPMN or node.get("id") is None:
                continue
            if node.get("id") in self.ids:
                self.report.add("duplicate-id", node.get("id"), line(node))
            self.ids.add(node.get("id", ""))
        for kind in ("message", "signal", "error", "escalation"):
            for node in self.root.iterchildren(f"{{{BPMN}}}{kind}"):
                zeebe.check(node, node.get("id"), self.report)

    def _check_pools(self) -> None:
        known = {node.get("id") for node in self.root.iterchildren(f"{{{BPMN}}}process")}
        for node in self.root.iter(f"{{{BPMN}}}participant"):
            reference = (node.get("processRef") or "").rpartition(":")[2]
            if reference and reference not in known:
                self.report.add("collaboration", node.get("id"), line(node), id=reference)

    def _process(self, node: etree._Element) -> Process:
        key = node.get("id", "")
        if not key:
            self.report.add("missing-id", None, line(node), type="process")
        self._check_attributes(node, key)
        fields = zeebe.read(node, key, self.report)
        draft = _Draft()
        self._scope(node, key, draft)
        if len(draft.elements) > MAX_ELEMENTS:
            self.report.add("too-many-elements", key, line(node), limit=MAX_ELEMENTS)
        implicit.complete(key, draft.elements, draft.flows)
        return Process(
            id=key,
            name=node.get("name", ""),
            documentation=_documentation(node),
            line=line(node),
            elements=self._finish(draft),
            flows=draft.flows,
            properties=fields.get("properties", {}),
            version_tag=fields.get("version_tag"),
        )

    def _global_task(self, node: etree._Element, kind: str) -> Process:
        """Read a global task as the process that a call activity starts: start, task, end."""
        key = node.get("id", "")
        draft = _Draft()
        self._node(node, key, draft, kind)
        start, task, end = (f"{key}#{part}" for part in ("start", "task", "end"))
        draft.elements = {task: {**draft.elements.get(key, {}), "id": task}}
        draft.elements[start] = {"id": start, "type": "startEvent", "scope": key}
        draft.elements[end] = {"id": end, "type": "endEvent", "scope": key}
        for flow, source, target in ((f"{key}#in", start, task), (f"{key}#out", task, end)):
            draft.flows[flow] = Flow(id=flow, source=source, target=target)
        return Process(
            id=key, name=node.get("name", ""), line=line(node),
            elements=self._finish(draft), flows=draft.flows,
        )  # fmt: skip

    def _scope(self, node: etree._Element, scope: str, draft: _Draft) -> None:
        """Read the children of a process or sub-process (nested ones from a list, not by call)."""
        pending = [(node, scope)]
        while pending:
            holder, owner = pending.pop()
            pending += [
                (item, item.get("id", ""))
                for item in holder.iterchildren(f"{{{BPMN}}}*")
                if local(item) not in IGNORED and self._child(item, holder, owner, draft)
            ]

    def _child(
        self, item: etree._Element, holder: etree._Element, owner: str, draft: _Draft
    ) -> bool:
        """Read one child; tell whether it contains more."""
        tag = local(item)
        if tag in NODES:
            self._node(item, owner, draft)
            return NODES[tag].scope
        if tag == "laneSet":
            self._lanes(item, draft)
        elif tag == "sequenceFlow":
            self._flow(item, draft)
        elif tag == "association":
            draft.associations.append((item.get("sourceRef", ""), item.get("targetRef", "")))
        elif tag not in PARTS.get(local(holder), ()):
            self.report.add("unknown-element", item.get("id") or owner, line(item), tag=tag)
        return False

    def _flow(self, node: etree._Element, draft: _Draft) -> None:
        key = node.get("id", "")
        if not key:
            self.report.add("missing-id", None, line(node), type="sequenceFlow")
            return
        self._check_attributes(node, key)
        zeebe.check(node, key, self.report)
        condition = node.find(f"{{{BPMN}}}conditionExpression")
        text = (condition.text or "").strip() if condition is not None else None
        draft.flows[key] = Flow(
            id=key, source=node.get("sourceRef", ""), target=node.get("targetRef", ""),
            name=node.get("name", ""), condition=text, line=line(node),
        )  # fmt: skip

    def _lanes(self, holder: etree._Element, draft: _Draft) -> None:
        # Document order: an inner lane comes after its outer one and wins.
        for lane in holder.iter(f"{{{BPMN}}}lane"):
            for member in lane.iterchildren(f"{{{BPMN}}}flowNodeRef"):
                key = (member.text or "").strip()
                draft.lanes[key] = lane.get("name", "")
                draft.lane_lines[key] = line(member)

    def _node(
        self, node: etree._Element, scope: str, draft: _Draft, known_as: str = ""
    ) -> None:  # fmt: skip
        key, kind = node.get("id", ""), known_as or local(node)
        if not key:
            self.report.add("missing-id", None, line(node), type=kind)
            return
        self._check_attributes(node, key, kind)
        self._check_children(node, key, kind)
        self._check_data(node, key)
        fields: dict[str, Any] = zeebe.read(node, key, self.report, kind)
        fields.update(
            id=key, type=kind, scope=scope, name=node.get("name", ""), line=line(node),
            documentation=_documentation(node), events=self._events(node, kind, key),
            loop=read_loop(node, key, self.triggers, self.report),
            default=node.get("default"), attached_to=node.get("attachedToRef"),
            interrupting=_interrupts(node, kind),
            interrupts_in_words=node.get("cancelActivity") == "true",
            parallel_multiple=node.get("parallelMultiple") == "true",
            triggered_by_event=node.get("triggeredByEvent") == "true",
            for_compensation=node.get("isForCompensation") == "true",
            start_quantity=self._quantity(node, "startQuantity"),
            completion_quantity=self._quantity(node, "completionQuantity"),
            instantiate=node.get("instantiate") == "true",
            ordering=node.get("ordering", "Parallel"),
            cancel_remaining=node.get("cancelRemainingInstances", "true") != "false",
            completion_condition=_text(node, "completionCondition"),
            activation_condition=_text(node, "activationCondition"),
        )  # fmt: skip
        draft.elements[key] = fields

    def _events(self, node: etree._Element, kind: str, key: str) -> tuple[EventDefinition, ...]:
        if kind in ("receiveTask", "sendTask"):
            reference = node.get("messageRef")
            if reference is None and kind == "sendTask":
                return ()
            message = self.triggers.message(reference, key, line(node))
            return (message,) if message is not None else ()
        return self.triggers.of(node, key) if kind.endswith("Event") else ()

    def _quantity(self, node: etree._Element, name: str) -> int:
        text = node.get(name, "1")
        if not text.strip().isdigit() or int(text) < 1:
            self.report.add("quantity", node.get("id"), line(node), name=name)
            return 1
        return int(text)

    def _check_attributes(self, node: etree._Element, key: str, kind: str = "") -> None:
        known = ATTRIBUTES["*"] | ATTRIBUTES.get(kind or local(node), frozenset())
        for name in node.attrib:
            if not str(name).startswith("{") and name not in known:
                self.report.add("unknown-attribute", key, line(node), name=name)

    def _check_children(self, node: etree._Element, key: str, kind: str) -> None:
        if NODES[kind].scope:
            return
        for item in node.iterchildren(etree.Element):
            tag = local(item)
            if namespace(item) == BPMN and tag not in PARTS["*"] | PARTS.get(kind, frozenset()):
                self.report.add("unknown-element", key, line(item), tag=tag)

    def _check_data(self, node: etree._Element, key: str) -> None:
        """Refuse data associations that compute: variables do that."""
        for tag in ("dataInputAssociation", "dataOutputAssociation"):
            for item in node.iterchildren(f"{{{BPMN}}}{tag}"):
                for part in ("assignment", "transformation"):
                    if item.find(f"{{{BPMN}}}{part}") is not None:
                        self.report.add("data-refused", key, line(item), tag=part)

    def _finish(self, draft: _Draft) -> dict[str, Element]:
        incoming, outgoing = defaultdict(list), defaultdict(list)
        for flow in draft.flows.values():
            outgoing[flow.source].append(flow.id)
            incoming[flow.target].append(flow.id)
        for key in draft.lanes:
            if key not in draft.elements:
                self.report.add("lane-member", key, draft.lane_lines[key], id=key)
        handlers = dict(draft.associations)
        finished: dict[str, Element] = {}
        for key, fields in draft.elements.items():
            handler = handlers.get(key) if fields["type"] == "boundaryEvent" else None
            finished[key] = Element(
                **fields,
                lane=_lane(fields, draft),
                incoming=tuple(incoming[key]),
                outgoing=tuple(outgoing[key]),
                compensation_handler=handler,
            )
        return finished


def _lane(fields: dict[str, Any], draft: _Draft) -> str | None:
    """Return the lane of an element, or of the sub-process that contains it."""
    current: dict[str, Any] | None = fields
    seen: set[str] = set()  # ids that are used twice could lead in a circle
    while current is not None and current["id"] not in seen:
        if current["id"] in draft.lanes:
            return draft.lanes[current["id"]]
        seen.add(current["id"])
        current = draft.elements.get(current["scope"])
    return None


def _documentation(node: etree._Element) -> str:
    return node.findtext(f"{{{BPMN}}}documentation", "").strip()


def _text(node: etree._Element, tag: str) -> str | None:
    text = node.findtext(f"{{{BPMN}}}{tag}")
    return text.strip() if text is not None else None


def _interrupts(node: etree._Element, kind: str) -> bool:
    if kind == "boundaryEvent":
        return node.get("cancelActivity", "true") != "false"
    return node.get("isInterrupting", "true") != "false"
