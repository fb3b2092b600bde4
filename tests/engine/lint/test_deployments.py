"""A diagram with an error is not put in force: nothing of its deployment is stored."""

import pytest
from sqlalchemy import func, select

from engine import deployments
from engine.deployments import Resource
from engine.errors import DefinitionRefused
from engine.models import Content, Definition, Deployment, FormVersion
from engine.ports import SYSTEM, ports
from tests.engine.lint.drafts import LANE, chain, script, user

FORM = (
    b'{"type": "default", "id": "test-record", "schemaVersion": 19, "components": '
    b'[{"type": "number", "id": "F_amount", "key": "amount", "label": "\xe9\x87\x91\xe9\xa2\x9d"}]}'
)
GOOD = chain(user(), script("=amount + 1"))
BROKEN = {
    "xml-not-well-formed": (None, GOOD.replace(b"</bpmn:process>", b"")),
    "unknown-element": ("e", GOOD.replace(b"bpmn:endEvent", b"bpmn:endEvnt")),
    "unknown-role": ("s", GOOD.replace(LANE.encode(), "值班员".encode())),
    "feel-invalid": ("c", chain(user(), script("=amount +"))),
    "unknown-form": ("a", chain(user(form="test-lost"))),
    "no-performer": ("a", chain(user(), free={"a"})),
}


@pytest.fixture
def deploy(database, monkeypatch):
    monkeypatch.setattr(ports, "roles", {LANE: "cs_assistant"})

    def run(diagram):
        resources = [Resource("main.bpmn", diagram), Resource("test-record.form", FORM)]
        with database.begin() as session:
            return deployments.deploy(session, SYSTEM, resources).definitions

    return run


@pytest.mark.parametrize("rule", BROKEN)
def test_an_error_refuses_the_whole_deployment(deploy, database, rule):
    element, diagram = BROKEN[rule]

    with pytest.raises(DefinitionRefused) as caught:
        deploy(diagram)

    found = next(one for one in caught.value.problems if one.rule == rule)
    assert found.element == element
    assert found.line
    assert found.resource == "main.bpmn"
    with database.read() as session:
        for table in (Definition, FormVersion, Deployment, Content):
            assert session.scalar(select(func.count()).select_from(table)) == 0


def test_a_correct_diagram_is_put_in_force(deploy):
    assert [row.process_id for row in deploy(GOOD)] == ["main"]


def test_a_diagram_alone_is_judged_with_what_is_in_force(deploy, database):
    deploy(GOOD)

    with database.begin() as session:
        again = deployments.deploy(
            session, SYSTEM, [Resource("main.bpmn", chain(user(), script("=amount + 2")))]
        )

    assert [row.version for row in again.definitions] == [2]
