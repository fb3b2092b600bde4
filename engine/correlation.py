"""Brings messages and those who wait together: the oldest of both, once to each process.

A new message looks for who waits, whoever begins to wait looks for kept messages; each looks after
it has become durable, so that neither misses the other. Effect and receipt are one unit.
"""

import logging
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from engine import clock, ids, incidents, matching, message_starts, messages, receiving, timers
from engine.db import Database
from engine.errors import N_, NotFoundError
from engine.models import Instance, Message, MessageReceipt, Subscription
from engine.ports import SYSTEM, Actor
from engine.receiving import BusyError, Waiting

log = logging.getLogger(__name__)

#: a unit of work hands the write lock back after this many seconds
UNIT_SECONDS = 0.05
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=10), timedelta(hours=1)
#: after so many failures a person has to look; it is then tried once a day
PATIENCE = 8
_PARKED = timedelta(days=1)
#: a case that somebody works on is looked at again after this
_SOON = timedelta(milliseconds=250)
_BATCH = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Correlated:
    """A message that was received at once, and the first instance that had it."""

    message_key: int
    instance_key: int


def run_due(database: Database, limit: int = 20) -> int:
    """Bring together what can be; return how many rows were looked after."""
    with database.read() as session:
        if not matching.anything(session, clock.now()):
            return 0
    until = time.perf_counter() + UNIT_SECONDS
    done = 0
    with database.begin() as session:
        for outcome in _work(session, limit):
            done += outcome
            if done and time.perf_counter() > until:
                break
    return done


def correlate(
    session: Session,
    actor: Actor,
    name: str,
    correlation_key: str | None,
    variables: Mapping[str, Any],
    *,
    tenant_id: str,
) -> Correlated:
    """Give a message to who waits for it now, in this unit; it is not kept.

    Raises NotFoundError when nobody waits.
    """
    messages.may_publish(actor, tenant_id)
    now = clock.now()
    message = Message(
        key=ids.new(), tenant_id=tenant_id, name=name, correlation_key=correlation_key or "",
        variables=dict(variables), published_at=now, expires_at=now,
    )  # fmt: skip
    given = [
        waiting.instance_key
        for key in matching.receivers(session, message)
        if (waiting := _received(session, key, message, actor)) is not None
    ]
    had = {session.get_one(Instance, key).process_id for key in given}
    given += message_starts.start_all(session, message, had=had)
    if not given:
        raise NotFoundError(N_("没有流程在等待消息“{name}”。"), name=name)
    return Correlated(message_key=message.key, instance_key=given[0])


def _received(session: Session, key: int, message: Message, actor: Actor) -> Waiting | None:
    waiting = receiving.hold(session, key, patient=True)
    if waiting is not None:
        receiving.deliver(session, waiting, message.variables, actor, message=message.key)
        _stay_due(session, waiting.key)
    return waiting


def _work(session: Session, limit: int) -> Iterator[int]:
    """Do one thing after the other; yields 1 for each that was done, 0 for one to come back to."""
    now = clock.now()
    yield message_starts.free(session, now, limit)
    promising, settled = _look(session, now)
    yield settled
    for key in promising:
        yield _careful(session, lambda key=key: _serve(session, key) or True)
    due = select(Message).where(Message.due_at <= now).order_by(Message.key).limit(limit)
    for message in list(session.scalars(due.with_for_update(skip_locked=True))):
        yield _careful(session, lambda message=message: _offer(session, message))
        if message.due_at is not None:
            return  # it has started an instance, or an older one went before it: a new unit
    yield _expire(session, now)


def _look(session: Session, now: datetime) -> tuple[list[int], int]:
    """Return who has begun to wait and may find a message; the others are settled and counted."""
    query = (
        select(Subscription.key).where(matching.fresh(now)).order_by(Subscription.key).limit(_BATCH)
    )
    fresh = list(session.scalars(query))
    found = set(session.scalars(matching.promising(fresh))) if fresh else set()
    alone = [key for key in fresh if key not in found]
    if alone:
        session.execute(
            update(Subscription)
            .where(Subscription.key.in_(alone))
            .values(due_at=None)
            .execution_options(synchronize_session=False)
        )
    return [key for key in fresh if key in found], len(alone)


def _careful(session: Session, work: Any) -> int:
    try:
        work()
    except BusyError:
        timers.wake(session, clock.now() + _SOON)
        return 0
    return 1


def _offer(session: Session, message: Message) -> None:
    """Look for who wants a message: tokens first, then start events of the other processes."""
    other = False
    for key in list(matching.receivers(session, message)):
        served = _serve(session, key, told=message)
        other = other or served not in (None, message.key)
    if other:
        return
    message.due_at = None if message.attempts == 0 else message.due_at
    _start(session, message)
    session.flush()


def _start(session: Session, message: Message) -> None:
    found = message_starts.wanted(session, message)
    had = _had(session, message) if found else set()
    for start, project in found:
        if start.process_id in had:
            continue
        try:
            with session.begin_nested():
                key = message_starts.start(session, message, start, project)
                if key is not None:
                    _note(session, message.key, start.process_id, key)
        except BusyError:
            raise
        except Exception as error:  # whatever a diagram does, the message stays and comes again
            log.exception("message %s did not start %s", message.key, start.process_id)
            _failed(session, message, error)
            return
        if key is not None:
            message.due_at = clock.now()  # the next one has a unit of its own
            return


def _had(session: Session, message: Message) -> set[str]:
    """Return the processes that have had a message."""
    query = select(MessageReceipt.process_id).where(MessageReceipt.message_key == message.key)
    return set(session.scalars(query))


def _serve(session: Session, subscription_key: int, told: Message | None = None) -> int | None:
    """Give a waiting token the oldest message that is for it; return which.

    `told` is the message that has looked for it: nobody waits longer for that one.
    """
    waiting = receiving.hold(session, subscription_key)
    if waiting is None:
        return None
    message = matching.oldest(session, waiting) if waiting.active else None
    if message is None:
        _settle(session, waiting.key)
        return None
    oldest = None if message is told else _first(session, message, waiting)
    if oldest is not None:  # it has not been told yet
        return _serve(session, oldest)
    try:
        with session.begin_nested():
            _note(session, message.key, waiting.process_id, waiting.instance_key)
            receiving.deliver(session, waiting, message.variables, SYSTEM, message=message.key)
    except Exception as error:  # whatever a diagram does, the message stays and comes again
        log.exception("message %s was not received by %s", message.key, waiting.instance_key)
        _settle(session, waiting.key)
        _failed(session, message, error, waiting)
        return message.key
    _stay_due(session, waiting.key)
    if message.attempts:
        message.attempts, message.error, message.due_at = 0, None, clock.now()
    return message.key


def _first(session: Session, message: Message, waiting: Waiting) -> int | None:
    """Return who has waited longer than this one for a message, in the same process."""
    oldest = matching.receivers(session, message, process_id=waiting.process_id)
    return None if not oldest or oldest[0] == waiting.key else oldest[0]


def _note(session: Session, message_key: int, process_id: str, instance_key: int) -> None:
    session.add(
        MessageReceipt(message_key=message_key, process_id=process_id, instance_key=instance_key)
    )
    session.flush()


def _settle(session: Session, subscription_key: int) -> None:
    """Let a token wait until a message looks for it."""
    _set_due(session, subscription_key, None)


def _stay_due(session: Session, subscription_key: int) -> None:
    """Let a listener that stays after a message look for the next one; others are gone."""
    _set_due(session, subscription_key, clock.now())
    timers.wake(session, clock.now())


def _set_due(session: Session, key: int, due_at: datetime | None) -> None:
    session.execute(
        update(Subscription)
        .where(Subscription.key == key)
        .values(due_at=due_at)
        .execution_options(synchronize_session=False)
    )


def _failed(
    session: Session, message: Message, error: Exception, waiting: Waiting | None = None
) -> None:
    """Try again later, each time later; then a person has to look."""
    message.attempts += 1
    spent = message.attempts >= PATIENCE
    wait = min(FIRST_WAIT * 2 ** min(message.attempts - 1, 12), LONGEST_WAIT)
    message.due_at = clock.now() + (_PARKED if spent else wait)
    message.error = f"{type(error).__name__}: {error}"[:500]
    session.flush()
    timers.wake(session, message.due_at)
    instance = None if waiting is None else session.get(Instance, waiting.instance_key)
    if spent and instance is not None and waiting is not None:
        incidents.raise_(
            session, instance, element=waiting.element, code=incidents.MESSAGE_FAILED,
            message=N_("收到的消息没有办成，已停止频繁重试。"), detail=message.error, token=waiting.token,
        )  # fmt: skip


def _expire(session: Session, now: datetime) -> int:
    """Drop messages whose time is over, unless a token that waited in time still looks."""
    looking = select(Subscription.key).where(matching.fresh(now)).limit(1)
    if session.scalars(looking).first() is not None:
        return 0
    keys = list(session.scalars(select(Message.key).where(matching.expired(now)).limit(_BATCH)))
    for rows, column in ((MessageReceipt, MessageReceipt.message_key), (Message, Message.key)):
        session.execute(
            delete(rows).where(column.in_(keys)).execution_options(synchronize_session=False)
        )
    return len(keys)
