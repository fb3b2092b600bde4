"""External workers end the jobs that they have leased: complete, fail, or throw an error."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock, incidents, instances, jobs, outlook, runs, spiff, stepping, timers
from engine.errors import (
    N_,
    ConflictError,
    InvalidInputError,
    NotFoundError,
    StepFailedError,
)
from engine.models import (
    ClosedJob,
    Event,
    Instance,
    Job,
    JobState,
)
from engine.ports import Actor, ports
from engine.records import Effects
from engine.runs import Run

#: what Camunda calls it when nothing catches an error
UNCAUGHT = "error-uncaught"


class JobClosedError(ConflictError):
    """The job was completed, or has failed for good, before."""

    code = "job-closed"


class LeaseLostError(ConflictError):
    """The job is leased to another worker, or by a later lease."""

    code = "lease-lost"


def complete(
    session: Session, actor: Actor, job_key: int, variables: Mapping[str, Any], *,
    lease: str | None = None,
) -> Effects:  # fmt: skip
    """Let a job's token go on with what the worker found out."""
    _, job = _held(session, actor, job_key, lease)
    account = _account(job, "completed")
    effects = instances.finish_job(session, job, variables, actor)
    session.add(account)
    return effects


def not_completed(session: Session, job_key: int, error: StepFailedError) -> None:
    """Take a retry of a job whose result the process could not go on with."""
    run_of = session.scalars(select(Job.instance_key).where(Job.key == job_key)).first()
    if run_of is None:
        return
    runs.lock(session, run_of)
    job = session.get(Job, job_key, populate_existing=True)
    if job is not None:
        _release(job)
        jobs.failed(session, job, code=error.code, detail=str(error), element=error.element)


def fail(  # noqa: PLR0913 — what the API's request says
    session: Session,
    actor: Actor,
    job_key: int,
    *,
    retries: int,
    error: str,
    back_off: timedelta,
    variables: Mapping[str, Any],
    lease: str | None = None,
) -> None:
    """Give a job back: it comes again after the back-off, or waits for a person when spent.

    The variables are the job's own: who does it next is given them.
    """
    run, job = _held(session, actor, job_key, lease)
    job.retries, job.error = max(0, retries), error[:500]
    job.variables = {**job.variables, **instances.route(run.which, variables)}
    _release(job)
    if job.retries:
        job.state, job.due_at = JobState.WAITING, clock.now() + back_off
        timers.wake(session, job.due_at)
        return
    _give_up(session, job, code="job-failed", detail=error)


def throw(  # noqa: PLR0913 — what the API's request says
    session: Session,
    actor: Actor,
    job_key: int,
    *,
    code: str,
    message: str,
    variables: Mapping[str, Any],
    lease: str | None = None,
) -> None:
    """Throw a BPMN error from a job; what nothing catches is an incident."""
    run, job = _held(session, actor, job_key, lease)
    now = clock.now()
    thrown = spiff.Thrown(
        kind="error", name=code, payload=instances.route(run.which, variables), element=job.element
    )
    step = stepping.throw(session, run, job.token, thrown, now)
    if step.failure is not None and step.failure.code == UNCAUGHT:
        _release(job)
        _give_up(session, job, code=UNCAUGHT, detail=f"{code} {message}".strip())
        return
    account = _account(job, "error", f"{code} {message}".strip())
    run.chain.add(
        Event.JOB_DONE, actor.key, at=now, element=job.element,
        data={"error": code, **outlook.account(step, thrown.payload)},
    )  # fmt: skip
    instances.record(session, run, step, actor, now=now, effects=Effects())
    session.add(account)


def change(
    session: Session, actor: Actor, job_key: int, *, retries: int | None = None,
    lease_for: timedelta | None = None, lease: str | None = None,
) -> None:  # fmt: skip
    """Change how often a job may still fail, or how long its lease lasts from now."""
    job = _found(session, actor, job_key)[1]
    if lease is not None and lease != job.lease:
        raise _lost(job)
    if retries is not None:
        if retries < 1:
            raise InvalidInputError(
                N_("重试次数至少是 1。"), fields={"retries": [N_("至少是 1。")]}
            )
        job.retries = retries
    if lease_for is not None:
        if job.state != JobState.LEASED:
            raise ConflictError(N_("这项自动任务没有被占用，不能改占用时间。"))
        job.leased_until = clock.now() + lease_for


def _found(session: Session, actor: Actor, job_key: int) -> tuple[Run, Job]:
    """Lock a job's family, then read the job; raises for one that is closed or foreign."""
    query = select(Job.instance_key, Job.tenant_id).where(Job.key == job_key)
    known = session.execute(query).first()
    closed = None if known else session.get(ClosedJob, job_key)
    tenant_id = known[1] if known else closed and closed.tenant_id
    if tenant_id is None or not ports.can(actor, "job.work", tenant_id):
        raise NotFoundError(N_("没有编号为 {key} 的自动任务。"), key=job_key)
    run = runs.lock_moving(session, known[0]) if known else None
    job = session.get(Job, job_key, populate_existing=True)
    if run is None or job is None:
        raise JobClosedError(N_("这项自动任务已经办完或取消。"))
    return run, job


def _held(session: Session, actor: Actor, job_key: int, lease: str | None) -> tuple[Run, Job]:
    """Return a job that this worker may end: a proven lease by its token, others by its account."""
    run, job = _found(session, actor, job_key)
    if job.state == JobState.FAILED:
        raise JobClosedError(N_("这项自动任务已停止重试，请先处理异常。"))
    foreign = job.state == JobState.LEASED and job.leased_by != actor.key
    if foreign or (job.lease or None) != lease:
        raise _lost(job)
    return run, job


def _lost(job: Job) -> LeaseLostError:
    return LeaseLostError(
        N_("这项自动任务已由 {worker} 领取，您的占用已经失效。"), worker=job.worker or "-"
    )


def _release(job: Job) -> None:
    job.worker, job.lease, job.leased_by, job.leased_until = None, None, None, None


def _give_up(session: Session, job: Job, *, code: str, detail: str) -> None:
    job.state, job.error = JobState.FAILED, detail[:500]
    incidents.raise_(
        session, session.get_one(Instance, job.instance_key), element=job.element, code=code,
        message=N_("外部系统没有办成这一步，已停止重试。"), detail=detail, token=job.token,
        job_key=job.key,
    )  # fmt: skip


def _account(job: Job, outcome: str, error: str | None = None) -> ClosedJob:
    return ClosedJob(
        key=job.key, tenant_id=job.tenant_id, instance_key=job.instance_key,
        definition_key=job.definition_key, token=job.token, element=job.element, type=job.type,
        outcome=outcome, worker=job.worker, error=error, closed_at=clock.now(),
    )  # fmt: skip
