"""Rain day: every leak of the project wakes once, whoever is killed; another project stays dry."""

import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta

from sqlalchemy import func, select

from engine import rain
from engine.db import Database
from engine.models import Delivery, Subscription, Task, Tenant
from engine.ports import SYSTEM
from tests.conftest import MONDAY
from tests.processes.leaks import leak

LEAKS, ELSEWHERE = 16, 2

WORKER = """
import sys
from datetime import datetime
import processes
from engine import clock, deliveries, ids, timers
from engine.db import Database

ids.use_node(int(sys.argv[2]))
deliveries.UNIT_SECONDS = 0.0
processes.register()
database = Database(sys.argv[1], pool_size=2)
moment = datetime.fromisoformat(sys.argv[3])
with clock.at(lambda: moment):
    while timers.run_due(database) + deliveries.run_due(database):
        pass
"""


def left(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(Delivery)) or 0


def worker(database: Database, number: int, moment) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, database.url, str(number), moment.isoformat()]
    )


def test_every_leak_of_the_project_wakes_once_though_a_process_is_killed(lasting_project, hands):
    with lasting_project.begin() as session:
        session.add(Tenant(tenant_id="ch", name="翠湖雅居", zone="Asia/Shanghai"))
    repaired = [leak(lasting_project, "yj", MONDAY - timedelta(days=2)) for _ in range(LEAKS)]
    dry = [leak(lasting_project, "ch", MONDAY - timedelta(days=2)) for _ in range(ELSEWHERE)]
    with lasting_project.begin() as session:
        rain.record(session, SYSTEM, "yj", MONDAY.date(), level="heavy")
    hands.moment += rain.GRACE
    first = worker(lasting_project, 1, hands.moment)
    end = time.monotonic() + 60
    while not 0 < left(lasting_project) <= LEAKS - 3 and time.monotonic() < end:
        time.sleep(0.01)
    first.kill()
    first.wait()
    stood = left(lasting_project)
    assert worker(lasting_project, 2, hands.moment).wait(60) == 0

    assert 0 < stood < LEAKS
    assert left(lasting_project) == 0
    with lasting_project.read() as session:
        calls = session.scalars(select(Task.root_key).where(Task.element == "C1_callback"))
        assert Counter(calls) == Counter(repaired)
        waiting = select(Subscription.instance_key).where(Subscription.name == rain.SIGNAL)
        assert sorted(session.scalars(waiting)) == sorted(dry)
