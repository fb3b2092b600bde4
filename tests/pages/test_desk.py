"""The front desk: who is calling is found, a call becomes a case, and who was asked first stays known."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

import processes
from engine.models import CaseLink, Draft, Instance, Task
from tests.browser.conftest import JUDGE
from tests.browser.house import House
from tests.pages.conftest import Client, token

SCENARIOS = Path(processes.__file__).parent


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house with complaints of two rooms, a repair, and inquiries answered and forwarded."""
    opened = House(tmp_path_factory.mktemp("desk"))
    opened.case(JUDGE, at="2026-11-19T09:00+08:00", room_id="1201", complainant_name="周明",
                phone="13800000001", content="电梯夜间异响，孩子睡不好。已经响了一个星期。")  # fmt: skip
    opened.case(at="2026-11-23T08:40+08:00", room_id="802", complainant_name="孙先生",
                phone="13800006721", content="装修噪音，中午也在施工。")  # fmt: skip
    for name in ("repair/scenarios/05_same_outage", "inquiry/scenarios/02_forwarded_twice"):
        opened.follow(SCENARIOS / f"{name}.yaml")
    opened.later(timedelta(days=3))
    yield opened
    opened.close()


def text_of(answer: object) -> str:
    return re.sub(r"<[^>]+>", " ", answer.text)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("typed", "shown"),
    [("6721", "孙先生"), ("13800000001", "周明"), ("周明", "3-2-1201"), ("3栋1201", "3-2-1201"),
     ("1201", "电梯夜间异响"), ("异响", "电梯夜间异响"), ("TS-YJ-20261123-001", "装修噪音")],
)  # fmt: skip
def test_a_caller_is_found_by_what_they_say(signed_in: Client, typed: str, shown: str) -> None:
    answer = signed_in("yj-cs_assistant").get("/desk/find", query_string={"q": typed})

    assert shown in text_of(answer)


def test_another_project_finds_nothing_of_it(signed_in: Client) -> None:
    desk = signed_in("ch-cs_assistant")

    for typed in ("周明", "3-2-1201", "异响"):
        assert "没有找到" in desk.get("/desk/find", query_string={"q": typed}).text
    assert desk.get("/desk?room=1201").status_code == 404


def test_a_worker_finds_the_room_but_not_who_lives_there(signed_in: Client) -> None:
    desk = signed_in("yj-eng_worker")

    assert "3-2-1201" in desk.get("/desk/find?q=3-2-1201").text
    assert "周明" not in text_of(desk.get("/desk?room=1201"))
    assert "没有找到" in desk.get("/desk/find", query_string={"q": "13800000001"}).text


def test_a_call_becomes_a_repair_with_the_caller_filled_in(house: House, signed_in: Client) -> None:
    desk = signed_in("yj-cs_assistant")
    given = {"process_id": "repair", "tenant_id": "yj", "room_id": "1201", "resident": "77",
             "csrf_token": token(desk)}  # fmt: skip

    answer = desk.post("/start", data=given)

    task_key = int(answer.location.rsplit("/", 1)[1])
    with house.database.read() as session:
        draft = session.scalars(select(Draft).where(Draft.task_key == task_key)).one()
    assert draft.data == {"room_id": "1201", "location": "room", "reporter": "周明",
                          "phone": "13800000001"}  # fmt: skip


def test_the_room_of_another_project_is_not_filled_in(house: House, signed_in: Client) -> None:
    desk = signed_in("ch-cs_assistant")
    given = {"process_id": "repair", "tenant_id": "ch", "room_id": "1201", "resident": "77",
             "csrf_token": token(desk)}  # fmt: skip

    answer = desk.post("/start", data=given)

    task_key = int(answer.location.rsplit("/", 1)[1])
    with house.database.read() as session:
        assert session.scalars(select(Draft).where(Draft.task_key == task_key)).first() is None


def test_beside_a_complaint_stands_what_the_room_has_and_it_is_linked(
    house: House, signed_in: Client
) -> None:
    desk = signed_in("yj-cs_assistant")
    given = {"process_id": "complaint", "tenant_id": "yj", "room_id": "1201",
             "csrf_token": token(desk)}  # fmt: skip
    task_key = int(desk.post("/start", data=given).location.rsplit("/", 1)[1])

    beside = desk.get(f"/desk/beside/{task_key}")

    assert "这可能是第二次" in beside.text
    assert "电梯夜间异响" in beside.text
    link = re.search(r'value="(related:\d+)">关联', beside.text)
    assert link
    desk.post(f"/desk/link/{task_key}", data={"link": link[1], "csrf_token": token(desk)})
    with house.database.read() as session:
        task = session.get_one(Task, task_key)
        linked = session.scalars(select(CaseLink).where(CaseLink.from_key == task.root_key)).one()
        assert linked.kind == "related"


def test_the_ledger_tells_who_was_asked_and_who_accepted(house: House, signed_in: Client) -> None:
    page = text_of(signed_in("yj-cs_manager").get("/desk/first-asked?days=366"))

    with house.database.read() as session:
        number = session.scalars(
            select(Instance.business_key).where(Instance.process_id == "inquiry")
        ).first()
    assert number in page
    assert "不属本部门" in page
    assert "已接受" in page
    assert page.count("装修噪音") == 1


def test_only_managers_take_the_ledger_with_them_and_without_names(signed_in: Client) -> None:
    manager, assistant = signed_in("yj-cs_manager"), signed_in("yj-cs_assistant")

    table = manager.get("/desk/first-asked.csv?days=366")

    assert table.status_code == 200
    assert "首问人" in table.text
    assert "周明" not in table.text
    assert manager.get("/desk/first-asked.xlsx").data[:2] == b"PK"
    assert assistant.get("/desk/first-asked.csv").status_code == 403


def test_a_period_that_is_not_offered_is_refused(signed_in: Client) -> None:
    answer = signed_in("yj-cs_manager").get("/desk/first-asked?days=9999")

    assert answer.status_code == 422


def test_a_case_without_a_number_shows_none(signed_in: Client, house: House) -> None:
    house.follow(SCENARIOS / "daily_cash/scenarios/01_no_cash.yaml")

    page = text_of(signed_in("yj-project_manager").get("/cases"))

    assert "现金入账" in page
    assert "None" not in page
