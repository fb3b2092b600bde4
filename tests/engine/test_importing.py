"""Diagrams of other engines are read: their attributes become ours, and what is left out is said."""

import pytest

from engine import importing, lint
from tests.conformance.constraints import OF_THE_HOUSE
from tests.conformance.dress import dressed

CAMUNDA = b"""<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="d" targetNamespace="t">
<bpmn:process id="p" isExecutable="true">
<bpmn:startEvent id="s"/><bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="a"/>
<bpmn:userTask id="a" camunda:assignee="${boss}" camunda:candidateGroups="sales" camunda:asyncBefore="true"/>
<bpmn:sequenceFlow id="f2" sourceRef="a" targetRef="g"/>
<bpmn:exclusiveGateway id="g" default="f4"/>
<bpmn:sequenceFlow id="f3" sourceRef="g" targetRef="b">
<bpmn:conditionExpression>${amount == 3 &amp;&amp; !done}</bpmn:conditionExpression></bpmn:sequenceFlow>
<bpmn:sequenceFlow id="f4" sourceRef="g" targetRef="e"/>
<bpmn:serviceTask id="b" camunda:class="com.acme.Ship"><bpmn:extensionElements>
<camunda:executionListener class="x" event="start"/></bpmn:extensionElements></bpmn:serviceTask>
<bpmn:sequenceFlow id="f5" sourceRef="b" targetRef="e"/><bpmn:endEvent id="e"/>
</bpmn:process></bpmn:definitions>"""


def test_attributes_of_another_engine_become_ours() -> None:
    done = importing.read(CAMUNDA)
    text = done.xml.decode()

    assert 'assignee="=boss" candidateGroups="sales"' in text
    assert "<zeebe:taskDefinition" in text or 'type="Ship"' in text
    assert "=amount = 3  and  not(done)" in text
    assert "camunda" not in text.replace("http://camunda.org/schema/zeebe/1.0", "")
    assert [(note.element, "executionListener" in note.en) for note in done.notes] == [("b", True)]
    found = {one.rule for one in lint.errors(done.xml, world=lint.World())}
    assert found - OF_THE_HOUSE == set()


def test_what_is_no_diagram_comes_back_as_it_is() -> None:
    for body in (b"", b"<x/>", b"<bpmn:definitions", b"\x00\xff"):
        assert importing.read(body).xml == body


@pytest.mark.parametrize("seed", range(40))
def test_a_sound_diagram_in_the_dress_of_another_engine_is_accepted(seed: int) -> None:
    found = lint.errors(importing.read(dressed(seed)).xml, world=lint.World())

    assert {one.rule for one in found} - OF_THE_HOUSE == set()
