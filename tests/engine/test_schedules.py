"""What comes round is done once a turn, missed turns once together; rainy days are told once."""

from collections import Counter
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from engine import daily, ids, rain, schedules, weekly
from engine.errors import ConflictError, EngineError, ForbiddenError, InvalidInputError
from engine.models import (
    DailyItem,
    FactStep,
    Notice,
    Schedule,
    Subscription,
    Summary,
    Task,
    Timer,
)
from engine.ports import COMPANY, SYSTEM, Actor
from processes import routines
from tests.engine import cases_in_rows as rows
from tests.engine.test_timers import drained

SHANGHAI = ZoneInfo("Asia/Shanghai")


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.fixture
def people(database, hands, monkeypatch) -> dict[str, int]:
    with database.begin() as session:
        return rows.company(session, monkeypatch)


@pytest.fixture
def turns(monkeypatch) -> list[schedules.Turn]:
    """The turns of an action that only remembers them."""
    found: list[schedules.Turn] = []
    monkeypatch.setattr(schedules, "actions", {})
    schedules.action("note", "记下")(lambda _session, turn: found.append(turn))
    return found


def plan(every: str, at: str, **more) -> Schedule:
    given = {"key": 0, "tenant_id": "yj", "name": "试", "weekday": None, "active": True,
             "does": "note", **more}  # fmt: skip
    return Schedule(every=every, time=at, **given)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (plan("day", "17:30"), ["11-23 17:30", "11-24 17:30", "11-25 17:30"]),
        (plan("day", "10:20"), ["11-24 10:20", "11-25 10:20", "11-26 10:20"]),
        (plan("week", "16:00", weekday=4), ["11-27 16:00", "12-04 16:00", "12-11 16:00"]),
        (plan("month", "09:00"), ["12-01 09:00", "01-04 09:00", "02-01 09:00"]),
    ],
    ids=["daily", "daily, just past", "on Fridays", "the month's first working day"],
)
def test_a_rule_has_its_next_moments(database, people, turns, rule, expected):
    with database.read() as session:
        found = schedules.coming(session, rule, count=3)

    assert [f"{at.astimezone(SHANGHAI):%m-%d %H:%M}" for at in found] == expected


def test_each_turn_is_done_once_and_a_stop_of_a_week_once_together(database, people, hands, turns):
    with database.begin() as session:
        key = schedules.save(session, SYSTEM, plan("day", "17:30")).key
    hands.moment = local("2026-11-23 17:29")
    early = drained(database)
    hands.moment = local("2026-11-23 17:30")
    drained(database)
    drained(database)
    hands.moment = local("2026-11-30 12:00")
    drained(database)

    assert early == 0
    assert [(turn.tenant_id, turn.on) for turn in turns] == [
        ("yj", date(2026, 11, 23)), ("yj", date(2026, 11, 29)),
    ]  # fmt: skip
    with database.read() as session:
        row = session.get(Schedule, key)
        assert (row.last_turns, row.last_at) == (6, local("2026-11-29 17:30"))
        assert session.get(Timer, key).due_at == local("2026-11-30 17:30")


def test_a_schedule_of_the_company_is_done_in_each_project(database, people, hands, turns):
    with database.begin() as session:
        schedules.save(session, SYSTEM, plan("day", "17:30", tenant_id=COMPANY))
    hands.moment = local("2026-11-23 18:00")
    drained(database)

    assert Counter(turn.tenant_id for turn in turns) == {"yj": 1, "lh": 1}
    assert {turn.at for turn in turns} == {local("2026-11-23 17:30")}


def test_a_schedule_that_is_off_or_moved_does_not_run_at_its_old_time(
    database, people, hands, turns
):
    with database.begin() as session:
        off = schedules.save(session, SYSTEM, plan("day", "12:00")).key
        moved = schedules.save(session, SYSTEM, plan("day", "12:00")).key
    with database.begin() as session:
        schedules.save(session, SYSTEM, plan("day", "12:00", key=off, active=False))
        schedules.save(session, SYSTEM, plan("day", "15:00", key=moved))
    hands.moment = local("2026-11-23 14:00")

    assert drained(database) == 0
    with database.read() as session:
        assert session.scalars(select(Timer.key)).all() == [moved]


@pytest.mark.parametrize(
    "wrong",
    [{"every": "year"}, {"every": "week"}, {"every": "week", "weekday": 7}, {"at": "25:00"},
     {"at": "9"}, {"does": "nothing"}, {"name": " "}],
)  # fmt: skip
def test_what_is_no_schedule_is_refused(database, people, turns, wrong):
    with pytest.raises(InvalidInputError), database.begin() as session:
        schedules.save(session, SYSTEM, plan(**{"every": "day", "at": "09:00", **wrong}))


def test_shipped_schedules_are_put_in_once_and_stay_as_people_left_them(database, people, hands):
    routines.register()
    with database.begin() as session:
        routines.seed(session)
        row = session.scalars(select(Schedule).where(Schedule.seed == "daily_clear")).one()
        row.time = "18:00"
    with database.begin() as session:
        routines.seed(session)

    with database.read() as session:
        found = {row.seed: (row.every, row.time) for row in session.scalars(select(Schedule))}
    assert found == {
        "daily_clear": ("day", "18:00"), "weekly_close": ("week", "16:00"),
        "monthly_review": ("month", "09:00"), "rain": ("day", "20:00"),
        "daily_cash": ("day", "16:00"), "daily_cash_late": ("day", "23:30"),
    }  # fmt: skip


# -- 日清, 周结, 月分析 ----------------------------------------------------------------------------


def test_each_person_is_asked_for_what_they_did_not_clear_today(database, people, hands):
    with database.begin() as session:
        case = rows.case(session)
        late = rows.step(session, case, {"timeStandard": "PT1H"}, assignee=people["an"]).key
        today = rows.step(session, case, {"timeStandard": "PT9H"}, assignee=people["an"]).key
        rows.step(session, case, {"timeStandard": "PT30H"}, assignee=people["an"])
        rows.step(session, case, {"timeStandard": "PT1H"})
        bos = rows.step(session, case, {"timeStandard": "PT2H"}, assignee=people["bo"]).key
    hands.moment = local("2026-11-23 17:30")
    with database.begin() as session:
        made = daily.make(session, "yj", date(2026, 11, 23))
        again = daily.make(session, "yj", date(2026, 11, 23))

    assert (made, again) == (3, 0)
    with database.begin() as session:
        mine = daily.mine(session, people["an"], since=date(2026, 11, 23))
        assert {line.item.task_key for line in mine} == {late, today}
        asked = {row.user_key: row.params for row in session.scalars(
            select(Notice).where(Notice.kind == "daily")
        )}  # fmt: skip
        assert asked == {people["an"]: {"n": 2}, people["bo"]: {"n": 1}}
        anne = Actor(key=people["an"], username="an", name="an")
        keys = {line.item.task_key: line.item.key for line in mine}
        daily.answer(session, anne, keys[late], reason="等配件", promised_on=None)
        daily.answer(session, anne, keys[today], reason=None, promised_on=date(2026, 11, 25))
    with database.begin() as session:
        session.execute(
            update(Task).where(Task.key == bos).values(state="completed", closed_at=hands.moment)
        )
    with database.read() as session:
        board = daily.board(session, ["yj"], date(2026, 11, 23))
    said = {line.item.task_key: (line.item.reason, line.item.promised_on, line.done_at is not None)
            for line in board}  # fmt: skip
    assert said == {
        late: ("等配件", None, False), today: (None, date(2026, 11, 25), False),
        bos: (None, None, True),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("who", "reason", "promised", "refused"),
    [
        ("bo", "等配件", None, ForbiddenError),
        ("an", "", None, InvalidInputError),
        ("an", "", date(2026, 11, 22), InvalidInputError),
        ("an", "", date(2027, 11, 22), InvalidInputError),
    ],
    ids=["somebody else's", "nothing said", "a day that is past", "a day too far"],
)
def test_an_answer_says_something_of_ones_own(database, people, who, reason, promised, refused):
    with database.begin() as session:
        rows.step(session, rows.case(session), {"timeStandard": "PT1H"}, assignee=people["an"])
        daily.make(session, "yj", date(2026, 11, 23))
        key = session.scalars(select(DailyItem.key)).one()
    actor = Actor(key=people[who], username=who, name=who)

    with pytest.raises(refused), database.begin() as session:
        daily.answer(session, actor, key, reason=reason, promised_on=promised)


def test_a_week_is_closed_once_with_each_teams_figures(database, people, hands):
    hands.moment = local("2026-11-20 10:00")
    with database.begin() as session:
        case = rows.case(session)
        rows.step(session, case, {"timeStandard": "PT1H"})
    hands.moment = local("2026-11-24 10:00")
    with database.begin() as session:
        rows.step(session, case, {"timeStandard": "P9D"})
        rows.step(session, case, {"timeStandard": "P9D"}, group="eng_worker")
        for hours in (1, 5):
            session.add(FactStep(
                task_key=ids.new(), instance_key=case.key, tenant_id="yj", element="T6_reply",
                group="cs_assistant", opened_at=hands.moment, closed_at=hands.moment,
                due_at=hands.moment + timedelta(hours=hours - 3), completed=True,
            ))  # fmt: skip
    hands.moment = local("2026-11-27 16:00")
    with database.begin() as session:
        weekly.make(session, "yj", date(2026, 11, 27))
        assert weekly.make(session, "yj", date(2026, 11, 27)) is None

    with database.read() as session:
        row = session.scalars(select(Summary)).one()
    assert (row.begins_on, row.ends_on) == (date(2026, 11, 23), date(2026, 11, 27))
    assert row.teams == {
        "cs_assistant": {"carried": 1, "new": 1, "done": 2, "late": 1, "open": 2, "overdue": 1,
                         "month": 0},
        "eng_worker": {"carried": 0, "new": 1, "done": 0, "late": 0, "open": 1, "overdue": 0,
                       "month": 0},
    }  # fmt: skip


def test_the_month_is_looked_at_on_its_first_working_day(database, people, hands):
    routines.register()
    with database.begin() as session:
        routines.seed(session)
    hands.moment = local("2027-01-04 09:00")
    drained(database)

    with database.read() as session:
        told = session.scalars(select(Notice).where(Notice.kind == "monthly")).all()
    assert {(row.user_key, row.params["month"]) for row in told} == {
        (people["ma"], "2026-12"), (people["pm"], "2026-12"),
    }  # fmt: skip


# -- rain --------------------------------------------------------------------------------------


def waits_for_rain(session, tenant_id: str) -> int:
    case = rows.case(session, tenant_id, business_key=f"{tenant_id}-rain")
    session.add(Subscription(key=ids.new(), tenant_id=tenant_id, instance_key=case.key, token=1,
                             element="rain", kind="signal", name=rain.SIGNAL,
                             opened_at=case.started_at))  # fmt: skip
    session.flush()
    return case.key


@pytest.fixture
def told(monkeypatch) -> list[tuple[str, dict]]:
    """The signals that went out; how they arrive is tested with `deliveries`."""
    found: list[tuple[str, dict]] = []

    def put(_session, name, variables, *, tenant_id):
        found.append((tenant_id, dict(variables)))
        return len(found)

    monkeypatch.setattr("engine.signals.put", put)
    return found


def test_a_rainy_day_is_told_once_in_its_project(database, people, hands, told):
    for _ in range(3):
        with database.begin() as session:
            rain.record(session, SYSTEM, "yj", date(2026, 11, 22), level="heavy")
    drained(database)
    before = list(told)
    hands.moment += rain.GRACE
    drained(database)
    with database.begin() as session:
        rain.record(session, SYSTEM, "yj", date(2026, 11, 22), level="medium")
    hands.moment += rain.GRACE
    drained(database)

    assert before == []
    assert told == [("yj", {"rain_day": "2026-11-22", "rain_level": "heavy"})]


def test_a_record_can_be_taken_back_until_it_is_told_and_made_again(database, people, hands, told):
    with database.begin() as session:
        key = rain.record(session, SYSTEM, "yj", date(2026, 11, 22), level="heavy").key
    with database.begin() as session:
        rain.withdraw(session, SYSTEM, key)
    hands.moment += 2 * rain.GRACE
    drained(database)
    assert told == []
    with database.begin() as session:
        rain.record(session, SYSTEM, "yj", date(2026, 11, 22), level="medium")
    hands.moment += rain.GRACE
    drained(database)

    assert len(told) == 1
    with pytest.raises(ConflictError), database.begin() as session:
        rain.withdraw(session, SYSTEM, key)


def test_light_rain_is_kept_and_not_told(database, people, hands, told):
    with database.begin() as session:
        row = rain.record(session, SYSTEM, "yj", date(2026, 11, 23), level="light")
        assert rain.open_until(session, [row]) == {}
    hands.moment += rain.GRACE
    drained(database)

    assert told == []


def test_a_signal_reaches_who_waits_in_the_project(database, people, hands):
    with database.begin() as session:
        waits_for_rain(session, "yj")
        waits_for_rain(session, "lh")
        row = rain.record(session, SYSTEM, "yj", date(2026, 11, 23), level="heavy")
    hands.moment += rain.GRACE
    with database.begin() as session:
        rain.on_due(session, session.get(Timer, row.key))

    with database.read() as session:
        from engine.models import Delivery

        assert [delivery.tenant_id for delivery in session.scalars(select(Delivery))] == ["yj"]


@pytest.mark.parametrize(
    ("tenant", "on", "level"),
    [("zz", date(2026, 11, 23), "heavy"), ("yj", date(2026, 11, 24), "heavy"),
     ("yj", date(2026, 11, 1), "heavy"), ("yj", date(2026, 11, 23), "wet")],
    ids=["no project", "tomorrow", "long ago", "no level"],
)  # fmt: skip
def test_what_is_no_rainy_day_is_refused(database, people, hands, tenant, on, level):
    with pytest.raises(EngineError), database.begin() as session:
        rain.record(session, SYSTEM, tenant, on, level=level)
