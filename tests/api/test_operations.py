"""Operating a case through the API: with Camunda's own client, and where it has no name for it."""

import pytest
from camunda_orchestration_sdk.models.incident_search_query import IncidentSearchQuery
from camunda_orchestration_sdk.models.process_instance_modification_instruction import (
    ProcessInstanceModificationInstruction,
)
from camunda_orchestration_sdk.models.resume_process_instance_request import (
    ResumeProcessInstanceRequest,
)
from camunda_orchestration_sdk.models.set_variable_request import SetVariableRequest
from camunda_orchestration_sdk.models.suspend_process_instance_request import (
    SuspendProcessInstanceRequest,
)
from sqlalchemy import select

from engine import incidents
from engine.models import Instance, Task

AT = "2026-11-23T10:20+08:00"


@pytest.fixture
def case(house):
    return house.case(at=AT)


def at(house, case):
    with house.database.read() as session:
        query = select(Task.element).where(Task.root_key == case, Task.state == "open")
        return sorted(session.scalars(query))


def test_the_official_client_suspends_modifies_and_resumes(house, camunda, case):
    client = camunda("quality")

    client.suspend_process_instance(
        process_instance_key=str(case), data=SuspendProcessInstanceRequest()
    )
    assert client.get_process_instance(process_instance_key=str(case)).state.value == "SUSPENDED"
    client.modify_process_instance(
        process_instance_key=str(case),
        data=ProcessInstanceModificationInstruction.from_dict({
            "activateInstructions": [{"elementId": "T4_assign"}],
            "terminateInstructions": [{"elementId": at(house, case)[0]}],
        }),
    )  # fmt: skip
    client.resume_process_instance(
        process_instance_key=str(case), data=ResumeProcessInstanceRequest()
    )

    assert at(house, case) == ["T4_assign"]
    assert client.get_process_instance(process_instance_key=str(case)).state.value == "ACTIVE"


def test_the_official_client_sets_variables_of_the_process(house, camunda, case):
    with house.database.read() as session:
        known = dict(session.get_one(Instance, case).variables)
    name = next(name for name, value in known.items() if isinstance(value, str))

    camunda("quality").create_element_instance_variables(
        element_instance_key=str(case),
        data=SetVariableRequest.from_dict({"variables": {name: "other"}}),
    )

    with house.database.read() as session:
        assert session.get_one(Instance, case).variables == {**known, name: "other"}


def test_the_official_client_finds_and_resolves_incidents(house, camunda, case):
    with house.time(), house.database.begin() as session:
        key = incidents.raise_(
            session, session.get_one(Instance, case), element="T2_judge", code="job-failed",
            message="自动步骤没有成功，已停止重试。", detail="网关没有应答",
        ).key  # fmt: skip
    client = camunda("quality")

    found = client.search_incidents(
        data=IncidentSearchQuery.from_dict({"filter": {"state": "ACTIVE"}})
    )
    client.resolve_incident(incident_key=str(key))

    assert [(one.incident_key, one.element_id) for one in found.items] == [(str(key), "T2_judge")]
    assert "网关没有应答" in found.items[0].error_message
    assert client.get_incident(incident_key=str(key)).state.value == "RESOLVED"


def test_a_task_is_sent_back_by_its_performers_manager(house, machine, case):
    manager, performer = machine("yj-cs_manager"), machine("yj-cs_assistant")
    with house.database.read() as session:
        key = session.scalars(
            select(Task.key).where(Task.root_key == case, Task.state == "open")
        ).one()

    steps = manager.get(f"/api/v1/tasks/{key}/earlier-steps").json["items"]
    body = {"elementId": steps[0]["elementId"], "reason": "缺少照片"}
    refused = performer.post(f"/api/v1/tasks/{key}/returning", body)
    done = manager.post(f"/api/v1/tasks/{key}/returning", body)

    assert [step["elementId"] for step in steps] == ["T1_record"]
    assert (refused.status_code, refused.json["code"]) == (403, "forbidden")
    assert [task["elementId"] for task in done.json["opened"]] == ["T1_record"]
    assert at(house, case) == ["T1_record"]


def test_a_step_is_skipped_and_a_case_begun_anew(house, machine, case):
    manager = machine("yj-project_manager")
    element = manager.get(f"/api/v1/process-instances/{case}/tokens").json["items"][0]["elementId"]

    nothing = manager.post(f"/api/v1/process-instances/{case}/skipping", {"reason": "x"})
    skipped = manager.post(
        f"/api/v1/process-instances/{case}/skipping",
        {"elementId": element, "reason": "当面办过", "variables": {"is_property": "yes"}},
    )
    new = manager.post(f"/api/v1/process-instances/{case}/restart", {"reason": "走错了"})

    assert nothing.status_code == 422
    assert skipped.status_code in (200, 422), skipped.text
    assert new.status_code == 200
    assert at(house, int(new.json["processInstanceKey"])) == ["T1_record"]
    with house.database.read() as session:
        assert session.get_one(Instance, case).state == "cancelled"


def test_nobody_completes_a_task_of_a_suspended_case(house, machine, case):
    machine("yj-project_manager").post(f"/v2/process-instances/{case}/suspension", {"reason": "等"})
    with house.database.read() as session:
        task = session.scalars(
            select(Task).where(Task.root_key == case, Task.state == "open")
        ).one()

    answer = machine("yj-cs_manager").post(f"/v2/user-tasks/{task.key}/completion", {})

    assert (answer.status_code, answer.json["code"]) in [(409, "suspended"), (403, "forbidden")]
