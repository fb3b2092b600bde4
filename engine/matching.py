"""Which message is for which waiting token: the oldest of both, once to each process."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    exists,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import Session

from engine import clock, message_starts
from engine.models import Instance, InstanceState, Message, MessageReceipt, Subscription
from engine.ports import COMPANY
from engine.receiving import BusyError, Waiting

#: a message that could not be delivered is kept so long after its end
_GRACE = timedelta(days=30)


def fresh(now: Any) -> ColumnElement[bool]:
    """Tell which tokens have begun to wait and have not looked for a message yet."""
    return and_(Subscription.kind == "message", Subscription.due_at <= now)


def expired(now: datetime) -> ColumnElement[bool]:
    """Tell which messages have served their time: those that failed are kept a while longer."""
    return _expired(now, now - _GRACE)


def anything(session: Session, now: datetime) -> bool:
    """Look without the write lock whether tokens and messages have anything to be done."""
    return session.execute(_ANYTHING, {"now": now, "long_ago": now - _GRACE}).first() is not None


def receivers(session: Session, message: Message, *, process_id: str | None = None) -> list[int]:
    """Return the oldest waiting token of each process (or of one) that has not had the message."""
    had = exists().where(
        MessageReceipt.message_key == message.key, MessageReceipt.process_id == Instance.process_id
    )
    query = (
        select(Subscription.key, Instance.process_id)
        .join(Instance, Instance.key == Subscription.instance_key)
        .where(
            Subscription.kind == "message",
            Subscription.name == message.name,
            _same_key(message.correlation_key),
            Instance.state == InstanceState.ACTIVE,
            or_(Subscription.opened_at < message.expires_at, Subscription.key < message.key),
            ~had,
        )
        .order_by(Subscription.key)
    )
    if message.tenant_id != COMPANY:
        query = query.where(Subscription.tenant_id == message.tenant_id)
    if process_id is not None:
        query = query.where(Instance.process_id == process_id).limit(1)
    oldest: dict[str, int] = {}
    for key, of_process in session.execute(query):
        oldest.setdefault(of_process, key)
    return list(oldest.values())


def promising(subscriptions: Collection[int]) -> Select[Any]:
    """Return the query for those tokens that a message is kept for, had or not."""
    return (
        select(Subscription.key)
        .join(
            Message,
            and_(
                Message.name == Subscription.name,
                Message.correlation_key == func.coalesce(Subscription.correlation_key, ""),
            ),
        )
        .where(
            Subscription.key.in_(subscriptions),
            or_(Message.expires_at > Subscription.opened_at, Message.key > Subscription.key),
        )
    )


def oldest(session: Session, waiting: Waiting) -> Message | None:
    """Lock and return the oldest message for a token; a failing one steps aside meanwhile."""
    had = exists().where(
        MessageReceipt.message_key == Message.key, MessageReceipt.process_id == waiting.process_id
    )
    query = (
        select(Message)
        .where(
            Message.name == waiting.name,
            Message.correlation_key == waiting.correlation_key,
            Message.tenant_id.in_((waiting.tenant_id, COMPANY)),
            or_(Message.expires_at > waiting.opened_at, Message.key > waiting.key),
            or_(Message.attempts == 0, Message.due_at <= clock.now()),
            ~had,
        )
        .order_by(Message.key)
        .limit(1)
    )
    found = session.scalars(query).first()
    if found is None:
        return None
    lock = select(Message).where(Message.key == found.key, ~had)
    locked = lock.with_for_update(skip_locked=True).execution_options(populate_existing=True)
    message = session.scalars(locked).first()
    if message is None:
        raise BusyError
    return message


def _same_key(key: str) -> ColumnElement[bool]:
    if key:
        return Subscription.correlation_key == key
    return or_(Subscription.correlation_key.is_(None), Subscription.correlation_key == "")


def _expired(now: Any, long_ago: Any) -> ColumnElement[bool]:
    return or_(
        and_(Message.due_at.is_(None), Message.expires_at <= now), Message.expires_at <= long_ago
    )


_ANYTHING = select(literal(1)).where(
    or_(
        exists().where(fresh(bindparam("now"))),
        exists().where(Message.due_at <= bindparam("now")),
        exists().where(_expired(bindparam("now"), bindparam("long_ago"))),
        message_starts.freed(),
    )
)
