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
        if _tag(child) == "import":
            found.add("import", child.get("location"), _line(child))
        elif _tag(child) not in _ROOTS and not _tag(child).endswith("EventDefinition"):
            found.add("not-executed", child.get("id"), _line(child), tag=_tag(child))
    for node in sheet.nodes:
        for rule in _RULES.get(_tag(node), ()):
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
        self.foreign = any(_tag(node) == "import" for node in self.nodes)
        self.leaving: dict[str, list[Node]] = defaultdict(list)
        self.entering: dict[str, list[Node]] = defaultdict(list)
        for node in self.nodes:
            if _tag(node) == "sequenceFlow":
                self.leaving[_local(node.get("sourceRef"))].append(node)
                self.entering[_local(node.get("targetRef"))].append(node)
        self.pools = {
            _local(node.get("processRef")): node.get("id", "")
            for node in self.nodes
            if _tag(node) == "participant" and node.get("processRef")
        }

    def pool(self, node: Node) -> str | None:
        """Return the pool that an element stands in, or is."""
        if _tag(node) == "participant":
            return node.get("id")
        for above in node.iterancestors(f"{{{BPMN}}}process"):
            return self.pools.get(above.get("id", ""))
        return None


def _flow(node: Node, sheet: _Sheet, found: Findings) -> None:
    if node.get("isImmediate") == "false":
        found.add("not-immediate", node.get("id"), _line(node))
    source = sheet.by_id.get(_local(node.get("sourceRef")))
    conditional = node.find(f"{{{BPMN}}}conditionExpression") is not None
    alone = source is not None and len(sheet.leaving[source.get("id", "")]) == 1
    if conditional and source is not None and alone and _tag(source) not in _GATEWAYS:
        found.add("lonely-condition", node.get("id"), _line(node))


def _message_flow(node: Node, sheet: _Sheet, found: Findings) -> None:
    ends = [sheet.by_id.get(_local(node.get(end))) for end in ("sourceRef", "targetRef")]
    source, target = ends
    where = node.get("id"), _line(node)
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
    name = _tag(node)
    if name in _EVENTS:
        kinds = {_tag(child) for child in node}
        return (name in _SENDING) == sends and bool(_TALKING & kinds)
    return name not in _GATEWAYS and name not in {"lane", "sequenceFlow"}


def _loops(node: Node, _sheet: _Sheet, found: Findings) -> None:
    if len([child for child in node if _tag(child) in _LOOPS]) > 1:
        found.add("two-loops", node.get("id"), _line(node))


def _behaviour(node: Node, _sheet: _Sheet, found: Findings) -> None:
    complex_one = node.find(f"{{{BPMN}}}complexBehaviorDefinition") is not None
    if complex_one and node.get("behavior", "All") != "Complex":
        holder = node.getparent()
        found.add("complex-behaviour", None if holder is None else holder.get("id"), _line(node))


def _cancel_end(node: Node, _sheet: _Sheet, found: Findings) -> None:
    holder = node.getparent()
    cancels = node.find(f"{{{BPMN}}}cancelEventDefinition") is not None
    if cancels and (holder is None or _tag(holder) != "transaction"):
        found.add("cancel-end", node.get("id"), _line(node))


def _link(node: Node, sheet: _Sheet, found: Findings) -> None:
    if node.find(f"{{{BPMN}}}linkEventDefinition") is None:
        return
    catches = _tag(node) == "intermediateCatchEvent"
    if (sheet.entering if catches else sheet.leaving)[node.get("id", "")]:
        found.add("link-flow", node.get("id"), _line(node))


def _gateway(node: Node, sheet: _Sheet, found: Findings) -> None:
    ins, outs = (len(flows[node.get("id", "")]) for flows in (sheet.entering, sheet.leaving))
    direction = node.get("gatewayDirection", "Unspecified")
    fits = {
        "Converging": ins > 1 and outs <= 1,
        "Diverging": ins <= 1 and outs > 1,
        "Mixed": ins > 1 and outs > 1,
    }
    where = node.get("id"), _line(node)
    if not fits.get(direction, True):
        found.add("gateway-direction", *where, direction=direction, ins=ins, outs=outs)
    elif ins <= 1 and outs <= 1:
        found.add("gateway-idle", *where)


def _event_gateway(node: Node, sheet: _Sheet, found: Findings) -> None:
    targets = [
        sheet.by_id.get(_local(flow.get("targetRef"))) for flow in sheet.leaving[node.get("id", "")]
    ]
    receives = any(one is not None and _tag(one) == "receiveTask" for one in targets)
    listens = any(
        one is not None and one.find(f"{{{BPMN}}}messageEventDefinition") is not None
        for one in targets
    )
    if receives and listens:
        found.add("event-gateway-mixed", node.get("id"), _line(node))
    if node.get("instantiate") == "true" and sheet.entering[node.get("id", "")]:
        found.add("event-gateway-start", node.get("id"), _line(node))


def _lanes(node: Node, _sheet: _Sheet, found: Findings) -> None:
    seen: set[str] = set()
    for lane in node.iter(f"{{{BPMN}}}lane"):
        if lane.find(f"{{{BPMN}}}childLaneSet") is not None:
            continue
        for member in lane.iterchildren(f"{{{BPMN}}}flowNodeRef"):
            name = _local(member.text)
            if name in seen:
                found.add("lane-twice", lane.get("id"), _line(member), name=name)
            seen.add(name)


def _listed(node: Node, sheet: _Sheet, found: Findings) -> None:
    """Compare the flows that an element lists with where they lead."""
    for place, flows in (("incoming", sheet.entering), ("outgoing", sheet.leaving)):
        known = {flow.get("id") for flow in flows[node.get("id", "")]}
        for child in node.iterchildren(f"{{{BPMN}}}{place}"):
            name = _local(child.text)
            target = sheet.by_id.get(name)
            if name not in known and target is not None and _tag(target) == "sequenceFlow":
                found.add("flow-mismatch", node.get("id"), _line(child), place=place, name=name)


def _boundary(node: Node, _sheet: _Sheet, found: Findings) -> None:
    compensates = node.find(f"{{{BPMN}}}compensateEventDefinition") is not None
    if compensates and node.get("cancelActivity") == "false":
        found.add("compensation-side", node.get("id"), _line(node))


def _references(node: Node, sheet: _Sheet, found: Findings) -> None:
    if sheet.foreign:
        return
    for name, value in _named(node):
        target = sheet.by_id.get(_local(value))
        if target is None or _tag(target) not in _REFERENCES[name]:
            found.add("wrong-reference", _owner(node), _line(node), place=name, name=value)


def _named(node: Node) -> Iterator[tuple[str, str]]:
    for key, value in node.attrib.items():
        if key in _REFERENCES:
            yield str(key), str(value)
    if _tag(node) in _REFERENCES and node.text:
        yield _tag(node), node.text.strip()


def _owner(node: Node) -> str | None:
    at: Node | None = node
    while at is not None and not at.get("id"):
        at = at.getparent()
    return None if at is None else at.get("id")


def _tag(node: Node) -> str:
    name = node.tag
    return name.rpartition("}")[2] if isinstance(name, str) and name.startswith(f"{{{BPMN}") else ""


def _line(node: Node) -> int | None:
    return int(node.sourceline) if node.sourceline is not None else None


def _local(reference: str | None) -> str:
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
