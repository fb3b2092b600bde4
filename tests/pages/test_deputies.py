"""Absences, deputies, own buildings and leaving, as people do them on pages."""

from datetime import timedelta

import pytest
import yaml
from sqlalchemy import select

from engine import absences, identity
from engine.models import Task, User
from engine.models.identity import Absence, Membership
from engine.testing import walk
from processes import id_numbers
from processes.archive import Building, Region, RegionProject, Resident
from tests.browser.house import COMPLAINT, House
from tests.pages.conftest import Client, token

MOVE_IN = COMPLAINT.parent / "move_in/scenarios"
NUMBER, SHOWN = "110101199001010015", "1****…0015"
FRIDAY = "2026-11-27"


def key_of(house: House, username: str) -> int:
    with house.database.read() as session:
        return session.scalars(select(User.key).where(User.username == username)).one()


def record(house: House, client, deputy: str, **more: str):
    form = {"csrf_token": token(client), "deputy": str(key_of(house, deputy)),
            "from_on": "2026-11-23", "to_on": FRIDAY, "in_hand": "deputy", "note": "年假"}  # fmt: skip
    return client.post("/absences", data={**form, **more})


@pytest.fixture
def ended(house: House):
    """Nobody is away after a test."""
    yield
    with house.time(), house.database.begin() as session:
        session.query(Absence).delete()


def test_a_deputy_opens_what_the_absent_person_would(house: House, signed_in: Client, ended):
    case = house.case(at="2026-11-23T09:00+08:00")
    deputy = signed_in("yj-eng_dispatch")
    with house.database.read() as session:
        judging = session.scalars(select(Task).filter_by(root_key=case, element="T2_judge")).one()
    assert deputy.post(f"/tasks/{judging.key}/claim",
                       data={"csrf_token": token(deputy)}).status_code in (403, 404)  # fmt: skip

    manager = signed_in("yj-cs_manager")
    assert record(house, manager, "yj-eng_dispatch").status_code == 303
    assert "今天不在" in manager.get("/absences").text
    assert "何静（周建国 代理，到 2026-11-27）" in manager.get("/supervise").text

    assert "何静" in deputy.get("/absences").text
    assert deputy.post(f"/tasks/{judging.key}/claim",
                       data={"csrf_token": token(deputy)}).status_code == 303  # fmt: skip
    with house.database.read() as session:
        row = session.scalars(select(Absence)).one()
    manager.post(f"/absences/{row.key}/end", data={"csrf_token": token(manager)})
    assert "今天不在" not in manager.get("/absences").text


def test_what_is_wrong_stands_beside_its_field_and_keeps_what_was_typed(
    house: House, signed_in: Client, ended
):
    assistant = signed_in("yj-cs_assistant")

    early = record(house, assistant, "yj-cs_assistant-2", to_on="2026-11-20")
    foreign = record(house, assistant, "ch-cs_assistant")
    theirs = record(house, assistant, "yj-cs_assistant-2", user=str(key_of(house, "yj-cs_manager")))

    assert (early.status_code, foreign.status_code, theirs.status_code) == (422, 422, 422)
    assert "不能早于开始日期。" in early.text
    assert 'value="2026-11-20"' in early.text
    assert "代理人须是同项目的另一位同事。" in foreign.text
    assert "请假由本人或他的主管登记。" in theirs.text


@pytest.mark.parametrize(
    ("away", "deputy", "group"),
    [
        ("yj-cashier", "yj-eng_worker", "cashier"),
        ("yj-eng_worker", "yj-cashier", "eng_worker"),
        ("admin", "quality", "admin"),
    ],
    ids=["money to a worker", "repairs to a cashier", "the system"],
)
def test_roles_that_lie_apart_are_not_lent(away, deputy, group, house, signed_in, ended):
    with house.time(), house.database.begin() as session:
        if session.scalars(select(User).filter_by(username="yj-cashier")).first() is None:
            user = identity.create_user(
                session, username="yj-cashier", name="钱进", password="0123456789"
            )
            identity.add_membership(session, user.key, "cashier", "yj")
        absent = session.scalars(select(User.key).filter_by(username=away)).one()
        keeper = session.scalars(select(User.key).filter_by(username="admin")).one()
        absences.record(
            session, identity.actor(session, keeper), absent,
            session.scalars(select(User.key).filter_by(username=deputy)).one(),
            from_on=house.moment.date(), to_on=house.moment.date(),
        )  # fmt: skip

    with house.time(), house.database.read() as session:
        person = identity.actor(session, key_of(house, deputy))

    assert not [one for one in person.memberships if one[0] == group]


def test_a_role_of_a_region_holds_in_its_projects(house: House, signed_in: Client):
    admin, key = signed_in("admin"), key_of(house, "yj-project_manager")
    with house.time(), house.database.begin() as session:
        session.add(Region(key=5, name="东区"))
        session.flush()
        session.add(RegionProject(tenant_id="ch", region_key=5))
    form = {"csrf_token": token(admin), "group": "project_manager", "tenant_id": "region:5"}

    assert admin.post(f"/people/{key}/memberships", data=form).status_code == 303

    assert "东区" in admin.get(f"/people/{key}").text
    with house.time(), house.database.read() as session:
        person = identity.actor(session, key)
        heads = identity.people(session, "ch", group="project_manager")
    assert person.groups("ch") == {"project_manager"}
    assert key in [one.key for one in heads]


def test_the_groups_list_leaves_out_a_colleagues_building_unless_asked(
    house: House, signed_in: Client
):
    admin = signed_in("admin")
    with house.time(), house.database.begin() as session:
        session.add(
            Building(key=905, tenant_id="yj", number="5", name="5栋", floors=9, has_lift=True)
        )
    for username, numbers in (("yj-cs_assistant", "5"), ("yj-cs_assistant-2", "3栋")):
        with house.time(), house.database.begin() as session:
            session.query(Membership).filter_by(user_key=key_of(house, username)).delete()
        form = {"csrf_token": token(admin), "group": "cs_assistant", "tenant_id": "yj",
                "buildings": numbers}  # fmt: skip
        done = admin.post(f"/people/{key_of(house, username)}/memberships", data=form)
        assert done.status_code == 303
    case = house.case({"do": "T2_judge", "by": "cs_manager", "after": "PT10M"},
                      at="2026-11-23T09:20+08:00", room_id="1201")  # fmt: skip
    with house.database.read() as session:
        waiting = session.scalars(select(Task).filter_by(root_key=case, state="open")).one()
    shown = f"/tasks/{waiting.key}"
    assert (waiting.group, waiting.assignee) == ("cs_assistant", None)

    theirs, mine = signed_in("yj-cs_assistant"), signed_in("yj-cs_assistant-2")

    assert shown in mine.get("/?view=groups").text
    assert shown not in theirs.get("/?view=groups").text
    assert shown in theirs.get("/?view=groups&near=all").text


def test_whoever_leaves_hands_everything_over(house: House, signed_in: Client):
    admin = signed_in("admin")
    with house.time(), house.database.begin() as session:
        user = identity.create_user(session, username="going", name="离人", password="0123456789")
        identity.add_membership(session, user.key, "cs_manager", "yj")
        going = user.key
    case = house.case(at="2026-11-23T09:40+08:00")
    with house.database.begin() as session:
        task = session.scalars(select(Task).filter_by(root_key=case, element="T2_judge")).one()
        task.assignee, number = going, task.key
    form = {"csrf_token": token(admin), "to": str(key_of(house, "yj-cs_manager")),
            "last_day": "2026-11-23"}  # fmt: skip

    assert "离职转办" in admin.get(f"/people/{going}").text
    assert admin.post(f"/people/{going}/leave", data=form).status_code == 303

    with house.database.read() as session:
        assert session.get_one(Task, number).assignee == key_of(house, "yj-cs_manager")
    before = house.moment
    house.moment += timedelta(days=1)
    with house.time(), house.database.read() as session:
        assert identity.memberships(session, going) == []
    house.moment = before


def test_an_id_number_is_masked_on_every_page_and_shown_once_for_a_reason(
    house: House, signed_in: Client
):
    samples = yaml.safe_load((MOVE_IN / "_samples.yaml").read_text("utf-8"))
    with house._at_work:
        walked = walk(
            {"title": "", "process": "move_in", "tenant": "yj", "at": "2026-11-23T08:00+08:00",
             "by": "cs_assistant", "samples": samples,
             "steps": [{"do": "M0_arrive", "by": "cs_assistant"},
                       {"do": "M1_verify", "by": "cs_assistant"}]},
            house.database, names={"room": "1201"},
        )  # fmt: skip
    assert walked.difference is None, walked.difference
    path = f"/cases/{walked.instance_key}"
    assistant, manager = signed_in("yj-cs_assistant-2"), signed_in("yj-cs_manager")
    quality = signed_in("quality")
    form = {"csrf_token": token(manager), "reason": "核对产权证"}

    assert SHOWN in assistant.get(path).text
    assert SHOWN not in quality.get(path).text
    assert "查看证件号码" not in assistant.get(path).text
    assert "查看证件号码" in manager.get(path).text
    assert manager.post(f"{path}/id-numbers", data={**form, "reason": ""}).status_code == 422
    asked = {"csrf_token": token(assistant), "reason": "核对产权证"}
    assert assistant.post(f"{path}/id-numbers", data=asked).status_code == 403
    shown = manager.post(f"{path}/id-numbers", data=form)

    assert NUMBER in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    page = manager.get(path).text
    assert "核对产权证" in page
    assert NUMBER not in page
    assert f"{path}" in manager.get(f"/cases?q={NUMBER}").text


def test_the_archive_shows_a_number_masked_and_lists_who_saw_it(house: House, signed_in: Client):
    manager = signed_in("yj-cs_manager")
    with house.time(), house.database.begin() as session:
        resident = session.scalars(select(Resident).filter_by(tenant_id="yj")).first()
        id_numbers.keep(session, 0, resident, NUMBER)
        key = resident.key
    page = manager.get(f"/archive/people/{key}").text
    form = {
        "csrf_token": token(manager),
        "reason": "公安来函核查",
        "back": f"/archive/people/{key}",
    }

    shown = manager.post(f"/residents/{key}/id-number", data=form)

    assert SHOWN in page
    assert NUMBER not in page
    assert NUMBER in shown.text
    assert f'href="/archive/people/{key}"' in shown.text
    looks = signed_in("yj-project_manager").get("/archive/export?tenant_id=yj").text
    assert "公安来函核查" in looks
    assert "查看 1 个证件号码" in looks
