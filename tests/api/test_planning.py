"""Calendars and schedules through the API: looked at, corrected, imported, switched, and refused."""

import pytest
from sqlalchemy import func, select

from engine.models import CalendarChange, CalendarDay, Schedule, Task, Timer
from processes import routines
from tests.api.conftest import Machine
from tests.browser.conftest import JUDGE
from tests.browser.house import House

CSV = "日期,上班或放假,时间段,名称\n2027-01-01,放假,,元旦\n2027-01-03,上班,09:00-12:00,调休\n"
ICS = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//\r\nBEGIN:VEVENT\r\nUID:1\r\n"
    "DTSTART;VALUE=DATE:20280101\r\nDTEND;VALUE=DATE:20280103\r\nSUMMARY:元旦（休）\r\n"
    "END:VEVENT\r\nEND:VCALENDAR\r\n"
)


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    opened = House(tmp_path_factory.mktemp("planning"))
    with opened.time(), opened.database.begin() as session:
        routines.seed(session)
    yield opened
    opened.close()


@pytest.fixture
def ask(house):
    return lambda username: Machine(house.app.test_client(use_cookies=False), username)


def own(ask, kind: str = "service", group: str | None = None) -> str:
    """Return a calendar of the project that the asking test alone uses."""
    made = ask("quality").post(
        "/api/v1/calendars", {"kind": kind, "tenantId": "ch", "group": group}
    )
    assert made.status_code == 200, made.text
    return made.json["calendarCode"]


def test_calendars_are_listed_with_the_years_that_lack_official_data(ask):
    found = {
        one["calendarCode"]: one for one in ask("admin").get("/api/v1/calendars").json["items"]
    }

    statutory = found["statutory"]
    assert statutory["officialYears"][:3] == [2024, 2025, 2026]
    assert statutory["missingYears"] == [2027]
    assert (statutory["week"][0][0], statutory["week"][6]) == (["08:30", "12:00"], [])
    assert statutory["mayChange"] is True
    mine = ask("yj-project_manager").get("/api/v1/calendars").json["items"]
    assert {one["mayChange"] for one in mine if one["tenantId"] is None} == {False}


def test_a_year_is_told_day_by_day(ask):
    known = ask("admin").get("/api/v1/calendars/statutory/days?year=2026").json
    guessed = ask("admin").get("/api/v1/calendars/statutory/days?year=2031").json

    days = {one["date"]: one for one in known["items"]}
    assert len(days) == 365
    assert (days["2026-10-01"]["working"], days["2026-10-01"]["special"]) == (False, True)
    assert days["2026-11-23"]["spans"] == [["08:30", "12:00"], ["13:30", "18:00"]]
    assert (known["provisional"], guessed["provisional"]) == (False, True)
    assert known["workingDays"] == sum(one["working"] for one in known["items"])


def test_a_correction_is_looked_at_made_once_and_logged(house, ask):
    code = own(ask, group="security")
    edit = {"days": [
        {"date": "2026-12-01", "working": True, "spans": [["22:00", "+06:00"]], "name": "夜班"},
        {"date": "2026-12-02", "working": False},
    ]}  # fmt: skip

    shown = ask("quality").post(f"/api/v1/calendars/{code}/preview", edit).json
    before = ask("quality").get(f"/api/v1/calendars/{code}/changes").json["items"]
    command = {**edit, "reason": "值夜班"}
    first, again = (
        ask("quality").post(f"/api/v1/calendars/{code}/changes", command,
                            headers={"Idempotency-Key": "night-1"}).json
        for _ in range(2)
    )  # fmt: skip

    assert [one["what"] for one in shown["changes"]] == ["2026-12-01", "2026-12-02"]
    assert [one["changes"][0]["what"] for one in before] == ["new"]
    assert first == again
    (newest, _begun) = ask("quality").get(f"/api/v1/calendars/{code}/changes").json["items"]
    assert newest["calendarChangeKey"] == first["calendarChangeKey"]
    assert newest["reason"] == "值夜班"
    days = ask("quality").get(f"/api/v1/calendars/{code}/days?year=2026").json["items"]
    night = next(one for one in days if one["date"] == "2026-12-01")
    assert (night["spans"], night["ownSpans"]) == ([["22:00", "24:00"]], [["22:00", "+06:00"]])
    reused = ask("quality").post(f"/api/v1/calendars/{code}/changes", {**command, "reason": "别的"},
                                 headers={"Idempotency-Key": "night-1"})  # fmt: skip
    assert (reused.status_code, reused.json["code"]) == (409, "idempotency-key-reused")
    back = {"days": [{"date": "2026-12-02", "working": None}]}
    assert ask("quality").post(f"/api/v1/calendars/{code}/changes", back).status_code == 200
    with house.database.read() as session:
        rows = session.scalars(select(CalendarDay.on).where(CalendarDay.calendar_code == code))
        assert [on.isoformat() for on in rows] == ["2026-12-01"]


def test_a_preview_names_the_limits_that_would_move(house, ask):
    case = house.case(JUDGE, at="2026-11-23T10:00+08:00")
    with house.database.read() as session:
        query = select(Task).where(Task.root_key == case, Task.state == "open")
        task = session.scalars(query).one()
    assert task.limits["clock"] == "working"
    off = {"days": [{"date": f"2026-11-{n}", "working": False} for n in (24, 25, 26)]}

    shown = ask("admin").post("/api/v1/calendars/statutory/preview", off).json

    (move,) = [one for one in shown["moves"] if one["userTaskKey"] == str(task.key)]
    assert shown["moved"] >= 1
    assert move["from"] == task.due_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert move["to"].startswith("2026-11-27T0")
    with house.database.read() as session:
        assert session.get_one(Task, task.key).due_at == task.due_at


@pytest.mark.parametrize(
    ("edit", "field"),
    [
        ({"days": [{"date": "2026-12-01", "working": True, "spans": [["09:00", "08:00"]]}]},
         "days.0.spans"),
        ({"days": [{"date": "2026-12-01", "working": True,
                    "spans": [["09:00", "12:00"], ["11:00", "13:00"]]}]}, "days.0.spans"),
        ({"days": [{"date": "2026-12-01", "working": False, "spans": [["09:00", "12:00"]]}]},
         "days"),
        ({"week": [[] for _ in range(7)]}, "week"),
        ({"week": [[["9", "12"]], [], [], [], [], [], []]}, "week.0"),
        ({"days": [{"date": "1 December", "working": True}]}, "json"),
        ({"week": [[]]}, "json"),
        ({"day": []}, "json"),
    ],
    ids=["backwards", "overlapping", "off with hours", "no work at all", "no time", "no date", "one day", "an unknown key"],
)  # fmt: skip
def test_what_is_no_correction_is_refused_at_its_field(ask, edit, field):
    answer = ask("admin").post("/api/v1/calendars/statutory/preview", edit)

    assert answer.status_code == 422
    assert field in answer.json["errors"]


def test_nothing_to_change_is_refused(ask):
    answer = ask("admin").post("/api/v1/calendars/statutory/changes", {"days": []})

    assert (answer.status_code, answer.json["code"]) == (422, "invalid-input")


@pytest.mark.parametrize(("name", "text"), [("2027.csv", CSV), ("2028.ics", ICS)])
def test_a_file_is_looked_at_and_imported(house, ask, name, text):
    code = own(ask, kind="statutory", group="cleaning" if name.endswith("csv") else "cashier")
    given = {"name": name, "text": text, "wholeYears": True}

    shown = ask("quality").post(f"/api/v1/calendars/{code}/import/preview", given).json
    with house.database.read() as session:
        untouched = session.scalar(select(func.count()).where(CalendarDay.calendar_code == code))
    made = ask("quality").post(f"/api/v1/calendars/{code}/import", {**given, "reason": "通知"})

    assert untouched == 0
    assert made.status_code == 200, made.text
    assert made.json["changes"] == shown["changes"]
    assert [one["what"] for one in shown["changes"]][-1] == "official"
    year = shown["changes"][0]["what"][:4]
    days = ask("quality").get(f"/api/v1/calendars/{code}/days?year={year}").json
    assert days["provisional"] is False
    assert next(one["date"] for one in days["items"] if one["special"]) == f"{year}-01-01"


def test_a_file_with_a_bad_row_is_refused_row_by_row_and_leaves_nothing(house, ask):
    bad = {"name": "days.csv", "text": "2027-01-01,放假\n2027-02-30,放假\n2027-03-01,歇着\n"}

    answer = ask("admin").post("/api/v1/calendars/statutory/import", bad)
    other = ask("admin").post("/api/v1/calendars/statutory/import", {**bad, "name": "days.pdf"})
    english = ask("admin").post("/api/v1/calendars/statutory/import", bad,
                                headers={"Accept-Language": "en"})  # fmt: skip

    assert answer.status_code == other.status_code == 422
    assert sorted(answer.json["errors"]) == ["text.2", "text.3"]
    assert english.json["errors"]["text.3"] != answer.json["errors"]["text.3"]
    with house.database.read() as session:
        query = select(CalendarChange.key).where(CalendarChange.calendar_code == "statutory")
        assert session.scalars(query).all() == []


@pytest.mark.parametrize(
    ("given", "status", "field"),
    [({"kind": "service", "tenantId": "none"}, 422, "tenantId"),
     ({"kind": "lunar", "tenantId": "yj"}, 422, "json"),
     ({"kind": "service", "tenantId": "yj", "group": "pirates"}, 422, "json")],
)  # fmt: skip
def test_what_is_no_calendar_is_refused_at_its_field(ask, given, status, field):
    answer = ask("admin").post("/api/v1/calendars", given)

    assert answer.status_code == status
    assert field in answer.json["errors"]


def test_a_project_manager_keeps_to_the_calendars_of_their_project(ask):
    manager = ask("yj-project_manager")
    made = manager.post(
        "/api/v1/calendars", {"kind": "service", "tenantId": "yj", "group": "security"}
    )
    code = made.json["calendarCode"]
    edit = {"days": [{"date": "2026-12-24", "working": False}]}

    assert (code, made.json["mayChange"]) == ("yj-security-service", True)
    assert manager.post(f"/api/v1/calendars/{code}/changes", edit).status_code == 200
    foreign = {"kind": "service", "tenantId": "ch", "group": "eng_worker"}
    assert manager.post("/api/v1/calendars", foreign).status_code == 403
    for path in ("preview", "changes"):
        assert manager.post(f"/api/v1/calendars/service/{path}", edit).status_code == 403
    assert ask("yj-cs_assistant").get("/api/v1/calendars").status_code == 403
    assert manager.get("/api/v1/calendars/nowhere/days").status_code == 404


# -- schedules ---------------------------------------------------------------------------------


def schedule(ask, **given):
    base = {"tenantId": "ch", "name": "试", "every": "day", "time": "09:00", "does": "daily_clear"}
    return ask("quality").post("/api/v1/schedules", {**base, **given})


def test_schedules_are_listed_with_their_next_turns(ask):
    told = ask("admin").get("/api/v1/schedules").json

    found = {one["name"]: one for one in told["items"]}
    assert found["周结"]["nextRuns"][0] == "2026-11-27T08:00:00.000Z"
    assert len(found["周结"]["nextRuns"]) == 5
    assert (found["询问天气"]["active"], found["询问天气"]["nextRuns"]) == (False, [])
    assert "rain" in {one["does"] for one in told["actions"]}


def test_a_schedule_is_added_once_changed_and_switched(house, ask):
    given = {"tenantId": "ch", "name": "早查", "every": "week", "weekday": 0, "time": "08:00",
             "does": "daily_clear"}  # fmt: skip
    first, again = (
        ask("quality").post("/api/v1/schedules", given, headers={"Idempotency-Key": "s-1"}).json
        for _ in range(2)
    )
    key = first["scheduleKey"]

    assert first == again
    assert first["nextRuns"][0] == "2026-11-30T00:00:00.000Z"
    moved = ask("quality").patch(f"/api/v1/schedules/{key}", {"every": "day"}).json
    assert (moved["weekday"], moved["time"]) == (None, "08:00")
    assert moved["nextRuns"][0] == "2026-11-24T00:00:00.000Z"
    off = ask("quality").patch(f"/api/v1/schedules/{key}", {"active": False}).json
    with house.database.read() as session:
        assert session.get(Timer, int(key)) is None
    on = ask("quality").patch(f"/api/v1/schedules/{key}", {"active": True}).json
    with house.database.read() as session:
        assert session.get(Timer, int(key)) is not None
    assert (off["active"], off["nextRuns"], on["nextRuns"]) == (False, [], moved["nextRuns"])


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"time": "25:00"}, "time"), ({"does": "nothing"}, "does"), ({"every": "week"}, "weekday"),
     ({"every": "year"}, "json"), ({"tenantId": "none"}, "tenantId"), ({"name": " "}, "name")],
)  # fmt: skip
def test_what_is_no_schedule_is_refused_at_its_field(ask, wrong, field):
    answer = schedule(ask, **wrong)

    assert answer.status_code == 422
    assert field in answer.json["errors"]


def test_schedules_of_the_company_are_not_a_project_managers(house, ask):
    with house.database.read() as session:
        key = session.scalars(select(Schedule.key).where(Schedule.seed == "weekly_close")).one()
    theirs = schedule(ask).json["scheduleKey"]
    manager = ask("yj-project_manager")

    assert manager.patch(f"/api/v1/schedules/{key}", {"active": False}).status_code == 403
    assert manager.patch(f"/api/v1/schedules/{theirs}", {"active": False}).status_code == 404
    assert schedule(lambda _: manager, tenantId="yj").status_code == 200
    names = {one["tenantId"] for one in manager.get("/api/v1/schedules").json["items"]}
    assert names == {"*", "yj"}


def test_rules_of_time_are_changed_once_under_a_key(ask):
    given = {"reason": "试行", "changes": [
        {"kind": "limit", "code": "R-API",
         "rule": {"name": "接口试行", "amount": "PT4H", "process": "callback", "element": "none"}},
    ]}  # fmt: skip
    numbers = [
        ask("quality").post("/api/v1/policies", given, headers={"Idempotency-Key": "p-1"})
        for _ in range(2)
    ]
    odd = {**given, "changes": [{**given["changes"][0], "code": "no code"}]}
    answer = ask("quality").post("/api/v1/policies/preview", odd)

    assert numbers[0].json == numbers[1].json
    assert (answer.status_code, sorted(answer.json["errors"])) == (422, ["code"])
