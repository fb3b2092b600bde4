"""Turns betsy's engine-independent models into our dialect: its tokens stand for handlers."""

import re

from lxml import etree

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
ZEEBE = "http://camunda.org/schema/zeebe/1.0"

_CONTAINS = re.compile(r'(\w+)\.contains\("(\w+)"\)')
_CONDITIONS = (
    "conditionExpression", "condition", "loopCondition", "loopCardinality", "completionCondition",
    "activationCondition",
)  # fmt: skip


def translate(xml: bytes) -> bytes:
    """Map script tokens to jobs, conditions to FEEL, called elements to `zeebe:calledElement`."""
    root = etree.fromstring(xml)
    for tag in ("scriptTask", "globalScriptTask"):
        for task in root.iter(f"{{{BPMN}}}{tag}"):
            _script(task)
    for tag in _CONDITIONS:
        for node in root.iter(f"{{{BPMN}}}{tag}"):
            node.text = _CONTAINS.sub(r'contains(\1, "\2")', (node.text or "").strip())
            node.text = re.sub(r"^\$\{(.*)\}$", r"\1", node.text).rstrip("> ")
    for call in root.iter(f"{{{BPMN}}}callActivity"):
        called = call.attrib.pop("calledElement", None)
        if called is not None:
            etree.SubElement(_extensions(call), f"{{{ZEEBE}}}calledElement", processId=called)
    return etree.tostring(root)


def _script(task: etree._Element) -> None:
    script = task.find(f"{{{BPMN}}}script")
    if script is not None:
        task.remove(script)
        token = (script.text or "").strip()
        etree.SubElement(_extensions(task), f"{{{ZEEBE}}}taskDefinition", type=token)


def _extensions(node: etree._Element) -> etree._Element:
    found = node.find(f"{{{BPMN}}}extensionElements")
    if found is None:
        found = etree.Element(f"{{{BPMN}}}extensionElements")
        documentation = node.find(f"{{{BPMN}}}documentation")
        node.insert(0 if documentation is None else 1, found)
    return found
