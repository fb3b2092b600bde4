"""Begin a case anew: the same process in its version in force, with what the old case began with."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import history, instances, operating, runs, submissions
from engine.errors import N_, ConflictError, ForbiddenError
from engine.models import Event, History, Instance, Task
from engine.ports import Actor, ports


def restart(session: Session, actor: Actor, instance_key: int, *, reason: str) -> Instance:
    """Start a new case from an old one's start data; an open old one is cancelled by it.

    Both keep the other's key in their history.
    """
    run = runs.lock(session, instance_key)
    old = instances.get(session, actor, instance_key)
    if not ports.can(actor, "instance.operate", old):
        raise ForbiddenError(N_("干预案件由项目经理、品质部或系统管理员办理。"))
    if run.parent_key is not None:
        raise ConflictError(N_("这个案件由另一个案件发起，请重新发起那个案件。"))
    reason = operating.given_reason(reason)
    if runs.is_open(run):
        instances.cancel(session, actor, instance_key, reason=reason)
    new = instances.start(
        session, actor, old.process_id, tenant_id=run.tenant_id,
        variables=start_data(session, instance_key),
    )  # fmt: skip
    data = {"reason": reason}
    history.add(session, instance_key, Event.RESTARTED, actor.key, data=data | {"as": new.key})
    history.add(session, new.key, Event.RESTARTED, actor.key, data=data | {"of": instance_key})
    session.refresh(new)
    return new


def start_data(session: Session, instance_key: int) -> dict[str, Any]:
    """Return the routed values that an instance was started with."""
    query = select(History).where(
        History.instance_key == instance_key, History.kind == Event.STARTED
    )
    event = session.scalars(query).first()
    return dict((event.data or {}).get("routed", {})) if event is not None else {}


def origin(session: Session, instance_key: int) -> int | None:
    """Return the case that this one was begun anew from."""
    return _other(session, instance_key, "of")


def successor(session: Session, instance_key: int) -> int | None:
    """Return the case that was begun anew from this one."""
    return _other(session, instance_key, "as")


def prefill(session: Session, task: Task) -> Mapping[str, Any]:
    """Return what the old case's form of the first step held, for the first step of the new one."""
    old = origin(session, task.instance_key)
    first = select(Task.key).where(Task.instance_key == task.instance_key).order_by(Task.key)
    if old is None or session.scalars(first.limit(1)).first() != task.key:
        return {}
    rows = [row for row in submissions.latest(session, [old]) if row.element == task.element]
    return dict(rows[0].data) if rows else {}


def _other(session: Session, instance_key: int, name: str) -> int | None:
    query = select(History).where(
        History.instance_key == instance_key, History.kind == Event.RESTARTED
    )
    found = [row.data[name] for row in session.scalars(query) if row.data and name in row.data]
    return int(found[-1]) if found else None
