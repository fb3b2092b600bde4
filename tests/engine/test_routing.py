"""What goes into the workflow: what its expressions read, and never what a form calls personal."""

import orjson

from engine import deployments, instances, tasks
from engine.deployments import Resource
from engine.models import Instance, Task
from engine.ports import SYSTEM

DIAGRAM = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="d_{id}" targetNamespace="https://wuyeflow.org/tests">
<bpmn:process id="{id}" name="{id}" isExecutable="true">
<bpmn:laneSet id="ls"><bpmn:lane id="l" name="客户助理"><bpmn:flowNodeRef>s</bpmn:flowNodeRef>
<bpmn:flowNodeRef>fill</bpmn:flowNodeRef><bpmn:flowNodeRef>set</bpmn:flowNodeRef>
<bpmn:flowNodeRef>e</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>
<bpmn:startEvent id="s"><bpmn:outgoing>f1</bpmn:outgoing></bpmn:startEvent>
<bpmn:userTask id="fill" name="填写"><bpmn:extensionElements><zeebe:userTask/>
<zeebe:formDefinition formId="{id}-fill" bindingType="deployment"/></bpmn:extensionElements>
<bpmn:incoming>f1</bpmn:incoming><bpmn:outgoing>f2</bpmn:outgoing></bpmn:userTask>
<bpmn:scriptTask id="set" name="记下"><bpmn:extensionElements>
<zeebe:script expression="={reads}" resultVariable="kept"/></bpmn:extensionElements>
<bpmn:incoming>f2</bpmn:incoming><bpmn:outgoing>f3</bpmn:outgoing></bpmn:scriptTask>
<bpmn:endEvent id="e"><bpmn:incoming>f3</bpmn:incoming></bpmn:endEvent>
<bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="fill"/>
<bpmn:sequenceFlow id="f2" sourceRef="fill" targetRef="set"/>
<bpmn:sequenceFlow id="f3" sourceRef="set" targetRef="e"/>
</bpmn:process></bpmn:definitions>"""


def form(process: str, *, personal: bool) -> bytes:
    properties = {"personal": "true"} if personal else {}
    field = {
        "type": "textfield",
        "id": "f",
        "key": "result",
        "label": "结果",
        "properties": properties,
    }
    return orjson.dumps(
        {"type": "default", "id": f"{process}-fill", "schemaVersion": 19, "components": [field]}
    )


def test_a_name_that_is_personal_elsewhere_still_moves_the_process_that_reads_it(database, people):
    with database.begin() as session:
        deployments.deploy(session, SYSTEM, [
            Resource("code.bpmn", DIAGRAM.format(id="code", reads="result").encode()),
            Resource("code.form", form("code", personal=False)),
            Resource("words.bpmn", DIAGRAM.format(id="words", reads="1").encode()),
            Resource("words.form", form("words", personal=True)),
        ])  # fmt: skip

    assert _kept(database, people, "code") == {"result": "fixed", "kept": "fixed"}
    assert _kept(database, people, "words") == {"kept": 1}


def _kept(database, people, process):
    with database.begin() as session:
        key = instances.start(session, people["he"], process, tenant_id="yj").key
        task = session.query(Task).filter_by(instance_key=key).one()
        tasks.complete(session, people["he"], task.key, {"result": "fixed"})
    with database.read() as session:
        return session.get_one(Instance, key).variables
