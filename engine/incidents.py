"""Steps that could not be run: raised once, listed, tried again or settled."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.orm import Session

from engine import clock, compiled, history, ids, messages, outbox, runs, timers
from engine.db import Database
from engine.errors import N_, ConflictError, ForbiddenError, NotFoundError, StepFailedError
from engine.models import (
    Event,
    Incident,
    Instance,
    Job,
    JobState,
    Outbox,
    Subscription,
    Task,
    TaskState,
    Timer,
)
from engine.ports import COMPANY, SYSTEM, Actor, ports

#: codes that mean more than their message
STEP_FAILED, TIMER_FAILED, STUCK = "step-failed", "timer-failed", "stuck"
UNSENT = "message-not-sent"
MESSAGE_FAILED, SIGNAL_FAILED = "message-failed", "signal-failed"
PAGE = 50
_LONGEST_DETAIL = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An open incident as the list shows it."""

    incident: Incident
    instance: Instance
    #: the case that the instance belongs to: the outermost caller
    root: Instance
    step: str


def raise_(  # noqa: PLR0913 — one argument a column
    session: Session,
    instance: Instance,
    *,
    element: str,
    code: str,
    message: str,
    detail: str | None = None,
    token: int | None = None,
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
        found.message, found.detail = message, _cut(detail)
        found.job_key, found.token = job_key or found.job_key, token or found.token
        return found
    incident = Incident(
        key=ids.new(), tenant_id=instance.tenant_id, instance_key=instance.key, element=element,
        code=code, message=message, detail=_cut(detail), token=token, job_key=job_key,
        raised_at=clock.now(),
    )  # fmt: skip
    session.add(incident)
    history.add(
        session, instance.key, Event.INCIDENT, SYSTEM.key, element=element,
        data={"code": code, "incident": incident.key},
    )  # fmt: skip
    return incident


def note(database: Database, error: StepFailedError) -> None:
    """Tell those in charge that a person's completion was refused by the process itself."""
    if error.stood is None:
        return
    key, token = error.stood
    with database.begin() as session:
        runs.lock(session, key)
        raise_(
            session, session.get_one(Instance, key), element=error.element, code=STEP_FAILED,
            message=N_("办理人提交后，流程在这一步走不下去；提交没有生效，内容在草稿里。"),
            detail=str(error), token=token,
        )  # fmt: skip


def get(session: Session, actor: Actor, incident_key: int) -> Incident:
    """Return an incident that this person may see."""
    incident = session.get(Incident, incident_key)
    instance = None if incident is None else session.get(Instance, incident.instance_key)
    if incident is None or instance is None or not ports.can(actor, "incident.read", instance):
        raise NotFoundError(N_("没有这个异常"))
    return incident


def open_of(session: Session, instance_keys: Sequence[int]) -> list[Incident]:
    """Return the unresolved incidents of instances, oldest first."""
    query = select(Incident).where(
        Incident.instance_key.in_(instance_keys), Incident.resolved_at.is_(None)
    )
    return list(session.scalars(query.order_by(Incident.key)))


def visible(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for incidents of the projects that this person looks after."""
    mine = [t for t in sorted(actor.tenants()) if ports.can(actor, "incident.read", t)]
    if COMPANY in mine:
        return Incident.key.is_not(None)
    return Incident.tenant_id.in_(mine)


def listed(
    session: Session, actor: Actor, *, tenant_id: str | None = None, before: int | None = None
) -> list[Line]:
    """Return a page of open incidents, newest first, and one more if there are further ones."""
    query = (
        select(Incident, Instance)
        .join(Instance, Instance.key == Incident.instance_key)
        .where(visible(actor), Incident.resolved_at.is_(None))
        .order_by(Incident.key.desc())
        .limit(PAGE + 1)
    )
    if tenant_id:
        query = query.where(Incident.tenant_id == tenant_id)
    if before:
        query = query.where(Incident.key < before)
    return [line(session, *row) for row in session.execute(query).all()]


def line(session: Session, incident: Incident, instance: Instance) -> Line:
    """Return an incident with its case and the name of its step."""
    elements = compiled.compiled(session, instance.definition_key).process.elements
    found = elements.get(incident.element)
    step = (found.name or found.id) if found is not None else ""
    root = session.get_one(Instance, instance.root_key)
    return Line(incident=incident, instance=instance, root=root, step=step)


def resolve(session: Session, actor: Actor, incident_key: int, *, retries: int = 1) -> Incident:
    """Try again what failed, and mark the incident as resolved; a second call changes nothing."""
    incident = get(session, actor, incident_key)
    runs.lock(session, incident.instance_key)
    session.refresh(incident)
    instance = session.get_one(Instance, incident.instance_key)
    if not ports.can(actor, "incident.resolve", instance):
        raise ForbiddenError(N_("异常由项目经理或系统管理员处理。"))
    if incident.resolved_at is None:
        if instance.ended_at is None:
            _AGAIN.get(incident.code, _nothing)(session, incident)
            _job_again(session, incident, retries)
        _close(session, incident, actor, clock.now())
    return incident


def settle(session: Session, instance_keys: Sequence[int], actor: Actor) -> None:
    """Close the incidents of what is over: steps passed or moved, cases that wait again."""
    from engine import watchdog  # it raises incidents itself

    session.flush()
    for incident in open_of(session, instance_keys):
        if incident.code == STUCK:
            over = bool(watchdog.tokens(session, incident.instance_key))
        else:
            over = incident.token is not None and not _stands(session, incident)
        if over:
            _close(session, incident, actor, clock.now())


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


def _stands(session: Session, incident: Incident) -> bool:
    """Tell whether the token of an incident still has its row."""
    here = [
        exists().where(rows.instance_key == incident.instance_key, rows.token == incident.token)
        for rows in (Job, Timer, Subscription)
    ]
    task = exists().where(
        Task.instance_key == incident.instance_key, Task.token == incident.token,
        Task.state == TaskState.OPEN,
    )  # fmt: skip
    called = exists().where(
        Instance.parent_key == incident.instance_key, Instance.parent_token == incident.token,
        Instance.ended_at.is_(None),
    )  # fmt: skip
    session.flush()
    return any(session.scalar(select(one)) for one in (task, *here, called))


def _job_again(session: Session, incident: Incident, retries: int) -> None:
    job = session.get(Job, incident.job_key) if incident.job_key else None
    if job is not None:
        suspended = runs.is_suspended(session, incident.instance_key)
        job.state = JobState.SUSPENDED if suspended else JobState.WAITING
        job.retries, job.due_at = retries, clock.now()
        timers.wake(session, job.due_at)


def _timers_again(session: Session, incident: Incident) -> None:
    now = clock.now()
    session.execute(
        update(Timer)
        .where(Timer.instance_key == incident.instance_key, Timer.attempts > 0)
        .values(attempts=0, due_at=now)
    )
    timers.wake(session, now)


def _letters_again(session: Session, incident: Incident) -> None:
    given_up = select(Outbox.key).where(
        Outbox.instance_key == incident.instance_key, Outbox.sent_at.is_(None),
        Outbox.attempts >= outbox.PATIENCE,
    )  # fmt: skip
    for key in session.scalars(given_up).all():
        outbox.retry(session, key)


def _post_again(session: Session, incident: Incident) -> None:
    messages.try_again(session, incident.instance_key)


def _rows_again(session: Session, incident: Incident) -> None:
    from engine import watchdog  # it raises incidents itself

    if not watchdog.restore(session, incident.instance_key):
        raise ConflictError(
            N_("这个案件的流程里已经没有可以等待的事，重试没有用。请把它移到一个步骤，或者作废。")
        )


def _nothing(_session: Session, _incident: Incident) -> None:
    """Leave it at the mark: whoever submits next tries again."""


_AGAIN: Mapping[str, Callable[[Session, Incident], None]] = MappingProxyType(
    {
        TIMER_FAILED: _timers_again,
        UNSENT: _letters_again,
        STUCK: _rows_again,
        MESSAGE_FAILED: _post_again,
        SIGNAL_FAILED: _post_again,
    }
)


def _cut(detail: str | None) -> str | None:
    return None if detail is None else detail[:_LONGEST_DETAIL]
