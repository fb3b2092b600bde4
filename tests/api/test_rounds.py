"""日清, 周结, rainy days and service levels through the API: each their own, managers their projects'."""

from datetime import date

import pytest
from sqlalchemy import select

from engine import clock, identity, ids, rain, weekly
from engine.models import DailyItem, Timer
from engine.ports import SYSTEM
from processes import policies
from tests.api.conftest import Machine
from tests.browser.house import House

MONDAY = date(2026, 11, 23)


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    opened = House(tmp_path_factory.mktemp("rounds"))
    with opened.time(), opened.database.begin() as session:
        policies.seed(session)
        weekly.make(session, "yj", MONDAY)
        weekly.make(session, "ch", MONDAY)
    yield opened
    opened.close()


@pytest.fixture
def ask(house):
    return lambda username: Machine(house.app.test_client(use_cookies=False), username)


def item(house, username: str, tenant_id: str) -> str:
    """Note a task that somebody did not clear today."""
    with house.time(), house.database.begin() as session:
        row = DailyItem(
            key=ids.new(), tenant_id=tenant_id, on=MONDAY, task_key=ids.new(), due_at=clock.now(),
            user_key=identity.resolve(session, username), instance_key=ids.new(), name="答复业主",
        )  # fmt: skip
        session.add(row)
        return str(row.key)


def keys(answer) -> set[str]:
    return {one["dailyItemKey"] for one in answer.json["items"]}


def test_each_answers_their_own_items_and_managers_see_those_of_their_projects(house, ask):
    mine, foreign = item(house, "yj-cs_assistant", "yj"), item(house, "ch-cs_assistant", "ch")
    path = f"/api/v1/daily/{mine}/answer"

    said = ask("yj-cs_assistant").post(path, {"reason": "等配件", "promisedOn": "2026-11-25"})
    theirs = ask("yj-cs_manager").post(path, {"reason": "不是我的"})

    assert (said.json["reason"], said.json["promisedOn"]) == ("等配件", "2026-11-25")
    assert said.json["answeredAt"] == "2026-11-23T02:20:00.000Z"
    assert theirs.status_code == 403
    assert mine in keys(ask("yj-cs_assistant").get("/api/v1/daily"))
    assert keys(ask("yj-cs_assistant-2").get("/api/v1/daily")) == set()
    manager = keys(ask("yj-cs_manager").get("/api/v1/daily/board?date=2026-11-23"))
    company = keys(ask("quality").get("/api/v1/daily/board"))
    assert (mine in manager, foreign in manager) == (True, False)
    assert {mine, foreign} <= company
    assert ask("yj-cs_assistant").get("/api/v1/daily/board").status_code == 403


@pytest.mark.parametrize(
    ("given", "field"),
    [({}, "reason"), ({"reason": " "}, "reason"), ({"promisedOn": "2027-11-25"}, "promisedOn"),
     ({"promisedOn": "2026-11-01"}, "promisedOn"), ({"promisedOn": "morgen"}, "json")],
)  # fmt: skip
def test_an_answer_that_says_nothing_is_refused_at_its_field(house, ask, given, field):
    mine = item(house, "yj-eng_worker", "yj")
    answer = ask("yj-eng_worker").post(f"/api/v1/daily/{mine}/answer", given)

    assert answer.status_code == 422
    assert field in answer.json["errors"]


def test_closed_weeks_are_told_to_who_reads_reports(ask):
    mine = ask("yj-cs_manager").get("/api/v1/weekly").json["items"]
    every = ask("quality").get("/api/v1/weekly").json["items"]

    assert [(one["tenantId"], one["begins"]) for one in mine] == [("yj", "2026-11-23")]
    assert {one["tenantId"] for one in every} == {"yj", "ch"}
    assert ask("yj-eng_worker").get("/api/v1/weekly").status_code == 403


def test_rainy_days_are_listed_with_how_long_they_may_be_taken_back(house, ask):
    assistant = ask("yj-cs_assistant")
    day = {"tenantId": "yj", "date": "2026-11-23", "level": "heavy"}
    made = assistant.post("/api/v1/rain", day).json
    with house.time(), house.database.begin() as session:
        rain.record(session, SYSTEM, "ch", MONDAY, level="light", source="weather")

    (found,) = assistant.get("/api/v1/rain").json["items"]
    taken = assistant.post(f"/api/v1/rain/{made['rainKey']}/withdrawal")
    (after,) = assistant.get("/api/v1/rain").json["items"]

    assert (found["rainKey"], found["told"]) == (made["rainKey"], False)
    assert found["withdrawableUntil"] == "2026-11-23T02:30:00.000Z"
    assert taken.status_code == 204
    assert (after["withdrawableUntil"], after["withdrawnAt"] is None) == (None, False)
    (other,) = ask("ch-cs_assistant").get("/api/v1/rain").json["items"]
    assert (other["source"], other["withdrawableUntil"]) == ("weather", None)
    with house.database.read() as session:
        assert session.scalars(select(Timer).where(Timer.kind == "rain")).all() == []


def test_a_service_level_says_what_it_would_change_and_is_made_once(ask):
    quality = ask("quality")
    wanted = quality.get("/api/v1/policies/levels/2").json["changes"]
    before = quality.get("/api/v1/policies").json["edition"]

    tried = quality.post("/api/v1/policies/preview", {"changes": wanted})
    numbers = [
        quality.post("/api/v1/policies", {"changes": wanted, "reason": "改为二级"},
                     headers={"Idempotency-Key": "level"}).json["edition"]
        for _ in range(2)
    ]  # fmt: skip

    assert wanted
    assert tried.status_code == 200
    assert numbers == [before + 1, before + 1]
    assert quality.get("/api/v1/policies/levels/2").json["changes"] == []
    assert quality.get("/api/v1/policies/levels/9").status_code == 404
    assert ask("yj-cs_manager").get("/api/v1/policies/levels/2").status_code == 403
