"""A diagram that waits for time and for a message goes on by the clockwork alone."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from engine import correlation, feel_time, history, instances, messages, scheduler, timers
from engine.models import Instance, Message, Task, Timer
from engine.ports import SYSTEM, ports
from tests.engine import stage


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def case(database, people, hands) -> int:
    ports.feel_functions |= feel_time.FUNCTIONS
    stage.deploy(database, "waits")
    with database.begin() as session:
        started = instances.start(
            session, SYSTEM, "waits", tenant_id="yj", variables={"bill": "B-7"}
        )
        return started.key


def publish(database, key: str) -> None:
    with database.begin() as session:
        messages.publish(
            session, SYSTEM, "paid", key, {}, tenant_id="yj", time_to_live=timedelta(days=3)
        )


def tasks(database) -> list[tuple[str, datetime]]:
    with database.read() as session:
        return [(row.element, row.due_at) for row in session.scalars(select(Task))]


def test_a_token_timer_and_a_message_move_the_case_on(database, case, hands):
    with database.read() as session:
        (timer,) = session.scalars(select(Timer)).all()
    assert (timer.kind, timer.due_at) == ("token", local("2026-11-25 10:20"))
    hands.moment = timer.due_at
    assert timers.run_due(database) == 1
    assert timers.run_due(database) == 0
    publish(database, "B-8")
    publish(database, "B-7")

    correlation.run_due(database)

    assert tasks(database) == [("a", local("2026-11-25 14:20"))]
    with database.read() as session:
        kinds = [event.kind for event in history.of(session, case)]
        assert list(history.broken(session, case)) == []
        kept = session.scalars(select(Message.correlation_key)).all()
    assert kinds == ["started", "timer", "fired", "message", "opened"]
    assert sorted(kept) == ["B-7", "B-8"]


def test_a_message_that_came_too_early_is_delivered_when_its_token_waits(database, case, hands):
    publish(database, "B-7")
    correlation.run_due(database)
    early = tasks(database)
    hands.moment = local("2026-11-25 10:20")
    timers.run_due(database)
    correlation.run_due(database)

    assert early == []
    assert [element for element, _ in tasks(database)] == ["a"]


def test_one_sweep_does_all_that_is_due_in_turn(database, case, hands):
    publish(database, "B-7")
    hands.moment = local("2026-11-25 10:20")
    clockwork = scheduler.Clockwork(database, check_clock=False)

    clockwork.sweep()
    clockwork.stop()

    assert [element for element, _ in tasks(database)] == ["a"]


def test_cancelling_a_case_drops_what_it_waited_for(database, case, hands, people):
    with database.begin() as session:
        instances.cancel(session, SYSTEM, case, reason="撤回")
    hands.moment += timedelta(days=30)

    assert timers.run_due(database) == 0

    with database.read() as session:
        assert session.get(Instance, case).state == "cancelled"
        assert timers.next_due(session) is None
