"""What other engines let a diagram leave out is written out by the import, and then accepted."""

import pytest
from lxml import etree

from engine import importing, lint
from engine.lint.foreign import OF_THE_HOUSE
from engine.spiff.safexml import BPMN
from tests.engine.spiff.driving import Drive

_HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:activiti="http://activiti.org/bpmn" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'
    ' xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="d" targetNamespace="t">'
)
_ENDS = '<startEvent id="s"/><endEvent id="e"/>'


def _foreign(body: str, roots: str = "") -> bytes:
    return f'{_HEAD}{roots}<process id="p">{body}</process></definitions>'.encode()


def _flows(*ways: str) -> str:
    """Return flows `a-b`, with a condition behind `?`."""
    drawn = []
    for number, way in enumerate(ways):
        ends, _, condition = way.partition("?")
        source, target = ends.split("-")
        inner = f"<conditionExpression>{condition}</conditionExpression>" if condition else ""
        drawn.append(
            f'<sequenceFlow id="f{number}" sourceRef="{source}" targetRef="{target}">{inner}</sequenceFlow>'
        )
    return "".join(drawn)


def _rules(xml: bytes) -> set[str]:
    return {one.rule for one in lint.errors(xml, world=lint.World())} - OF_THE_HOUSE


_GATEWAY = f'{_ENDS}<endEvent id="x"/><exclusiveGateway id="g"/>'
CASES = {
    "flows without ids": _foreign(
        '<startEvent id="s"/><sequenceFlow sourceRef="s" targetRef="e"/><endEvent id="e"/>'
    ),
    "an error that is only its code": _foreign(
        '<startEvent id="s"/><endEvent id="e"><errorEventDefinition errorRef="lost"/></endEvent>'
        + _flows("s-e")
    ),
    "a signal named by its name": _foreign(
        f'{_ENDS}<intermediateThrowEvent id="t"><signalEventDefinition signalRef="alarm"/>'
        "</intermediateThrowEvent>" + _flows("s-t", "t-e"),
        '<signal id="sig" name="alarm"/>',
    ),
    "a receive task without message": _foreign(
        f'{_ENDS}<receiveTask id="t"/>' + _flows("s-t", "t-e")
    ),
    "a message sent by a worker": _foreign(
        f'{_ENDS}<intermediateThrowEvent id="t"><messageEventDefinition camunda:type="external"'
        ' camunda:topic="post"/></intermediateThrowEvent>' + _flows("s-t", "t-e")
    ),
    "a path that just stops": _foreign(
        '<startEvent id="s"/><userTask id="t"/><boundaryEvent id="b" attachedToRef="t">'
        "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"
        "</boundaryEvent>" + _flows("s-t")
    ),
    "a gateway that does nothing": _foreign(
        f'{_ENDS}<parallelGateway id="g" gatewayDirection="Mixed"/>' + _flows("s-g", "g-e")
    ),
    "one branch without condition": _foreign(_GATEWAY + _flows("s-g", "g-x?${late}", "g-e")),
    "conditions after a parallel gateway": _foreign(
        f'{_ENDS}<endEvent id="x"/><parallelGateway id="g"/>'
        + _flows("s-g", "g-x?${late}", "g-e")
    ),
    "a call of a bean": _foreign(
        _GATEWAY + _flows("s-g", "g-x?${bean.of(a).late}", "g-e?${not bean.of(a).late}")
    ),
    "a choice in Java": _foreign(
        _GATEWAY + _flows("s-g", "g-x?return a != null &amp;&amp; a.size() > 0;", "g-e")
    ),
    "an interval of cron": _foreign(
        '<startEvent id="s"><timerEventDefinition><timeCycle>0 0/5 * * * ?</timeCycle>'
        '</timerEventDefinition></startEvent><endEvent id="e"/>' + _flows("s-e")
    ),
    "quoted and short timers": _foreign(
        f'{_ENDS}<intermediateCatchEvent id="t"><timerEventDefinition><timeDuration>"PT3S"'
        '</timeDuration></timerEventDefinition></intermediateCatchEvent><intermediateCatchEvent id="u">'
        "<timerEventDefinition><timeDuration>500ms</timeDuration></timerEventDefinition>"
        "</intermediateCatchEvent>" + _flows("s-t", "t-u", "u-e")
    ),
    "data that is copied": _foreign(
        f'<property id="v" itemSubjectRef="none"/>{_ENDS}<userTask id="t"><ioSpecification>'
        '<dataInput id="i"/><inputSet/><outputSet/></ioSpecification><dataInputAssociation>'
        "<targetRef>i</targetRef><assignment><from>1</from><to>i</to></assignment>"
        "</dataInputAssociation></userTask>" + _flows("s-t", "t-e")
    ),
    "lists and lanes that are out of date": _foreign(
        '<laneSet><lane name="x"><flowNodeRef>s</flowNodeRef><flowNodeRef>f0</flowNodeRef>'
        "<flowNodeRef>gone</flowNodeRef></lane></laneSet>"
        '<startEvent id="s"><outgoing>old</outgoing></startEvent><endEvent id="e"/>'
        '<association sourceRef="gone" targetRef="s"/>' + _flows("s-e")
    ),
    "an embedded form of Camunda 8": _foreign(
        f'{_ENDS}<userTask id="t"><extensionElements><zeebe:formDefinition'
        ' formKey="camunda-forms:bpmn:ask"/></extensionElements></userTask>' + _flows("s-t", "t-e")
    ),
    "functions that Camunda adds to FEEL": _foreign(
        _GATEWAY + _flows("s-g", "g-x?=not(is defined(a.b)) or is empty(c) or is blank(n)", "g-e")
    ),
    "an empty pool": (
        f'{_HEAD}<collaboration id="c"><participant id="a" processRef="p"/>'
        f'<participant id="b" processRef="q"/></collaboration><process id="p">{_ENDS}'
        f'{_flows("s-e")}</process><process id="q"/></definitions>'
    ).encode(),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_another_engine_lets_out_is_refused_as_it_is_and_accepted_imported(name: str) -> None:
    assert _rules(CASES[name]) != set()
    assert _rules(importing.read(CASES[name]).xml) == set()


@pytest.mark.parametrize(
    "ways",
    [
        ("s-t", "t-e?${a}"),
        ("s-g", "g-e", "g-t?${a}", "g-t?"),
        ("s-t", "t-gone"),
    ],
)
def test_what_no_engine_could_run_stays_refused(ways: tuple[str, ...]) -> None:
    body = f'{_ENDS}<task id="t"/><exclusiveGateway id="g" default="f9"/>'
    plain = _foreign(body + _flows(*ways)).replace(b"activiti", b"other")

    assert _rules(importing.read(plain).xml) != set()


def test_a_flow_without_condition_is_taken_when_no_other_holds() -> None:
    xml = importing.read(
        _foreign(
            f'{_ENDS}<exclusiveGateway id="g"/><userTask id="late"/><userTask id="other"/>'
            + _flows("s-g", "g-late?${days &gt; 3}", "g-other", "late-e", "other-e")
        )
    ).xml

    assert Drive(xml, days=5).open == ["late"]
    assert Drive(xml, days=1).open == ["other"]


def test_an_expression_that_cannot_be_said_reads_a_variable_and_is_told_of() -> None:
    done = importing.read(CASES["a call of a bean"])
    root = etree.fromstring(done.xml)
    said = [node.text for node in root.iter(f"{{{BPMN}}}conditionExpression")]

    assert said[1] == "=f2_conditionExpression"
    assert any(note.element == "f2" and "f2_conditionExpression" in note.zh for note in done.notes)
    found = lint.errors(done.xml, world=lint.World())
    assert any(one.rule == "unknown-variable" and one.element == "f2" for one in found)


def test_a_name_with_a_variable_in_it_becomes_one_expression() -> None:
    body = f'{_ENDS}<intermediateCatchEvent id="t"><signalEventDefinition signalRef="m"/></intermediateCatchEvent>'
    xml = importing.read(
        _foreign(body + _flows("s-t", "t-e"), '<signal id="m" name="alarm-${room}"/>')
    ).xml

    assert b'name="=&quot;alarm-&quot; + string(room)"' in xml
