"""The clockwork wakes in time, survives what fails, stops with a wrong clock, and says so."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from engine import (
    clock,
    history,
    metrics,
    scheduler,
    seals,
    signing,
    timers,
    verification,
    vouching,
)
from engine.models import Event, Heartbeat, History, Task
from tests.engine import cases_in_rows as rows

ROOT = Path(__file__).parents[2]


@pytest.fixture
def start(database) -> Iterator[Callable[..., scheduler.Clockwork]]:
    started = []

    def begin(**options) -> scheduler.Clockwork:
        started.append(scheduler.start(database, **options))
        return started[-1]

    yield begin
    for clockwork in started:
        clockwork.stop()


def wait_until(true: Callable[[], bool], seconds: float = 8.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.02)
    return False


def overdue(database) -> int:
    with database.read() as session:
        query = select(func.count()).select_from(History).where(History.kind == Event.OVERDUE)
        return session.scalars(query).one()


def arm(database, standard: str) -> int:
    with database.begin() as session:
        return rows.step(session, rows.case(session), {"timeStandard": standard, "warnAt": ""}).key


def test_a_timer_wakes_the_clockwork_at_its_moment(database, monkeypatch, start):
    with database.begin() as session:
        rows.company(session, monkeypatch)
    monkeypatch.setattr(scheduler, "SWEEP_SECONDS", 3600.0)
    start()
    arm(database, "PT1H")
    key = arm(database, "PT1S")

    assert overdue(database) == 0
    assert wait_until(lambda: overdue(database) == 1)
    with database.read() as session:
        task = session.get(Task, key)
        assert timedelta() <= task.late_at - task.due_at < timedelta(seconds=5)


def test_what_fell_due_while_nobody_ran_is_caught_up_at_the_start(
    database, hands, monkeypatch, start
):
    with database.begin() as session:
        rows.company(session, monkeypatch)
    for _ in range(3):
        arm(database, "PT1H")
    hands.moment += timedelta(days=2)

    start(check_clock=False)

    assert wait_until(lambda: overdue(database) == 3)


def test_the_sweep_finds_what_another_process_armed(database, monkeypatch, start):
    with database.begin() as session:
        rows.company(session, monkeypatch)
    monkeypatch.setattr(scheduler, "SWEEP_SECONDS", 0.2)
    monkeypatch.setattr(timers, "_tell", lambda _due_at: None)  # the commit happens elsewhere
    start()
    arm(database, "PT1S")

    assert wait_until(lambda: overdue(database) == 1)


def test_two_clockworks_do_each_thing_once(database, hands, monkeypatch, start):
    with database.begin() as session:
        rows.company(session, monkeypatch)
    for _ in range(25):
        arm(database, "PT1H")
    hands.moment += timedelta(hours=2)

    start(check_clock=False)
    start(check_clock=False)

    assert wait_until(lambda: overdue(database) == 25)
    time.sleep(0.1)
    assert overdue(database) == 25


def test_a_failing_sweep_is_logged_and_the_next_one_works(
    database, hands, monkeypatch, start, caplog
):
    with database.begin() as session:
        rows.company(session, monkeypatch)
    arm(database, "PT1H")
    hands.moment += timedelta(hours=2)
    monkeypatch.setattr(scheduler, "SWEEP_SECONDS", 0.2)
    real, calls = timers.run_due, []

    def broken(database, limit=20):
        calls.append(limit)
        if len(calls) == 1:
            raise RuntimeError("the disk is full")
        return real(database, limit)

    monkeypatch.setattr(timers, "run_due", broken)

    start(check_clock=False)

    assert wait_until(lambda: overdue(database) == 1)
    assert "the disk is full" in caplog.text


def wall(*, ahead: int) -> Callable[[], datetime]:
    """Return a clock that goes wrong by some seconds."""
    return lambda: datetime.fromtimestamp(time.time() + ahead, UTC)


@pytest.mark.parametrize(
    ("ahead", "fires", "said"),
    [(1, True, None), (10, True, "differs"), (90, False, "stopped"), (-90, False, "stopped")],
)
def test_a_wrong_clock_is_said_and_a_very_wrong_one_stops_timers(
    database, monkeypatch, caplog, ahead, fires, said
):
    with clock.at(wall(ahead=-600)):
        with database.begin() as session:
            rows.company(session, monkeypatch)
        arm(database, "PT1S")

    with clock.at(wall(ahead=ahead)):
        clockwork = scheduler.Clockwork(database)
        clockwork.sweep()
    clockwork.stop()

    assert overdue(database) == int(fires)
    assert [said in record.getMessage() for record in caplog.records] == [True] * bool(said)
    assert abs(clockwork.drift - timedelta(seconds=ahead)) < timedelta(seconds=1)


def test_a_beat_tells_other_processes_that_the_clockwork_lives(database, hands, start):
    with database.read() as session:
        assert scheduler.alive(session) is False

    clockwork = start(check_clock=False)

    assert wait_until(lambda: beats(database) == 1)
    assert clockwork.alive() is True
    with database.read() as session:
        assert scheduler.alive(session) is True
        hands.moment += timedelta(seconds=61)
        assert scheduler.alive(session) is False
    clockwork.stop()
    clockwork.stop()
    assert clockwork.alive() is False


def beats(database) -> int:
    with database.read() as session:
        return session.scalars(select(func.count()).select_from(Heartbeat)).one()


def test_a_clockwork_that_has_not_swept_for_a_minute_is_not_alive(database, hands, start):
    clockwork = start(check_clock=False)
    assert wait_until(lambda: beats(database) == 1)

    clockwork._beaten -= 61

    assert clockwork.alive() is False


def test_the_figures_say_what_waits_and_what_is_late(database, hands, monkeypatch):
    with database.begin() as session:
        rows.company(session, monkeypatch)
        case = rows.case(session)
        rows.step(session, case, {"timeStandard": "PT1H", "warnAt": ""})
        rows.step(session, case)
    hands.moment += timedelta(minutes=90)

    with database.read() as session:
        text = metrics.render(session, commits=7).decode()

    lines = text.splitlines()
    assert 'wuyeflow_open_tasks{tenant="yj"} 2.0' in lines
    assert 'wuyeflow_late_tasks{tenant="yj"} 1.0' in lines
    assert 'wuyeflow_timers{kind="limit"} 1.0' in lines
    assert "wuyeflow_timer_lag_seconds 1800.0" in lines
    assert "wuyeflow_active_instances 1.0" in lines
    assert "wuyeflow_outbox 0.0" in lines
    assert "wuyeflow_open_incidents 0.0" in lines
    assert "wuyeflow_commits_total 7.0" in lines


def test_the_clockwork_seals_history_and_looks_at_it(database, monkeypatch, start, tmp_path):
    with database.begin() as session:
        rows.company(session, monkeypatch)
        rows.step(session, case := rows.case(session), {})
        history.add(session, case.key, Event.NOTICE, 0)
    keyring = signing.keyring("a secret of this test")

    start(voucher=vouching.Voucher(keyring=keyring, copies=tmp_path, tell=("cs_manager",)))

    def seen() -> bool:
        with database.read() as session:
            return verification.last(session) is not None

    assert wait_until(seen)
    with database.read() as session:
        assert seals.newest(session) is not None
        assert verification.last(session).faults == []
        assert rows.told(session, "history") == []


ENDLESS = """
import sys, time
from engine import clock, scheduler, timers
from engine.db import Database
timers.next_due = lambda session: clock.now()
timers.run_due = lambda database: 1
scheduler.start(Database(sys.argv[1]), check_clock=False)
time.sleep(1)
"""


@pytest.mark.slow
def test_a_process_ends_though_there_is_always_more_to_do(database):
    subprocess.run(
        [sys.executable, "-c", ENDLESS, database.url], cwd=ROOT, timeout=40, check=True,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip


def test_a_fault_in_history_is_told_once_a_day(database, monkeypatch, tmp_path, hands):
    with database.begin() as session:
        people = rows.company(session, monkeypatch)
        case = rows.case(session)
        history.add(session, case.key, Event.NOTICE, 0)
        session.get_one(History, (case.key, 1)).actor = people["an"]
    keyring = signing.keyring("a secret of this test")
    voucher = vouching.Voucher(keyring=keyring, copies=tmp_path, tell=("cs_manager",))

    for _ in range(3):
        vouching.each_hour(database, voucher)
    with database.read() as session:
        assert rows.told(session, "history") == [people["ma"]]
    hands.moment += timedelta(days=1)
    vouching.each_hour(database, voucher)

    with database.read() as session:
        assert rows.told(session, "history") == [people["ma"]] * 2
