"""Work of service and send tasks: done by registered handlers, in a unit of its own each."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock, incidents, instances
from engine.db import Database
from engine.errors import N_, EngineError
from engine.models import Instance, Job, JobState
from engine.ports import SYSTEM, ports

log = logging.getLogger(__name__)

#: waiting time after the first failure; doubled after each further one
BACK_OFF, LONGEST_WAIT = timedelta(seconds=10), timedelta(hours=1)


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
        query = (
            select(Job.key)
            .where(
                Job.state == JobState.WAITING,
                Job.due_at <= clock.now(),
                Job.type.in_(tuple(ports.handlers)),
            )
            .order_by(Job.due_at, Job.key)
            .limit(limit)
        )
        keys = list(session.scalars(query))
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
            given = handler(session, _work(job, instance)) or {}
            instances.finish_job(session, job, given, SYSTEM)
            return True
    except Exception as error:  # a handler is foreign code: whatever it raises costs a retry
        log.exception("job %s failed", key)
        with database.begin() as session:
            _failed(session, key, error)
        return False


def _claimed(session: Session, key: int) -> Job | None:
    """Take a waiting job for this unit; None when another process has it."""
    query = select(Job).where(Job.key == key, Job.state == JobState.WAITING)
    return session.scalars(query.with_for_update(skip_locked=True)).one_or_none()


def _work(job: Job, instance: Instance) -> Work:
    return Work(
        key=job.key, type=job.type, tenant_id=job.tenant_id, instance_key=instance.key,
        root_key=instance.root_key, business_key=instance.business_key, element=job.element,
        headers=job.headers, variables=job.variables,
    )  # fmt: skip


def _failed(session: Session, key: int, error: Exception) -> None:
    job = session.get(Job, key)
    if job is None:
        return
    job.retries -= 1
    job.error = f"{type(error).__name__}: {error}"[:500]
    spent = job.retries <= 0
    job.state = JobState.FAILED if spent else JobState.WAITING
    failures = max(0, 3 - job.retries)
    job.due_at = clock.now() + min(BACK_OFF * 2**failures, LONGEST_WAIT)
    if spent:
        instance = session.get_one(Instance, job.instance_key)
        code = error.code if isinstance(error, EngineError) else "job-failed"
        incidents.raise_(
            session, instance, element=job.element, code=code,
            message=N_("自动步骤没有成功，已停止重试。"), job_key=job.key,
        )  # fmt: skip
