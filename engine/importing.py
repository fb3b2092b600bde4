"""Reads diagrams of other engines: their attributes become `zeebe:`, what has no meaning here goes.

Camunda 7, Operaton, CIB seven, Flowable and Activiti share one vocabulary. What a person has to
look at afterwards is said in notes. Pure: bytes in, bytes and notes out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

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
_JUEL = re.compile(r"[$#]\{(.*)\}", re.DOTALL)
_OPERATORS = (
    (re.compile(r"&&"), " and "), (re.compile(r"\|\|"), " or "), (re.compile(r"=="), "="),
    (re.compile(r"\beq\b"), "="), (re.compile(r"\bne\b"), "!="), (re.compile(r"\bgt\b"), ">"),
    (re.compile(r"\blt\b"), "<"), (re.compile(r"\bge\b"), ">="), (re.compile(r"\ble\b"), "<="),
    (re.compile(r"!\s*([\w.]+)(?!\s*=)"), r"not(\1)"), (re.compile(r"'([^']*)'"), r'"\1"'),
)  # fmt: skip

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
        named = {name: feel(given[name]) for name in _ASSIGNMENT if given.get(name)}
        held = extensions(node)
        if named:
            etree.SubElement(held, f"{{{ZEEBE}}}assignmentDefinition", named)
        form = given.get("formRef") or given.get("formKey")
        if form:
            etree.SubElement(held, f"{{{ZEEBE}}}formDefinition", formId=form.rpartition(":")[2])
        dates = {name: feel(given[name]) for name in ("dueDate", "followUpDate") if given.get(name)}
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
        named = (given.get("topic") or given.get("class") or given.get("delegateExpression")
                 or given.get("expression") or given.get("type") or node.get("id") or tag)  # fmt: skip
        kind = re.sub(r"[^\w.-]", "", named).rpartition(".")[2] or tag
        etree.SubElement(held, f"{{{ZEEBE}}}taskDefinition", type=kind)

    def _call(self, node: _Node) -> None:
        called = node.attrib.pop("calledElement", None)
        if called is not None and extensions(node).find(f"{{{ZEEBE}}}calledElement") is None:
            name = feel(str(called).rpartition(":")[2] if "{" not in str(called) else str(called))
            etree.SubElement(extensions(node), f"{{{ZEEBE}}}calledElement", processId=name)

    def _many(self, node: _Node, given: dict[str, str]) -> None:
        collection = given.get("collection")
        listed = node.find(f"{{{BPMN}}}loopDataInputRef")
        item = node.find(f"{{{BPMN}}}inputDataItem")
        if listed is not None:
            collection = collection or (listed.text or "").strip()
            node.remove(listed)
        if item is not None:
            given.setdefault("elementVariable", item.get("name", "item"))
            node.remove(item)
        if collection:
            found = feel(collection)
            etree.SubElement(
                extensions(node), f"{{{ZEEBE}}}loopCharacteristics",
                inputCollection=found if found.startswith("=") else f"={found}",
                inputElement=given.get("elementVariable") or "item",
            )  # fmt: skip

    def _strip(self, holder: _Node) -> None:
        """Drop extensions that are not ours; tell of those that did something."""
        owner = holder.getparent()
        for child in list(holder):
            space = etree.QName(child).namespace if isinstance(child.tag, str) else None
            if space == ZEEBE and etree.QName(child).localname not in _EMBEDDED:
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
                node.text = feel(text) if _JUEL.fullmatch(text) else text
                node.attrib.pop("language", None)
                if tag == "conditionExpression" and not node.text.startswith("="):
                    node.text = feel(f"${{{node.text}}}") if node.text else node.text
        self._defaults()

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
                if not node.get("name"):
                    node.set("name", node.get("id", tag))
                if tag in ("error", "escalation") and not node.get(f"{tag}Code"):
                    node.set(f"{tag}Code", node.get("name", tag))


def extensions(node: _Node) -> _Node:
    """Return the extension elements of an element, new ones where BPMN wants them."""
    found = node.find(f"{{{BPMN}}}extensionElements")
    if found is None:
        found = etree.Element(f"{{{BPMN}}}extensionElements")
        node.insert(len(node.findall(f"{{{BPMN}}}documentation")), found)
    return found


def feel(text: str) -> str:
    """Turn `${…}` into FEEL where it is plain; other text stays as it is."""
    match = _JUEL.fullmatch(text.strip())
    if match is None:
        return text.strip()
    inner = match[1].strip()
    for pattern, better in _OPERATORS:
        inner = pattern.sub(better, inner)
    return f"={inner}"
