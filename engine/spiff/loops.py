"""Reads multi-instance and standard loop characteristics."""

import re

from lxml import etree

from engine.spiff.elements import EventDefinition, Loop
from engine.spiff.problems import Report
from engine.spiff.safexml import BPMN
from engine.spiff.triggers import Triggers
from engine.spiff.zeebe import check, child, line, local

_PARTS = frozenset(
    {
        "loopCardinality", "completionCondition", "extensionElements", "documentation",
        "noneBehaviorEventRef", "oneBehaviorEventRef", "complexBehaviorDefinition",
    }
)  # fmt: skip

_NEGATIVE = re.compile(r"=?\s*-\s*\d+")


def read_loop(node: etree._Element, owner: str, triggers: Triggers, report: Report) -> Loop | None:
    """Return the loop of an activity, if it has one."""
    several = node.find(f"{{{BPMN}}}multiInstanceLoopCharacteristics")
    standard = node.find(f"{{{BPMN}}}standardLoopCharacteristics")
    if several is not None and standard is not None:
        report.add("loop-twice", owner, line(node))
    if several is not None:
        return _instances(several, owner, triggers, report)
    return _standard(standard, owner, report) if standard is not None else None


def _instances(node: etree._Element, owner: str, triggers: Triggers, report: Report) -> Loop:
    check(node, owner, report)
    for item in node.iterchildren(etree.Element):
        if local(item) not in _PARTS:
            report.add("unknown-element", owner, line(item), tag=local(item))
    setting = child(node, "loopCharacteristics")
    cardinality = _text(node, "loopCardinality")
    if cardinality is None and (setting is None or not setting.get("inputCollection")):
        report.add("loop-collection", owner, line(node))
    if cardinality is not None and _NEGATIVE.fullmatch(cardinality):
        report.add("loop-value", owner, line(node), detail=f"loopCardinality={cardinality}")
    behavior = node.get("behavior", "All").lower()
    if behavior not in ("all", "one", "none", "complex"):
        report.add("loop-value", owner, line(node), detail=f"behavior={behavior}")
    sequential = node.get("isSequential") in ("true", "1")
    values = dict(setting.attrib) if setting is not None else {}
    return Loop(
        kind="sequential" if sequential else "parallel",
        cardinality=cardinality,
        input_collection=values.get("inputCollection"),
        input_element=values.get("inputElement"),
        output_collection=values.get("outputCollection"),
        output_element=values.get("outputElement"),
        completion_condition=_text(node, "completionCondition"),
        behavior=behavior,
        throws=_throws(node, behavior, owner, triggers, report),
        line=line(node),
    )


def _throws(
    node: etree._Element, behavior: str, owner: str, triggers: Triggers, report: Report
) -> tuple[tuple[str, EventDefinition], ...]:
    """Return (condition or empty, event) of what the instances throw."""
    found: list[tuple[str, EventDefinition]] = []
    if behavior in ("one", "none"):
        reference = (node.get(f"{behavior}BehaviorEventRef") or "").rpartition(":")[2]
        shared = triggers.shared.get(reference)
        definition = triggers.read(shared, owner) if shared is not None else None
        if definition is None:
            report.add("reference-unknown", owner, line(node), ref=f"{behavior}BehaviorEventRef")
        else:
            found.append(("", definition))
    complex_ones = list(node.iterchildren(f"{{{BPMN}}}complexBehaviorDefinition"))
    if bool(complex_ones) != (behavior == "complex"):
        report.add("loop-value", owner, line(node), detail="complexBehaviorDefinition")
    for item in complex_ones:
        condition = _text(item, "condition") or ""
        for event in item.iterchildren(f"{{{BPMN}}}event"):
            found.extend((condition, definition) for definition in triggers.of(event, owner))
    return tuple(found)


def _standard(node: etree._Element, owner: str, report: Report) -> Loop:
    maximum = node.get("loopMaximum")
    if maximum is not None and (not maximum.isdigit() or int(maximum) < 1):
        report.add("loop-value", owner, line(node), detail=f"loopMaximum={maximum}")
        maximum = None
    condition = _text(node, "loopCondition")
    if condition is None and maximum is None:
        report.add("loop-value", owner, line(node), detail="loopCondition")
    return Loop(
        kind="standard",
        condition=condition,
        test_before=node.get("testBefore") in ("true", "1"),
        maximum=int(maximum) if maximum else None,
        line=line(node),
    )


def _text(node: etree._Element, tag: str) -> str | None:
    text = node.findtext(f"{{{BPMN}}}{tag}")
    return text.strip() if text is not None else None
