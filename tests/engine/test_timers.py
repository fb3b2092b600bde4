"""Due rows fire once, in order, alone; a failing one comes again and then asks for a person."""

import logging
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select, update

from engine import clock, deadlines, timers
from engine.db import Database
from engine.models import Event, History, Incident, Instance, Task, Timer
from tests.engine import cases_in_rows as rows

PLAIN = {"timeStandard": "PT10M", "warnAt": ""}


@pytest.fixture
def people(database, hands, monkeypatch) -> dict[str, int]:
    with database.begin() as session:
        return rows.company(session, monkeypatch)


def open_steps(database, count: int, *, every: timedelta = timedelta()) -> list[int]:
    keys = []
    with database.begin() as session:
        case = rows.case(session)
        for n in range(count):
            task = rows.step(session, case, PLAIN)
            at = task.due_at + n * every
            session.execute(update(Timer).where(Timer.key == task.key).values(due_at=at))
            keys.append(task.key)
    return keys


def overdue(database) -> Counter[int]:
    with database.read() as session:
        query = select(History.task_key).where(History.kind == Event.OVERDUE)
        return Counter(session.scalars(query.order_by(History.seq)))


def test_nothing_fires_before_it_is_due(database, people, hands):
    keys = open_steps(database, 1)
    with database.read() as session:
        due = timers.next_due(session)

    hands.moment = due - timedelta(milliseconds=1)
    early = timers.run_due(database)
    hands.moment = due
    on_time = timers.run_due(database)

    assert (early, on_time) == (0, 1)
    assert overdue(database) == Counter(keys)
    with database.read() as session:
        assert timers.next_due(session) is None


def test_after_a_stop_what_waited_fires_in_the_order_of_its_moments(database, people, hands):
    keys = open_steps(database, 150, every=-timedelta(seconds=1))
    hands.moment += timedelta(hours=48)

    batches = []
    while done := timers.run_due(database):
        batches.append(done)

    assert sum(batches) == 150
    assert max(batches) <= timers.BATCH
    assert list(overdue(database)) == keys[::-1]


def open_cases(database, cases: int, steps: int) -> None:
    with database.begin() as session:
        for _ in range(cases):
            case = rows.case(session)
            for _ in range(steps):
                rows.step(session, case, {"timeStandard": "PT10M", "escalation": "L-STD"})


def doors_of(database: Database, count: int) -> list[Database]:
    """Return what `count` processes would hold: own connections, on SQLite the one writer."""
    if database.dialect == "sqlite":
        return [database] * count
    return [Database(database.url) for _ in range(count)]


def run_together(doors: list[Database], work) -> None:
    with ThreadPoolExecutor(len(doors)) as pool:
        for running in [pool.submit(copy_context().run, work, door) for door in doors]:
            running.result()
    for door in doors:
        door.engine.dispose()


def drain(door: Database) -> None:
    idle = 0
    while idle < 3:
        idle = 0 if timers.run_due(door) else idle + 1
        time.sleep(0.01)


def test_several_workers_fire_each_timer_once(database, people, hands):
    open_cases(database, 30, 4)
    hands.moment += timedelta(minutes=11)
    doors = doors_of(database, 4)

    run_together(doors, drain)

    fired = overdue(database)
    with database.read() as session:
        supervising = session.scalar(select(func.count()).where(Task.cause_key.is_not(None)))
        attempts = set(session.scalars(select(Timer.attempts)))
    assert len(fired) == 120
    assert set(fired.values()) == {1}
    assert supervising == 120
    assert attempts == {0}


def drained(database):
    """Fire everything that is due; a unit alone stops early on a busy machine."""
    return sum(iter(lambda: timers.run_due(database), 0))


def test_a_failing_timer_is_undone_alone_and_comes_again_later(database, people, hands, caplog):
    good, bad, after = open_steps(database, 3, every=timedelta(seconds=1))
    with database.begin() as session:
        session.execute(
            update(Task).where(Task.key == bad).values(limits={"standard": "PT10M", "clock": "?"})
        )
    hands.moment += timedelta(minutes=30)
    begin = hands.moment

    with caplog.at_level(logging.CRITICAL, logger="engine.timers"):
        assert drained(database) == 3

    assert overdue(database) == Counter([good, after])
    with database.read() as session:
        row = session.get(Timer, bad)
        assert (row.attempts, row.due_at) == (1, begin + timedelta(seconds=10))
        assert row.data["first_due_at"].startswith("2026-11-23T02:30:01")
        assert session.get(Task, bad).late_at is None


def test_a_timer_that_never_succeeds_raises_one_incident(database, people, hands):
    (bad,) = open_steps(database, 1)
    with database.begin() as session:
        session.execute(
            update(Task)
            .where(Task.key == bad)
            .values(limits={"standard": "?", "clock": "working", "start": 0})
        )
    waits = []
    logging.disable(logging.CRITICAL)
    try:
        for _ in range(timers.PATIENCE + 2):
            with database.read() as session:
                due = timers.next_due(session)
            waits.append((due - hands.moment).total_seconds())
            hands.moment = due
            timers.run_due(database)
    finally:
        logging.disable(logging.NOTSET)

    assert waits == [600, 10, 20, 40, 80, 160, 320, 640, 86400, 86400]
    with database.read() as session:
        incident = session.scalars(select(Incident)).one()
        assert (incident.code, incident.element) == ("timer-failed", "T6_reply")
        assert session.get(Timer, bad).attempts == timers.PATIENCE + 2


def test_a_repaired_timer_fires_after_all(database, people, hands):
    (bad,) = open_steps(database, 1)
    with database.begin() as session:
        right = session.get(Task, bad).limits
        session.execute(
            update(Task)
            .where(Task.key == bad)
            .values(limits={"standard": "?", "clock": "working", "start": 0})
        )
    hands.moment += timedelta(minutes=10)
    logging.disable(logging.CRITICAL)
    timers.run_due(database)
    logging.disable(logging.NOTSET)
    with database.begin() as session:
        session.execute(update(Task).where(Task.key == bad).values(limits=right))
    hands.moment += timedelta(seconds=10)

    timers.run_due(database)

    assert overdue(database) == Counter([bad])


def test_a_unit_of_work_is_given_back_in_time(database, people, hands, monkeypatch):
    open_steps(database, timers.SLICE + 1)
    hands.moment += timedelta(hours=1)
    monkeypatch.setattr(timers, "UNIT_SECONDS", 0.0)

    assert timers.run_due(database) == timers.SLICE


def test_a_case_that_is_worked_on_is_left_for_the_next_look(postgresql_url, hands, monkeypatch):
    one, other = Database(postgresql_url), Database(postgresql_url)
    with one.begin() as session:
        rows.company(session, monkeypatch)
    open_steps(one, 1)
    hands.moment += timedelta(hours=1)

    with one.begin() as session:
        session.scalars(select(Instance).with_for_update()).all()
        meanwhile = timers.run_due(other)
    afterwards = timers.run_due(other)

    assert (meanwhile, afterwards) == (0, 1)
    one.close()
    other.close()


def fail_after_arming(database) -> None:
    with database.begin() as session:
        rows.step(session, rows.case(session), PLAIN)
        raise RuntimeError


def test_who_listens_hears_of_a_timer_once_it_is_durable(database, people, hands):
    heard: list[datetime] = []
    stop = timers.listen(heard.append)
    with pytest.raises(RuntimeError):
        fail_after_arming(database)
    with database.begin() as session:
        rows.step(session, rows.case(session, business_key="TS-2"), PLAIN)
        before = list(heard)
    stop()
    with database.begin() as session:
        rows.step(session, rows.case(session, business_key="TS-3"), PLAIN)

    assert before == []
    assert heard == [datetime(2026, 11, 23, 10, 30, tzinfo=ZoneInfo("Asia/Shanghai"))]


def test_a_limit_is_moved_not_doubled(database, people, hands):
    (key,) = open_steps(database, 1)
    with database.begin() as session:
        task = session.get(Task, key)
        longer = deadlines.plan(session, properties={"timeStandard": "PT1H"}, context={},
                                tenant_id="yj", priority=50, now=hands.moment)  # fmt: skip
        deadlines.replan(session, task, longer, reason="priority")

    with database.read() as session:
        assert [row[0] for row in rows.waiting(session)] == [key]


WORKER = """
import sys, time
from engine import timers
from engine.db import Database
from processes import policies
policies.register()
database = Database(sys.argv[1], pool_size=2)
while True:
    if not timers.run_due(database, 5):
        time.sleep(0.05)
"""


def start_worker(url: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", WORKER, url])


def kill_while_they_work(database: Database, workers: list, every: int, total: int) -> int:
    """Kill the oldest worker after each `every` fired timers and start another; say how many."""
    killed, goal, end = 0, every, time.monotonic() + 120
    while (done := overdue(database).total()) < total and time.monotonic() < end:
        if done >= goal:
            workers[0].kill()
            workers.pop(0).wait()
            workers.append(start_worker(database.url))
            killed, goal = killed + 1, done + every
        time.sleep(0.02)
    return killed


@pytest.mark.slow
def test_a_killed_process_loses_and_doubles_nothing(postgresql_url, monkeypatch):
    database = Database(postgresql_url)
    an_hour_ago = clock.now() - timedelta(hours=1)
    with clock.at(lambda: an_hour_ago):
        with database.begin() as session:
            rows.company(session, monkeypatch)
        open_cases(database, 15, 10)
    workers = [start_worker(postgresql_url) for _ in range(3)]

    try:
        killed = kill_while_they_work(database, workers, 40, 150)
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()

    fired = overdue(database)
    with database.read() as session:
        supervised = Counter(session.scalars(select(Task.cause_key).where(Task.cause_key > 0)))
        left = session.scalars(select(Timer.key)).all()
    database.close()
    assert killed >= 2
    assert len(fired) == len(supervised) == 150
    assert set(fired.values()) == {1}
    assert set(supervised.values()) == {3}  # fifty minutes late: every rung of L-STD
    assert left == []
