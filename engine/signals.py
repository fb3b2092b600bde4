"""Signals: whoever waits at the moment of the broadcast gets it once; `deliveries` brings it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from engine import clock, ids, starts, timers
from engine.errors import N_, ForbiddenError
from engine.models import Broadcast, Delivery, Subscription
from engine.ports import COMPANY, SYSTEM, Actor, ports


def broadcast(
    session: Session, actor: Actor, name: str, variables: Mapping[str, Any], *, tenant_id: str
) -> int:
    """Give a signal to every token and start event of a project that waits for it now.

    COMPANY reaches every project. The receivers are fixed in this unit and served in units of
    their own; who begins to wait later gets nothing.
    """
    if not ports.can(actor, "message.publish", tenant_id):
        raise ForbiddenError(N_("您不能在这个项目里发送信号。"))
    return put(session, name, variables, tenant_id=tenant_id, actor=actor)


def put(
    session: Session,
    name: str,
    variables: Mapping[str, Any],
    *,
    tenant_id: str,
    thrower: int | None = None,
    actor: Actor = SYSTEM,
) -> int:
    """Note a signal with its receivers; the thrower's own listeners have had it in its step."""
    now, key = clock.now(), ids.new()
    query = select(Subscription.key, Subscription.tenant_id, Subscription.instance_key).where(
        Subscription.kind == "signal", Subscription.name == name
    )
    if tenant_id != COMPANY:
        query = query.where(Subscription.tenant_id == tenant_id)
    if thrower is not None:
        query = query.where(Subscription.instance_key != thrower)
    receivers: list[tuple[int, str, int | None]] = [
        (receiver, project, case) for receiver, project, case in session.execute(query)
    ]
    receivers += [
        (start.key, project, None)
        for start, project in starts.waiting(session, "signal", name, tenant_id)
    ]
    if not receivers:
        return key
    session.add(
        Broadcast(
            key=key, tenant_id=tenant_id, name=name, variables=dict(variables), broadcast_at=now,
            broadcast_by=actor.key, instance_key=thrower,
        )
    )  # fmt: skip
    session.execute(insert(Delivery), [
        {"broadcast_key": key, "receiver_key": receiver, "tenant_id": project,
         "instance_key": case, "due_at": now, "attempts": 0}
        for receiver, project, case in receivers
    ])  # fmt: skip
    timers.wake(session, now)
    return key
