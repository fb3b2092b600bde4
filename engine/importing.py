"""Reads diagrams of other engines: their attributes become `zeebe:`, what has no meaning here goes.

Camunda 7, Operaton, CIB seven, Flowable and Activiti share one vocabulary. What a person has to
look at afterwards is said in notes. Pure: bytes in, bytes and notes out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from engine import juel, tolerances
from engine.juel import feel
from engine.spiff import safexml
from engine.spiff.safexml import BPMN
from engine.spiff.zeebe import VENDORS, ZEEBE

_PREFIX = "{http://www.omg.org/spec/BPMN/20100524/"
_JOBS = ("serviceTask", "sendTask", "businessRuleTask", "scriptTask")
#: Camunda 8's forms inside a diagram; here forms are files of their own
_EMBEDDED = frozenset({"userTaskForm"})
_ASSIGNMENT = ("assignee", "candidateUsers", "candidateGroups")
_EXPRESSIONS = ("conditionExpression", "condition", "completionCondition", "loopCardinality",
                "timeDuration", "timeDate", "timeCycle", "loopCondition")  # fmt: skip
#: attributes that say who does the work of a task, the most telling first
_WORK = ("topic", "class", "delegateExpression", "expression", "type")
_LOOP_DATA = ("loopDataInputRef", "inputDataItem", "loopDataOutputRef", "outputDataItem")
_THROWING = ("intermediateThrowEvent", "endEvent")
_CONTAINERS = frozenset({"ioMapping", "properties", "taskHeaders"})

_Node = etree._Element  # noqa: SLF001 — lxml's own name for it


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something that the import left out or changed in meaning."""

    element: str | None
    zh: str
    en: str


@dataclass(slots=True)
class Imported:
    """A diagram in our dialect."""

    xml: bytes
    notes: list[Note] = field(default_factory=list)


def read(xml: bytes) -> Imported:
    """Turn a foreign diagram into our dialect; one that is no XML comes back as it is."""
    try:
        root = safexml.read(xml)
    except safexml.Unreadable:
        return Imported(xml)
    done = _Import(root)
    done.run()
    return Imported(etree.tostring(root, xml_declaration=True, encoding="UTF-8"), done.notes)


class _Import:
    """One diagram on its way."""

    def __init__(self, root: _Node) -> None:
        self.root = root
        self.notes: list[Note] = []

    def run(self) -> None:
        """Change everything in place."""
        processes = list(self.root.iter(f"{{{BPMN}}}process"))
        if not any(process.get("isExecutable") == "true" for process in processes):
            for process in processes:
                process.set("isExecutable", "true")
        for node in list(self.root.iter(etree.Element)):
            if str(node.tag).startswith(f"{{{BPMN}}}"):
                self._node(node)
        for holder in list(self.root.iter(f"{{{BPMN}}}extensionElements")):
            self._strip(holder)
        self._expressions()
        tolerances.apply(self.root, self.note)
        self._names()
        etree.cleanup_namespaces(self.root)

    def note(self, node: _Node, zh: str, en: str) -> None:
        key = node.get("id")
        self.notes.append(Note(element=key, zh=zh, en=en))

    def _node(self, node: _Node) -> None:
        """Change one element: what its vendor wrote on it, then what BPMN says otherwise."""
        given = dict(self._vendor(node))
        tag = etree.QName(node).localname
        if tag == "userTask":
            self._performers(node, given)
            self._person(node, given)
        elif tag in _JOBS:
            self._job(node, tag, given)
        elif tag == "messageEventDefinition":
            self._sending(node, given)
        elif tag == "callActivity":
            self._call(node)
        elif tag == "multiInstanceLoopCharacteristics":
            self._many(node, given)
        elif tag == "process" and given.get("versionTag"):
            etree.SubElement(extensions(node), f"{{{ZEEBE}}}versionTag", value=given["versionTag"])

    def _vendor(self, node: _Node) -> Iterator[tuple[str, str]]:
        """Take the attributes of other namespaces away; yield those of an engine."""
        for name in list(node.attrib):
            space, _, local = str(name).rpartition("}")
            if not space or space.startswith((_PREFIX, f"{{{ZEEBE}")) or "XMLSchema" in space:
                continue
            value = str(node.attrib.pop(name))
            if space[1:] in VENDORS:
                yield local, value

    def _performers(self, node: _Node, given: dict[str, str]) -> None:
        """Read the performers that BPMN itself knows: `user(a), group(b)`, or plain names."""
        for tag in ("potentialOwner", "humanPerformer", "performer"):
            for holder in node.findall(f"{{{BPMN}}}{tag}"):
                text = " ".join("".join(holder.itertext()).split())
                users = re.findall(r"user\(([^)]*)\)", text)
                groups = re.findall(r"group\(([^)]*)\)", text) or ([] if users else [text])
                key = "candidateGroups" if tag == "potentialOwner" else "assignee"
                if users:
                    given.setdefault("candidateUsers", ",".join(users))
                if any(groups):
                    given.setdefault(key, ",".join(groups))
                node.remove(holder)

    def _person(self, node: _Node, given: dict[str, str]) -> None:
        named = {name: self._said(node, given[name], name)
                 for name in _ASSIGNMENT if given.get(name)}  # fmt: skip
        held = extensions(node)
        if named:
            etree.SubElement(held, f"{{{ZEEBE}}}assignmentDefinition", named)
        form = given.get("formRef") or given.get("formKey")
        if form:
            etree.SubElement(held, f"{{{ZEEBE}}}formDefinition", formId=form.rpartition(":")[2])
        dates = {name: self._said(node, given[name], name)
                 for name in ("dueDate", "followUpDate") if given.get(name)}  # fmt: skip
        if dates:
            etree.SubElement(held, f"{{{ZEEBE}}}taskSchedule", dates)
        if given.get("priority"):
            etree.SubElement(
                held, f"{{{ZEEBE}}}priorityDefinition", priority=feel(given["priority"])
            )

    def _job(self, node: _Node, tag: str, given: dict[str, str]) -> None:
        held = extensions(node)
        if held.find(f"{{{ZEEBE}}}*") is not None and held.find(f"{{{ZEEBE}}}properties") is None:
            return
        if given.get("decisionRef"):
            etree.SubElement(
                held, f"{{{ZEEBE}}}calledDecision", decisionId=given["decisionRef"],
                resultVariable=given.get("resultVariable") or "result",
            )  # fmt: skip
            return
        if tag == "sendTask" and node.get("messageRef"):
            return
        for script in node.findall(f"{{{BPMN}}}script"):
            node.remove(script)
            self.note(node, "脚本要由处理函数办理", "a handler has to do the work of the script")
        kind = _job_type(given) or node.get("id") or tag
        etree.SubElement(held, f"{{{ZEEBE}}}taskDefinition", type=kind)

    def _sending(self, node: _Node, given: dict[str, str]) -> None:
        """Let a throwing event whose work its vendor wrote on the definition be a job."""
        event, kind = node.getparent(), _job_type(given)
        if kind and event is not None and etree.QName(event).localname in _THROWING:
            etree.SubElement(extensions(event), f"{{{ZEEBE}}}taskDefinition", type=kind)

    def _call(self, node: _Node) -> None:
        called = node.attrib.pop("calledElement", None)
        if called is not None and extensions(node).find(f"{{{ZEEBE}}}calledElement") is None:
            name = feel(str(called).rpartition(":")[2] if "{" not in str(called) else str(called))
            etree.SubElement(extensions(node), f"{{{ZEEBE}}}calledElement", processId=name)

    def _many(self, node: _Node, given: dict[str, str]) -> None:
        collection = given.get("collection")
        parts = {tag: node.find(f"{{{BPMN}}}{tag}") for tag in _LOOP_DATA}
        for part in parts.values():
            if part is not None:
                node.remove(part)
        listed, item, results, result = parts.values()
        if listed is not None:
            collection = collection or self._source(node, (listed.text or "").strip())
        if item is not None:
            given.setdefault("elementVariable", item.get("name") or item.get("id") or "item")
        if results is not None or result is not None:
            self.note(
                node if (held := node.getparent()) is None else held,
                "多实例的结果没有收集",
                "the results of the instances are not collected",
            )
        if collection:
            found = self._said(node.getparent(), collection, "collection")
            etree.SubElement(
                extensions(node), f"{{{ZEEBE}}}loopCharacteristics",
                inputCollection=found if found.startswith("=") else f"={found}",
                inputElement=given.get("elementVariable") or "item",
            )  # fmt: skip

    def _source(self, node: _Node, name: str) -> str:
        """Return the variable that is copied into a task's data input of this name."""
        task = node.getparent()
        if task is not None:
            for copied in task.findall(f"{{{BPMN}}}dataInputAssociation"):
                if copied.findtext(f"{{{BPMN}}}targetRef", "").strip() == name:
                    return copied.findtext(f"{{{BPMN}}}sourceRef", name).strip()
        return name

    def _strip(self, holder: _Node) -> None:
        """Drop extensions that are not ours; tell of those that did something."""
        owner = holder.getparent()
        for child in list(holder):
            space = etree.QName(child).namespace if isinstance(child.tag, str) else None
            if space == ZEEBE and etree.QName(child).localname not in _EMBEDDED:
                _zeebe(child)
                continue
            holder.remove(child)
            if (space in VENDORS or space == ZEEBE) and owner is not None:
                name = etree.QName(child).localname
                self.note(owner, f"扩展 {name} 没有带过来", f"the extension {name} was left out")
        if len(holder) == 0 and owner is not None:
            owner.remove(holder)

    def _expressions(self) -> None:
        for tag in _EXPRESSIONS:
            for node in self.root.iter(f"{{{BPMN}}}{tag}"):
                text = (node.text or "").strip()
                if tag == "conditionExpression" and text and not text.startswith(("=", "$", "#")):
                    text = f"${{{text}}}"
                elif tag.startswith("time"):
                    text = juel.timer(text, tag)
                node.text = self._said(node.getparent(), text, tag)
                node.attrib.pop("language", None)
        self._defaults()

    def _said(self, node: _Node | None, text: str, place: str) -> str:
        """Return the FEEL of an expression; what FEEL can't say becomes a variable of its own."""
        at = node
        while at is not None and not at.get("id"):
            at = at.getparent()
        owner = "" if at is None else at.get("id", "")
        turned, whole = juel.said(text, f"{owner}_{place}")
        if not whole and at is not None:
            self.note(at, f"表达式 {text} 译不过来，改为读取变量 {turned[1:]}",
                      f"{text} can't be said in FEEL: the variable {turned[1:]} is read")  # fmt: skip
        return turned

    def _defaults(self) -> None:
        """Drop conditions of default flows: other engines never read them."""
        defaults = {node.get("default") for node in self.root.iter(f"{{{BPMN}}}*")} - {None}
        for flow in self.root.iter(f"{{{BPMN}}}sequenceFlow"):
            condition = flow.find(f"{{{BPMN}}}conditionExpression")
            if condition is not None and flow.get("id") in defaults:
                flow.remove(condition)
                self.note(flow, "默认连线的条件已去掉", "the default flow's condition was dropped")

    def _names(self) -> None:
        """Name messages and signals by their id, give errors a code, subscriptions a key."""
        for tag in ("message", "signal", "error", "escalation"):
            for node in self.root.iterchildren(f"{{{BPMN}}}{tag}"):
                node.set("name", juel.composed(node.get("name") or node.get("id") or tag))
                if tag in ("error", "escalation") and not node.get(f"{tag}Code"):
                    node.set(f"{tag}Code", node.get("name", tag))


def _job_type(given: dict[str, str]) -> str:
    """Return what a vendor's attributes call the work of a task."""
    named = next((given[name] for name in _WORK if given.get(name)), "")
    return re.sub(r"[^\w.-]", "", named).rpartition(".")[2]


def _zeebe(node: _Node) -> None:
    """Let forms be named by their id, and take away what stands on plain containers."""
    name = etree.QName(node).localname
    for part in node.iter(etree.Element):
        for key, value in part.attrib.items():
            part.set(key, juel.standard(str(value)))
    if name in _CONTAINERS:
        node.attrib.clear()
    form = node.attrib.pop("formKey", None) or node.attrib.pop("externalReference", None)
    if name == "formDefinition" and form and not node.get("formId"):
        node.set("formId", str(form).rpartition(":")[2])


def extensions(node: _Node) -> _Node:
    """Return the extension elements of an element, new ones where BPMN wants them."""
    found = node.find(f"{{{BPMN}}}extensionElements")
    if found is None:
        found = etree.Element(f"{{{BPMN}}}extensionElements")
        node.insert(len(node.findall(f"{{{BPMN}}}documentation")), found)
    return found
