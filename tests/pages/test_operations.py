"""The pages of those in charge: what failed, where a case stands, what may be done; and 退回."""

import re

import pytest
from sqlalchemy import select

from engine import incidents
from engine.models import Instance, Task
from tests.pages.conftest import token


@pytest.fixture
def case(house):
    return house.case(at="2026-11-23T10:20+08:00")


def open_task(house, case):
    with house.database.read() as session:
        return session.scalars(
            select(Task).where(Task.root_key == case, Task.state == "open", Task.kind == "user")
        ).one()


def post(client, path, **form):
    return client.post(path, data={"csrf_token": token(client), **form})


def test_a_case_is_held_and_let_go_on_its_page(house, signed_in, case):
    manager = signed_in("yj-project_manager")
    path = f"/cases/{case}/operations"

    refused = post(manager, f"{path}/suspend", reason="")
    held = post(manager, f"{path}/suspend", reason="等法院", back=f"/cases/{case}")
    page = manager.get(f"/cases/{case}").text
    task = manager.get(f"/tasks/{open_task(house, case).key}").text
    on = post(manager, f"{path}/resume", reason="判了")

    assert refused.status_code == 422
    assert (held.status_code, held.location) == (303, f"/cases/{case}")
    assert "已挂起" in page
    assert "等法院" in page
    assert "恢复办理之前不能办这项任务" in task
    assert on.status_code == 303
    assert "恢复办理" in manager.get(f"/cases/{case}").text


def test_where_a_case_stands_is_shown_with_what_may_be_done(house, signed_in, case):
    manager = signed_in("quality")
    name = open_task(house, case).name

    page = manager.get(f"/cases/{case}/operations").text

    assert name in page
    for verb in ("move", "skip", "suspend", "variables", "restart"):
        assert f"/operations/{verb}" in page


def test_a_token_is_moved_and_the_timeline_says_it_in_words(house, signed_in, case):
    manager = signed_in("yj-project_manager")
    task = open_task(house, case)

    done = post(manager, f"/cases/{case}/operations/move", token=task.token, target="T4_assign",
                reason="已当面判定")  # fmt: skip

    assert done.status_code == 303
    assert open_task(house, case).element == "T4_assign"
    page = manager.get(f"/cases/{case}").text
    assert re.search(f"把“{task.name}”改到“.+”", page)
    assert "已当面判定" in page


def test_wrong_data_of_a_skipped_step_is_refused_in_words(house, signed_in, case):
    manager = signed_in("yj-project_manager")

    refused = post(manager, f"/cases/{case}/operations/skip",
                   token=open_task(house, case).token, values="[1", reason="x")  # fmt: skip

    assert refused.status_code == 422
    assert "JSON" in refused.text


def test_a_manager_sends_a_task_back_and_its_performer_finds_the_old_values(house, signed_in, case):
    manager = signed_in("yj-cs_manager")
    before = open_task(house, case)
    choices = manager.get(f"/tasks/{before.key}/earlier").text

    done = post(manager, f"/tasks/{before.key}/return", element="T1_record", reason="缺少照片")

    after = open_task(house, case)
    assert 'value="T1_record"' in choices
    assert done.status_code == 303
    assert after.element == "T1_record"
    with house.database.read() as session:
        assert after.assignee == session.scalars(
            select(Task.closed_by).where(Task.root_key == case, Task.element == "T1_record",
                                         Task.state == "completed")
        ).one()  # fmt: skip
    page = manager.get(f"/cases/{case}").text
    assert re.search(f"把“{before.name}”退回到“.+”", page)


def test_incidents_are_listed_with_what_to_do_and_tried_again(house, signed_in, case):
    with house.time(), house.database.begin() as session:
        key = incidents.raise_(
            session, session.get_one(Instance, case), element="T4_assign", code="job-failed",
            message="自动步骤没有成功，已停止重试。", detail="网关没有应答",
        ).key  # fmt: skip
    manager = signed_in("yj-project_manager")

    page = manager.get("/incidents").text
    done = post(manager, f"/incidents/{key}/resolve", back="/incidents")

    assert "网关没有应答" in page
    assert "修好原因后重试" in page
    assert f"/cases/{case}" in page
    assert done.location == "/incidents"
    assert "没有异常" in manager.get("/incidents").text


def test_an_administrator_sees_what_failed_but_not_whose_case_it_is(house, signed_in, case):
    admin = signed_in("admin")

    shown = admin.get(f"/cases/{case}/operations")

    assert shown.status_code == 200
    assert "周明" not in shown.text
    assert admin.get(f"/cases/{case}").status_code == 404
    assert signed_in("yj-cs_assistant").get("/incidents").status_code == 403
