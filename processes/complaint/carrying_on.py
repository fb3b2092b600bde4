"""Carry a complaint on as a new case: its owner did not withdraw it, or wants no merging."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import identity, instances, links, notices, submissions, tasks
from engine.errors import N_, NotFoundError
from engine.models import Instance, LinkKind, Submission, Task, TaskState
from engine.ports import SYSTEM, Actor, ports

FIRST = "T1_record"


def as_new_case(session: Session, old: Instance) -> Instance:
    """Start a case with the old one's record as a draft of its recorder; link the two.

    The time of receipt stays, and with it the limit of the answer. What was recorded is checked
    and submitted by a person again.
    """
    record = _record(session, old.key)
    recorder = _recorder(session, record)
    new = instances.start(session, recorder, old.process_id, tenant_id=old.tenant_id)
    links.add(session, new.key, old.key, LinkKind.CONTINUES, by=recorder.key)
    task = session.scalars(
        select(Task).where(Task.instance_key == new.key, Task.state == TaskState.OPEN)
    ).one()
    if record is not None:
        submissions.save_draft(session, task.key, recorder.key, record.data)
    if ports.can(recorder, "task.work", task) and recorder.key != SYSTEM.key:
        tasks.claim(session, recorder, task.key)
    notices.notify(
        session, notices.receivers(session, task), "continued",
        N_("{old} 由 {number} 接续办理：请核对带出的记录，提交后继续"),
        {"old": old.business_key or "", "number": new.business_key or ""}, task=task,
    )  # fmt: skip
    return new


def _record(session: Session, key: int) -> Submission | None:
    query = (
        select(Submission)
        .where(Submission.instance_key == key, Submission.element == FIRST)
        .order_by(Submission.version.desc())
        .limit(1)
    )
    return session.scalars(query).first()


def _recorder(session: Session, record: Submission | None) -> Actor:
    """Return who recorded the old case, if they are still here; else the engine starts it."""
    try:
        found = identity.actor(session, record.by) if record is not None else SYSTEM
    except NotFoundError:
        return SYSTEM
    return found
