"""Move-in day: a batch opens its households job by job, whatever is killed; each household once."""

import subprocess
import sys
import time
from datetime import timedelta

import pytest
from sqlalchemy import select

from engine import incidents, instances, jobs, loads, operating
from engine.db import Database
from engine.models import Incident, Instance, InstanceState, Job, LoadLine, Task
from engine.ports import SYSTEM
from tests.conftest import MONDAY
from tests.processes.households import ready, rooms

HOUSEHOLDS, KILLED = 120, 60

WORKER = """
import sys
from datetime import datetime
import processes
from engine import clock, ids, jobs, loads
from engine.db import Database

ids.use_node(int(sys.argv[2]))
loads.UNIT_SECONDS = 0.01
processes.register()
database = Database(sys.argv[1], pool_size=2)
moment = datetime.fromisoformat(sys.argv[3])
with clock.at(lambda: moment):
    while jobs.run_due(database, 1):
        pass
"""


@pytest.fixture
def day(lasting_project, hands) -> Database:
    """A project of each kind of database; every test brings a batch of its own."""
    return lasting_project


def batch(database: Database, count: int) -> tuple[int, list[str]]:
    with database.begin() as session:
        households = rooms(session, count)
    return ready(database, households), households


def booked(database: Database, households: list[str]) -> list[str]:
    """Which of these rooms have a case, in the order in which these were started."""
    with database.read() as session:
        query = select(Instance.variables).where(Instance.process_id == "move_in")
        found = [kept["booked_room"] for kept in session.scalars(query.order_by(Instance.key))]
    return [room for room in found if room in set(households)]


def run_jobs(database: Database) -> None:
    while jobs.run_due(database):
        pass


def test_a_batch_opens_its_households_in_jobs_of_fifty(day):
    case, households = batch(day, HOUSEHOLDS)
    before = booked(day, households)
    seen = []
    while jobs.run_due(day):
        with day.read() as session:
            (one,) = loads.progress(session, case)
            seen.append((one.done, one.jobs_done, one.ended_at is not None))

    assert before == []
    assert booked(day, households) == households
    assert seen == sorted(seen)
    assert seen[-1] == (HOUSEHOLDS, 3, True)
    assert one.jobs == 3
    with day.read() as session:
        root = session.get_one(Instance, case)
        assert (root.state, root.variables["opened"]) == (InstanceState.COMPLETED, HOUSEHOLDS)
        arrivals = select(Task.key).where(
            Task.element == "M0_arrive", Task.instance_key.in_(loads.started_by(session, one.key))
        )
        assert len(session.scalars(arrivals).all()) == HOUSEHOLDS


def test_no_unit_starts_a_line_after_its_time(day, monkeypatch):
    case, households = batch(day, 4)
    monkeypatch.setattr(loads, "UNIT_SECONDS", 0.0)

    jobs.run_due(day)

    assert booked(day, households) == households[:1]
    with day.read() as session:
        assert session.scalars(select(Job.retries).where(Job.instance_key == case)).one() == 3


def test_a_killed_process_opens_no_household_twice(day):
    case, households = batch(day, KILLED)
    for node, goal in ((1, 20), (2, KILLED)):
        worker = subprocess.Popen(
            [sys.executable, "-c", WORKER, day.url, str(node), MONDAY.isoformat()]
        )
        end = time.monotonic() + 60
        while len(booked(day, households)) < goal and time.monotonic() < end:
            time.sleep(0.05)
        if goal < KILLED:
            worker.kill()
        worker.wait(60)

    assert booked(day, households) == households
    with day.read() as session:
        (one,) = loads.progress(session, case)
        started = loads.started_by(session, one.key)
        assert session.get_one(Instance, case).state == InstanceState.COMPLETED
        assert started == sorted(set(started))
        assert len(started) == KILLED


def test_a_held_batch_waits_and_goes_on_where_it_stopped(day, monkeypatch):
    case, households = batch(day, 6)
    monkeypatch.setattr(loads, "UNIT_SECONDS", 0.0)
    jobs.run_due(day)
    with day.begin() as session:
        operating.suspend(session, SYSTEM, case, reason="开发商改了日期")
    run_jobs(day)
    held = booked(day, households)
    with day.begin() as session:
        operating.resume(session, SYSTEM, case)
    run_jobs(day)

    assert held == households[:1]
    assert booked(day, households) == households


def test_a_cancelled_batch_opens_nothing_more(day, monkeypatch):
    case, households = batch(day, 6)
    monkeypatch.setattr(loads, "UNIT_SECONDS", 0.0)
    jobs.run_due(day)
    jobs.run_due(day)
    with day.begin() as session:
        instances.cancel(session, SYSTEM, case, reason="本批取消")
    run_jobs(day)

    assert booked(day, households) == households[:2]


def test_a_household_whose_move_in_is_open_keeps_it(day):
    _, households = batch(day, 3)
    run_jobs(day)
    with day.begin() as session:
        first = session.scalars(
            select(LoadLine.started_key).where(LoadLine.thing == households[0])
        ).one()
        instances.cancel(session, SYSTEM, first, reason="客户改期")
    again = ready(day, households)
    run_jobs(day)

    assert booked(day, households) == [*households, households[0]]
    with day.read() as session:
        (one,) = loads.progress(session, again)
        assert one.counts == {"started": 1, "known": 2}


def test_a_line_that_fails_holds_up_no_other_and_asks_for_a_person(day, hands, monkeypatch):
    case, households = batch(day, 5)
    start = instances.start

    def refusing(session, actor, process_id, *, variables, **further):
        row = start(session, actor, process_id, variables=variables, **further)
        if variables["booked_room"] == households[1]:
            raise RuntimeError("这一户开不成")
        return row

    monkeypatch.setattr(instances, "start", refusing)
    for _ in range(4):
        run_jobs(day)
        hands.moment += timedelta(hours=1)
    stopped = booked(day, households)
    with day.read() as session:
        (one,) = loads.progress(session, case)
        incident = session.scalars(select(Incident).where(Incident.instance_key == case)).one()
    monkeypatch.undo()
    with day.begin() as session:
        incidents.resolve(session, SYSTEM, incident.key)
    run_jobs(day)

    assert stopped == [room for room in households if room != households[1]]
    assert one.counts == {"started": 4, "failed": 1}
    assert one.failures == ((2, "这一户开不成"),)
    assert sorted(booked(day, households)) == sorted(households)
    with day.read() as session:
        assert session.get_one(Instance, case).state == InstanceState.COMPLETED
