"""Judges diagrams that were drawn for another house: what only this house lacks is a warning."""

from dataclasses import replace

from lxml import etree

from engine import importing
from engine.errors import Problem
from engine.lint.habits import PROCESS, STEP
from engine.lint.rules import ERROR, WARNING
from engine.lint.world import World
from engine.spiff import safexml
from engine.spiff.safexml import BPMN
from engine.spiff.zeebe import VENDORS, ZEEBE

#: rules about this house, not about BPMN: names that a foreign diagram can't know
OF_THE_HOUSE = frozenset(
    {
        "unknown-form", "unknown-decision", "unknown-process", "unknown-handler", "unknown-role",
        "unknown-group", "no-performer", "unknown-step", "unknown-variable", "unknown-case-field",
        "unknown-function", "personal-read", "task-definition-missing", "decision-missing",
    }
)  # fmt: skip

#: what engines put into a file that uses none of their attributes
_ENGINES = ("activiti.org", "flowable.org", "camunda.org", "jbpm.org", "java.com/javaTypes")


def is_foreign(xml: bytes, world: World) -> bool:
    """Tell whether nothing in a diagram is of this house: no role, form or property of ours."""
    try:
        root = safexml.read(xml)
    except safexml.Unreadable:
        return False
    properties = {node.get("name") for node in root.iter(f"{{{ZEEBE}}}property")}
    lanes = {node.get("name") for node in root.iter(f"{{{BPMN}}}lane")}
    forms = {node.get("formId") for node in root.iter(f"{{{ZEEBE}}}formDefinition")}
    ours = properties & (STEP | PROCESS), lanes & world.roles.keys(), forms & world.forms.keys()
    return not any(ours)


def imported(xml: bytes) -> bytes:
    """Return a diagram with the attributes of its engine made ours; others as they are."""
    try:
        root = safexml.read(xml)
    except safexml.Unreadable:
        return xml
    return importing.read(xml).xml if _vendors(root) else xml


def soften(problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """Let what only this house lacks be a warning."""
    return tuple(
        replace(one, severity=WARNING)
        if one.severity == ERROR and one.rule in OF_THE_HOUSE else one
        for one in problems
    )  # fmt: skip


def _vendors(root: etree._Element) -> bool:
    """Tell whether a file says for which other engine it was drawn."""
    spaces = {space for node in (root, *root.iterchildren(etree.Element))
              for space in node.nsmap.values()}  # fmt: skip
    said = " ".join(root.get(name, "") for name in ("targetNamespace", "typeLanguage"))
    return not (VENDORS | {ZEEBE}).isdisjoint(spaces) or any(word in said for word in _ENGINES)
