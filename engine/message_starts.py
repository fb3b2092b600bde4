"""Messages that start instances: one a message and process, one a correlation key while it is open."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from engine import compiled, instances, starts
from engine.models import Instance, InstanceState, Message, StartLock, StartSubscription
from engine.ports import COMPANY, SYSTEM
from engine.receiving import BusyError

_OPEN = (InstanceState.ACTIVE, InstanceState.SUSPENDED)


def wanted(session: Session, message: Message) -> list[tuple[StartSubscription, str]]:
    """Return the start events for a message, each with the project to start in."""
    found = starts.waiting(session, "message", message.name, message.tenant_id)
    if message.tenant_id == COMPANY:  # it names no project to start a company-wide process in
        found = [(one, project) for one, project in found if one.tenant_id != COMPANY]
    return found


def start(session: Session, message: Message, start: StartSubscription, project: str) -> int | None:
    """Start an instance by a message; None while one with its correlation key is open."""
    lock = None
    if message.correlation_key:
        lock = _take(session, start.process_id, project, message)
        if lock is None:
            return None
    instance = instances.start_version(
        session, SYSTEM, compiled.compiled(session, start.definition_key), tenant_id=project,
        variables=message.variables, element=start.element,
    )  # fmt: skip
    if lock is not None:
        lock.instance_key = instance.key
    return instance.key


def start_all(session: Session, message: Message, *, had: Collection[str]) -> list[int]:
    """Start an instance of every process that a message starts; return their keys."""
    keys: list[int] = []
    seen = set(had)
    for one, project in wanted(session, message):
        if one.process_id in seen:
            continue
        key = start(session, message, one, project)
        if key is not None:
            keys.append(key)
            seen.add(one.process_id)
    return keys


def freed() -> ColumnElement[bool]:
    """Tell which locks keep a message waiting though their instance has ended."""
    return exists().where(
        StartLock.wanted_at.is_not(None), Instance.key == StartLock.instance_key,
        Instance.state.not_in(_OPEN),
    )  # fmt: skip


def free(session: Session, now: datetime, limit: int) -> int:
    """Drop such locks and let the messages look again."""
    query = (
        select(StartLock)
        .join(Instance, Instance.key == StartLock.instance_key)
        .where(StartLock.wanted_at.is_not(None), Instance.state.not_in(_OPEN))
        .limit(limit)
        .with_for_update(of=StartLock, skip_locked=True)
    )
    found = list(session.scalars(query))
    for lock in found:
        session.execute(
            update(Message)
            .where(Message.correlation_key == lock.correlation_key, Message.attempts == 0,
                   Message.tenant_id == lock.tenant_id, Message.expires_at > now)
            .values(due_at=now)
        )  # fmt: skip
        session.delete(lock)
    session.flush()
    return len(found)


def _take(session: Session, process_id: str, project: str, message: Message) -> StartLock | None:
    key = message.correlation_key
    lock = starts.lock_of(session, process_id, project, key)
    if lock is None:
        lock = StartLock(
            process_id=process_id, tenant_id=project, correlation_key=key, instance_key=0
        )
        try:
            with session.begin_nested():
                session.add(lock)
        except IntegrityError as error:  # another process starts one at this moment
            raise BusyError from error
        return lock
    holder = select(Instance.state).where(Instance.key == lock.instance_key)
    if session.scalars(holder).first() in _OPEN:
        lock.wanted_at = lock.wanted_at or message.published_at
        session.flush()
        return None
    lock.wanted_at = None
    return lock
