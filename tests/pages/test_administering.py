"""An administrator adds projects, hands work over, takes tokens back; an auditor looks at history."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

import processes
from api import keys, tokens
from engine import deployments, identity, seals, verification
from engine.models import Content, History, Membership, Task, Tenant, Token, User
from engine.ports import SYSTEM
from tests.browser.house import House
from tests.pages.conftest import Client, token


def post(client, path: str, **form: str):
    return client.post(path, data={**form, "csrf_token": token(client)})


def key_of(house: House, username: str) -> int:
    with house.database.read() as session:
        return session.scalars(select(User.key).filter_by(username=username)).one()


def test_a_project_is_added_and_renamed(house: House, signed_in: Client):
    admin = signed_in("admin")

    assert (
        post(admin, "/projects", new="1", code="hy", name="和园", zone="Asia/Shanghai").status_code
        == 303
    )
    assert (
        post(admin, "/projects", code="hy", name="和园二期", zone="Asia/Urumqi").status_code == 303
    )

    assert "和园二期" in admin.get("/projects").text
    with house.database.read() as session:
        assert session.get_one(Tenant, "hy").zone == "Asia/Urumqi"


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"new": "1", "code": "yj", "name": "又一个", "zone": "Asia/Shanghai"}, 409),
        ({"new": "1", "code": "A B", "name": "又一个", "zone": "Asia/Shanghai"}, 422),
        ({"new": "1", "code": "ok", "name": " ", "zone": "Asia/Shanghai"}, 422),
    ],
    ids=["taken", "code", "name"],
)
def test_a_wrong_project_is_refused_at_its_field(house: House, signed_in: Client, form, status):
    answer = post(signed_in("admin"), "/projects", **form)

    assert answer.status_code == status
    assert 'role="alert"' in answer.text
    with house.database.read() as session:
        assert session.get_one(Tenant, "yj").name == "云景花园"


def test_a_token_is_shown_once_used_and_taken_back(house: House, signed_in: Client):
    client, robot = signed_in("yj-cs_assistant"), house.app.test_client()
    shown = post(client, "/account/tokens", name="门禁", days="30").text
    secret = re.search(r"wf_[\w-]+", shown)[0]

    assert secret not in client.get("/account/tokens").text
    headers = {"Authorization": f"Bearer {secret}"}
    assert robot.get("/v2/authentication/me", headers=headers).status_code == 200
    with house.database.read() as session:
        row = session.scalars(select(Token).filter_by(name="门禁")).one()
        assert row.used_at == house.moment
    post(client, f"/account/tokens/{row.key}/revoke")
    tokens.forget()
    assert robot.get("/v2/authentication/me", headers=headers).status_code == 401


def test_somebody_elses_token_cannot_be_taken_back(house: House, signed_in: Client):
    with house.time(), house.database.begin() as session:
        user = session.get_one(User, key_of(house, "quality"))
        key = tokens.issue(session, user, name="报表")[0].key

    assert post(signed_in("yj-cs_assistant"), f"/account/tokens/{key}/revoke").status_code == 404
    path = f"/people/{user.key}/tokens/{key}/revoke"
    assert post(signed_in("yj-cs_manager"), path).status_code == 403
    assert post(signed_in("admin"), path).status_code == 303


@pytest.fixture
def held(house: House) -> int:
    """An open task in the hands of 林晓雯."""
    case = house.case(at="2026-11-23T09:30+08:00")
    who = key_of(house, "yj-cs_assistant")
    with house.database.begin() as session:
        task = session.scalars(
            select(Task).where(Task.root_key == case, Task.state == "open")
        ).first()
        task.assignee = who
        return task.key


def test_what_somebody_has_in_hand_goes_to_a_colleague(house: House, signed_in: Client, held):
    admin, who = signed_in("admin"), key_of(house, "yj-cs_assistant")
    to = key_of(house, "yj-cs_assistant-2")
    assert "手上的任务" in admin.get(f"/people/{who}").text

    answer = post(admin, f"/people/{who}/hand-over", to=str(to))

    assert answer.status_code == 303
    with house.database.read() as session:
        assert session.get_one(Task, held).assignee == to
        kinds = session.scalars(select(History.kind).where(History.task_key == held)).all()
        assert kinds[-1] == "offered"


def test_work_goes_back_to_its_group(house: House, signed_in: Client, held):
    answer = post(
        signed_in("admin"), f"/people/{key_of(house, 'yj-cs_assistant')}/hand-over", to=""
    )

    assert answer.status_code == 303
    with house.database.read() as session:
        assert session.get_one(Task, held).assignee is None


def test_work_that_the_other_may_not_do_stays_and_is_named(house: House, signed_in: Client, held):
    to = key_of(house, "yj-eng_worker")

    answer = post(
        signed_in("admin"), f"/people/{key_of(house, 'yj-cs_assistant')}/hand-over", to=str(to)
    )

    assert answer.status_code == 422
    assert "不能办理" in answer.text
    with house.database.read() as session:
        assert session.get_one(Task, held).assignee == key_of(house, "yj-cs_assistant")


def test_the_history_page_names_what_was_changed(house: House, signed_in: Client):
    settings = house.app.config["SETTINGS"]
    ring = keys.keyring(settings.folder, settings.history_key)
    case = house.case(at="2026-11-23T09:45+08:00")
    with house.time():
        seals.run(house.database, ring, everything=True)
        verification.in_background(house.database, ring)
    page = signed_in("admin").get("/history")
    assert "全部对得上" in page.text

    with house.database.begin() as session:
        where = (History.instance_key == case, History.seq == 2)
        before = session.scalars(select(History.actor).where(*where)).one()
        session.execute(update(History).where(*where).values(actor=4711))
    house.moment += timedelta(seconds=1)
    with house.time():
        verification.in_background(house.database, ring)
    text = signed_in("admin").get("/history").text
    with house.database.begin() as session:
        session.execute(update(History).where(*where).values(actor=before))

    assert "第 2 件事的散列对不上" in text
    assert f"/cases/{case}" in text
    assert signed_in("yj-cs_manager").get("/history").status_code == 403


def test_a_membership_added_shows_in_the_project(house: House, signed_in: Client):
    with house.time(), house.database.begin() as session:
        identity.add_membership(session, key_of(house, "quality"), "quality", "ch")
    try:
        assert "项角色" in signed_in("admin").get("/projects").text
    finally:
        with house.database.begin() as session:
            row = session.scalars(
                select(Membership).filter_by(group="quality", tenant_id="ch")
            ).one()
            session.delete(row)


def test_a_publisher_changes_back_to_the_shipped_version(house: House, signed_in: Client):
    publisher = signed_in("publisher")
    (file,) = [one for one in processes.resources() if one.name == "callback/callback.bpmn"]
    body = file.body.replace(b"</bpmn:definitions>", b"<!-- mine --></bpmn:definitions>")
    with house.database.begin() as session:
        deployments.deploy(session, SYSTEM, [deployments.Resource(file.name, body)])
    assert "/definitions/shipped/callback" in publisher.get("/definitions").text

    assert post(signed_in("admin"), "/definitions/shipped/callback").status_code == 403
    assert post(publisher, "/definitions/shipped/callback").status_code == 303

    assert "/definitions/shipped/callback" not in publisher.get("/definitions").text
    with house.database.read() as session:
        newest = deployments.newest(session, "callback")
        assert session.get_one(Content, newest.hash).body == file.body
