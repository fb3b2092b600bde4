"""Work of service and send tasks: done by registered handlers, in a unit of its own each."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from engine import clock, incidents, instances, retries, runs, spiff, timers
from engine.db import Database
from engine.errors import N_, EngineError, StepFailedError
from engine.models import Instance, Job, JobState
from engine.ports import SYSTEM, ports

log = logging.getLogger(__name__)

_DUE = (
    select(Job.key)
    .where(
        Job.state == JobState.WAITING, Job.due_at <= bindparam("now"),
        Job.type.in_(bindparam("types", expanding=True)),
    )
    .order_by(Job.due_at, Job.key)
    .limit(bindparam("limit"))
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """The answer of a handler that has done a part and is to come again; costs no retry."""

    after: timedelta = timedelta()


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a handler is told of the job that it does."""

    key: int
    type: str
    tenant_id: str
    instance_key: int
    root_key: int
    business_key: str | None
    element: str
    headers: Mapping[str, str]
    variables: Mapping[str, Any]


def run_due(database: Database, limit: int = 20) -> int:
    """Do the jobs that are due and have a handler here; return how many were done."""
    with database.read() as session:
        asked = {"now": clock.now(), "types": tuple(ports.handlers), "limit": limit}
        keys = list(session.scalars(_DUE, asked))
    return sum(_run(database, key) for key in keys)


def _run(database: Database, key: int) -> bool:
    """Do one job; a failing handler leaves the instance as it was and costs a retry."""
    try:
        with database.begin() as session:
            job = _claimed(session, key)
            if job is None:
                return False
            instance = session.get_one(Instance, job.instance_key)
            handler = ports.handlers[job.type]
            given: Mapping[str, Any] | Later = handler(session, _work(job, instance)) or {}
            if isinstance(given, Later):
                job.due_at = clock.now() + given.after
                timers.wake(session, job.due_at)
            else:
                instances.finish_job(session, job, given, SYSTEM)
            return True
    except Exception as error:  # a handler is foreign code: whatever it raises costs a retry
        log.exception("job %s failed", key)
        with database.begin() as session:
            _failed(session, key, error)
        return False


def _claimed(session: Session, key: int) -> Job | None:
    """Take a waiting job for this unit; None when another process has done it."""
    instance_key = session.scalars(select(Job.instance_key).where(Job.key == key)).first()
    if instance_key is None:
        return None
    runs.lock(session, instance_key)  # as every command does: the family first, its rows after
    query = select(Job).where(Job.key == key, Job.state == JobState.WAITING)
    return session.scalars(query).one_or_none()


def _work(job: Job, instance: Instance) -> Work:
    return Work(
        key=job.key, type=job.type, tenant_id=job.tenant_id, instance_key=instance.key,
        root_key=instance.root_key, business_key=instance.business_key, element=job.element,
        headers=job.headers, variables=job.variables,
    )  # fmt: skip


def wait_before_retry(session: Session, job: Job) -> timedelta:
    """Return how long a job that has just failed waits: as its step says, else longer each time."""
    run = runs.load(session, job.instance_key)
    declared = next(
        (int(wait.job.retries) for wait in spiff.waits(run.which.model, run.blob)
         if wait.token == job.token and wait.job is not None), job.retries + 1,
    )  # fmt: skip
    failures = max(1, declared - job.retries)
    element = run.which.process.elements.get(job.element)
    told = element.properties.get(retries.PROPERTY, "") if element is not None else ""
    return retries.wait(told, failures)


def failed(session: Session, job: Job, *, code: str, detail: str, element: str = "") -> None:
    """Take one retry of a job; the last one spent, raise an incident and wait for a person."""
    job.retries = max(0, job.retries - 1)
    job.error = detail[:500]
    if job.retries:
        job.state, job.due_at = JobState.WAITING, clock.now() + wait_before_retry(session, job)
        timers.wake(session, job.due_at)
        return
    job.state = JobState.FAILED
    incidents.raise_(
        session, session.get_one(Instance, job.instance_key), element=element or job.element,
        code=code, message=N_("自动步骤没有成功，已停止重试。"), detail=detail, token=job.token,
        job_key=job.key,
    )  # fmt: skip


def _failed(session: Session, key: int, error: Exception) -> None:
    found = session.get(Job, key)
    if found is None:
        return
    runs.lock(session, found.instance_key)
    job = session.get(Job, key, populate_existing=True)
    if job is None or job.state != JobState.WAITING:
        return
    code = error.code if isinstance(error, EngineError) else "job-failed"
    element = error.element if isinstance(error, StepFailedError) else ""
    detail = str(error) if isinstance(error, EngineError) else f"{type(error).__name__}: {error}"
    failed(session, job, code=code, detail=detail, element=element)
