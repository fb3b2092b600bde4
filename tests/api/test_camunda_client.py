"""The official client of Camunda 8 drives a running server (issue: API)."""

import pytest
from camunda_orchestration_sdk import models
from camunda_orchestration_sdk.errors import NotFoundError

import processes
from engine import history, instances, submissions
from engine.models import Instance
from engine.testing import settle

#: who does which step of an oral complaint, in the seed's order
WALK = [
    ("T1_record", "yj-cs_assistant"),
    ("T2_judge", "yj-cs_manager"),
    ("T3_investigate", "yj-cs_assistant"),
    ("T4_assign", "yj-cs_manager"),
    ("T5_plan", "yj-eng_dispatch"),
    ("T6_reply", "yj-cs_assistant"),
    ("T7a_execute", "yj-eng_dispatch"),
    ("T7b_verify", "yj-cs_assistant"),
    ("C1_callback", "yj-cs_assistant-2"),
    ("T8_file", "yj-cs_assistant"),
]


def search(client, instance_key, state="CREATED"):
    query = models.UserTaskSearchQuery.from_dict(
        {"filter": {"rootProcessInstanceKey": instance_key, "state": state}}
    )
    return client.search_user_tasks(data=query).items


def settled(house):
    """Let jobs and timers that are due be done now."""
    with house.time():
        settle(house.database)


def events(house, instance_key):
    with house.database.read() as session:
        family = session.query(Instance).filter_by(root_key=int(instance_key)).order_by("key").all()
        return [
            (row.process_id, event.kind, event.element, (event.data or {}).get("path"))
            for row in family
            for event in history.of(session, row.key)
        ]


def test_it_deploys_the_shipped_processes(house, camunda):
    files = [processes.ROOT.parent / ("forms" if r.name.endswith(".form") else "processes") / r.name
             for r in processes.resources()]  # fmt: skip

    deployed = camunda("publisher").deploy_resources_from_files(files)

    assert {p.process_definition_id for p in deployed.processes} == set(processes.KEYS)
    assert {f.form_id for f in deployed.forms} >= {"complaint-T1_record", "callback-C1_callback"}


def test_it_walks_a_complaint_and_leaves_the_history_of_a_scenario(house, camunda):
    reference = house.case(
        *({"do": element, "by": who.removeprefix("yj-").replace("-2", " 2")}
          for element, who in WALK[1:]),
        at="2026-11-23T10:20+08:00",
    )  # fmt: skip
    settled(house)
    values = filled(house, reference)
    start = models.ProcessCreationById.from_dict(
        {"processDefinitionId": "complaint", "tenantId": "yj"}
    )

    created = camunda("yj-cs_assistant").create_process_instance(data=start)
    for element, who in WALK:
        (task,) = search(camunda(who), created.process_instance_key)
        assert task.element_id == element
        camunda(who).complete_user_task(
            user_task_key=task.user_task_key,
            data=models.UserTaskCompletionRequest.from_dict({"variables": values[element]}),
        )
        settled(house)

    found = camunda("yj-cs_manager").get_process_instance(
        process_instance_key=created.process_instance_key
    )
    assert found.state.value == "COMPLETED"
    assert events(house, created.process_instance_key) == events(house, str(reference))


def filled(house, case):
    """Return what was filled in at each step of a case."""
    with house.database.read() as session:
        family = [row.key for row in instances.family(session, case)]
        return {row.element: row.data for row in submissions.latest(session, family)}


def test_it_reads_definition_xml_form_and_variables(house, camunda):
    client = camunda("yj-cs_assistant")
    case = house.case(at="2026-11-23T10:20+08:00")
    query = models.ProcessDefinitionSearchQuery.from_dict(
        {"filter": {"processDefinitionId": "complaint", "isLatestVersion": True}}
    )

    (definition,) = client.search_process_definitions(data=query).items
    xml = client.get_process_definition_xml(
        process_definition_key=definition.process_definition_key
    )
    (task,) = search(client, str(case))
    form = client.get_user_task_form(user_task_key=task.user_task_key)
    variables = client.search_variables(
        data=models.VariableSearchQuery.from_dict({"filter": {"processInstanceKey": str(case)}})
    )

    assert "T1_record" in xml
    assert form.form_id == "complaint-T2_judge"
    named = {one.name: one.value for one in variables.items}
    assert named["priority"] == '"P3"'
    assert not {"phone", "content", "complainant_name"} & set(named)


def test_it_claims_gives_back_and_cancels(house, camunda):
    manager = camunda("yj-cs_manager")
    case = house.case(at="2026-11-23T10:20+08:00")
    (task,) = search(manager, str(case))
    key = task.user_task_key

    manager.assign_user_task(
        user_task_key=key,
        data=models.UserTaskAssignmentRequest.from_dict({"assignee": "yj-cs_manager"}),
    )
    assert manager.get_user_task(user_task_key=key).assignee == "yj-cs_manager"
    manager.unassign_user_task(user_task_key=key)
    assert manager.get_user_task(user_task_key=key).assignee is None
    camunda("yj-project_manager").cancel_process_instance(
        process_instance_key=str(case), data=models.CancelProcessInstanceRequest.from_dict({})
    )

    assert search(manager, str(case)) == []
    assert [t.state.value for t in search(manager, str(case), "CANCELED")] == ["CANCELED"]


def test_a_stranger_finds_nothing(house, camunda):
    case = house.case(at="2026-11-23T10:20+08:00")
    stranger = camunda("ch-cs_assistant")

    assert search(stranger, str(case)) == []
    with pytest.raises(NotFoundError):
        stranger.get_process_instance(process_instance_key=str(case))
