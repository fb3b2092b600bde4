"""Over the interfaces, too, who is complained of finds nothing of it: by key, not by name."""

from sqlalchemy import select

from engine import submissions
from engine.models import Task, User

AT = "2026-11-23T10:20+08:00"


def test_who_was_chosen_finds_nothing_of_the_case(house, machine):
    with house.database.read() as session:
        query = select(User.key).where(User.username == "yj-cs_manager")
        manager = str(session.scalars(query).one())
    case = house.case(at=AT, against_staff=manager, against_person="小何")
    other = house.case(at=AT, against_person="小何")
    accused, head = machine("yj-cs_manager"), machine("yj-project_manager")
    task = task_of(house, case)

    assert found(accused) == {str(other)}
    assert found(head) == {str(case), str(other)}
    assert accused.get(f"/v2/user-tasks/{task}").status_code == 404
    assert accused.get(f"/v2/process-instances/{case}").status_code == 404
    assert accused.get(f"/api/v1/cases/{case}/reports").status_code == 404
    assert head.get(f"/v2/user-tasks/{task}").status_code == 200
    done = accused.post(f"/v2/user-tasks/{task}/completion", {"variables": {}})
    assert done.status_code == 404
    given = head.post(f"/v2/user-tasks/{task}/assignment", {"assignee": "yj-cs_manager"})
    assert (given.status_code, given.json["code"]) == (422, "invalid-input")


def test_who_does_not_work_here_cannot_be_chosen(house, machine):
    desk = machine("yj-cs_assistant")
    with house.database.read() as session:
        (row,) = submissions.latest(session, [house.case(at=AT)])
    new = desk.post("/v2/process-instances", {"processDefinitionId": "complaint", "tenantId": "yj"})
    task = task_of(house, int(new.json["processInstanceKey"]), "T1_record")

    path = f"/v2/user-tasks/{task}/completion"
    refused = desk.post(path, {"variables": {**row.data, "against_staff": "4711"}})
    taken = desk.post(path, {"variables": {**row.data, "against_staff": None}})

    assert (refused.status_code, "Field_against_staff" in refused.text) == (422, True)
    assert taken.status_code == 204


def task_of(house, case, element="T2_judge", state="open"):
    with house.database.read() as session:
        query = select(Task.key).filter_by(root_key=case, element=element, state=state)
        return session.scalars(query).one()


def found(client):
    """Return the cases whose open tasks a search lists."""
    answer = client.post("/v2/user-tasks/search", {"filter": {"elementId": "T2_judge"}})
    return {one["processInstanceKey"] for one in answer.json["items"]}
