"""Who is away is stood in for: from midnight to midnight, by rule, and on record."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from engine import absences, handovers, history, identity, inbox, instances, memberships, notices
from engine import tasks as task_commands
from engine.errors import ConflictError, ForbiddenError, InvalidInputError
from engine.models import Event, Notice, Task, Tenant
from engine.models.identity import Absence
from tests.engine import stage

#: the clock of these tests stands on a Monday
MONDAY, TUESDAY, FRIDAY = date(2026, 11, 23), date(2026, 11, 24), date(2026, 11, 27)


@pytest.fixture
def fang(database, people):
    """方芳, an assistant of the same project."""
    with database.begin() as session:
        user = identity.create_user(session, username="fang", name="方芳", password="0123456789")
        identity.add_membership(session, user.key, "cs_assistant", "yj")
        return user.key


@pytest.fixture
def first(database, people):
    """An open task of the assistants' group."""
    stage.deploy(database, "two_steps")
    with database.begin() as session:
        instances.start(session, people["he"], "two_steps", tenant_id="yj")
    with database.read() as session:
        return inbox.search(session, people["he"], view="groups").rows[0].task.key


def away(database, actor, user, deputy, *, from_on=TUESDAY, to_on=FRIDAY, in_hand="deputy"):
    with database.begin() as session:
        row = absences.record(
            session, actor, user, deputy, from_on=from_on, to_on=to_on, in_hand=in_hand, note="年假"
        )
        return row.key


def person(database, key):
    with database.read() as session:
        return identity.actor(session, key)


def task_of(database, key):
    with database.read() as session:
        found = session.get_one(Task, key)
        session.expunge(found)
        return found


def told(database, user):
    with database.read() as session:
        rows = session.scalars(select(Notice).where(Notice.user_key == user).order_by(Notice.key))
        return [row.text.format(**row.params) for row in rows]


def test_a_deputy_holds_the_groups_from_midnight_to_midnight_of_local_days(database, people, hands):
    he, lu = people["he"], people["lu"]
    away(database, he, he.key, lu.key, from_on=TUESDAY, to_on=TUESDAY)

    held = []
    for hours in (13.6, 13.7, 37.6, 37.7):  # 23:56 on Monday, 00:02 on Tuesday, and a day later
        hands.moment = hands.moment.replace(hour=2, minute=20, day=23) + timedelta(hours=hours)
        held.append("cs_assistant" in person(database, lu.key).groups("yj"))

    assert held == [False, True, True, False]
    assert person(database, lu.key).lent == frozenset()


def test_who_stands_in_for_a_deputy_who_is_away_too_is_at_the_end_of_the_chain(
    database, people, fang
):
    he, lu = people["he"], people["lu"]
    away(database, he, he.key, fang, from_on=MONDAY)
    away(database, person(database, fang), fang, lu.key, from_on=MONDAY)

    assert person(database, lu.key).lent == {
        ("cs_assistant", "yj", he.key),
        ("cs_assistant", "yj", fang),
    }
    with database.read() as session:
        assert memberships.stand_ins(session) == {he.key: lu.key, fang: lu.key}
        assert notices.members(session, "yj", "cs_assistant") == sorted(
            [people["zhou"].key, lu.key]
        )


def test_a_circle_an_overlap_and_days_the_wrong_way_round_are_refused(database, people, fang):
    he, lu, zhou = people["he"], people["lu"], people["zhou"]
    away(database, he, he.key, lu.key)
    away(database, lu, lu.key, fang, from_on=FRIDAY, to_on=FRIDAY)

    with pytest.raises(InvalidInputError, match="一圈"):
        away(database, zhou, fang, he.key, from_on=FRIDAY, to_on=FRIDAY)
    away(database, zhou, fang, zhou.key, from_on=FRIDAY, to_on=FRIDAY)
    with pytest.raises(ConflictError, match="已经有请假记录"):
        away(database, he, he.key, zhou.key, from_on=FRIDAY)
    for wrong in (
        {"from_on": FRIDAY, "to_on": TUESDAY},
        {"from_on": MONDAY - timedelta(days=9), "to_on": MONDAY - timedelta(days=1)},
        {"from_on": MONDAY, "to_on": MONDAY + timedelta(days=500)},
    ):
        with pytest.raises(InvalidInputError) as refused:
            away(database, zhou, zhou.key, lu.key, **wrong)
        assert "to_on" in refused.value.fields


def test_a_person_or_who_leads_them_records_an_absence_with_a_colleague(
    database, people, monkeypatch
):
    he, lu, zhou = people["he"], people["lu"], people["zhou"]
    with database.begin() as session:
        far = identity.create_user(session, username="far", name="远人", password="0123456789")
        identity.add_membership(session, far.key, "cs_assistant", "tl")

    monkeypatch.setattr(
        "engine.ports.ports.can", lambda actor, *_: "cs_manager" in actor.groups("yj")
    )
    with pytest.raises(ForbiddenError):
        away(database, lu, he.key, zhou.key)
    for deputy in (far.key, he.key):
        with pytest.raises(InvalidInputError, match="同项目"):
            away(database, he, he.key, deputy)
    away(database, zhou, he.key, lu.key)

    assert told(database, lu.key) == ["何静 从 2026-11-24 到 2026-11-27 不在，由您代理"]


def test_what_is_given_to_an_absent_person_goes_to_the_deputy_and_history_says_for_whom(
    database, people, fang, first
):
    he, zhou = people["he"], people["zhou"]
    away(database, he, he.key, fang, from_on=MONDAY)

    with database.begin() as session:
        task_commands.assign(session, zhou, first, he.key)

    task = task_of(database, first)
    assert task.assignee == fang
    with database.read() as session:
        offered = [
            e for e in history.of(session, task.instance_key) if e.kind == Event.TASK_OFFERED
        ]
    assert offered[-1].data["instead_of"] == he.key
    assert "何静 不在，“记录”由您代办" in told(database, fang)[-1]


def test_what_a_deputy_does_with_a_lent_group_is_on_record_for_whom(database, people, hands, first):
    he, lu = people["he"], people["lu"]
    away(database, he, he.key, lu.key, from_on=MONDAY)

    with database.begin() as session:
        done = task_commands.complete(session, person(database, lu.key), first, {"note": "x"})

    with database.read() as session:
        events = [
            e for e in history.of(session, done.instance_key) if e.kind == Event.TASK_COMPLETED
        ]
    assert (events[0].actor, events[0].data["instead_of"]) == (lu.key, he.key)


@pytest.mark.parametrize("in_hand", ["deputy", "group", "keep"])
def test_tasks_in_hand_go_where_was_chosen_when_the_absence_begins(
    in_hand, database, people, hands, fang, first
):
    he = people["he"]
    with database.begin() as session:
        task_commands.claim(session, he, first)
    away(database, he, he.key, fang, in_hand=in_hand)

    assert absences.run_due(database) == 0
    hands.moment += timedelta(hours=14)  # Tuesday, 00:20
    assert (absences.run_due(database), absences.run_due(database)) == (1, 0)

    expected = {"deputy": fang, "group": None, "keep": he.key}
    assert task_of(database, first).assignee == expected[in_hand]
    assert told(database, fang)[-1].startswith("何静 今天起不在，由您代理")


def test_coming_back_ends_the_deputy_and_restores_nothing(database, people, hands, fang, first):
    he = people["he"]
    with database.begin() as session:
        task_commands.claim(session, he, first)
    key = away(database, he, he.key, fang, from_on=MONDAY)
    absences.run_due(database)

    with database.begin() as session:
        absences.end(session, he, key)

    assert task_of(database, first).assignee == fang
    with database.read() as session:
        assert memberships.stand_ins(session) == {}
        assert absences.of(session, he.key) == []


def test_leaving_ends_roles_absences_and_deputies_and_hands_on_the_tasks(
    database, people, hands, fang, first
):
    he, zhou, lu = people["he"], people["zhou"], people["lu"]
    with database.begin() as session:
        task_commands.claim(session, he, first)
    away(database, he, he.key, zhou.key, from_on=FRIDAY)
    away(database, lu, lu.key, he.key, from_on=FRIDAY)

    left = handovers.leave(database, identity.SYSTEM, he.key, fang, reason="离职", last_day=MONDAY)

    assert [one.error for one in left.tasks] == [None]
    assert left.memberships == 1
    assert task_of(database, first).assignee == fang
    with database.read() as session:
        rows = session.scalars(select(Absence).order_by(Absence.key)).all()
        assert [(row.ended_at is not None, row.deputy_key) for row in rows] == [
            (True, zhou.key),
            (False, fang),
        ]
    hands.moment += timedelta(days=1)
    assert person(database, he.key).memberships == frozenset()


@pytest.fixture
def abroad(database, people):
    """Ruth and Sol of a project in New York, where it is thirteen hours earlier."""
    with database.begin() as session:
        session.add(Tenant(tenant_id="ny", name="Riverside", zone="America/New_York"))
        session.flush()
        made = []
        for name in ("ruth", "sol"):
            user = identity.create_user(session, username=name, name=name, password="0123456789")
            identity.add_membership(
                session, user.key, "cs_assistant" if name == "ruth" else "cs_manager", "ny"
            )
            made.append(user.key)
    return made


def test_an_absence_follows_the_midnights_of_the_project_that_the_person_works_in(
    database, abroad, hands
):
    ruth, sol = abroad
    away(database, person(database, ruth), ruth, sol, from_on=TUESDAY, to_on=TUESDAY)

    held = []
    for hour, minute in ((4, 55), (5, 5), (28, 55), (29, 5)):  # 23:55 on Monday, 00:05, a day later
        hands.moment = datetime(2026, 11, 24, tzinfo=UTC) + timedelta(hours=hour, minutes=minute)
        lent = "cs_assistant" in person(database, sol).groups("ny")
        with database.read() as session:
            stands_in = memberships.stand_ins(session).get(ruth) == sol
            listed = [one.user_key for one in absences.of(session, ruth)] == [ruth]
        begun = absences.run_due(database)
        held.append((lent, stands_in, listed, begun))

    assert held == [
        (False, False, True, 0), (True, True, True, 1), (True, True, True, 0),
        (False, False, False, 0),
    ]  # fmt: skip


def test_a_day_that_is_over_at_home_can_still_be_recorded_abroad(database, abroad, hands):
    ruth, sol = abroad
    hands.moment = datetime(2026, 11, 25, 2, tzinfo=UTC)  # Wednesday here, Tuesday evening there

    away(database, person(database, ruth), ruth, sol, from_on=TUESDAY, to_on=TUESDAY)

    assert "cs_assistant" in person(database, sol).groups("ny")


def test_a_deputy_in_two_projects_stands_in_by_the_midnights_of_each(
    database, people, abroad, hands
):
    ruth, sol = abroad
    with database.begin() as session:
        identity.add_membership(session, ruth, "cs_assistant", "yj")
    away(database, person(database, ruth), ruth, sol, from_on=TUESDAY, to_on=TUESDAY)
    hands.moment = datetime(2026, 11, 23, 17, tzinfo=UTC)  # Tuesday in Shanghai, Monday over there

    assert person(database, sol).lent == {("cs_assistant", "yj", ruth)}
