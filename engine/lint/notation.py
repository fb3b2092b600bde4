"""What the schema of BPMN asks of values and of the lines that are no flows."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from lxml import etree

from engine.errors import Problem
from engine.lint.rules import Findings
from engine.lint.standard import BPMN, Node, line_of, local_name, owner, tag_of

_BOOLEANS = frozenset(
    {
        "isInterrupting", "cancelActivity", "isForCompensation", "isExecutable", "isClosed",
        "parallelMultiple", "triggeredByEvent", "instantiate", "isSequential", "testBefore",
        "isImmediate", "isCollection", "isUnlimited", "cancelRemainingInstances",
        "waitForCompletion",
    }
)  # fmt: skip
_MIME = re.compile(r"[\w.+-]+/[\w.+-]+")
#: attribute → what the schema lets it say
_WORDS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "gatewayDirection": frozenset({"Unspecified", "Converging", "Diverging", "Mixed"}),
        "processType": frozenset({"None", "Public", "Private"}),
        "behavior": frozenset({"None", "One", "All", "Complex"}),
        "ordering": frozenset({"Parallel", "Sequential"}),
        "eventGatewayType": frozenset({"Exclusive", "Parallel"}),
        "associationDirection": frozenset({"None", "One", "Both"}),
    }
)


def check(root: Node, found: Findings) -> None:
    """Judge a whole file."""
    nodes = list(root.iter(etree.Element))
    ids = {node.get("id") for node in nodes} | {None}
    undoing = {
        local_name(node.get(end))
        for node in nodes if tag_of(node) == "association"
        for end in ("sourceRef", "targetRef")
    }  # fmt: skip
    for node in nodes:
        if not etree.QName(node).namespace:
            name = etree.QName(node).localname
            found.add("no-namespace", owner(node), line_of(node), tag=name)
        elif tag_of(node):
            _values(node, found)
            if rule := _RULES.get(tag_of(node)):
                rule(node, ids, found)
        if node.get("isForCompensation") == "true" and node.get("id") not in undoing:
            found.add("undone-by-nobody", node.get("id"), line_of(node))


def _values(node: Node, found: Findings) -> None:
    for name, value in node.attrib.items():
        key = str(name)
        if key in _BOOLEANS and value not in ("true", "false", "1", "0"):
            allowed = "true、false"
        elif key in _WORDS and value not in _WORDS[key]:
            allowed = "、".join(sorted(_WORDS[key]))
        elif key == "textFormat" and not _MIME.fullmatch(str(value)):
            allowed = "text/plain、text/html …"
        else:
            continue
        found.add("wrong-value", owner(node), line_of(node), name=key, value=value, allowed=allowed)


def _multiplicity(node: Node, _ids: set[str | None], found: Findings) -> None:
    try:
        least, most = int(node.get("minimum", "0")), int(node.get("maximum", "1"))
    except ValueError:
        least, most = -1, -1
    if least < 0 or most < max(1, least):
        found.add("multiplicity", owner(node), line_of(node))


def _association(node: Node, ids: set[str | None], found: Findings) -> None:
    for end in ("sourceRef", "targetRef"):
        name = local_name(node.get(end))
        if name not in ids:
            found.add("wrong-reference", owner(node), line_of(node), place=end, name=name)


def _data(node: Node, ids: set[str | None], found: Findings) -> None:
    for end in ("sourceRef", "targetRef"):
        for child in node.iterchildren(f"{{{BPMN}}}{end}"):
            name = local_name(child.text)
            if name not in ids:
                found.add("wrong-reference", owner(node), line_of(child), place=end, name=name)


def _group(node: Node, ids: set[str | None], found: Findings) -> None:
    name = local_name(node.get("categoryValueRef"))
    if name and name not in ids:
        found.add("wrong-reference", owner(node), line_of(node), place="categoryValueRef",
                  name=name)  # fmt: skip


def named(problem: Problem, root: Node) -> Problem:
    """Let a problem of something without an id name the nearest thing around it that has one."""
    place = next((node for node in root.iter(etree.Element) if line_of(node) == problem.line), root)
    holder = owner(place) or place.get("name") or etree.QName(place).localname
    return replace(problem, element=holder)


_RULES: Mapping[str, Callable[[Node, set[str | None], Findings], None]] = MappingProxyType(
    {
        "participantMultiplicity": _multiplicity,
        "association": _association,
        "dataInputAssociation": _data,
        "dataOutputAssociation": _data,
        "group": _group,
    }
)
