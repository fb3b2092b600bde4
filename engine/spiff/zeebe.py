"""Reads the Camunda 8 extension elements (`zeebe:`) of one BPMN element."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from lxml import etree

from engine.spiff.elements import (
    CallRef,
    DecisionRef,
    FormRef,
    JobDefinition,
    ScriptDefinition,
    VariableMapping,
)
from engine.spiff.problems import Report
from engine.spiff.safexml import BPMN

ZEEBE = "http://camunda.org/schema/zeebe/1.0"

#: namespaces of engines whose attributes mean something that we do not execute
VENDORS = frozenset(
    {
        "http://camunda.org/schema/1.0/bpmn",
        "http://activiti.org/bpmn",
        "http://flowable.org/bpmn",
        "http://operaton.org/schema/1.0/bpmn",
        "http://www.jboss.org/drools",
        "http://spiffworkflow.org/bpmn/schema/1.0/core",
        "http://www.cibseven.org/schema/1.0/bpmn",
    }
)

#: zeebe element → attributes that we execute
_KNOWN: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "userTask": frozenset(),
        "formDefinition": frozenset({"formId", "bindingType", "versionTag"}),
        "assignmentDefinition": frozenset({"assignee", "candidateGroups", "candidateUsers"}),
        "taskSchedule": frozenset({"dueDate", "followUpDate"}),
        "priorityDefinition": frozenset({"priority"}),
        "taskDefinition": frozenset({"type", "retries"}),
        "taskHeaders": frozenset(),
        "header": frozenset({"id", "key", "value"}),
        "ioMapping": frozenset(),
        "input": frozenset({"source", "target"}),
        "output": frozenset({"source", "target"}),
        "calledElement": frozenset(
            {
                "processId", "bindingType", "versionTag",
                "propagateAllChildVariables", "propagateAllParentVariables",
            }
        ),
        "calledDecision": frozenset({"decisionId", "resultVariable", "bindingType", "versionTag"}),
        "script": frozenset({"expression", "resultVariable"}),
        "subscription": frozenset({"correlationKey"}),
        "properties": frozenset(),
        "property": frozenset({"id", "name", "value"}),
        "loopCharacteristics": frozenset(
            {"inputCollection", "inputElement", "outputCollection", "outputElement"}
        ),
        "versionTag": frozenset({"value"}),
        "adHoc": frozenset({"activeElementsCollection"}),
    }
)  # fmt: skip

_JOBS = frozenset(
    {
        "serviceTask", "businessRuleTask", "scriptTask", "sendTask", "endEvent",
        "intermediateThrowEvent",
    }
)  # fmt: skip
_INPUTS = _JOBS | {"callActivity", "subProcess", "transaction", "adHocSubProcess", "userTask"}
_OUTPUTS = _INPUTS | {"receiveTask", "startEvent", "intermediateCatchEvent", "boundaryEvent"}

#: where each direct child of extensionElements may stand; absent = anywhere
_PLACES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "userTask": frozenset({"userTask"}),
        "formDefinition": frozenset({"userTask", "startEvent"}),
        "assignmentDefinition": frozenset({"userTask"}),
        "taskSchedule": frozenset({"userTask"}),
        "priorityDefinition": frozenset({"userTask"}),
        "taskDefinition": frozenset(
            {
                "serviceTask", "sendTask", "businessRuleTask", "scriptTask",
                "endEvent", "intermediateThrowEvent",
            }
        ),
        "calledElement": frozenset({"callActivity"}),
        "calledDecision": frozenset({"businessRuleTask"}),
        "script": frozenset({"scriptTask"}),
        "subscription": frozenset({"message"}),
        "loopCharacteristics": frozenset({"multiInstanceLoopCharacteristics"}),
        "ioMapping": _OUTPUTS,
        "taskHeaders": _JOBS | {"userTask"},
        "versionTag": frozenset({"process"}),
        "adHoc": frozenset({"adHocSubProcess"}),
    }
)  # fmt: skip

_LISTENERS = frozenset({"executionListeners", "taskListeners", "executionListener", "taskListener"})
_BINDINGS = frozenset({"latest", "deployment"})


def local(node: etree._Element) -> str:
    """Return the tag without its namespace."""
    return etree.QName(node).localname


def namespace(node: etree._Element) -> str | None:
    """Return the namespace of the tag."""
    return etree.QName(node).namespace


def line(node: etree._Element) -> int | None:
    """Return the line where the element begins."""
    return int(node.sourceline) if node.sourceline is not None else None


def extensions(node: etree._Element) -> Iterator[etree._Element]:
    """Yield the direct children of the element's extensionElements."""
    for holder in node.iterchildren(f"{{{BPMN}}}extensionElements"):
        yield from holder


def check(node: etree._Element, owner: str | None, report: Report, kind: str = "") -> None:
    """Refuse every extension and namespaced attribute that we would not execute."""
    _check_attributes(node, owner, report)
    place = kind or local(node)
    for child in extensions(node):
        where = namespace(child)
        if where in VENDORS:
            report.add("vendor-extension", owner, line(child), tag=local(child))
        elif where == ZEEBE:
            if child.tag is not None and place not in _PLACES.get(local(child), {place}):
                report.add("unknown-extension", owner, line(child), tag=f"zeebe:{local(child)}")
            else:
                _check_extension(child, owner, report)


def _check_extension(root: etree._Element, owner: str | None, report: Report) -> None:
    for node in root.iter(etree.Element):
        tag = local(node)
        if tag in _LISTENERS:
            report.add("listener", owner, line(node), tag=f"zeebe:{tag}")
            return
        if tag not in _KNOWN:
            report.add("unknown-extension", owner, line(node), tag=f"zeebe:{tag}")
            return
        for name in set(node.attrib) - _KNOWN[tag]:
            report.add("unknown-attribute", owner, line(node), name=f"zeebe:{tag}/{name}")


def _check_attributes(node: etree._Element, owner: str | None, report: Report) -> None:
    for key in node.attrib:
        name = etree.QName(key)
        if name.namespace in VENDORS:
            report.add("vendor-extension", owner, line(node), tag=name.localname)
        elif name.namespace == ZEEBE and not name.localname.startswith("modelerTemplate"):
            report.add("unknown-attribute", owner, line(node), name=f"zeebe:{name.localname}")


def read(
    node: etree._Element, owner: str | None, report: Report, kind: str = ""
) -> dict[str, Any]:  # fmt: skip
    """Return the fields of Element that the extension elements fill; `kind` overrides the tag."""
    check(node, owner, report, kind)
    fields: dict[str, Any] = {}
    for child in extensions(node):
        reader = _READERS.get(local(child)) if namespace(child) == ZEEBE else None
        if reader is not None:
            fields.update(reader(child, owner, report))
    if "job" in fields:
        fields["job"] = replace(fields["job"], headers=fields.get("headers", {}))
    return fields


def child(node: etree._Element, tag: str) -> etree._Element | None:
    """Return one zeebe extension element of the element."""
    return next(
        (item for item in extensions(node) if item.tag == f"{{{ZEEBE}}}{tag}"), None
    )  # fmt: skip


def _binding(node: etree._Element, owner: str | None, report: Report) -> dict[str, Any]:
    value = node.get("bindingType", "latest")
    if value not in _BINDINGS:
        report.add("binding-unknown", owner, line(node), value=value)
    return {"binding": value, "version_tag": node.get("versionTag")}


def _form(node: etree._Element, owner: str | None, report: Report) -> dict[str, Any]:
    if not node.get("formId"):
        report.add("form-missing", owner, line(node))
    return {"form": FormRef(form_id=node.get("formId", ""), **_binding(node, owner, report))}


def _called(node: etree._Element, owner: str | None, report: Report) -> dict[str, Any]:
    if not node.get("processId"):
        report.add("called-element-missing", owner, line(node))
    return {
        "called": CallRef(
            process_id=node.get("processId", ""),
            propagate_all_parent_variables=node.get("propagateAllParentVariables") != "false",
            propagate_all_child_variables=node.get("propagateAllChildVariables", "true") != "false",
            **_binding(node, owner, report),
        )
    }


def _decision(node: etree._Element, owner: str | None, report: Report) -> dict[str, Any]:
    if not node.get("decisionId") or not node.get("resultVariable"):
        report.add("decision-missing", owner, line(node))
    return {
        "decision": DecisionRef(
            decision_id=node.get("decisionId", ""),
            result_variable=node.get("resultVariable", ""),
            **_binding(node, owner, report),
        )
    }


def _script(node: etree._Element, owner: str | None, report: Report) -> dict[str, Any]:
    if not node.get("expression") or not node.get("resultVariable"):
        report.add("script-missing", owner, line(node))
    return {
        "script": ScriptDefinition(
            expression=node.get("expression", ""), result_variable=node.get("resultVariable", "")
        )
    }


def _job(node: etree._Element, owner: str | None, report: Report) -> dict[str, Any]:
    if not node.get("type"):
        report.add("task-definition-missing", owner, line(node), type="taskDefinition")
    return {"job": JobDefinition(type=node.get("type", ""), retries=node.get("retries") or "3")}


def _mappings(node: etree._Element, owner: str | None, report: Report) -> dict[str, Any]:
    holder = node.getparent()
    place = None if holder is None else holder.getparent()
    inputs = node.find(f"{{{ZEEBE}}}input")
    if inputs is not None and place is not None and local(place) not in _INPUTS:
        report.add("unknown-extension", owner, line(inputs), tag="zeebe:input")

    def of(tag: str) -> tuple[VariableMapping, ...]:
        return tuple(
            VariableMapping(
                source=item.get("source", ""), target=item.get("target", ""), line=line(item)
            )
            for item in node.iterchildren(f"{{{ZEEBE}}}{tag}")
        )

    return {"inputs": of("input"), "outputs": of("output")}


def _pairs(node: etree._Element, key: str) -> dict[str, str]:
    return {item.get(key, ""): item.get("value", "") for item in node if item.get(key)}


_Reader = Callable[[Any, str | None, Report], dict[str, Any]]

_READERS: Mapping[str, _Reader] = MappingProxyType(
    {
        "formDefinition": _form,
        "assignmentDefinition": lambda node, _owner, _report: {
            "assignee": node.get("assignee"),
            "candidate_groups": node.get("candidateGroups"),
            "candidate_users": node.get("candidateUsers"),
        },
        "taskSchedule": lambda node, _owner, _report: {
            "due_date": node.get("dueDate"),
            "follow_up_date": node.get("followUpDate"),
        },
        "priorityDefinition": lambda node, _owner, _report: {"priority": node.get("priority")},
        "taskDefinition": _job,
        "taskHeaders": lambda node, _owner, _report: {"headers": _pairs(node, "key")},
        "ioMapping": _mappings,
        "calledElement": _called,
        "calledDecision": _decision,
        "script": _script,
        "properties": lambda node, _owner, _report: {"properties": _pairs(node, "name")},
        "versionTag": lambda node, _owner, _report: {"version_tag": node.get("value")},
        "adHoc": lambda node, _owner, _report: {
            "active_elements": node.get("activeElementsCollection")
        },
    }
)
