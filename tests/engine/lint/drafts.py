"""Small diagrams from short lines, and the world they are judged in."""

import re
from itertools import pairwise
from xml.sax.saxutils import quoteattr

import forms
from engine import lint

NAMESPACES = (
    'xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="https://wuyeflow.org/test"'
)
LANE = "客户助理"


def form(identity, *fields):
    components = [
        {"type": "textfield", "id": f"F_{key}", "key": key, "label": key, "properties": marks}
        for key, marks in fields
    ]
    return forms.parse(
        {"type": "default", "id": identity, "schemaVersion": 19, "components": components}
    )


FORMS = {
    "test-record": form(
        "test-record", ("amount", {}), ("topic", {}), ("phone", {"personal": "true"})
    ),
    "test-review": form("test-review", ("verdict", {}), ("topic", {})),
}
WORLD = lint.World(
    forms=FORMS,
    decisions={"grade": frozenset({"amount"}), "call": frozenset({"phone"})},
    roles={LANE: "cs_assistant", "客户经理": "cs_manager"},
    handlers=frozenset({"archive"}),
    processes=frozenset({"main", "callback"}),
    deployed=frozenset({"test-record", "test-review", "grade", "call", "callback"}),
    functions=frozenset({"department_group"}),
)


def flow(line):
    """`a > b`, `a > b : condition`; a default is named at its gateway."""
    ends, _, condition = line.partition(" : ")
    source, _, target = (part.strip() for part in ends.partition(">"))
    inner = f"<bpmn:conditionExpression>{condition}</bpmn:conditionExpression>" if condition else ""
    return (
        f'<bpmn:sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}">'
        f"{inner}</bpmn:sequenceFlow>"
    )


def node(line):
    """`userTask a 名称 {inside} [attributes]`: inside goes into extensionElements."""
    match = re.fullmatch(
        r"(\w+) (\w+)(?: ([^\[{<]*?))?(?: \{(.*)\})?(?: \[(.*)\])?(?: (<.*>))?", line.strip()
    )
    assert match, line
    tag, key, name, inside, attributes, body = match.groups()
    extension = f"<bpmn:extensionElements>{inside}</bpmn:extensionElements>" if inside else ""
    return (
        f'<bpmn:{tag} id="{key}" name={quoteattr(name or "")} {attributes or ""}>'
        f"{extension}{body or ''}</bpmn:{tag}>"
    )


def diagram(nodes, flows, *, lane=LANE, properties="", outside="", free=()):
    """Return a process `main`; everything but `free` stands in one lane."""
    keys = [line.split()[1] for line in nodes]
    members = "".join(
        f"<bpmn:flowNodeRef>{key}</bpmn:flowNodeRef>" for key in keys if key not in free
    )
    lanes = f'<bpmn:laneSet id="ls"><bpmn:lane id="l" name="{lane}">{members}</bpmn:lane></bpmn:laneSet>'
    body = "\n".join([lanes if lane else "", *map(node, nodes), *map(flow, flows)])
    held = f"<bpmn:extensionElements>{properties_of(properties)}</bpmn:extensionElements>"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<bpmn:definitions id="definitions" {NAMESPACES}>\n'
        f'<bpmn:process id="main" name="流程" isExecutable="true">{held if properties else ""}\n'
        f"{body}\n</bpmn:process>{outside}</bpmn:definitions>"
    ).encode()


def properties_of(text):
    """`name=value; name=value` as zeebe:properties."""
    pairs = [part.strip().partition("=") for part in text.split(";") if part.strip()]
    return (
        "<zeebe:properties>"
        + "".join(
            f"<zeebe:property name={quoteattr(name)} value={quoteattr(value)}/>"
            for name, _, value in pairs
        )
        + "</zeebe:properties>"
    )


def user(
    key="a", *, form="test-record", binding="deployment", extra="", limits="timeStandard=PT1H"
):
    held = f'<zeebe:formDefinition formId="{form}" bindingType="{binding}"/>' if form else ""
    return f"userTask {key} 登记 {{<zeebe:userTask/>{held}{extra}{properties_of(limits)}}}"


def chain(*middle, **settings):
    """Start, the given steps, end."""
    nodes = ["startEvent s 开始", *middle, "endEvent e 结束"]
    keys = [line.split()[1] for line in nodes]
    flows = [f"{one} > {other}" for one, other in pairwise(keys)]
    return diagram(nodes, flows, **settings)


def script(expression, result="sum"):
    return (
        f"scriptTask c 计算 {{<zeebe:script expression={quoteattr(expression)} "
        f'resultVariable="{result}"/>}}'
    )
