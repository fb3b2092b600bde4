"""Messages: published into rows, kept until they fit or expire; `correlation` gives them away."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from engine import clock, ids, signals, spiff, timers
from engine.errors import N_, ConflictError, ForbiddenError, InvalidInputError
from engine.models import Delivery, Event, Message, Subscription
from engine.ports import SYSTEM, Actor, ports
from engine.runs import Run

#: how long a message from a diagram, or from our own code, waits for who wants it
DAY = timedelta(days=1)
#: the longest that anybody may ask for
LONGEST_LIFE = timedelta(days=366)


class DuplicateMessageError(ConflictError):
    """A message with the same id is still alive; nothing was published."""

    code = "message-exists"


def publish(  # noqa: PLR0913 — a message has that many properties
    session: Session,
    actor: Actor,
    name: str,
    correlation_key: str | None,
    variables: Mapping[str, Any],
    *,
    tenant_id: str,
    time_to_live: timedelta = DAY,
    message_id: str | None = None,
) -> int:
    """Send a message to who waits for it, or will begin to in `time_to_live`.

    It is delivered in units of its own, once to each process, and may start one. Raises
    DuplicateMessageError while another with the same `message_id` lives.
    """
    may_publish(actor, tenant_id)
    _refuse_reports(name)
    if not timedelta() <= time_to_live <= LONGEST_LIFE:
        raise InvalidInputError(
            N_("消息的保留时间不能是负数，也不能超过一年。"),
            fields={"timeToLive": [N_("不能是负数，也不能超过一年。")]},
        )
    now = clock.now()
    _free_id(session, name, correlation_key or "", message_id, tenant_id, now)
    return _put(
        session, name, correlation_key, variables, tenant_id=tenant_id, now=now,
        life=time_to_live, message_id=message_id, actor=actor,
    )  # fmt: skip


def may_publish(actor: Actor, tenant_id: str) -> None:
    """Raise ForbiddenError for who may not send messages and signals in a project."""
    if not ports.can(actor, "message.publish", tenant_id):
        raise ForbiddenError(N_("您不能在这个项目里发送消息。"))


def _refuse_reports(name: str) -> None:
    """Refuse a message that reports what is checked before it is reported of a case."""
    from engine import occurrences  # it starts from cases, which send messages

    if name.removeprefix(occurrences.PREFIX) in occurrences.around:
        raise ForbiddenError(N_("“{name}”由人在案件里登记，不能作为消息发送。"), name=name)


def thrown(session: Session, run: Run, events: Sequence[spiff.Thrown], now: datetime) -> None:
    """Keep what a step threw for others; nothing leaves before the step is durable."""
    for event in events:
        if event.kind not in {"message", "signal"}:
            continue
        run.chain.add(
            Event.MESSAGE, 0, at=now, element=event.element,
            data={"thrown": event.kind, "name": event.name},
        )  # fmt: skip
        if event.kind == "signal":
            signals.put(
                session, event.name, event.payload, tenant_id=run.tenant_id, thrower=run.key
            )
        else:
            _put(
                session, event.name, event.correlation_key, event.payload, now=now, life=DAY,
                tenant_id=run.tenant_id, thrower=run.key,
            )  # fmt: skip


def look_again(session: Session, instance_keys: Collection[int]) -> None:
    """Let instances that move again have the messages that came while they stood still."""
    session.execute(
        update(Subscription)
        .where(Subscription.instance_key.in_(instance_keys), Subscription.kind == "message")
        .values(due_at=clock.now())
    )
    timers.wake(session, clock.now())


def try_again(session: Session, instance_key: int) -> None:
    """Bring what an instance could not go on with once more: somebody looked after it."""
    now = clock.now()
    names = select(Subscription.name).where(
        Subscription.instance_key == instance_key, Subscription.kind == "message"
    )
    for rows, condition in (
        (Message, Message.name.in_(names)),
        (Delivery, Delivery.instance_key == instance_key),
    ):
        session.execute(
            update(rows)
            .where(condition, rows.attempts > 0)
            .values(attempts=0, due_at=now)
            .execution_options(synchronize_session=False)
        )
    timers.wake(session, now)


def _free_id(
    session: Session, name: str, key: str, message_id: str | None, tenant_id: str, now: datetime
) -> None:
    """Take the id from a message that has expired and was not swept yet."""
    if message_id is None:
        return
    same = select(Message).where(
        Message.tenant_id == tenant_id, Message.name == name, Message.correlation_key == key,
        Message.message_id == message_id,
    )  # fmt: skip
    found = session.scalars(same).first()
    if found is None:
        return
    if found.expires_at > now:
        raise _duplicate(name, message_id)
    found.message_id = None
    session.flush()


def _duplicate(name: str, message_id: str) -> DuplicateMessageError:
    return DuplicateMessageError(
        N_("编号为 {id} 的消息“{name}”已经收到过，没有再次发送。"), id=message_id, name=name
    )


def _put(  # noqa: PLR0913 — one argument a column
    session: Session,
    name: str,
    correlation_key: str | None,
    variables: Mapping[str, Any],
    *,
    tenant_id: str,
    now: datetime,
    life: timedelta,
    message_id: str | None = None,
    actor: Actor = SYSTEM,
    thrower: int | None = None,
) -> int:
    row = Message(
        key=ids.new(), tenant_id=tenant_id, name=name, correlation_key=correlation_key or "",
        message_id=message_id, variables=dict(variables), published_at=now,
        expires_at=now + life, due_at=now, published_by=actor.key, instance_key=thrower,
    )  # fmt: skip
    if message_id is None:
        session.add(row)
    else:
        try:
            with session.begin_nested():
                session.add(row)
        except IntegrityError as error:  # another process published it a moment ago
            raise _duplicate(name, message_id) from error
    timers.wake(session, now)
    return row.key
