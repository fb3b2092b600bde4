"""The clockwork and a clock that jumps, stands still for a week, or has very much to catch up."""

import random
import time
from collections import Counter
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from engine import inbox, scheduler, timers
from engine.models import Event, History
from engine.ports import Actor
from tests.engine import cases_in_rows as rows
from tests.engine.test_scheduler import arm, beats, overdue, start, wait_until

__all__ = ["start"]  # a fixture


def test_a_clock_that_was_set_back_does_not_make_the_clockwork_wait_for_its_old_time(
    database, hands, monkeypatch, start, caplog
):
    with database.begin() as session:
        rows.company(session, monkeypatch)
    monkeypatch.setattr(scheduler, "WATCH_SECONDS", 0.05)
    moved = [0.0]
    monkeypatch.setattr(scheduler, "_offset", lambda: moved[0])
    clockwork = start(check_clock=False)
    assert wait_until(lambda: beats(database) == 1)
    for job in clockwork._scheduler.get_jobs():  # what an hour back on the wall comes to
        job.modify(next_run_time=datetime.fromtimestamp(time.time() + 3600, UTC))
    clockwork._armed = hands.moment
    arm(database, "PT1H")
    hands.moment += timedelta(hours=2)
    assert not wait_until(lambda: overdue(database) == 1, seconds=0.5)

    moved[0] = -3600.0

    assert wait_until(lambda: overdue(database) == 1)
    assert "clock was moved by -3600 s" in caplog.text


def test_hands_that_move_back_and_forth_fire_nothing_twice_and_lose_nothing(
    database, hands, monkeypatch
):
    chance = random.Random(database.dialect)
    with database.begin() as session:
        rows.company(session, monkeypatch)
    for _ in range(12):
        with database.begin() as session:
            limit = f"PT{chance.randrange(10, 600)}M"
            rows.step(session, rows.case(session), {"timeStandard": limit, "warnAt": "50"})
    begin = hands.moment

    for _ in range(40):
        hands.moment = begin + timedelta(minutes=chance.randrange(-60, 700))
        timers.run_due(database, chance.choice([1, 3, 120]))
    hands.moment = begin + timedelta(minutes=601)
    while timers.run_due(database):
        pass

    with database.read() as session:
        fired = Counter(
            session.scalars(select(History.task_key).where(History.kind == Event.OVERDUE))
        )
        warned = Counter(
            session.scalars(select(History.task_key).where(History.kind == Event.WARNED))
        )
    assert len(fired) == 12
    assert set(fired.values()) == {1}
    assert set(warned.values()) <= {1}


def test_a_week_of_standstill_is_caught_up_while_lists_answer(database, hands, monkeypatch, start):
    with database.begin() as session:
        people = rows.company(session, monkeypatch)
    for _ in range(20):
        with database.begin() as session:
            case = rows.case(session)
            for _ in range(30):
                rows.step(session, case, {"timeStandard": "PT1H", "escalation": "", "warnAt": ""})
    hands.moment += timedelta(days=7)
    start(check_clock=False)
    actor = Actor(key=people["an"], username="an", name="an",
                  memberships=frozenset({("cs_assistant", "yj")}))  # fmt: skip
    times = []

    while overdue(database) < 600 and len(times) < 2000:
        begin = time.perf_counter()
        with database.read() as session:
            inbox.search(session, actor, view="groups", limit=20)
        times.append(time.perf_counter() - begin)
        time.sleep(0.01)

    assert overdue(database) == 600
    assert len(times) > 1, "pages are answered while limits fire"
