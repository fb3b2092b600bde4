"""Every rule of the table has an example that breaks it and a twin that does not."""

from dataclasses import replace
from pathlib import Path

import pytest

from docs.tools.rules import page
from engine import lint
from tests.engine.lint.drafts import LANE, WORLD, chain, diagram, script, user

START, END = "startEvent s 开始", "endEvent e 结束"
CHOICE = "exclusiveGateway g 通过？"
JOIN = "parallelGateway j"
ARCHIVE = '{<zeebe:taskDefinition type="%s"/>}'
CALL = '{<zeebe:calledElement processId="%s" bindingType="%s" propagateAllChildVariables="false"/>}'
DECIDE = '{<zeebe:calledDecision decisionId="%s" resultVariable="level" bindingType="deployment"/>}'
GROUPS = '<zeebe:assignmentDefinition candidateGroups="%s"/>'

MULTIPLE = (
    "<bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements>"
    '<zeebe:loopCharacteristics inputCollection="=[1, 2]" inputElement="one"/>'
    "</bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>"
)
STANDARD_LOOP = "<bpmn:standardLoopCharacteristics/>"
COMPLEX = (
    '<bpmn:multiInstanceLoopCharacteristics behavior="%s"><bpmn:extensionElements>'
    '<zeebe:loopCharacteristics inputCollection="=[1, 2]" inputElement="one"/>'
    "</bpmn:extensionElements><bpmn:complexBehaviorDefinition>"
    "<bpmn:condition>=true</bpmn:condition></bpmn:complexBehaviorDefinition>"
    "</bpmn:multiInstanceLoopCharacteristics>"
)
CANCEL = b"<bpmn:cancelEventDefinition/></bpmn:endEvent>"
LINK = '<bpmn:linkEventDefinition name="next"/>'


def pools(source, target):
    """Two pools and a message flow from the first one."""
    collaboration = (
        '<bpmn:collaboration id="co"><bpmn:participant id="own" processRef="main"/>'
        '<bpmn:participant id="other" name="业主"/>'
        f'<bpmn:messageFlow id="m" sourceRef="{source}" targetRef="{target}"/></bpmn:collaboration>'
    )
    return chain(user(), user("c"), outside=collaboration)


def compensation(cancels):
    """A task with a handler that undoes it."""
    return diagram(
        [
            START,
            user(),
            (
                f'boundaryEvent b 撤销 [attachedToRef="a" cancelActivity="{cancels}"] '
                "<bpmn:compensateEventDefinition/>"
            ),
            'userTask h 退款 [isForCompensation="true"]',
            END,
        ],
        ["s > a", "a > e"],
    ).replace(
        b"</bpmn:process>",
        b'<bpmn:association id="as" sourceRef="b" targetRef="h"/></bpmn:process>',
    )


MULTIPLICITY = (
    '<bpmn:collaboration id="co"><bpmn:participant id="own" processRef="main"/>'
    '<bpmn:participant id="other"><bpmn:participantMultiplicity minimum="%s" maximum="%s"/>'
    "</bpmn:participant></bpmn:collaboration>"
)
LANE_TWO = (
    '<bpmn:lane id="l2" name="客户经理"><bpmn:flowNodeRef>'.encode()
    + b"%s</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>"
)


def choice(attributes):
    """One exclusive split with a default flow."""
    return diagram(
        [START, f'exclusiveGateway g 通过？ [default="g_e" {attributes}]', user(), END],
        ["s > g", "g > a : =amount = &quot;1&quot;", "g > e", "a > e"],
    )


def waiting(tag):
    """An event-based gateway before a message event and one more of `tag`."""
    message = '<bpmn:messageEventDefinition messageRef="msg"/>'
    other = "" if tag == "receiveTask" else message
    reference = '[messageRef="msg"]' if tag == "receiveTask" else ""
    key = '<zeebe:subscription correlationKey="=amount"/>'
    return diagram(
        [START, "eventBasedGateway g", f"intermediateCatchEvent k 来件 {message}",
         " ".join(f"{tag} r 等候 {reference} {other}".split()), END],
        ["s > g", "g > k", "g > r", "k > e", "r > e"],
        outside=f'<bpmn:message id="msg" name="来件"><bpmn:extensionElements>{key}'
        "</bpmn:extensionElements></bpmn:message>",
    )  # fmt: skip


def listing(flow):
    """A task that lists an incoming flow."""
    return chain(f"{user()} <bpmn:incoming>{flow}</bpmn:incoming>")


#: rule → (element, broken, repaired)
CASES = {
    "no-end": (
        "main",
        diagram([START, user()], ["s > a"]),
        chain(user()),
    ),
    "unreachable": (
        "b",
        diagram(
            [START, user(), user("b"), user("c"), END],
            ["s > a", "a > e", "b > c", "c > b", "c > e"],
        ),
        chain(user(), user("b"), user("c")),
    ),
    "dead-end": (
        "b",
        diagram(
            [START, CHOICE + ' [default="g_b"]', user(), user("b"), END],
            ["s > g", "g > a : =amount = &quot;1&quot;", "g > b", "a > e"],
        ),
        diagram(
            [START, CHOICE + ' [default="g_b"]', user(), user("b"), END],
            ["s > g", "g > a : =amount = &quot;1&quot;", "g > b", "a > e", "b > e"],
        ),
    ),
    "endless": (
        "b",
        diagram(
            [START, CHOICE + ' [default="g_b"]', user("b"), user("c"), END],
            ["s > g", "g > e : =amount = &quot;1&quot;", "g > b", "b > c", "c > b"],
        ),
        diagram(
            [START, CHOICE + ' [default="g_b"]', user("b"), user("c"), END],
            ["s > g", "g > e : =amount = &quot;1&quot;", "g > b", "b > c", "c > g"],
        ),
    ),
    "join-never": (
        "j",
        diagram(
            [START, CHOICE + ' [default="g_b"]', user(), user("b"), JOIN, END],
            ["s > g", "g > a : =amount = &quot;1&quot;", "g > b", "a > j", "b > j", "j > e"],
        ),
        diagram(
            [START, "parallelGateway g", user(), user("b"), JOIN, END],
            ["s > g", "g > a", "g > b", "a > j", "b > j", "j > e"],
        ),
    ),
    "join-may-wait": (
        "j",
        diagram(
            [
                START,
                "parallelGateway p",
                user(),
                CHOICE + ' [default="g_j"]',
                JOIN,
                END,
                "endEvent x 取消",
            ],
            [
                "s > p",
                "p > a",
                "p > g",
                "g > x : =amount = &quot;1&quot;",
                "g > j",
                "a > j",
                "j > e",
            ],
        ),
        diagram(
            [START, "parallelGateway p", user(), user("b"), JOIN, END],
            ["s > p", "p > a", "p > b", "b > j", "a > j", "j > e"],
        ),
    ),
    "runs-twice": (
        "m",
        diagram(
            [START, "parallelGateway p", user(), user("b"), "exclusiveGateway m", user("c"), END],
            ["s > p", "p > a", "p > b", "a > m", "b > m", "m > c", "c > e"],
        ),
        diagram(
            [START, "parallelGateway p", user(), user("b"), "parallelGateway m", user("c"), END],
            ["s > p", "p > a", "p > b", "a > m", "b > m", "m > c", "c > e"],
        ),
    ),
    "no-default": (
        "g",
        diagram(
            [START, CHOICE, user(), user("b"), END],
            [
                "s > g",
                "g > a : =amount = &quot;1&quot;",
                "g > b : =amount = &quot;2&quot;",
                "a > e",
                "b > e",
            ],
        ),
        diagram(
            [START, CHOICE + ' [default="g_b"]', user(), user("b"), END],
            ["s > g", "g > a : =amount = &quot;1&quot;", "g > b", "a > e", "b > e"],
        ),
    ),
    "not-executed": (
        "odd",
        chain(user(), outside='<bpmn:choreography id="odd"/>'),
        chain(user(), outside='<bpmn:message id="odd" name="来件"/>'),
    ),
    "not-immediate": (
        "s_a",
        chain(user()).replace(b'id="s_a"', b'id="s_a" isImmediate="false"'),
        chain(user()).replace(b'id="s_a"', b'id="s_a" isImmediate="true"'),
    ),
    "lonely-condition": (
        "a_e",
        diagram([START, user(), END], ["s > a", "a > e : =amount = &quot;1&quot;"]),
        chain(user()),
    ),
    "message-flow-inside": ("m", pools("a", "c"), pools("a", "other")),
    "message-flow-end": ("m", pools("s", "other"), pools("a", "other")),
    "gateway-direction": (
        "g",
        choice('gatewayDirection="Converging"'),
        choice('gatewayDirection="Diverging"'),
    ),
    "gateway-idle": ("g", chain(user(), "exclusiveGateway g"), choice("")),
    "event-gateway-mixed": ("g", waiting("receiveTask"), waiting("intermediateCatchEvent")),
    "event-gateway-start": (
        "g",
        waiting("intermediateCatchEvent").replace(b'id="g"', b'id="g" instantiate="true"'),
        waiting("intermediateCatchEvent"),
    ),
    "flow-mismatch": ("a", listing("a_e"), listing("s_a")),
    "lane-twice": (
        "l2",
        chain(user()).replace(b"</bpmn:laneSet>", LANE_TWO % b"a"),
        chain(user(), free={"a"}).replace(b"</bpmn:laneSet>", LANE_TWO % b"a"),
    ),
    "import": (
        "types.xsd",
        chain(user(), outside='<bpmn:import location="types.xsd" namespace="x" importType="y"/>'),
        chain(user()),
    ),
    "two-loops": (
        "a",
        chain(user() + f" {STANDARD_LOOP}{MULTIPLE}"),
        chain(user() + f" {MULTIPLE}"),
    ),
    "complex-behaviour": (
        "a",
        chain(f"{user()} {COMPLEX % 'All'}"),
        chain(f"{user()} {COMPLEX % 'Complex'}"),
    ),
    "cancel-end": (
        "e",
        chain(user()).replace(b"</bpmn:endEvent>", CANCEL),
        chain(user()),
    ),
    "link-flow": (
        "t",
        chain(user(), f"intermediateThrowEvent t 转 {LINK}"),
        diagram(
            [
                START,
                f"intermediateThrowEvent t 转 {LINK}",
                f"intermediateCatchEvent k 接 {LINK}",
                user(),
                END,
            ],
            ["s > t", "k > a", "a > e"],
        ),
    ),
    "compensation-side": ("b", compensation("false"), compensation("true")),
    "wrong-value": (
        "g",
        choice('gatewayDirection="Sideways"'),
        choice('gatewayDirection="Diverging"'),
    ),
    "no-namespace": (
        "a",
        chain(f"{user()} <note/>"),
        chain(f"{user()} <bpmn:documentation>note</bpmn:documentation>"),
    ),
    "multiplicity": (
        "other",
        chain(user(), outside=MULTIPLICITY % (3, 1)),
        chain(user(), outside=MULTIPLICITY % (1, 3)),
    ),
    "undone-by-nobody": (
        "h",
        compensation("true").replace(b'targetRef="h"', b'targetRef="a"'),
        compensation("true"),
    ),
    "wrong-reference": (
        "r",
        chain("receiveTask r 等候 [messageRef=&quot;s&quot;]".replace("&quot;", '"')),
        chain(
            'receiveTask r 等候 [messageRef="msg"]',
            outside='<bpmn:message id="msg" name="来件"/>',
        ),
    ),
    "unknown-form": ("a", chain(user(form="test-lost")), chain(user())),
    "unknown-decision": (
        "d",
        chain(user(), "businessRuleTask d 评级 " + DECIDE % "lost"),
        chain(user(), "businessRuleTask d 评级 " + DECIDE % "grade"),
    ),
    "unknown-process": (
        "c",
        chain("callActivity c 回访 " + CALL % ("lost", "deployment")),
        chain("callActivity c 回访 " + CALL % ("callback", "deployment")),
    ),
    "unknown-handler": (
        "c",
        chain("serviceTask c 归档 " + ARCHIVE % "lost"),
        chain("serviceTask c 归档 " + ARCHIVE % "archive"),
    ),
    "unknown-role": ("s", chain(user(), lane="值班员"), chain(user())),
    "unknown-group": (
        "a",
        chain(user(extra=GROUPS % "nobody")),
        chain(user(extra=GROUPS % "cs_manager")),
    ),
    "no-performer": (
        "a",
        chain(user(), free={"a"}),
        chain(user(extra=GROUPS % "cs_manager"), free={"a"}),
    ),
    "foreign-step": (
        "a",
        chain(user(limits="timeStandard=PT1H;excludePerformerOf=lost")),
        chain(user("b"), user(limits="timeStandard=PT1H;excludePerformerOf=b")),
    ),
    "not-together": (
        "c",
        chain("callActivity c 回访 " + CALL % ("main", "deployment")),
        chain("callActivity c 回访 " + CALL % ("callback", "deployment")),
    ),
    "unknown-variable": (
        "c",
        chain(user(), script("=amonut + kind"), properties="inputs=kind"),
        chain(user(), script("=amount + kind"), properties="inputs=kind"),
    ),
    "unknown-case-field": (
        "c",
        chain(user(), script("=case.a.amonut")),
        chain(user(), script("=case.a.amount")),
    ),
    "personal-read": (
        "c",
        chain(user(), script("=phone")),
        chain(user(), script("=topic")),
    ),
    "unknown-function": (
        "c",
        chain(user(), script("=upper caze(topic)".replace(" ", ""))),
        chain(user(), script("=department_group(topic)")),
    ),
    "feel-invalid": (
        "c",
        chain(user(), script("=amount +")),
        chain(user(), script("=amount + 1")),
    ),
    "limit-unreadable": (
        "a",
        chain(user(limits="timeStandard=一天")),
        chain(user(limits="timeStandard=P1D;clock=working;warnAt=50,80")),
    ),
    "unknown-property": (
        "a",
        chain(user(limits="timeStandart=PT1H;timeStandard=PT1H")),
        chain(user()),
    ),
    "no-name": (
        "x",
        chain(user(), "userTask x {<zeebe:userTask/>}"),
        chain(user(), "userTask x 核实 {<zeebe:userTask/>}"),
    ),
    "no-form": ("a", chain(user(form="")), chain(user())),
    "owner-unknown": (
        "a",
        chain(user(limits="owner=true;timeStandard=P1D")),
        chain(user(limits="owner=quote;timeStandard=P1D")),
    ),
    "owner-no-form": (
        "a",
        chain(user(form="", limits="owner=sign;timeStandard=P1D")),
        chain(user(limits="owner=sign;timeStandard=P1D")),
    ),
    "owner-gives-unknown": (
        "a",
        chain(user(limits="owner=sign;ownerGives=topik,phone;timeStandard=P1D")),
        chain(user(limits="owner=sign;ownerGives=topic,phone;timeStandard=P1D")),
    ),
    "binding-latest": ("a", chain(user(binding="latest")), chain(user())),
    "no-time-standard": ("a", chain(user(limits="clock=working")), chain(user())),
    "same-key": (
        "b",
        chain(user(), user("b", form="test-review"), script("=topic")),
        chain(user(), user("b", form="test-review"), script("=verdict")),
    ),
}


def rules_at(xml, element, world=WORLD):
    return {one.rule for one in lint.check(xml, world=world) if one.element == element}


@pytest.mark.parametrize("rule", CASES)
def test_the_broken_example_is_found(rule):
    element, broken, _ = CASES[rule]

    assert rule in rules_at(broken, element)


@pytest.mark.parametrize("rule", CASES)
def test_the_repaired_twin_is_not(rule):
    _, _, repaired = CASES[rule]

    assert rule not in {one.rule for one in lint.check(repaired, world=WORLD)}


@pytest.mark.parametrize("rule", CASES)
def test_a_problem_says_where_it_is_in_two_languages(rule):
    _, broken, _ = CASES[rule]
    found = next(one for one in lint.check(broken, world=WORLD) if one.rule == rule)

    assert found.line is not None
    assert found.line > 1
    assert "{" not in found.zh + found.en
    assert any("\u4e00" <= mark <= "\u9fff" for mark in found.zh)
    assert found.severity == lint.RULES[rule][0] if rule in lint.RULES else "error"


def test_every_rule_of_the_table_has_an_example():
    assert set(lint.RULES) - set(CASES) == {"unknown-step"}


def test_a_step_that_no_known_process_has_is_refused():
    xml = chain(user(limits="timeStandard=PT1H;excludePerformerOf=lost"))

    assert "unknown-step" in rules_at(xml, "a", replace(WORLD, steps=frozenset({"other"})))
    assert "unknown-step" not in rules_at(xml, "a", replace(WORLD, steps=frozenset({"lost"})))


def test_a_decision_that_reads_a_personal_field_is_refused():
    xml = chain(user(), "businessRuleTask d 评级 " + DECIDE % "call")

    assert "personal-read" in rules_at(xml, "d")


def test_work_for_an_external_program_needs_no_handler():
    task = (
        'serviceTask c 归档 {<zeebe:taskDefinition type="lost"/><zeebe:properties>'
        '<zeebe:property name="worker" value="external"/></zeebe:properties>}'
    )

    assert "unknown-handler" not in rules_at(chain(task), "c")


def test_a_correct_diagram_has_no_findings():
    assert lint.check(chain(user()), world=WORLD) == ()


@pytest.mark.parametrize(
    ("xml", "rule"),
    [
        (b"<bpmn:definitions", "xml-not-well-formed"),
        (chain(user()).replace(b"bpmn:endEvent", b"bpmn:endEvnt"), "unknown-element"),
        (chain(user(), lane="无此角色"), "unknown-role"),
        (chain(user(), script("=amount +")), "feel-invalid"),
    ],
    ids=["broken", "element", "role", "feel"],
)
def test_what_may_not_be_deployed_is_an_error_with_its_line(xml, rule):
    found = next(one for one in lint.errors(xml, world=WORLD) if one.rule == rule)

    assert found.severity == "error"
    assert found.line
    assert found.element or rule.startswith("xml")


@pytest.mark.parametrize(
    "xml",
    [chain(user(), script("=amount + )")), chain(user(limits="timeStandard==amount + )"))],
    ids=["script", "limit"],
)
def test_a_wrong_expression_says_where_in_its_text(xml):
    found = next(one for one in lint.errors(xml, world=WORLD) if one.rule == "feel-invalid")

    assert "第 1 行第 10 字" in found.zh
    assert "1:10" in found.en


def test_structure_and_references_are_judged_together():
    xml = chain(user(form="test-lost"), user("b")).replace(b'targetRef="e"', b'targetRef="q"')

    assert {"flow-ends-nowhere", "unknown-form"} <= {
        one.rule for one in lint.check(xml, world=WORLD)
    }


def test_lanes_named_by_the_house_are_known():
    assert LANE in WORLD.roles


def test_the_reference_page_lists_every_rule():
    written = Path("docs/reference/lint.md").read_text(encoding="utf-8")

    assert written.partition("\n## 引擎")[0] == page().partition("\n## 引擎")[0]
