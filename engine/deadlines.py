"""Keeps the limits of tasks: one timer row a task, moved from moment to moment (decision 11).

The timer has the key of its task: a task has one limit, and disarming is a delete by key. What
happens at a moment is in `escalation`; what the moments are is in `limits`.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, update
from sqlalchemy.orm import Session

from engine import calendars, clock, escalation, history, limits, timers
from engine.errors import N_, TaskClosedError
from engine.limits import Plan
from engine.models import Event, Task, TaskState, Timer, TimerKind, to_ms
from engine.ports import SYSTEM, Actor
from engine.sql import Insert, Statement, json, table

TIMER_COLUMNS = ("key", "tenant_id", "kind", "due_at", "instance_key", "token", "task_key", "data",
                 "attempts")  # fmt: skip
_t = table(Timer).c
_insert = Insert(Timer, columns=TIMER_COLUMNS)
_delete = Statement(delete(table(Timer)).where(Timer.key == bindparam("k")))
_move = Statement(
    update(table(Timer))
    .where(Timer.key == bindparam("k"))
    .values(due_at=bindparam("due"), data=bindparam("percent"), attempts=0)
)


def plan(  # noqa: PLR0913 — one argument a fact that a limit reads
    session: Session,
    *,
    properties: Mapping[str, str],
    context: Mapping[str, Any],
    tenant_id: str,
    priority: int | None,
    now: datetime,
    group: str | None = None,
) -> Plan | None:
    """Read a step's limit for a task that opens now; None when the step has none."""
    if "timeStandard" not in properties and "policy" not in properties:
        return None
    scope = {**context, "priority": priority, "now": now}
    return limits.read(properties, scope, calendars.clocks(session, tenant_id, group), now)


def timer_values(*, key: int, run_key: int, tenant_id: str, plan: Plan) -> tuple[Any, ...]:
    """Return the timer row of a task's limit, in the order of TIMER_COLUMNS."""
    return (key, tenant_id, str(TimerKind.LIMIT), to_ms(plan.next_at), run_key, None, key,
            json({"percent": plan.percent}), 0)  # fmt: skip


def arm(session: Session, *, key: int, run_key: int, tenant_id: str, plan: Plan) -> None:
    """Write the timer of a task's next moment."""
    _insert(session, [timer_values(key=key, run_key=run_key, tenant_id=tenant_id, plan=plan)])
    timers.wake(session, plan.next_at)


def disarm(session: Session, task_keys: Iterable[int]) -> None:
    """Drop the limits of tasks that are closed; without a limit nothing happens."""
    for key in task_keys:
        _delete(session, {"k": key})


def replan(session: Session, task: Task, plan: Plan | None, actor: Actor = SYSTEM, *,
           reason: str) -> None:  # fmt: skip
    """Give an open task another limit (another priority, another calendar); lateness stays.

    The caller holds the lock of the task's family.
    """
    if task.state != TaskState.OPEN:
        raise TaskClosedError(N_("“{task}”已经办结或取消。"), task=task.name)
    before = task.due_at
    disarm(session, [task.key])
    task.limits = None if plan is None else plan.limits
    task.due_at = None if plan is None else plan.due_at
    task.warn_at = None if plan is None else plan.warn_at
    if plan is not None:
        arm(session, key=task.key, run_key=task.instance_key, tenant_id=task.tenant_id, plan=plan)
    session.flush()
    history.add(
        session, task.instance_key, Event.TASK_CHANGED, actor.key, task_key=task.key,
        element=task.element,
        data={"due": [_ms(before), _ms(task.due_at)], "reason": reason},
    )  # fmt: skip


def recount(session: Session, task: Task) -> bool:
    """Work a task's limit out again after a calendar was corrected; tell whether it moved."""
    if task.limits is None or task.due_at is None:
        return False
    clocks = calendars.clocks(session, task.tenant_id, task.group)
    again = limits.plan(task.limits, clocks, clock.now())
    if again.due_at == task.due_at:
        return False
    replan(session, task, again, reason="calendar")
    return True


def on_due(session: Session, timer: Timer) -> None:
    """Do what a limit's moment asks, for every moment that has passed, and set the next one."""
    task = session.get(Task, timer.task_key, populate_existing=True)
    if task is None or task.state != TaskState.OPEN or not task.limits or not task.due_at:
        disarm(session, [timer.key])
        return
    now = clock.now()
    clocks = calendars.clocks(session, task.tenant_id, task.group)
    percent = int((timer.data or {}).get("percent", limits.DUE))
    at: datetime | None = limits.moment(task.limits, task.due_at, percent, clocks)
    with history.several(session, task.instance_key) as chain:
        while at is not None and at <= now:
            following = limits.following(task.limits, task.due_at, clocks, now=now, behind=percent)
            # after a long stop only the limit is said, not the warning that it has overtaken
            if percent >= limits.DUE or following is None or following[1] > now:
                escalation.act(session, task, percent, chain)
            percent, at = following or (percent, None)
    if at is None:
        disarm(session, [timer.key])
    else:
        _move(session, {"k": timer.key, "due": to_ms(at), "percent": json({"percent": percent})})
        timers.wake(session, at)


def _ms(moment: datetime | None) -> int | None:
    return None if moment is None else to_ms(moment)
