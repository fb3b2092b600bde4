"""What the BPMN 2.0 standard forbids in a file, whether or not the engine would trip over it."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from lxml import etree

from engine.lint.rules import Findings

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
Node = etree._Element  # noqa: SLF001 — lxml's own name for it

_ROOTS = frozenset(
    {
        "extension", "itemDefinition", "dataStore", "message", "error", "escalation",
        "signal", "interface", "process", "collaboration", "category", "resource", "endPoint",
        "partnerEntity", "partnerRole", "correlationProperty", "relationship", "documentation",
        "globalTask", "globalUserTask", "globalManualTask", "globalScriptTask",
        "globalBusinessRuleTask",
        "extensionElements",
    }
)  # fmt: skip
_GATEWAYS = frozenset(
    {
        "exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway",
        "complexGateway",
    }
)  # fmt: skip
_TALKING = frozenset({"messageEventDefinition"})
_EVENTS = frozenset(
    {
        "startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent",
        "boundaryEvent",
    }
)  # fmt: skip
_SENDING = frozenset({"endEvent", "intermediateThrowEvent"})
_LOOPS = frozenset({"standardLoopCharacteristics", "multiInstanceLoopCharacteristics"})

#: attribute or child that refers to another element → the tags it may refer to
_REFERENCES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "messageRef": frozenset({"message"}),
        "inMessageRef": frozenset({"message"}),
        "outMessageRef": frozenset({"message"}),
        "signalRef": frozenset({"signal"}),
        "errorRef": frozenset({"error"}),
        "escalationRef": frozenset({"escalation"}),
        "itemRef": frozenset({"itemDefinition"}),
        "itemSubjectRef": frozenset({"itemDefinition"}),
        "operationRef": frozenset({"operation"}),
        "interfaceRef": frozenset({"interface"}),
        "supportedInterfaceRef": frozenset({"interface"}),
        "participantRef": frozenset({"participant"}),
        "messageFlowRef": frozenset({"messageFlow"}),
        "dataObjectRef": frozenset({"dataObject"}),
        "dataStoreRef": frozenset({"dataStore"}),
        "incoming": frozenset({"sequenceFlow"}),
        "outgoing": frozenset({"sequenceFlow"}),
        "resourceRef": frozenset({"resource"}),
        "correlationPropertyRef": frozenset({"correlationProperty"}),
    }
)


def read(xml: bytes) -> Node:
    """Return the root of a file that was found readable."""
    return etree.fromstring(
        xml, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    )


def check(root: Node, found: Findings) -> None:
    """Judge a whole file."""
    sheet = _Sheet(root)
    for child in root.iterchildren(f"{{{BPMN}}}*"):
        if tag_of(child) == "import":
            found.add("import", child.get("location"), line_of(child))
        elif tag_of(child) not in _ROOTS and not tag_of(child).endswith("EventDefinition"):
            found.add("not-executed", child.get("id"), line_of(child), tag=tag_of(child))
    for node in sheet.nodes:
        for rule in _RULES.get(tag_of(node), ()):
            rule(node, sheet, found)
        if node.get("id"):
            _loops(node, sheet, found)
            _listed(node, sheet, found)
        _references(node, sheet, found)


class _Sheet:
    """A file with what is looked up in it often."""

    def __init__(self, root: Node) -> None:
        self.nodes = list(root.iter(f"{{{BPMN}}}*"))
        self.by_id = {node.get("id", ""): node for node in self.nodes if node.get("id")}
        self.foreign = any(tag_of(node) == "import" for node in self.nodes)
        self.leaving: dict[str, list[Node]] = defaultdict(list)
        self.entering: dict[str, list[Node]] = defaultdict(list)
        for node in self.nodes:
            if tag_of(node) == "sequenceFlow":
                self.leaving[local_name(node.get("sourceRef"))].append(node)
                self.entering[local_name(node.get("targetRef"))].append(node)
        self.pools = {
            local_name(node.get("processRef")): node.get("id", "")
            for node in self.nodes
            if tag_of(node) == "participant" and node.get("processRef")
        }

    def pool(self, node: Node) -> str | None:
        """Return the pool that an element stands in, or is."""
        if tag_of(node) == "participant":
            return node.get("id")
        for above in node.iterancestors(f"{{{BPMN}}}process"):
            return self.pools.get(above.get("id", ""))
        return None


def _flow(node: Node, sheet: _Sheet, found: Findings) -> None:
    if node.get("isImmediate") == "false":
        found.add("not-immediate", node.get("id"), line_of(node))
    source = sheet.by_id.get(local_name(node.get("sourceRef")))
    conditional = node.find(f"{{{BPMN}}}conditionExpression") is not None
    alone = source is not None and len(sheet.leaving[source.get("id", "")]) == 1
    if conditional and source is not None and alone and tag_of(source) not in _GATEWAYS:
        found.add("lonely-condition", node.get("id"), line_of(node))


def _message_flow(node: Node, sheet: _Sheet, found: Findings) -> None:
    ends = [sheet.by_id.get(local_name(node.get(end))) for end in ("sourceRef", "targetRef")]
    source, target = ends
    where = node.get("id"), line_of(node)
    if source is None or target is None:
        found.add("message-flow-end", *where)
        return
    pools = sheet.pool(source), sheet.pool(target)
    if pools[0] is None or pools[1] is None:
        found.add("message-flow-end", *where)
    elif pools[0] == pools[1]:
        found.add("message-flow-inside", *where)
    elif not (_may_talk(source, sends=True) and _may_talk(target, sends=False)):
        found.add("message-flow-end", *where)


def _may_talk(node: Node, *, sends: bool) -> bool:
    """Tell whether a message may leave (or reach) an element: a pool, an activity, an event."""
    name = tag_of(node)
    if name in _EVENTS:
        kinds = {tag_of(child) for child in node}
        return (name in _SENDING) == sends and bool(_TALKING & kinds)
    return name not in _GATEWAYS and name not in {"lane", "sequenceFlow"}


def _loops(node: Node, _sheet: _Sheet, found: Findings) -> None:
    if len([child for child in node if tag_of(child) in _LOOPS]) > 1:
        found.add("two-loops", node.get("id"), line_of(node))


def _behaviour(node: Node, _sheet: _Sheet, found: Findings) -> None:
    complex_one = node.find(f"{{{BPMN}}}complexBehaviorDefinition") is not None
    if complex_one and node.get("behavior", "All") != "Complex":
        holder = node.getparent()
        found.add("complex-behaviour", None if holder is None else holder.get("id"), line_of(node))


def _cancel_end(node: Node, _sheet: _Sheet, found: Findings) -> None:
    holder = node.getparent()
    cancels = node.find(f"{{{BPMN}}}cancelEventDefinition") is not None
    if cancels and (holder is None or tag_of(holder) != "transaction"):
        found.add("cancel-end", node.get("id"), line_of(node))


def _link(node: Node, sheet: _Sheet, found: Findings) -> None:
    if node.find(f"{{{BPMN}}}linkEventDefinition") is None:
        return
    catches = tag_of(node) == "intermediateCatchEvent"
    if (sheet.entering if catches else sheet.leaving)[node.get("id", "")]:
        found.add("link-flow", node.get("id"), line_of(node))


def _gateway(node: Node, sheet: _Sheet, found: Findings) -> None:
    ins, outs = (len(flows[node.get("id", "")]) for flows in (sheet.entering, sheet.leaving))
    direction = node.get("gatewayDirection", "Unspecified")
    fits = {
        "Converging": ins > 1 and outs <= 1,
        "Diverging": ins <= 1 and outs > 1,
        "Mixed": ins > 1 and outs > 1,
    }
    where = node.get("id"), line_of(node)
    if not fits.get(direction, True):
        found.add("gateway-direction", *where, direction=direction, ins=ins, outs=outs)
    elif ins <= 1 and outs <= 1:
        found.add("gateway-idle", *where)


def _event_gateway(node: Node, sheet: _Sheet, found: Findings) -> None:
    targets = [
        sheet.by_id.get(local_name(flow.get("targetRef")))
        for flow in sheet.leaving[node.get("id", "")]
    ]
    receives = any(one is not None and tag_of(one) == "receiveTask" for one in targets)
    listens = any(
        one is not None and one.find(f"{{{BPMN}}}messageEventDefinition") is not None
        for one in targets
    )
    if receives and listens:
        found.add("event-gateway-mixed", node.get("id"), line_of(node))
    if node.get("instantiate") == "true" and sheet.entering[node.get("id", "")]:
        found.add("event-gateway-start", node.get("id"), line_of(node))


def _lanes(node: Node, _sheet: _Sheet, found: Findings) -> None:
    seen: set[str] = set()
    for lane in node.iter(f"{{{BPMN}}}lane"):
        if lane.find(f"{{{BPMN}}}childLaneSet") is not None:
            continue
        for member in lane.iterchildren(f"{{{BPMN}}}flowNodeRef"):
            name = local_name(member.text)
            if name in seen:
                found.add("lane-twice", lane.get("id"), line_of(member), name=name)
            seen.add(name)


def _listed(node: Node, sheet: _Sheet, found: Findings) -> None:
    """Compare the flows that an element lists with where they lead."""
    for place, flows in (("incoming", sheet.entering), ("outgoing", sheet.leaving)):
        known = {flow.get("id") for flow in flows[node.get("id", "")]}
        for child in node.iterchildren(f"{{{BPMN}}}{place}"):
            name = local_name(child.text)
            target = sheet.by_id.get(name)
            if name not in known and target is not None and tag_of(target) == "sequenceFlow":
                found.add("flow-mismatch", node.get("id"), line_of(child), place=place, name=name)


def _boundary(node: Node, _sheet: _Sheet, found: Findings) -> None:
    compensates = node.find(f"{{{BPMN}}}compensateEventDefinition") is not None
    if compensates and node.get("cancelActivity") == "false":
        found.add("compensation-side", node.get("id"), line_of(node))


def _references(node: Node, sheet: _Sheet, found: Findings) -> None:
    if sheet.foreign:
        return
    for name, value in _named(node):
        target = sheet.by_id.get(local_name(value))
        if target is None or tag_of(target) not in _REFERENCES[name]:
            found.add("wrong-reference", owner(node), line_of(node), place=name, name=value)


def _named(node: Node) -> Iterator[tuple[str, str]]:
    for key, value in node.attrib.items():
        if key in _REFERENCES:
            yield str(key), str(value)
    if tag_of(node) in _REFERENCES and node.text:
        yield tag_of(node), node.text.strip()


def owner(node: Node) -> str | None:
    """Return the id of an element, or of the one it stands in."""
    at: Node | None = node
    while at is not None and not at.get("id"):
        at = at.getparent()
    return None if at is None else at.get("id")


def tag_of(node: Node) -> str:
    """Return the BPMN name of a node; nothing for what belongs to others."""
    name = node.tag
    return name.rpartition("}")[2] if isinstance(name, str) and name.startswith(f"{{{BPMN}") else ""


def line_of(node: Node) -> int | None:
    """Return the line of a node."""
    return int(node.sourceline) if node.sourceline is not None else None


def local_name(reference: str | None) -> str:
    """Return a reference without its prefix."""
    return (reference or "").strip().rpartition(":")[2]


_RULES: Mapping[str, tuple[Callable[[Node, _Sheet, Findings], None], ...]] = MappingProxyType(
    {
        "laneSet": (_lanes,),
        **dict.fromkeys(sorted(_GATEWAYS), (_gateway,)),
        "eventBasedGateway": (_gateway, _event_gateway),
        "sequenceFlow": (_flow,),
        "messageFlow": (_message_flow,),
        "multiInstanceLoopCharacteristics": (_behaviour,),
        "endEvent": (_cancel_end,),
        "intermediateCatchEvent": (_link,),
        "intermediateThrowEvent": (_link,),
        "boundaryEvent": (_boundary,),
    }
)
