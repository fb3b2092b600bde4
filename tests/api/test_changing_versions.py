"""Cases go to another version: over /v2 one by one, over /api/v1 in small units, on the page."""

import pytest
from sqlalchemy import select

from engine import deployments
from engine.deployments import Resource
from engine.models import Content, Definition, Instance, Task
from engine.ports import SYSTEM
from tests.browser.house import House
from tests.pages.conftest import sign_in, token


def next_version(
    house: House, change=lambda text: text.replace('name="记录投诉内容"', 'name="记下投诉"')
) -> str:
    """Publish a changed complaint; return its key."""
    with house.time(), house.database.begin() as session:
        row = session.scalars(select(Definition).filter_by(process_id="complaint")).one()
        text = session.get_one(Content, row.hash).body.decode()
        changed = change(text)
        assert changed != text
        done = deployments.deploy(session, SYSTEM, [Resource("complaint.bpmn", changed.encode())])
        return str(done.definitions[0].key)


def rename(text: str) -> str:
    return text.replace('"T2_judge"', '"T2_weigh"').replace(">T2_judge<", ">T2_weigh<")


def on(house: House, case: int) -> str:
    with house.database.read() as session:
        return str(session.get_one(Instance, case).definition_key)


@pytest.fixture
def case(house: House) -> int:
    """A complaint that was recorded and waits to be judged."""
    return house.case(at="2026-11-23T10:20+08:00")


def test_a_case_goes_to_the_newest_version(house: House, case: int, machine) -> None:
    target = next_version(house)

    answer = machine("yj-project_manager").post(
        f"/v2/process-instances/{case}/migration", {"targetProcessDefinitionKey": target}
    )

    assert answer.status_code == 204, answer.text
    assert on(house, case) == target


def test_a_case_that_cannot_go_stays_and_the_problem_says_why(
    house: House, case: int, machine
) -> None:
    before = on(house, case)
    target = next_version(house, rename)

    answer = machine("yj-project_manager").post(
        f"/v2/process-instances/{case}/migration", {"targetProcessDefinitionKey": target}
    )

    assert answer.status_code == 409
    assert answer.json["code"] == "migration-refused"
    assert [(p["rule"], p["element"]) for p in answer.json["problems"]] == [
        ("migration-gone", "T2_judge")
    ]
    assert on(house, case) == before


def test_many_cases_are_judged_first_and_moved_then(house: House, case: int, machine) -> None:
    source, target = on(house, case), next_version(house, rename)
    client = machine("yj-project_manager")
    plain = {"targetProcessDefinitionKey": target}
    named = plain | {
        "mappingInstructions": [{"sourceElementId": "T2_judge", "targetElementId": "T2_weigh"}]
    }
    path = f"/api/v1/process-definitions/{source}"

    lost = client.post(f"{path}/migration-plan", plain).json
    found = client.post(f"{path}/migration-plan", named).json
    done = client.post(f"{path}/migration", named).json

    assert (lost["running"], [one["movable"] for one in lost["instances"]]) == (1, [False])
    assert [one["movable"] for one in found["instances"]] == [True]
    assert (done["running"], done["after"]) == (0, None)
    assert on(house, case) == target
    with house.database.read() as session:
        open_one = session.scalars(select(Task).filter_by(instance_key=case, state="open")).first()
        assert open_one is not None
        assert open_one.element == "T2_weigh"


def test_a_foreign_version_or_key_is_refused_at_its_field(house: House, case: int, machine) -> None:
    client = machine("yj-project_manager")
    for wrong in ("1", on(house, case)):
        answer = client.post(
            f"/v2/process-instances/{case}/migration", {"targetProcessDefinitionKey": wrong}
        )
        assert answer.status_code == 422
        assert "targetProcessDefinitionKey" in answer.json["errors"]


def test_the_page_shows_the_dry_run_and_moves(house: House, case: int) -> None:
    source, target = on(house, case), next_version(house, rename)
    client = house.app.test_client()
    with house.time():
        sign_in(client, "yj-project_manager")
        versions = client.get("/definitions/complaint/versions").text
        page = client.get(f"/definitions/{source}/migration").text
        form = {"to": target, "map.T2_judge": "T2_weigh", "csrf_token": token(client)}
        asked = client.get(f"/definitions/{source}/migration", query_string=form).text
        moved = client.post(f"/definitions/{source}/migration", data=form).text

    assert f"/definitions/{source}/migration" in versions
    assert "新版本里没有 T2_judge" in page
    assert 'name="map.T2_judge"' in page
    assert "可以迁移" in asked
    assert "已迁移 1 件" in moved
    assert on(house, case) == target
