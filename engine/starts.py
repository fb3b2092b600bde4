"""What starts instances by itself: the start events of the versions in force, as rows.

A deployment opens them and closes those of the version before. A company-wide process starts in
the project of the message or signal; its timers start it in every project.
"""

from collections.abc import Iterable

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from engine import clock, compiled, ids, spiff, timers
from engine.errors import NotFoundError
from engine.models import (
    Definition,
    Message,
    StartLock,
    StartSubscription,
    Tenant,
    Timer,
    TimerKind,
)
from engine.ports import COMPANY


def replace(session: Session, definitions: Iterable[Definition]) -> None:
    """Let the start events of new versions wait, in the place of the ones before."""
    for definition in definitions:
        _close(session, definition)
        _open(session, definition)


def waiting(
    session: Session, kind: str, name: str, tenant_id: str
) -> list[tuple[StartSubscription, str]]:
    """Return the start events that a message or signal is for, each with the project to start in.

    A project's own version of a process goes before the company's, whatever it waits for.
    """
    query = select(StartSubscription).where(
        StartSubscription.kind == kind, StartSubscription.name == name
    )
    found = list(session.scalars(query.order_by(StartSubscription.key)))
    if not found:
        return []
    pairs = [
        (start, project) for start in found
        for project in _projects(session, start.tenant_id, tenant_id)
    ]  # fmt: skip
    return [(start, project) for start, project in pairs if in_force(session, start, project)]


def in_force(session: Session, start: StartSubscription, tenant_id: str) -> bool:
    """Tell whether a start event belongs to the version that is in force for a project."""
    try:
        return compiled.newest(session, start.process_id, tenant_id).key == start.definition_key
    except NotFoundError:
        return False


def everywhere(session: Session) -> list[str]:
    """Return all projects."""
    return list(session.scalars(select(Tenant.tenant_id).order_by(Tenant.tenant_id)))


def lock_of(session: Session, process_id: str, tenant_id: str, key: str) -> StartLock | None:
    """Lock and return what keeps a process from being started with a correlation key again."""
    query = select(StartLock).where(
        StartLock.process_id == process_id, StartLock.tenant_id == tenant_id,
        StartLock.correlation_key == key,
    )  # fmt: skip
    locked = query.with_for_update().execution_options(populate_existing=True)
    return session.scalars(locked).one_or_none()


def _projects(session: Session, of_start: str, of_event: str) -> list[str]:
    if of_start == COMPANY:
        return everywhere(session) if of_event == COMPANY else [of_event]
    return [of_start] if of_event in (COMPANY, of_start) else []


def _close(session: Session, definition: Definition) -> None:
    same = (
        StartSubscription.process_id == definition.process_id,
        StartSubscription.tenant_id == definition.tenant_id,
    )
    timer_keys = select(StartSubscription.timer_key).where(*same)
    session.execute(
        delete(Timer).where(Timer.key.in_(timer_keys)).execution_options(synchronize_session=False)
    )
    session.execute(delete(StartSubscription).where(*same))


def _open(session: Session, definition: Definition) -> None:
    which = compiled.compiled(session, definition.key)
    for start in which.process.starts:
        for event in start.events:
            if event.kind in {"message", "signal"}:
                session.add(_subscription(definition, start.id, event.kind, event.name))
                _call_messages(session, event.name)
    now = clock.now()
    for alarm in spiff.alarms(
        which.model, which.process_id, compiled.runtime(session, which, now=now)
    ):
        row = _subscription(definition, alarm.element, "timer", "")
        row.timer_key = ids.new()
        session.add(row)
        session.add(
            Timer(
                key=row.timer_key, tenant_id=definition.tenant_id, kind=TimerKind.START,
                due_at=alarm.due_at, attempts=0,
                data={"start": row.key, "element": alarm.element, "alarm": alarm.state},
            )
        )  # fmt: skip
        timers.wake(session, alarm.due_at)


def _subscription(definition: Definition, element: str, kind: str, name: str) -> StartSubscription:
    return StartSubscription(
        key=ids.new(), tenant_id=definition.tenant_id, definition_key=definition.key,
        process_id=definition.process_id, element=element, kind=kind, name=name,
    )  # fmt: skip


def _call_messages(session: Session, name: str) -> None:
    """Let kept messages look again: somebody new may want them."""
    for message in session.scalars(select(Message).where(Message.name == name)):
        message.due_at = clock.now()
    timers.wake(session, clock.now())
