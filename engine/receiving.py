"""A token that waits for a message or signal: held for this unit, and given what came."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock, instances, outlook, runs, stepping
from engine.models import Event, Instance, Subscription
from engine.ports import Actor
from engine.records import Effects
from engine.sql import dialect


class BusyError(Exception):
    """Another process works on the case; look again soon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A subscription with what has to be known of its instance."""

    key: int
    tenant_id: str
    instance_key: int
    process_id: str
    token: int
    element: str
    name: str
    correlation_key: str
    opened_at: datetime
    #: of the instance: nothing moves in a suspended one
    active: bool


def hold(session: Session, subscription_key: int, *, patient: bool = False) -> Waiting | None:
    """Lock the root of a waiting token's family, then read what waits; None: it waits no more.

    Raises BusyError when somebody else holds it; a patient caller waits instead.
    """
    if dialect(session) != "sqlite" and not _lock(session, subscription_key, patient=patient):
        return None  # SQLite's units run one by one anyway
    row = session.execute(_columns().where(Subscription.key == subscription_key)).first()
    return None if row is None else _waiting(row)


def deliver(
    session: Session, waiting: Waiting, payload: Mapping[str, Any], actor: Actor, **said: Any
) -> None:
    """Let a held token go on with what the process reads of the payload."""
    run = runs.lock(session, waiting.instance_key)
    now = clock.now()
    step = stepping.deliver(session, run, waiting.token, instances.route(run.which, payload), now)
    run.chain.add(
        Event.MESSAGE, actor.key, at=now, element=waiting.element,
        data={"name": waiting.name, "path": outlook.path_of(step), **said},
    )  # fmt: skip
    instances.record(session, run, step, actor, now=now, effects=Effects())


def _lock(session: Session, subscription_key: int, *, patient: bool) -> bool:
    """Lock the root of a waiting token's family; False: it waits no more."""
    root = (
        select(Instance.root_key)
        .join(Subscription, Subscription.instance_key == Instance.key)
        .where(Subscription.key == subscription_key)
    )
    root_key = session.scalars(root).first()
    if root_key is None:
        return False
    lock = select(Instance.key).where(Instance.key == root_key)
    if session.scalars(lock.with_for_update(skip_locked=not patient)).first() is None:
        raise BusyError
    return True


def _columns() -> Any:
    return select(
        Subscription.key, Subscription.tenant_id, Subscription.instance_key, Instance.process_id,
        Subscription.token, Subscription.element, Subscription.name, Subscription.correlation_key,
        Subscription.opened_at, Instance.state,
    ).join(Instance, Instance.key == Subscription.instance_key)  # fmt: skip


def _waiting(row: Any) -> Waiting:
    key, tenant_id, case, process_id, token, element, name, correlation, opened_at, state = row
    return Waiting(
        key=key, tenant_id=tenant_id, instance_key=case, process_id=process_id, token=token,
        element=element, name=name, correlation_key=correlation or "", opened_at=opened_at,
        active=state == "active",
    )  # fmt: skip
