"""External workers lease jobs, end them, or lose them when their lease is over."""

import json
import subprocess
import sys
import threading
import time
from datetime import timedelta

import pytest
from sqlalchemy import select

from engine import clock, leases, polling, workers
from engine.errors import ForbiddenError, InvalidInputError, NotFoundError, StepFailedError
from engine.leases import Request
from engine.models import Incident, Job
from engine.ports import SYSTEM
from engine.workers import JobClosedError, LeaseLostError
from tests.engine import post

EXTERNAL = (
    '<zeebe:properties><zeebe:property name="worker" value="external"/></zeebe:properties>'
    '<zeebe:ioMapping><zeebe:input source="=bill" target="bill"/></zeebe:ioMapping>'
)
MINUTE = timedelta(minutes=1)
CHARGE = (
    f"start s -> c\nservice c job=charge | {EXTERNAL} -> u\nuser u -> e\nend e\n"
    "boundary b on=c error=poor -> f\nend f"
)


@pytest.fixture
def case(database, people, hands) -> int:
    post.deploy(database, CHARGE)
    return post.start(database, bill="B-7")


def request(**more) -> Request:
    known = {"type": "charge", "worker": "w1", "lease": MINUTE, "limit": 5, "tenants": {"yj"}}
    return Request(**known | more)


def lease(database, actor=SYSTEM, **more):
    with database.begin() as session:
        return leases.lease(session, actor, request(**more))


def do(database, command, *given, **more):
    with database.begin() as session:
        return command(session, *given, **more)


def job_of(database) -> Job:
    with database.read() as session:
        return session.scalars(select(Job)).one()


def test_a_worker_takes_a_job_and_completes_it(database, case):
    (leased,) = lease(database)
    again = lease(database, worker="w2")

    do(database, workers.complete, SYSTEM, leased.job.key, {"amount": 3})

    assert (leased.process_id, leased.job.worker, leased.job.element) == ("p", "w1", "c")
    assert again == []
    assert post.path(database, case) == ["s", "c"]


def test_completing_twice_is_a_conflict_and_an_unknown_key_is_not_found(database, case):
    (leased,) = lease(database)
    do(database, workers.complete, SYSTEM, leased.job.key, {})

    with pytest.raises(JobClosedError):
        do(database, workers.complete, SYSTEM, leased.job.key, {})
    with pytest.raises(NotFoundError):
        do(database, workers.complete, SYSTEM, 4711, {})


def test_a_lease_that_is_over_gives_the_job_to_the_next_worker(database, case, hands, people):
    (first,) = lease(database, proven=True)
    hands.moment += MINUTE
    (second,) = lease(database, worker="w2", proven=True)

    with pytest.raises(LeaseLostError):
        do(database, workers.complete, SYSTEM, first.job.key, {}, lease=first.job.lease)
    with pytest.raises(LeaseLostError):
        do(database, workers.complete, SYSTEM, first.job.key, {})
    do(database, workers.complete, SYSTEM, second.job.key, {}, lease=second.job.lease)

    assert first.job.lease != second.job.lease
    assert post.path(database, case) == ["s", "c"]


def test_without_proof_the_account_tells_whose_a_lease_is(database, case, hands, people):
    (first,) = lease(database, people["he"])
    hands.moment += MINUTE
    lease(database, people["zhou"], worker="w2")

    with pytest.raises(LeaseLostError):
        do(database, workers.complete, people["he"], first.job.key, {})
    do(database, workers.complete, people["zhou"], first.job.key, {})


def test_a_late_worker_may_still_complete_what_nobody_else_took(database, case, hands):
    (leased,) = lease(database, proven=True)
    hands.moment += 2 * MINUTE

    do(database, workers.complete, SYSTEM, leased.job.key, {}, lease=leased.job.lease)

    assert post.path(database, case) == ["s", "c"]


def test_a_failed_job_comes_again_after_its_back_off(database, case, hands):
    (leased,) = lease(database)
    do(database, workers.fail, SYSTEM, leased.job.key, retries=2, error="no route",
       back_off=MINUTE, variables={"bill": "B-8"})  # fmt: skip
    at_once = lease(database)
    hands.moment += MINUTE

    (again,) = lease(database)

    assert at_once == []
    assert (again.job.retries, again.job.error) == (2, "no route")
    assert again.job.variables["bill"] == "B-8"


def test_a_job_without_retries_is_an_incident_and_comes_no_more(database, case, hands):
    (leased,) = lease(database)
    do(database, workers.fail, SYSTEM, leased.job.key, retries=0, error="broken",
       back_off=timedelta(), variables={})  # fmt: skip

    with database.read() as session:
        incident = session.scalars(select(Incident)).one()
    assert (incident.code, incident.job_key) == ("job-failed", leased.job.key)
    assert lease(database) == []
    with pytest.raises(JobClosedError):
        do(database, workers.complete, SYSTEM, leased.job.key, {})


def test_a_bpmn_error_takes_the_border_and_an_unknown_one_is_an_incident(database, case, hands):
    (leased,) = lease(database)
    do(database, workers.throw, SYSTEM, leased.job.key, code="poor", message="", variables={})
    assert post.path(database, case) == ["s", "b", "f"]

    post.start(database)
    (other,) = lease(database)
    do(database, workers.throw, SYSTEM, other.job.key, code="rich", message="why", variables={})

    with database.read() as session:
        assert session.scalars(select(Incident.code)).all() == ["error-uncaught"]
    assert job_of(database).state == "failed"


def test_a_result_that_the_process_cannot_use_costs_a_retry(database, people, hands):
    post.deploy(database, f"start s -> c\nservice c job=charge | {EXTERNAL} -> x\n"
                          "xor x -> e[=amount~>~1] f[=amount~<~1]\nend e\nend f")  # fmt: skip
    post.start(database)
    (leased,) = lease(database)

    with pytest.raises(StepFailedError) as failed:
        do(database, workers.complete, SYSTEM, leased.job.key, {"amount": 1})
    do(database, workers.not_completed, leased.job.key, failed.value)

    job = job_of(database)
    assert (job.state, job.retries, job.worker) == ("waiting", 2, None)


def test_a_lease_can_be_made_longer_and_retries_more(database, case, hands):
    (leased,) = lease(database)
    do(database, workers.change, SYSTEM, leased.job.key, retries=9, lease_for=10 * MINUTE)
    hands.moment += 5 * MINUTE

    assert lease(database) == []
    assert job_of(database).retries == 9
    with pytest.raises(InvalidInputError):
        do(database, workers.change, SYSTEM, leased.job.key, retries=0)


def test_a_worker_sees_the_jobs_of_its_projects_only(database, case, people, monkeypatch):
    monkeypatch.setattr("engine.leases.ports.can", lambda _, __, tenant: tenant == "tl")
    with pytest.raises(ForbiddenError), database.read() as session:
        leases.scope(session, people["he"], ["yj"])
    with pytest.raises(NotFoundError):
        do(database, workers.complete, people["he"], job_of(database).key, {})


def test_a_polling_worker_is_woken_by_the_commit_that_opens_a_job(database, people, hands):
    post.deploy(database, CHARGE)
    found = []

    def poll():
        with clock.at(hands):
            begin = time.monotonic()
            found.extend(polling.lease(database, SYSTEM, request(), patience=5 * MINUTE))
            found.append(time.monotonic() - begin)

    worker = threading.Thread(target=poll)
    worker.start()
    time.sleep(0.3)
    post.start(database)
    worker.join()

    assert [type(one).__name__ for one in found] == ["Leased", "float"]
    assert 0.2 < found[1] < 3


WORKER = """
import json, sys, time
from datetime import timedelta
from engine import ids, leases
from engine.db import Database
from engine.leases import Request
from engine.ports import SYSTEM

ids.use_node(int(sys.argv[2]))
database = Database(sys.argv[1])
wanted = Request(type="charge", worker=sys.argv[2], lease=timedelta(hours=1), limit=1,
                 tenants={"yj"})
print("ready", flush=True)
sys.stdin.readline()
had = []
for _ in range(60):
    time.sleep(0.005)
    with database.begin() as session:
        had += [one.job.key for one in leases.lease(session, SYSTEM, wanted)]
print(json.dumps(had))
"""


@pytest.mark.slow
def test_two_processes_never_hold_the_same_job(request, tmp_path, database, people, hands):
    hands.moment = hands.moment.replace(year=2020)  # due for processes with the real clock
    post.deploy(database, CHARGE)
    for _ in range(60):
        post.start(database)

    workers_ = [
        subprocess.Popen([sys.executable, "-c", WORKER, database.url, str(number)],
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for number in (1, 2)
    ]  # fmt: skip
    for worker in workers_:
        assert worker.stdout.readline().strip() == "ready"
    for worker in workers_:
        worker.stdin.write("go\n")
        worker.stdin.flush()
    first, second = (json.loads(worker.communicate()[0]) for worker in workers_)

    assert len(first) + len(second) == 60
    assert len({*first, *second}) == 60
    assert min(len(first), len(second)) > 0
