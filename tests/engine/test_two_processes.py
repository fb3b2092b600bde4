"""Two processes on one PostgreSQL complete the same task two hundred times (issue A, 5)."""

import json
import subprocess
import sys

import pytest
from sqlalchemy import func, select

from engine import inbox, instances
from engine.db import Database
from engine.models import Event, History, Submission
from tests.engine import stage

WORKER = """
import json, sys, threading
from concurrent.futures import ThreadPoolExecutor
from engine import idempotency, identity, ids, tasks
from engine.db import Database
from engine.errors import ConflictError
from engine.ports import ports
from tests.engine import stage

url, task, user, number, one_key = sys.argv[1], *map(int, sys.argv[2:])
ids.use_node(number)
idempotency.use("one installation")
ports.can, ports.roles = stage.can, stage.ROLES
database = Database(url)
with database.read() as session:
    actor = identity.actor(session, user)
gate = threading.Barrier(10)

def attempt(thread, turn):
    key = "same" if one_key else f"{number}-{thread}-{turn}"
    def command(session):
        done = tasks.complete(session, actor, task, {"note": "x"})
        return idempotency.Answer(200, {"opened": [opened.key for opened in done.opened]})
    try:
        answer = idempotency.run(database, actor_key=user, key=key, request={"task": task},
                                 command=command)
    except ConflictError as error:
        return [error.code, None]
    return [answer.status, json.dumps(answer.body)]

def person(thread):
    gate.wait()
    return [attempt(thread, turn) for turn in range(10)]

print("ready", flush=True)
sys.stdin.readline()
with ThreadPoolExecutor(10) as crowd:
    print(json.dumps([outcome for some in crowd.map(person, range(10)) for outcome in some]))
"""


@pytest.mark.parametrize("one_key", [0, 1], ids=["distinct keys", "one key"])
def test_200_completions_of_two_processes_have_one_effect(
    one_key, postgresql_url, hands, monkeypatch
):
    database = Database(postgresql_url)
    people = stage.open_company(database, monkeypatch)
    stage.deploy(database, "two_steps")
    with database.begin() as session:
        case = instances.start(session, people["he"], "two_steps", tenant_id="yj").key
    with database.read() as session:
        task = inbox.search(session, people["he"], view="groups").rows[0].task.key

    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, postgresql_url, str(task), str(people["he"].key),
             str(number), str(one_key)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for number in (1, 2)
    ]  # fmt: skip
    for worker in workers:
        assert worker.stdout.readline().strip() == "ready"
    for worker in workers:
        worker.stdin.write("go\n")
        worker.stdin.flush()
    outcomes = [tuple(one) for worker in workers for one in json.loads(worker.communicate()[0])]

    assert len(outcomes) == 200
    if one_key:
        assert len(set(outcomes)) == 1
        assert outcomes[0][0] == 200
    else:
        codes = [code for code, _ in outcomes]
        assert (codes.count(200), codes.count("task-closed")) == (1, 199)
    with database.read() as session:
        done = select(func.count()).where(
            History.instance_key == case, History.kind == Event.TASK_COMPLETED
        )
        assert session.scalar(done) == 1
        assert session.scalar(select(func.count()).select_from(Submission)) == 1
    database.close()
