"""Diagrams drawn as text and put in force, for tests of what those in charge do to cases."""

from engine import deployments, instances
from engine.db import Database
from engine.deployments import Resource
from engine.ports import SYSTEM, Actor
from tests.engine.spiff.drawing import draw

WORK = (
    '<zeebe:assignmentDefinition candidateGroups="cs_assistant"/><zeebe:userTask/>'
    '<zeebe:properties><zeebe:property name="timeStandard" value="PT2H"/></zeebe:properties>'
)
JOB = (
    '<zeebe:taskDefinition type="outside" retries="3"/><zeebe:properties>'
    '<zeebe:property name="worker" value="external"/>'
    '<zeebe:property name="retryBackoff" value="PT10S,PT1M,PT10M"/></zeebe:properties>'
)
INPUTS = (
    "<bpmn:extensionElements><zeebe:properties><zeebe:property name='inputs' "
    "value='again,amount,bill,items'/></zeebe:properties></bpmn:extensionElements>"
)


def deploy(database: Database, text: str, *, name: str = "p") -> None:
    """Put a drawn diagram in force as the process `name`."""
    drawn = draw(text.replace("WORK", WORK).replace("JOB", JOB), process=name).decode()
    head, middle, tail = drawn.partition(f'<bpmn:process id="{name}" isExecutable="true">\n')
    xml = (head + middle + INPUTS + tail).encode()
    with database.begin() as session:
        deployments.deploy(session, SYSTEM, [Resource(f"{name}.bpmn", xml)])


def start(database: Database, actor: Actor, name: str = "p", **variables: object) -> int:
    """Start a case of the process and return its key."""
    with database.begin() as session:
        return instances.start(session, actor, name, tenant_id="yj", variables=variables).key
