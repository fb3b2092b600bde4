"""What can't be run exactly is refused at deployment, with rule, element and line."""

import pytest

from engine import spiff
from engine.errors import DefinitionRefused
from engine.spiff.problems import RULES
from tests.engine.spiff.drawing import document, draw
from tests.engine.spiff.refusal_cases import DRAWN, OK, RAW
from tests.engine.spiff.refusal_files import NOT_XML


def found(xml: bytes) -> set[tuple[str, str | None]]:
    return {(problem.rule, problem.element) for problem in spiff.refusals(xml)}


@pytest.mark.parametrize(
    ("text", "expected"), DRAWN.values(), ids=DRAWN
)  # fmt: skip
def test_a_diagram_that_breaks_a_rule_is_refused_at_its_element(text: str, expected) -> None:
    problems = spiff.refusals(draw(text))

    assert expected in {(problem.rule, problem.element) for problem in problems}
    for problem in problems:
        assert problem.zh
        assert problem.en
        assert "{" not in problem.zh + problem.en
        assert problem.line or problem.rule == "no-start"
    with pytest.raises(DefinitionRefused):
        spiff.parse(draw(text))


@pytest.mark.parametrize(("body", "expected"), RAW.values(), ids=RAW)
def test_markup_that_means_nothing_to_us_is_refused(body: str, expected) -> None:
    assert expected in found(document(body))


@pytest.mark.parametrize(("xml", "rule"), NOT_XML.values(), ids=NOT_XML)
def test_xml_from_a_stranger_is_refused_before_it_does_harm(xml: bytes, rule: str) -> None:
    assert [problem.rule for problem in spiff.refusals(xml)] == [rule]


def test_too_many_elements_are_refused() -> None:
    tasks = "\n".join(f"task t{number} -> t{number + 1}" for number in range(500))

    assert ("too-many-elements", "p") in found(draw(f"start s -> t0\n{tasks}\ntask t500"))


#: shown elsewhere


_ELSEWHERE = {"compensation-no-wait", "too-many-elements"}


def test_every_rule_has_a_diagram_that_breaks_it() -> None:
    shown = {rule for _, (rule, _) in [*DRAWN.values(), *RAW.values()]}

    assert set(RULES) - shown - {rule for _, rule in NOT_XML.values()} == _ELSEWHERE


ATTACKS = [
    "__import__('os').system('id')", "().__class__.__base__.__subclasses__()", "open('/etc/passwd')",
    "[x for x in ().__class__]", "lambda: 1", "exec('1')", "eval('1')", "globals()", "{}.__class__",
    "''.format(1)", "while True: pass", "import os", "a := 1", "os.system('id')", "f'{1}'",
    "getattr(a, '__class__')", "print(1)",
]  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
def test_python_in_an_expression_is_refused_or_computes_nothing(attack: str) -> None:
    escaped = attack.replace("&", "&amp;").replace("<", "&lt;")
    xml = document(
        '<bpmn:startEvent id="s"/><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="g"/>'
        '<bpmn:exclusiveGateway id="g"/>'
        f'<bpmn:sequenceFlow id="x" sourceRef="g" targetRef="e"><bpmn:conditionExpression>={escaped}'
        '</bpmn:conditionExpression></bpmn:sequenceFlow><bpmn:endEvent id="e"/>'
    )
    if spiff.refusals(xml):
        assert ("feel-invalid", "x") in found(xml)
        return

    from tests.engine.spiff.driving import runtime

    step = spiff.start(spiff.parse(xml), "p", variables={"a": 1}, runtime=runtime())

    assert step.failure is not None
    assert step.failure.element == "x"
    assert step.failure.code == "condition-not-boolean"


def test_the_same_bytes_are_compiled_once() -> None:
    model = spiff.parse(draw(OK))

    assert spiff.parse(draw(OK)) is model
    assert spiff.model(model.hash, lambda: pytest.fail("the XML is not asked for")) is model
