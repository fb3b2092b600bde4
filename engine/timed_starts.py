"""Timer start events: start an instance when they are due, in every project for a company's process."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from engine import clock, compiled, history, ids, instances, spiff, starts, timers
from engine.models import Event, StartSubscription, Timer, TimerKind, to_ms
from engine.ports import COMPANY, SYSTEM


def on_due(session: Session, timer: Timer) -> None:
    """Start what a timer start event starts, and set its timer again.

    Cycles that passed unseen (no clockwork ran) are one start that counts them. The timer of a
    company-wide process leaves one of its own in each project, due at once.
    """
    data = timer.data or {}
    start = session.get(StartSubscription, data["start"])
    _drop(session, timer)
    if start is None:  # a newer version came into force
        return
    now = clock.now()
    missed = _set_again(session, start, timer, now) if "alarm" in data else int(data["missed"])
    if timer.tenant_id != COMPANY:
        _start(session, start, timer, missed)
        return
    for project in starts.everywhere(session):
        more = {"start": start.key, "element": start.element, "missed": missed}
        _put(session, project, timer.due_at, more)
    timers.wake(session, now)


def _start(session: Session, start: StartSubscription, timer: Timer, missed: int) -> None:
    if not starts.in_force(session, start, timer.tenant_id):
        return
    instance = instances.start_version(
        session, SYSTEM, compiled.compiled(session, start.definition_key),
        tenant_id=timer.tenant_id, element=start.element,
    )  # fmt: skip
    history.add(
        session, instance.key, Event.TIMER_FIRED, SYSTEM.key, element=start.element,
        data={"due": to_ms(timer.due_at)} | ({"missed": missed} if missed else {}),
    )  # fmt: skip


def _set_again(session: Session, start: StartSubscription, timer: Timer, now: datetime) -> int:
    which = compiled.compiled(session, start.definition_key)
    following, missed = spiff.following_alarm(
        start.element, timer.due_at, (timer.data or {})["alarm"],
        compiled.runtime(session, which, now=now),
    )  # fmt: skip
    key = None
    if following is not None:
        more = {"start": start.key, "element": start.element, "alarm": following.state}
        key = _put(session, timer.tenant_id, following.due_at, more)
        timers.wake(session, following.due_at)
    session.execute(
        update(StartSubscription).where(StartSubscription.key == start.key).values(timer_key=key)
    )
    return missed


def _put(session: Session, tenant_id: str, due_at: datetime, data: dict[str, Any]) -> int:
    row = Timer(
        key=ids.new(), tenant_id=tenant_id, kind=TimerKind.START, due_at=due_at, attempts=0,
        data=data,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row.key


def _drop(session: Session, timer: Timer) -> None:
    session.execute(delete(Timer).where(Timer.key == timer.key))


def set_of(session: Session, definition_key: int) -> list[datetime]:
    """Return when the timer start events of a version are due next."""
    query = (
        select(Timer.due_at)
        .join(StartSubscription, StartSubscription.timer_key == Timer.key)
        .where(StartSubscription.definition_key == definition_key)
    )
    return list(session.scalars(query.order_by(Timer.due_at)))
