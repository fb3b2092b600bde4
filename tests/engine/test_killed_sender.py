"""A process is killed while it sends: another one sends again, and the receiver counts each once."""

import subprocess
import sys
import time

import pytest

from engine import notices, outbox
from engine.outward import channels, dispatch, world
from tests.engine import cases_in_rows as rows
from tests.engine import sinks

WORKER = """
import sys
from datetime import datetime
from engine import clock, ids, outbox
from engine.db import Database
from engine.outward import channels, dispatch, world

url, host, key, moment = sys.argv[1:]
ids.use_node(7)
world.use(world.World(allowed=frozenset({host}), keys=(key,)))
with clock.at(lambda: datetime.fromisoformat(moment)):
    print("ready", flush=True)
    outbox.send_due(Database(url))
"""
KEY = "a key of this test"


@pytest.fixture
def hook(database, hands, monkeypatch):
    with sinks.hooks() as opened:
        world.use(world.World(allowed=frozenset({opened.host}), keys=(KEY,)))
        with database.begin() as session:
            people = rows.company(session, monkeypatch)
            channels.create(session, kind="webhook", name="总台", url=opened.url)
            for n in range(10):
                notices.notify(session, [people["an"]], "overdue", "{n}", {"n": n}, tenant_id="yj")
                hands.moment = hands.moment.replace(second=n + 1)
        yield opened
    world.use(world.World())


@pytest.mark.slow
def test_what_a_killed_process_had_in_hand_is_sent_again_under_the_same_ids(database, hands, hook):
    dispatch.run_due(database)
    hook.mood = sinks.SLOW
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, database.url, hook.host, KEY, hands.moment.isoformat()],
        stdout=subprocess.PIPE,
    )
    while len(hook.calls) < 2:
        assert worker.poll() is None
        time.sleep(0.02)

    worker.kill()
    worker.wait()
    worker.stdout.close()
    hook.mood = sinks.OK
    at_once = outbox.send_due(database)
    hands.moment += outbox.LEASE
    while outbox.send_due(database):
        pass

    calls = [headers["webhook-id"] for _path, headers, _body in hook.calls]
    assert at_once == 0, "the lease of the dead one holds"
    assert len(hook.taken) == 10
    assert len(calls) > 10
    assert set(calls) == set(hook.taken)
