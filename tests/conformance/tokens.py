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
#: what a case of betsy is started with, and what its handlers hand on
_GIVEN = ("integerVariable", "test", "data")
#: a script that stands for a handler; any other one is a script, and none of ours
_TOKEN = re.compile(r"[A-Z]+(?:_\w+)+")
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)


def translate(xml: bytes) -> bytes:
    """Map script tokens to jobs, conditions to FEEL, called elements to `zeebe:calledElement`."""
    root = etree.fromstring(xml, _PARSER)
    for tag in ("scriptTask", "globalScriptTask"):
        for task in root.iter(f"{{{BPMN}}}{tag}"):
            _script(task)
    for tag in _CONDITIONS:
        for node in root.iter(f"{{{BPMN}}}{tag}"):
            node.text = _CONTAINS.sub(r'contains(\1, "\2")', (node.text or "").strip())
            node.text = re.sub(r"^\$\{(.*)\}$", r"\1", node.text).rstrip("> ")
    _calls(root)
    return etree.tostring(root)


def _calls(root: etree._Element) -> None:
    for call in root.iter(f"{{{BPMN}}}callActivity"):
        called = call.attrib.pop("calledElement", None)
        if called is not None:
            name = called.rpartition(":")[2]
            etree.SubElement(_extensions(call), f"{{{ZEEBE}}}calledElement", processId=name)
    for tag in ("process", "globalScriptTask"):
        for process in root.iter(f"{{{BPMN}}}{tag}"):
            _property(process, "inputs", ",".join(_GIVEN))


def _script(task: etree._Element) -> None:
    script = task.find(f"{{{BPMN}}}script")
    token = "" if script is None else (script.text or "").strip()
    if script is not None and _TOKEN.fullmatch(token):
        task.remove(script)
        held = _extensions(task)
        etree.SubElement(held, f"{{{ZEEBE}}}taskDefinition", type=token)
        if token == "LOG_DATA":
            mapping = etree.SubElement(held, f"{{{ZEEBE}}}ioMapping")
            etree.SubElement(mapping, f"{{{ZEEBE}}}input", source="=data", target="data")


def _property(node: etree._Element, name: str, value: str) -> None:
    held = etree.SubElement(_extensions(node), f"{{{ZEEBE}}}properties")
    etree.SubElement(held, f"{{{ZEEBE}}}property", name=name, value=value)


def _extensions(node: etree._Element) -> etree._Element:
    found = node.find(f"{{{BPMN}}}extensionElements")
    if found is None:
        found = etree.Element(f"{{{BPMN}}}extensionElements")
        documentation = node.find(f"{{{BPMN}}}documentation")
        node.insert(0 if documentation is None else 1, found)
    return found
