"""Steps that could not be run: raised, listed, resolved."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock, history, ids
from engine.errors import N_, ForbiddenError, NotFoundError
from engine.models import Event, Incident, Instance, Job, JobState
from engine.ports import SYSTEM, Actor, ports


def raise_(
    session: Session,
    instance: Instance,
    *,
    element: str,
    code: str,
    message: str,
    job_key: int | None = None,
) -> Incident:
    """Note that a step can't go on; the same open trouble of the same step is noted once."""
    same = select(Incident).where(
        Incident.instance_key == instance.key,
        Incident.element == element,
        Incident.code == code,
        Incident.resolved_at.is_(None),
    )
    found = session.scalars(same).first()
    if found is not None:
        found.message = message
        return found
    incident = Incident(
        key=ids.new(),
        tenant_id=instance.tenant_id,
        instance_key=instance.key,
        element=element,
        code=code,
        message=message,
        job_key=job_key,
        raised_at=clock.now(),
    )
    session.add(incident)
    history.add(
        session, instance.key, Event.INCIDENT, SYSTEM.key, element=element,
        data={"code": code, "incident": incident.key},
    )  # fmt: skip
    return incident


def open_of(session: Session, instance_keys: Sequence[int]) -> list[Incident]:
    """Return the unresolved incidents of instances, oldest first."""
    query = select(Incident).where(
        Incident.instance_key.in_(instance_keys), Incident.resolved_at.is_(None)
    )
    return list(session.scalars(query.order_by(Incident.key)))


def resolve(session: Session, actor: Actor, incident_key: int, *, retries: int = 1) -> Incident:
    """Mark an incident as resolved and let its job run again."""
    incident = session.get(Incident, incident_key)
    instance = None if incident is None else session.get(Instance, incident.instance_key)
    if incident is None or instance is None or not ports.can(actor, "instance.read", instance):
        raise NotFoundError(N_("没有这个异常"))
    if not ports.can(actor, "incident.resolve", instance):
        raise ForbiddenError(N_("异常由项目经理或系统管理员处理。"))
    if incident.resolved_at is None:
        _close(session, incident, actor, clock.now())
        job = session.get(Job, incident.job_key) if incident.job_key else None
        if job is not None:
            job.retries, job.state, job.due_at = retries, JobState.WAITING, clock.now()
    return incident


def close_all(session: Session, instance_key: int, actor: Actor, now: datetime) -> None:
    """Close the open incidents of an instance that has ended."""
    for incident in open_of(session, [instance_key]):
        incident.resolved_at, incident.resolved_by = now, actor.key


def _close(session: Session, incident: Incident, actor: Actor, now: datetime) -> None:
    incident.resolved_at, incident.resolved_by = now, actor.key
    history.add(
        session, incident.instance_key, Event.INCIDENT_RESOLVED, actor.key,
        element=incident.element, data={"incident": incident.key},
    )  # fmt: skip
