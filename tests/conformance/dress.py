"""Dresses sound random diagrams as other engines write them: `python -m tests.conformance.dress DIR [N]`.

The files are for `tests.conformance.foreign`; they hold complete processes of over sixty kinds of
elements, with the attributes of Camunda 7, Flowable or Activiti in the place of ours.
"""

import random
import re
import sys
from collections import Counter
from pathlib import Path

from lxml import etree

from tests.conformance.tokens import BPMN
from tests.engine.spiff.test_sound import diagram

VENDORS = {
    "camunda": "http://camunda.org/schema/1.0/bpmn",
    "flowable": "http://flowable.org/bpmn",
    "activiti": "http://activiti.org/bpmn",
}


def dressed(seed: int) -> bytes:
    """Return one diagram in a vendor's dress."""
    dice = random.Random(seed)
    prefix = dice.choice(sorted(VENDORS))
    space = VENDORS[prefix]
    text = diagram(seed)[0].decode()
    text = text.replace("<bpmn:definitions ", f'<bpmn:definitions xmlns:{prefix}="{space}" ', 1)
    root = etree.fromstring(text.encode())
    for node in list(root.iter(f"{{{BPMN}}}*")):
        _dress(node, f"{{{space}}}", dice)
    _tidy(root)
    for tag in ("conditionExpression", "condition", "completionCondition", "loopCondition"):
        for node in root.iter(f"{{{BPMN}}}{tag}"):
            node.text = _juel(node.text or "")
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _tidy(root: etree._Element) -> None:
    """End every path with an event, and let no gateway have one flow in and one out."""
    flows = list(root.iter(f"{{{BPMN}}}sequenceFlow"))
    ins, outs = (Counter(flow.get(end) for flow in flows) for end in ("targetRef", "sourceRef"))
    for node in list(root.iter(f"{{{BPMN}}}*")):
        key, name = node.get("id", ""), etree.QName(node).localname
        if name.endswith("Gateway") and ins[key] <= 1 and outs[key] <= 1:
            node.tag = f"{{{BPMN}}}manualTask"
            node.attrib.pop("default", None)
        if ins[key] and not outs[key] and not name.endswith("Event"):
            holder = node.getparent()
            etree.SubElement(holder, f"{{{BPMN}}}endEvent", id=f"{key}_end")
            etree.SubElement(holder, f"{{{BPMN}}}sequenceFlow", id=f"{key}_on", sourceRef=key,
                             targetRef=f"{key}_end")  # fmt: skip


def _dress(node: etree._Element, vendor: str, dice: random.Random) -> None:
    held = node.find(f"{{{BPMN}}}extensionElements")
    for child in [] if held is None else list(held):
        _attributes(node, child, vendor, dice)
    if held is not None:
        node.remove(held)
    if node.tag == f"{{{BPMN}}}userTask":
        node.set(f"{vendor}candidateGroups", dice.choice(["sales", "${group}", "a,b"]))
        node.set(f"{vendor}formKey", "embedded:app:forms/a.html")
    if dice.random() < 0.2 and node.tag.endswith("Task"):
        node.set(f"{vendor}asyncBefore", "true")


def _attributes(
    node: etree._Element, child: etree._Element, vendor: str, dice: random.Random
) -> None:  # fmt: skip
    name = etree.QName(child).localname
    if name == "taskDefinition" and etree.QName(node).localname in ("serviceTask", "sendTask"):
        node.set(*dice.choice([(f"{vendor}class", "com.acme.Work"),
                               (f"{vendor}delegateExpression", "${worker}"),
                               (f"{vendor}expression", "${bean.work(execution)}")]))  # fmt: skip
    elif name == "calledElement":
        node.set("calledElement", child.get("processId", ""))
    elif name == "calledDecision":
        node.set(f"{vendor}decisionRef", child.get("decisionId", ""))
        node.set(f"{vendor}resultVariable", child.get("resultVariable", ""))
    elif name == "script":
        node.set("scriptFormat", "groovy")
        etree.SubElement(node, f"{{{BPMN}}}script").text = "count = 1 + 1"
    elif name == "loopCharacteristics":
        node.set(f"{vendor}collection", child.get("inputCollection", "").strip("="))
        node.set(f"{vendor}elementVariable", child.get("inputElement", "item"))


def _juel(text: str) -> str:
    inner = re.sub(r"not\((\w+)\)", r"!\1", text.strip().removeprefix("="))
    return f"${{{inner}}}"


def main(arguments: list[str]) -> int:
    """Write the files."""
    folder, count = Path(arguments[0]), int(arguments[1]) if len(arguments) > 1 else 2000
    folder.mkdir(parents=True, exist_ok=True)
    for seed in range(count):
        (folder / f"{seed:05}.bpmn").write_bytes(dressed(seed))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
