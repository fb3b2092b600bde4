"""A limit warns, marks late, and draws in one supervisor after another; each once."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from engine import calendars, deadlines, history, limits, policies, recounting, timers
from engine.models import Event, FactCase, Task, TaskKind, TaskState, Timer
from tests.engine import cases_in_rows as rows

ORAL = {"timeStandard": "P1D", "clock": "working", "escalation": "L-STD"}


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def people(database, hands, monkeypatch) -> dict[str, int]:
    with database.begin() as session:
        return rows.company(session, monkeypatch)


def plan(session, properties, context=None, now="2026-11-23 10:20"):
    return deadlines.plan(session, properties=properties, context=context or {}, tenant_id="yj",
                          priority=50, now=local(now))  # fmt: skip


def drain(database) -> int:
    done = 0
    for _ in range(200):
        more = timers.run_due(database)
        if not more:
            return done
        done += more
    raise AssertionError("a timer stays due")


def events(session, instance_key) -> list[str]:
    assert list(history.broken(session, instance_key)) == []
    return [row.kind for row in history.of(session, instance_key)]


# -- plans ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("properties", "context", "due", "warn"),
    [
        (ORAL, {}, "2026-11-24 10:20", "2026-11-24 08:44"),
        ({"timeStandard": "PT24H"}, {}, "2026-11-24 10:20", "2026-11-24 05:32"),
        ({"timeStandard": "PT8H", "clock": "working"}, {}, "2026-11-24 08:50",
         "2026-11-23 16:44"),
        ({**ORAL, "startFrom": "received_at"}, {"received_at": "2026-11-20T16:00"},
         "2026-11-23 16:00", "2026-11-23 14:24"),
        ({**ORAL, "startFrom": "= received_at"}, {"received_at": "2026-11-20T08:00:00Z"},
         "2026-11-23 16:00", "2026-11-23 14:24"),
        ({"timeStandard": '= if danger then "PT24H" else "P3D"'}, {"danger": True},
         "2026-11-24 10:20", "2026-11-24 05:32"),
        ({"timeStandard": '= duration("PT10H")'}, {}, "2026-11-23 20:20", "2026-11-23 18:20"),
        ({"timeStandard": "= plan_until", "clock": "working"}, {"plan_until": "2026-11-25"},
         "2026-11-25 18:00", "2026-11-25 13:34"),
        ({"timeStandard": "PT2H", "endOfDay": "true", "clock": "working", "warnAt": ""}, {},
         "2026-11-23 18:00", None),
        ({"timeStandard": "PT10H", "warnAt": "90%, 50"}, {}, "2026-11-23 20:20",
         "2026-11-23 15:20"),
    ],
    ids=["working day", "real hours", "working hours", "from a local moment", "from an instant",
         "by a condition", "a FEEL duration", "until a day of the plan", "end of day",
         "two warnings"],
)  # fmt: skip
def test_a_limit_has_its_moments(database, hands, properties, context, due, warn):
    with database.read() as session:
        planned = plan(session, properties, context)

    assert planned.due_at == local(due)
    assert planned.warn_at == (warn and local(warn))


@pytest.mark.parametrize(
    ("properties", "context"),
    [({}, {}), ({"clock": "working"}, {}), ({"timeStandard": ""}, {}),
     ({"timeStandard": "= standard"}, {"standard": None})],
)  # fmt: skip
def test_a_step_without_standard_has_no_limit(database, hands, properties, context):
    with database.read() as session:
        assert plan(session, properties, context) is None


def test_a_limit_whose_start_is_unknown_counts_from_now_and_says_so(database, hands):
    with database.read() as session:
        planned = plan(session, {**ORAL, "startFrom": "received_at"}, {})

    assert planned.due_at == local("2026-11-24 10:20")
    assert planned.limits["fallback"] is True


def test_a_limit_in_a_year_without_notice_is_provisional(database, hands):
    with database.read() as session:
        planned = plan(session, ORAL, now="2026-12-31 17:00")

    assert planned.due_at == local("2027-01-04 17:00")
    assert planned.limits["provisional"] is True


def test_a_policy_supplies_what_the_step_leaves_open(database, hands, monkeypatch):
    monkeypatch.setattr(policies, "_policies", {})
    policies.add_policy("CP_ORAL", {**ORAL, "warnAt": "50"})
    with database.read() as session:
        planned = plan(session, {"policy": "CP_ORAL", "warnAt": "25"})

    assert planned.due_at == local("2026-11-24 10:20")
    assert planned.limits["warn"] == [25]


@pytest.mark.parametrize(
    ("properties", "key"),
    [
        ({"timeStandard": "1 day"}, "timeStandard"),
        ({"timeStandard": "P1M", "clock": "working"}, "timeStandard"),
        ({"timeStandard": "= 1 +"}, "timeStandard"),
        ({"timeStandard": "P1D", "clock": "office"}, "clock"),
        ({"timeStandard": "P1D", "startFrom": "received at)"}, "startFrom"),
        ({"timeStandard": "P1D", "escalation": "L-X"}, "escalation"),
        ({"timeStandard": "P1D", "warnAt": "80,120"}, "warnAt"),
        ({"policy": "none"}, "policy"),
    ],
)
def test_what_is_wrong_with_a_limit_is_said_by_property(properties, key):
    found = limits.check(properties)

    assert [name for name, _ in found] == [key]
    assert found[0][1]


def test_a_right_limit_has_no_problem():
    assert limits.check({**ORAL, "warnAt": "50, 80%", "startFrom": "= received_at"}) == []


# -- what happens ----------------------------------------------------------------------------


def test_a_limit_warns_marks_late_and_climbs_the_ladder(database, people, hands):
    with database.begin() as session:
        case = rows.case(session)
        task = rows.step(session, case, ORAL, assignee=people["an"])
        key, case_key = task.key, case.key

    assert drain(database) == 0
    expected = [
        ("2026-11-24 08:44", ["warned"], []),
        ("2026-11-24 10:20", ["overdue", "opened", "escalated"], ["cs_manager"]),
        ("2026-11-24 15:50", ["opened", "escalated"], ["cs_manager", "project_manager"]),
        ("2026-11-26 10:20", ["opened", "escalated"],
         ["cs_manager", "project_manager", "quality"]),
    ]  # fmt: skip
    seen: list[str] = []
    for moment, kinds, groups in expected:
        hands.moment = local(moment) - rows.MINUTE
        assert drain(database) == 0
        hands.moment = local(moment)
        assert drain(database) == 1
        seen += kinds
        with database.read() as session:
            late = session.get(Task, key)
            supervising = session.scalars(
                select(Task).where(Task.cause_key == key).order_by(Task.key)
            ).all()
            assert events(session, case_key) == seen
            assert [row.group for row in supervising] == groups
            assert late.late_at == (None if kinds == ["warned"] else local("2026-11-24 10:20"))

    with database.read() as session:
        assert rows.waiting(session) == []
        assert {row.name for row in supervising} == {"督办：答复业主"}
        assert {row.kind for row in supervising} == {TaskKind.SUPERVISE}
        assert {row.element for row in supervising} == {"T6_reply"}
        assert rows.told(session, "warned") == [people["an"]]
        assert rows.told(session, "overdue") == [people["an"], people["ma"]]
        assert rows.told(session, "supervise") == [people["ma"], people["pm"], people["qi"]]
        assert session.get(FactCase, case_key).late_steps == 1


def test_a_group_is_told_when_nobody_has_claimed(database, people, hands):
    with database.begin() as session:
        rows.step(session, rows.case(session), ORAL)
    hands.moment = local("2026-11-24 09:00")

    drain(database)

    with database.read() as session:
        assert rows.told(session, "warned") == [people["an"], people["bo"]]


def test_after_a_long_stop_the_warning_is_left_out_and_the_rungs_follow(database, people, hands):
    with database.begin() as session:
        case_key = rows.step(session, rows.case(session), ORAL).instance_key
    hands.moment = local("2026-11-24 16:00")

    assert drain(database) == 1

    with database.read() as session:
        assert events(session, case_key) == [
            "overdue", "opened", "escalated", "opened", "escalated",
        ]  # fmt: skip
        assert [due for _, due in rows.waiting(session)] == [local("2026-11-26 10:20")]


def test_a_limit_without_ladder_draws_nobody_in(database, people, hands):
    with database.begin() as session:
        case_key = rows.step(session, rows.case(session), {"timeStandard": "PT1H"}).instance_key
    hands.moment += timedelta(days=9)

    drain(database)

    with database.read() as session:
        assert events(session, case_key) == ["overdue"]
        assert session.scalars(select(Task).where(Task.kind == TaskKind.SUPERVISE)).all() == []
        assert rows.waiting(session) == []


def test_a_late_manager_is_supervised_by_the_one_above(database, people, hands):
    with database.begin() as session:
        key = rows.step(session, rows.case(session), ORAL, group="cs_manager").key
    hands.moment = local("2026-11-25 09:00")

    drain(database)

    with database.read() as session:
        query = select(Task.group).where(Task.cause_key == key)
        assert session.scalars(query).all() == ["project_manager"]


def test_a_group_without_people_hands_its_supervising_up(database, people, hands):
    with database.begin() as session:
        key = rows.step(session, rows.case(session, "lh"), ORAL).key
    hands.moment = local("2026-11-25 09:00")

    drain(database)

    with database.read() as session:
        query = select(Task.group).where(Task.cause_key == key)
        assert session.scalars(query).all() == ["quality"]


def test_a_disarmed_limit_does_nothing(database, people, hands):
    with database.begin() as session:
        task = rows.step(session, rows.case(session), ORAL)
        deadlines.disarm(session, [task.key])
        case_key = task.instance_key
    hands.moment += timedelta(days=30)

    assert drain(database) == 0

    with database.read() as session:
        assert events(session, case_key) == []


def test_a_closed_task_whose_timer_stayed_is_left_alone(database, people, hands):
    with database.begin() as session:
        task = rows.step(session, rows.case(session), ORAL)
        case_key = task.instance_key
        session.execute(update(Task).where(Task.key == task.key).values(state=TaskState.COMPLETED))
    hands.moment += timedelta(days=30)

    assert drain(database) == 1

    with database.read() as session:
        assert events(session, case_key) == []
        assert rows.waiting(session) == []


def test_supervising_stays_open_when_the_late_task_is_done(database, people, hands):
    with database.begin() as session:
        key = rows.step(session, rows.case(session), ORAL).key
    hands.moment = local("2026-11-24 10:20")
    drain(database)
    with database.begin() as session:
        session.execute(update(Task).where(Task.key == key).values(state=TaskState.COMPLETED))
        deadlines.disarm(session, [key])
    hands.moment += timedelta(days=30)

    assert drain(database) == 0

    with database.read() as session:
        query = select(Task.group).where(Task.cause_key == key, Task.state == TaskState.OPEN)
        assert session.scalars(query).all() == ["cs_manager"]


def test_another_priority_moves_the_limit_and_lateness_stays(database, people, hands):
    with database.begin() as session:
        key = rows.step(session, rows.case(session), ORAL).key
    hands.moment = local("2026-11-24 10:20")
    drain(database)
    with database.begin() as session:
        task = session.get(Task, key)
        longer = plan(session, {**ORAL, "timeStandard": "P3D"}, now="2026-11-23 10:20")
        deadlines.replan(session, task, longer, reason="priority")

    with database.read() as session:
        task = session.get(Task, key)
        changed = history.of(session, task.instance_key)[-1]
        assert task.due_at == local("2026-11-26 10:20")
        assert task.late_at == local("2026-11-24 10:20")
        assert changed.kind == Event.TASK_CHANGED
        assert changed.data["reason"] == "priority"
        # what was said and done at 80 and 100 percent is not said and done again
        assert rows.waiting(session) == [(key, local("2026-11-27 15:50"))]


def test_a_corrected_calendar_moves_open_limits(database, people, hands):
    with database.begin() as session:
        key = rows.step(session, rows.case(session), ORAL).key
    with database.begin() as session:
        calendars.set_day(session, "statutory", date(2026, 11, 24), working=False)

    with database.begin() as session:
        moved = deadlines.recount(session, session.get(Task, key))
        again = deadlines.recount(session, session.get(Task, key))

    with database.read() as session:
        assert (moved, again) == (True, False)
        assert session.get(Task, key).due_at == local("2026-11-25 10:20")
        assert session.get(Timer, key).due_at == local("2026-11-25 08:44")


def test_a_corrected_calendar_moves_all_open_limits_of_its_clock(database, people, hands):
    with database.begin() as session:
        case = rows.case(session)
        days = [rows.step(session, case, ORAL).key for _ in range(25)]
        hours = rows.step(session, case, {"timeStandard": "PT24H"}).key
        done = rows.step(session, case, ORAL).key
        session.execute(update(Task).where(Task.key == done).values(state=TaskState.COMPLETED))
    with database.begin() as session:
        calendars.set_day(session, "statutory", date(2026, 11, 24), working=False)

    assert recounting.run(database, "yj") == 25
    assert recounting.run(database) == 0

    with database.read() as session:
        dues = dict(session.execute(select(Task.key, Task.due_at)).all())
        assert {dues[key] for key in days} == {local("2026-11-25 10:20")}
        assert dues[hours] == dues[done] == local("2026-11-24 10:20")
        (last,) = [row for row in history.of(session, case.key) if row.task_key == days[0]]
        assert last.data["reason"] == "calendar"


def test_a_limit_over_before_it_began_climbs_in_days(database, people, hands):
    received = {"received_at": "2026-11-18T10:00"}
    with database.begin() as session:
        key = rows.step(
            session, rows.case(session), {**ORAL, "startFrom": "received_at"}, context=received
        ).key

    drain(database)

    with database.read() as session:
        task = session.get(Task, key)
        assert task.due_at == local("2026-11-19 10:00")
        assert task.late_at == hands.moment


@pytest.mark.parametrize("odd", [1, 7, 999])
def test_a_moment_between_two_milliseconds_happens_once(database, people, hands, odd):
    """Half of an odd number of milliseconds: the row names the whole one, and then it has come."""
    start = local("2026-11-23 10:20") + timedelta(milliseconds=odd)
    hands.moment = start
    with database.begin() as session:
        of = rows.case(session)
        rows.step(session, of, {"timeStandard": "=until", "escalation": "L-STD"},
                  context={"until": "2026-11-24T18:00:00+08:00"})  # fmt: skip
        key = of.key
    for _ in range(20):
        with database.read() as session:
            coming = rows.waiting(session)
        if not coming:
            break
        hands.moment = max(hands.moment, coming[0][1])
        drain(database)

    assert coming == []
    with database.read() as session:
        kinds = events(session, key)
    assert kinds.count(Event.OVERDUE) == 1
    assert kinds.count(Event.ESCALATED) == len(policies.ladder("L-STD").rungs)
