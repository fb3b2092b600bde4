"""Messages and signals: what one instance throws, others that wait for it receive."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock, ids, spiff, timers
from engine.errors import N_, ForbiddenError
from engine.models import Event, Outbox, Subscription
from engine.ports import COMPANY, Actor, ports
from engine.runs import Run

#: kinds of outbox rows that deliver to waiting tokens
MESSAGE, SIGNAL = "bpmn-message", "bpmn-signal"


def publish(
    session: Session,
    actor: Actor,
    name: str,
    correlation_key: str | None,
    variables: Mapping[str, Any],
    *,
    tenant_id: str,
) -> int:
    """Send a message to the world of waiting tokens; it is delivered in units of its own."""
    if not ports.can(actor, "message.publish", tenant_id):
        raise ForbiddenError(N_("您不能在这个项目里发送消息。"))
    return _put(
        session, MESSAGE, name, tenant_id=tenant_id,
        payload={"correlation_key": correlation_key, "variables": dict(variables)},
    )  # fmt: skip


def thrown(session: Session, run: Run, events: Sequence[spiff.Thrown], now: datetime) -> None:
    """Keep what a step threw for others; nothing leaves before the step is durable."""
    for event in events:
        if event.kind not in {"message", "signal"}:
            continue
        run.chain.add(
            Event.MESSAGE, 0, at=now, element=event.element,
            data={"thrown": event.kind, "name": event.name},
        )  # fmt: skip
        _put(
            session, MESSAGE if event.kind == "message" else SIGNAL, event.name,
            tenant_id=run.tenant_id, instance_key=run.key,
            payload={"correlation_key": event.correlation_key, "variables": dict(event.payload)},
        )  # fmt: skip


def receivers(session: Session, row: Outbox) -> list[Subscription]:
    """Return the waiting tokens that a message or signal is for.

    A message goes to the oldest token that waits for its name and correlation key, a signal to
    all of its project.
    """
    kind = "message" if row.kind == MESSAGE else "signal"
    query = select(Subscription).where(
        Subscription.kind == kind, Subscription.name == row.payload["name"]
    )
    if kind == "signal" and row.instance_key is not None:
        # the thrower's own listeners had it in the step that threw it
        query = query.where(Subscription.instance_key != row.instance_key)
    if row.tenant_id != COMPANY:
        query = query.where(Subscription.tenant_id == row.tenant_id)
    if kind == "message":
        query = query.where(Subscription.correlation_key == row.payload["correlation_key"])
        query = query.order_by(Subscription.key).limit(1)
    return list(session.scalars(query))


def _put(
    session: Session,
    kind: str,
    name: str,
    *,
    tenant_id: str,
    payload: Mapping[str, Any],
    instance_key: int | None = None,
) -> int:
    key = ids.new()
    session.add(
        Outbox(
            key=key, tenant_id=tenant_id, kind=kind, dedupe_key=f"{kind}:{key}", due_at=clock.now(),
            payload={"name": name, **payload}, instance_key=instance_key,
        )
    )  # fmt: skip
    timers.wake(session, clock.now())
    return key
