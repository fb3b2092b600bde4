"""Leases of jobs: in the job's row with its worker and its end, so that nobody else has it meanwhile.

A lease that is over gives the job to whoever asks next. A job is never leased twice at a time, in
however many processes.
"""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from engine import clock, starts
from engine.errors import N_, ForbiddenError, InvalidInputError
from engine.models import Definition, Instance, InstanceState, Job, JobState
from engine.ports import COMPANY, Actor, ports

#: how many jobs one request may take, and how long a lease may be
MOST_JOBS, LONGEST_LEASE = 1000, timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a worker asks for."""

    type: str
    worker: str
    lease: timedelta
    limit: int
    tenants: Collection[str]
    #: give each job a token that proves the lease
    proven: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Leased:
    """A job that a worker has now, with what it is told of the process."""

    job: Job
    process_id: str
    version: int
    root_key: int
    business_key: str | None


def scope(session: Session, actor: Actor, asked: Collection[str] = ()) -> frozenset[str]:
    """Return the projects whose jobs a worker may take: those asked for, or all."""
    allowed = tenants_of(session, actor)
    if asked:
        allowed &= frozenset(asked)
    if not allowed:
        raise ForbiddenError(N_("您不能领取这个项目的自动任务。"))
    return allowed


def tenants_of(session: Session, actor: Actor) -> frozenset[str]:
    """Return the projects whose jobs a person or machine may see and do."""
    own = actor.tenants()
    known = set(starts.everywhere(session)) if COMPANY in own else set(own)
    return frozenset(tenant for tenant in known if ports.can(actor, "job.work", tenant))


def check(request: Request) -> None:
    """Refuse a request that can't be meant."""
    if not (timedelta() < request.lease <= LONGEST_LEASE):
        raise InvalidInputError(
            N_("占用时间要大于零，不超过七天。"), fields={"timeout": [N_("要大于零，不超过七天。")]}
        )
    if request.limit < 1:
        raise InvalidInputError(
            N_("至少要领取一项。"), fields={"maxJobsToActivate": [N_("至少是 1。")]}
        )


def any_for(session: Session, request: Request) -> bool:
    """Tell, without locking anything, whether there is a job for this request."""
    return session.scalars(select(Job.key).where(_free(request)).limit(1)).first() is not None


def lease(session: Session, actor: Actor, request: Request) -> list[Leased]:
    """Take jobs, oldest first; nobody else gets them until the lease is over."""
    now = clock.now()
    query = (
        select(Job)
        .where(_free(request))
        .order_by(Job.due_at, Job.key)
        .limit(min(request.limit, MOST_JOBS))
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    found = list(session.scalars(query))
    for job in found:
        job.state, job.worker, job.leased_by = JobState.LEASED, request.worker, actor.key
        job.leased_until = now + request.lease
        job.lease = secrets.token_urlsafe(16) if request.proven else None
    session.flush()
    return _told(session, found)


def _free(request: Request) -> ColumnElement[bool]:
    """Tell which jobs a request may have: due ones, and those whose lease is over."""
    now = clock.now()
    moving = select(Instance.key).where(
        Instance.key == Job.instance_key, Instance.state == InstanceState.ACTIVE
    )
    return and_(
        Job.type == request.type,
        Job.tenant_id.in_(request.tenants),
        or_(
            and_(Job.state == JobState.WAITING, Job.due_at <= now),
            and_(Job.state == JobState.LEASED, Job.leased_until <= now),
        ),
        moving.exists(),
    )


def _told(session: Session, found: list[Job]) -> list[Leased]:
    query = (
        select(Job.key, Instance.process_id, Definition.version, Instance.root_key,
               Instance.business_key)
        .join(Instance, Instance.key == Job.instance_key)
        .join(Definition, Definition.key == Job.definition_key)
        .where(Job.key.in_([job.key for job in found]))
    )  # fmt: skip
    more: dict[int, Any] = {key: rest for key, *rest in session.execute(query)}
    return [
        Leased(job=job, process_id=process_id, version=version, root_key=root, business_key=number)
        for job in found
        for process_id, version, root, number in (more[job.key],)
    ]
