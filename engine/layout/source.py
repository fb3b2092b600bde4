"""Reads a BPMN file into plans: one for the collaboration or process, one per sub-process."""

from collections.abc import Callable, Iterator

from lxml import etree

from engine.errors import DefinitionRefused, Problem
from engine.layout import texts
from engine.layout.plan import Band, Boundary, Drawing, Edge, Kind, Node, Plan

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
SCOPES = {"subProcess", "transaction", "adHocSubProcess"}
GATEWAYS = {
    "exclusiveGateway",
    "parallelGateway",
    "inclusiveGateway",
    "eventBasedGateway",
    "complexGateway",
}
EVENTS = {"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent"}
ARTIFACTS = {
    "dataObjectReference": (Kind.DATA, 36, 50),
    "dataStoreReference": (Kind.STORE, 50, 50),
    "textAnnotation": (Kind.NOTE, 100, 40),
}
TASKS = {
    "task",
    "userTask",
    "serviceTask",
    "sendTask",
    "receiveTask",
    "manualTask",
    "businessRuleTask",
    "scriptTask",
    "callActivity",
}
_SHORT_NOTE = 24

Element = etree._Element  # noqa: SLF001 — lxml's own name for it
Inner = Callable[[Element], Drawing]


def read(xml: bytes) -> Element:
    """Return the root of a BPMN file; anything else is refused with the line at fault."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        raise _refused(
            f"XML 有误：{error.msg}", f"broken XML: {error.msg}", error.lineno
        ) from error
    if root.getroottree().docinfo.doctype or tag(root) != "definitions":
        raise _refused("不是 BPMN 2.0 文件", "not a BPMN 2.0 file", 1)
    return root


def _refused(zh: str, en: str, line: int | None) -> DefinitionRefused:
    return DefinitionRefused([Problem(rule="xml", zh=zh, en=en, line=line)])


def tag(element: Element) -> str:
    """Return the local name of a BPMN element, or "" for anything else."""
    name = element.tag
    if not isinstance(name, str) or not name.startswith(f"{{{BPMN}}}"):
        return ""
    return name.rpartition("}")[2]


def children(element: Element, *names: str) -> Iterator[Element]:
    """Yield the BPMN children of these names."""
    for child in element:
        if tag(child) in names:
            yield child


def scope(element: Element, inner: Inner) -> Plan:
    """Read one process or sub-process as a plan with its lanes as bands."""
    plan = Plan()
    add_process(plan, element, pool=None, inner=inner)
    return plan


def collaboration(element: Element, processes: dict[str, Element], inner: Inner) -> Plan:
    """Read pools one below the other; message flows join them."""
    plan = Plan()
    for participant in children(element, "participant"):
        process = processes.get(_local(participant.get("processRef")))
        if process is None:
            plan.bands.append(Band(pool=participant.get("id"), empty=True))
        else:
            add_process(plan, process, pool=participant.get("id"), inner=inner)
    _add_artifacts(plan, element)
    hosts = _hosts(plan)
    for flow in children(element, "messageFlow"):
        _add_edge(plan, flow, "message", hosts)
    return plan


def add_process(plan: Plan, process: Element, *, pool: str | None, inner: Inner) -> None:
    """Add one process's bands, boxes and lines to the plan."""
    bands, homes = _bands(process, pool)
    base = len(plan.bands)
    plan.bands += bands
    fresh: list[Node] = []
    for child in process:
        node = _node(child, inner)
        if node is not None:
            node.order = len(plan.nodes)
            node.band = base + homes.get(node.id, -1)
            plan.nodes[node.id] = node
            fresh.append(node)
    for event in children(process, "boundaryEvent"):
        host = plan.nodes.get(_local(event.get("attachedToRef")))
        if host is not None:
            host.boundaries.append(Boundary(id=event.get("id", ""), name=event.get("name", "")))
    hosts = _hosts(plan)
    for flow in children(process, "sequenceFlow"):
        _add_edge(plan, flow, "flow", hosts)
    defaults = {_local(child.get("default")) for child in process if child.get("default")}
    for edge in plan.edges:
        edge.default = edge.default or edge.id in defaults
    _add_artifacts(plan, process)
    _settle(plan, fresh, base)


def _bands(process: Element, pool: str | None) -> tuple[list[Band], dict[str, int]]:
    bands: list[Band] = []
    homes: dict[str, int] = {}

    def walk(laneset: Element, above: tuple[str, ...]) -> None:
        for lane in children(laneset, "lane"):
            path = (*above, lane.get("id", ""))
            nested = [part for part in children(lane, "childLaneSet") if len(part)]
            for part in nested:
                walk(part, path)
            if not nested:
                bands.append(Band(lanes=path, pool=pool))
            for reference in children(lane, "flowNodeRef"):
                homes.setdefault((reference.text or "").strip(), len(bands) - 1)

    for laneset in children(process, "laneSet"):
        walk(laneset, ())
    return bands or [Band(pool=pool)], homes


def _node(element: Element, inner: Inner) -> Node | None:
    name = tag(element)
    identity, label = element.get("id", ""), element.get("name", "")
    if not identity:
        return None
    if name in TASKS:
        wide = texts.task_width(label)
        return Node(id=identity, name=label, kind=Kind.TASK, width=wide, height=80)
    if name in GATEWAYS:
        return Node(id=identity, name=label, kind=Kind.GATEWAY, width=50, height=50)
    if name in EVENTS:
        return Node(id=identity, name=label, kind=Kind.EVENT, width=36, height=36)
    if name in SCOPES:
        drawing = inner(element)
        return Node(
            id=identity,
            name=label,
            kind=Kind.SCOPE,
            width=drawing.width,
            height=drawing.height,
            inner=drawing,
            aside=element.get("triggeredByEvent") == "true",
        )
    return None


def _add_artifacts(plan: Plan, element: Element) -> None:
    for child in children(element, *ARTIFACTS):
        kind, wide, high = ARTIFACTS[tag(child)]
        name = child.get("name", "")
        if kind is Kind.NOTE:
            name = "".join(text.text or "" for text in children(child, "text"))
            wide, high = _note_size(name)
        identity = child.get("id", "")
        plan.nodes[identity] = Node(
            id=identity, name=name, kind=kind, width=wide, height=high, order=len(plan.nodes)
        )
    hosts = _hosts(plan)
    for association in children(element, "association"):
        _add_edge(plan, association, "association", hosts)
    for owner in element:
        _add_data(plan, owner, hosts)


def _add_data(plan: Plan, owner: Element, hosts: dict[str, str]) -> None:
    for link in children(owner, "dataInputAssociation", "dataOutputAssociation"):
        side = "sourceRef" if tag(link) == "dataInputAssociation" else "targetRef"
        thing = next((_local(ref.text) for ref in children(link, side)), "")
        ends = (thing, owner.get("id", ""))
        source, target = ends if side == "sourceRef" else ends[::-1]
        if thing in plan.nodes and link.get("id"):
            link_ends = (hosts.get(source, source), hosts.get(target, target))
            plan.edges.append(
                Edge(
                    id=link.get("id", ""),
                    name="",
                    source=link_ends[0],
                    target=link_ends[1],
                    kind="association",
                    order=len(plan.edges),
                )
            )


def _note_size(text: str) -> tuple[int, int]:
    wide = 100 if len(text) <= _SHORT_NOTE else 160
    _, high = texts.label(text, wide - 10)
    return wide, texts.snapped(max(30, high + 12), 20)


def _hosts(plan: Plan) -> dict[str, str]:
    return {event.id: node.id for node in plan.nodes.values() for event in node.boundaries}


def _add_edge(plan: Plan, element: Element, kind: str, hosts: dict[str, str]) -> None:
    source, target = (_local(element.get(end)) for end in ("sourceRef", "targetRef"))
    ends = {edge.id: edge.source for edge in plan.edges}
    port = source if source in hosts else None
    goal = target if target in hosts else None
    known = set(plan.nodes) | {band.pool for band in plan.bands if band.pool and band.empty}
    source, target = (hosts.get(end, ends.get(end, end)) for end in (source, target))
    if source not in known or target not in known or (source == target and kind != "flow"):
        return
    if kind == "association" and port and not plan.nodes[target].kind.artifact:
        kind = "compensation"
    plan.edges.append(
        Edge(
            id=element.get("id", ""),
            name=element.get("name", ""),
            source=source,
            target=target,
            kind=kind,
            port=port,
            goal=goal,
            order=len(plan.edges),
        )
    )


def _settle(plan: Plan, fresh: list[Node], base: int) -> None:
    """Give a box that no lane claims the lane of a neighbour."""
    lost = {node.id for node in fresh if node.band < base}
    for _ in range(len(lost)):
        for edge in plan.flows():
            for one, other in ((edge.target, edge.source), (edge.source, edge.target)):
                if one in lost and other not in lost and other in plan.nodes:
                    plan.nodes[one].band = plan.nodes[other].band
                    lost.discard(one)
    for identity in lost:
        plan.nodes[identity].band = base


def _local(reference: str | None) -> str:
    return (reference or "").strip().rpartition(":")[2]
