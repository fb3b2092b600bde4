"""A signal reaches everybody who waits when it is sent: in small units, each once."""

import json
import subprocess
import sys

import pytest
from sqlalchemy import func, select

from engine import deliveries, receiving, signals
from engine.db import Database
from engine.models import Broadcast, Delivery, History
from engine.ports import SYSTEM
from tests.engine import post, stage

WAITS = "start s -> w\ncatch w signal=storm -> u\nuser u -> e\nend e"
CROWD = 500


def broadcast(database, name="storm", tenant_id="yj", **variables):
    with database.begin() as session:
        return signals.broadcast(session, SYSTEM, name, variables, tenant_id=tenant_id)


def heard(database) -> list[int]:
    """Return the instances that have had a signal, one entry a time."""
    with database.read() as session:
        query = select(History).where(History.kind == "message")
        return [row.instance_key for row in session.scalars(query) if "signal" in row.data]


def undelivered(database) -> tuple[int, int]:
    with database.read() as session:
        return tuple(
            session.scalar(select(func.count()).select_from(rows)) for rows in (Broadcast, Delivery)
        )


def test_a_signal_reaches_all_who_wait_in_the_project_and_nobody_later(database, people, hands):
    post.deploy(database, WAITS)
    waiting = [post.start(database) for _ in range(3)]
    foreign = post.start(database, tenant_id="tl")

    broadcast(database)
    late = post.start(database)
    post.settle(database)

    assert sorted(heard(database)) == waiting
    assert post.received(database, foreign) == post.received(database, late) == []
    assert undelivered(database) == (0, 0)


def test_a_signal_for_the_company_reaches_every_project(database, people, hands):
    post.deploy(database, WAITS)
    waiting = [post.start(database), post.start(database, tenant_id="tl")]

    broadcast(database, tenant_id="*")
    post.settle(database)

    assert sorted(heard(database)) == waiting


def test_a_thrown_signal_reaches_others_once_and_its_own_listeners_in_the_step(
    database, people, hands
):
    post.deploy(database, WAITS)
    waiting = post.start(database)
    post.deploy(database, "start s -> f\nand f -> w t\ncatch w signal=storm -> e\nend e\n"
                          "throw t signal=storm -> again\ncatch again signal=storm -> e2\nend e2",
                process="thrower")  # fmt: skip

    thrower = post.start(database, "thrower")
    post.settle(database)

    assert heard(database) == [waiting]
    assert post.path(database, thrower) == ["s", "f", "t", "w", "e"]
    assert post.state(database, thrower) == "active"


@pytest.mark.parametrize("interrupts", [True, False])
def test_event_sub_processes_and_borders_hear_signals(database, people, hands, interrupts):
    word = str(interrupts).lower()
    post.deploy(database, "start s -> u\nuser u -> e\nend e\n{ sub x triggeredByEvent=true\n"
                          f"start xs signal=storm isInterrupting={word} -> xe\nend xe\n}}")  # fmt: skip
    post.deploy(database, "start s -> u\nuser u -> e\nend e\n"
                          f"boundary b on=u signal=storm cancelActivity={word} -> f\nend f",
                process="q")  # fmt: skip
    cases = [post.start(database), post.start(database, "q")]

    for _ in range(2):
        broadcast(database)
        post.settle(database)

    times = 1 if interrupts else 2
    assert [post.received(database, key) for key in cases] == [["xs"] * times, ["b"] * times]


def test_a_case_that_ended_before_its_turn_gets_nothing(database, people, hands):
    from engine import instances

    post.deploy(database, WAITS)
    case = post.start(database)
    broadcast(database)
    with database.begin() as session:
        instances.cancel(session, SYSTEM, case, reason="撤回")

    post.settle(database)

    assert heard(database) == []
    assert undelivered(database) == (0, 0)


@pytest.mark.slow
def test_500_receivers_are_served_once_each_though_the_process_dies_again_and_again(
    database, people, hands, monkeypatch
):
    post.deploy(database, WAITS)
    with database.begin() as session:
        from engine import instances

        waiting = [instances.start(session, SYSTEM, "p", tenant_id="yj").key for _ in range(CROWD)]
    broadcast(database)
    real, served = receiving.deliver, 0

    def mortal(*given, **more):
        nonlocal served
        served += 1
        if served % 67 == 0:
            raise KeyboardInterrupt  # the process is killed within a unit
        real(*given, **more)

    monkeypatch.setattr(receiving, "deliver", mortal)
    deaths, units = 0, []
    while True:
        try:
            units.append(deliveries.run_due(database))
        except KeyboardInterrupt:
            deaths += 1
            continue
        if not units[-1]:
            break

    assert sorted(heard(database)) == waiting
    assert undelivered(database) == (0, 0)
    assert deaths >= CROWD // 67
    assert max(units) <= deliveries.UNIT


WORKER = """
import sys, time
from engine import deliveries, ids
from engine.db import Database
from engine.ports import ports
from tests.engine import stage

ids.use_node(int(sys.argv[2]))
ports.can, ports.roles = stage.can, stage.ROLES
database = Database(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
served = 0
while some := deliveries.run_due(database):
    served += some
print(served)
"""


def test_two_processes_serve_500_receivers_once_each(postgresql_url, hands, monkeypatch):
    database = Database(postgresql_url)
    stage.open_company(database, monkeypatch)
    post.deploy(database, WAITS)
    with database.begin() as session:
        from engine import instances

        waiting = [instances.start(session, SYSTEM, "p", tenant_id="yj").key for _ in range(CROWD)]
    hands.moment = hands.moment.replace(year=2020)  # due for processes with the real clock
    broadcast(database)

    workers = [
        subprocess.Popen([sys.executable, "-c", WORKER, postgresql_url, str(number)],
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for number in (1, 2)
    ]  # fmt: skip
    for worker in workers:
        assert worker.stdout.readline().strip() == "ready"
    for worker in workers:
        worker.stdin.write("go\n")
        worker.stdin.flush()
    shares = [json.loads(worker.communicate()[0]) for worker in workers]
    post.settle(database)  # what one held while the other looked

    assert sorted(heard(database)) == waiting
    assert undelivered(database) == (0, 0)
    assert min(shares) > 0
    database.close()
