"""What other engines let a diagram leave out, written into it: for the import of foreign diagrams.

Each step changes a diagram to what its engine does with it anyway, and says so where a person has
to know. Drawn things that lead nowhere and nothing executes are dropped. Pure.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator

from lxml import etree

from engine.spiff.safexml import BPMN
from engine.spiff.vocabulary import NODES

Node = etree._Element  # noqa: SLF001 — lxml's own name for it
Note = Callable[[Node, str, str], None]

_CHOOSING = frozenset({"exclusiveGateway", "inclusiveGateway"})
_PASSING = _CHOOSING | {"parallelGateway"}
_SCOPES = frozenset({"process", "subProcess", "transaction"})
#: engines where an exclusive gateway takes the first flow that has no condition
_LENIENT = ("http://activiti.org/bpmn", "http://flowable.org/bpmn")
_REFERRED = {"messageRef": "message", "signalRef": "signal", "errorRef": "error",
             "escalationRef": "escalation"}  # fmt: skip
_NAMELESS = {"messageEventDefinition": "message", "signalEventDefinition": "signal",
             "receiveTask": "message"}  # fmt: skip
_TYPES = ("itemSubjectRef", "itemRef", "categoryValueRef", "operationRef", "dataStoreRef")
_COMPUTING = ("ioSpecification", "dataInputAssociation", "dataOutputAssociation", "dataInput",
              "dataOutput", "inputSet", "outputSet")  # fmt: skip
_WITH_ID = frozenset(NODES) | {"sequenceFlow", "lane", "participant", "messageFlow"}


def apply(root: Node, note: Note) -> None:
    """Make everything explicit, in place."""
    _ids(root)
    _black_boxes(root)
    _declarations(root, note)
    _data(root, note)
    sheet = Sheet(root)
    for node in sheet.nodes:
        _gateway(node, sheet, note)
    for node in sheet.nodes:
        _end(node, sheet, note)
    _drawn(root)


class Sheet:
    """The flow nodes of a file with their flows."""

    def __init__(self, root: Node) -> None:
        self.lenient = any(space in _LENIENT for space in root.nsmap.values())
        self.nodes = [node for node in root.iter(f"{{{BPMN}}}*") if tag_of(node) in NODES]
        self.leaving: dict[str, list[Node]] = defaultdict(list)
        self.entering: dict[str, list[Node]] = defaultdict(list)
        for flow in root.iter(f"{{{BPMN}}}sequenceFlow"):
            self.leaving[flow.get("sourceRef", "")].append(flow)
            self.entering[flow.get("targetRef", "")].append(flow)


def tag_of(node: Node) -> str:
    """Return the BPMN name of a node; nothing for what belongs to others."""
    name = node.tag
    return name.rpartition("}")[2] if isinstance(name, str) and name.startswith(f"{{{BPMN}") else ""


def _ids(root: Node) -> None:
    taken = {node.get("id") for node in root.iter(etree.Element)}
    number = 0
    for node in root.iter(f"{{{BPMN}}}*"):
        if tag_of(node) in _WITH_ID and not node.get("id"):
            while (key := f"{tag_of(node)}_{number}") in taken:
                number += 1
            taken.add(key)
            node.set("id", key)


def _black_boxes(root: Node) -> None:
    """Let empty processes be pools that are only drawn, when another process runs."""
    processes = list(root.iter(f"{{{BPMN}}}process"))
    empty = [one for one in processes if not any(tag_of(child) in NODES for child in one)]
    if len(empty) < len(processes):
        for process in empty:
            process.set("isExecutable", "false")


def _declarations(root: Node, note: Note) -> None:
    """Declare messages, signals and errors that are only named where they are used."""
    declared: dict[tuple[str, str], str] = {}
    for kind in _REFERRED.values():
        for node in root.iterchildren(f"{{{BPMN}}}{kind}"):
            key = node.get("id", "")
            declared.setdefault((kind, node.get("name", key)), key)
            declared[kind, key] = key
    ids = {node.get("id") for node in root.iter(etree.Element)}
    for node in list(root.iter(f"{{{BPMN}}}*")):
        for attribute, kind, name in _named(node):
            found = declared.get((kind, name))
            if found is None and (attribute not in node.attrib or name not in ids):
                found = name if name not in ids else f"{kind}_{name}"
                etree.SubElement(root, f"{{{BPMN}}}{kind}", id=found, name=name)
                declared[kind, name] = found
                note(node, f"补上了 {kind} 的声明 {name}", f"the {kind} {name} was declared")
            if found is not None:
                node.set(attribute, found)


def _named(node: Node) -> Iterator[tuple[str, str, str]]:
    """Yield (attribute, kind, name) of what an element refers to, or has to refer to."""
    for attribute, kind in _REFERRED.items():
        if node.get(attribute):
            yield attribute, kind, str(node.get(attribute)).rpartition(":")[2]
    kind = _NAMELESS.get(tag_of(node), "")
    if kind and not node.get(f"{kind}Ref"):
        owner = node if tag_of(node) == "receiveTask" else node.getparent()
        if owner is not None and owner.get("id"):
            yield f"{kind}Ref", kind, owner.get("id", "")


def _data(root: Node, note: Note) -> None:
    """Drop data that is copied into and out of tasks: variables are seen by all of them."""
    for task in root.iter(f"{{{BPMN}}}serviceTask"):
        task.attrib.pop("operationRef", None)
    for tag in _COMPUTING:
        for node in list(root.iter(f"{{{BPMN}}}{tag}")):
            owner = node.getparent()
            if owner is None:
                continue
            owner.remove(node)
            if tag == "ioSpecification":
                note(owner, "任务的输入输出说明没有带过来：变量对全部步骤可见",
                     "the task's data specification was left out: every step sees the variables")  # fmt: skip


def _gateway(node: Node, sheet: Sheet, note: Note) -> None:
    tag, key = tag_of(node), node.get("id", "")
    if not NODES[tag].gateway:
        return
    node.attrib.pop("gatewayDirection", None)
    leaving, entering = sheet.leaving[key], sheet.entering[key]
    if tag not in _CHOOSING:
        _unconditional(leaving, note)
        if tag != "complexGateway":
            node.attrib.pop("default", None)
    elif len(leaving) > 1:
        _conditions(node, leaving, sheet, note)
    conditional = any(_condition(flow) is not None for flow in leaving)
    if tag in _PASSING and len(entering) == 1 and len(leaving) <= 1 and not conditional:
        node.tag = f"{{{BPMN}}}{'intermediateThrowEvent' if leaving else 'endEvent'}"
        node.attrib.pop("default", None)
        note(node, "一进一出的网关什么也不做，改成了空事件",
             "a gateway with one flow in and one out does nothing: now a plain event")  # fmt: skip


def _condition(flow: Node) -> Node | None:
    return flow.find(f"{{{BPMN}}}conditionExpression")


def _unconditional(flows: list[Node], note: Note) -> None:
    """Drop conditions that are never read: after parallel and event-based gateways."""
    for flow in flows:
        condition = _condition(flow)
        if condition is not None and tag_of(flow):
            flow.remove(condition)
            note(
                flow, "此处的条件没有引擎会读，已去掉", "no engine reads a condition here: dropped"
            )


def _conditions(node: Node, flows: list[Node], sheet: Sheet, note: Note) -> None:
    """Say which way is taken without a condition."""
    if node.get("default") not in {flow.get("id") for flow in flows}:
        node.attrib.pop("default", None)
    bare = [flow for flow in flows
            if not _text(flow) and flow.get("id") != node.get("default")]  # fmt: skip
    if tag_of(node) == "exclusiveGateway" and len(bare) == 1 and not node.get("default"):
        _unconditional(bare, lambda *_: None)
        node.set("default", bare[0].get("id", ""))
        note(bare[0], "没有条件的分支设成了默认", "the flow without a condition is now the default")
    elif tag_of(node) == "inclusiveGateway" or sheet.lenient:
        for flow in bare:
            _unconditional([flow], lambda *_: None)
            etree.SubElement(flow, f"{{{BPMN}}}conditionExpression").text = "=true"


def _text(flow: Node) -> str:
    condition = _condition(flow)
    return "" if condition is None else (condition.text or "").strip()


def _end(node: Node, sheet: Sheet, note: Note) -> None:
    """End a path that just stops."""
    holder, key = node.getparent(), node.get("id", "")
    if holder is None or sheet.leaving[key] or not _stops(node, holder, sheet):
        return
    end, flow = f"{key}_end", f"{key}_to_end"
    etree.SubElement(holder, f"{{{BPMN}}}endEvent", id=end)
    etree.SubElement(holder, f"{{{BPMN}}}sequenceFlow", id=flow, sourceRef=key, targetRef=end)
    note(node, "后面补上了结束事件", "an end event was put after it")


def _stops(node: Node, holder: Node, sheet: Sheet) -> bool:
    """Tell whether a token that comes here would end without an end event."""
    kinds = {tag_of(child) for child in node}
    if tag_of(node) in {"startEvent", "endEvent", "eventBasedGateway"} or holder is None:
        return False
    if "linkEventDefinition" in kinds or "compensateEventDefinition" in kinds & _boundary(node):
        return False
    apart = node.get("triggeredByEvent") == "true" or node.get("isForCompensation") == "true"
    begun = any(tag_of(child) == "startEvent" for child in holder)
    reached = sheet.entering[node.get("id", "")] or tag_of(node) == "boundaryEvent"
    return tag_of(holder) in _SCOPES and begun and bool(reached) and not apart


def _boundary(node: Node) -> set[str]:
    return {"compensateEventDefinition"} if tag_of(node) == "boundaryEvent" else set()


def _drawn(root: Node) -> None:
    """Drop drawn references that lead nowhere: nothing executes them."""
    by_id = {node.get("id"): node for node in root.iter(f"{{{BPMN}}}*") if node.get("id")}
    _listed(root)
    _members(root, by_id)
    for tag in ("association", "messageFlow"):
        for node in list(root.iter(f"{{{BPMN}}}{tag}")):
            holder = node.getparent()
            ends = {node.get(end, "").rpartition(":")[2] for end in ("sourceRef", "targetRef")}
            if holder is not None and not ends <= by_id.keys():
                holder.remove(node)
    for node in root.iter(f"{{{BPMN}}}*"):
        for name in _TYPES:
            if name in node.attrib and str(node.get(name)).rpartition(":")[2] not in by_id:
                del node.attrib[name]


def _listed(root: Node) -> None:
    """Let elements list the flows that end or begin at them, and no others."""
    flows = {node.get("id"): node for node in root.iter(f"{{{BPMN}}}sequenceFlow")}
    for place, end in (("incoming", "targetRef"), ("outgoing", "sourceRef")):
        for child in list(root.iter(f"{{{BPMN}}}{place}")):
            owner, flow = child.getparent(), flows.get((child.text or "").strip())
            if owner is not None and (flow is None or flow.get(end) != owner.get("id")):
                owner.remove(child)


def _members(root: Node, by_id: dict[str | None, Node]) -> None:
    """Let lanes list the steps in them, and nothing else."""
    for member in list(root.iter(f"{{{BPMN}}}flowNodeRef")):
        lane, node = member.getparent(), by_id.get((member.text or "").strip())
        if lane is not None and (node is None or tag_of(node) not in NODES):
            lane.remove(member)
