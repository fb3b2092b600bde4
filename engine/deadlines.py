"""Keeps the limits of tasks: one timer row a task, moved from moment to moment (decision 11).

The timer has the key of its task, whatever clocks the task has, so that disarming is a delete by
key. What happens at a moment is in `escalation`; what the moments are is in `moments`.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from engine import calendars, clock, editions, escalation, history, limits, moments, timers
from engine.errors import N_, TaskClosedError
from engine.history import Chain
from engine.limits import Plan
from engine.models import Event, History, Task, TaskState, Timer, TimerKind, to_ms
from engine.moments import DUE, State
from engine.policies import CLAIM, DONE, OPEN
from engine.ports import SYSTEM, Actor
from engine.slices import Late
from engine.sql import Insert, Statement, json, table

TIMER_COLUMNS = ("key", "tenant_id", "kind", "due_at", "instance_key", "token", "task_key", "data",
                 "attempts")  # fmt: skip
_t = table(Timer).c
insert = Insert(Timer, columns=TIMER_COLUMNS)
_delete = Statement(delete(table(Timer)).where(Timer.key == bindparam("k")))
_move = Statement(
    update(table(Timer))
    .where(Timer.key == bindparam("k"))
    .values(due_at=bindparam("due"), data=bindparam("data"), attempts=0),
    later=True,
)
_drop_fired = Statement(delete(table(Timer)).where(Timer.key == bindparam("k")), later=True)
_FIRED = (Event.WARNED, Event.OVERDUE, Event.ESCALATED)


def plan(  # noqa: PLR0913 — a step, its rules and its case
    session: Session,
    *,
    properties: Mapping[str, str],
    context: Mapping[str, Any],
    tenant_id: str,
    priority: int | None,
    now: datetime,
    group: str | None = None,
    step: tuple[str, str] = ("", ""),
    edition: int | None = None,
    pauses: Sequence[Sequence[Any]] | None = None,
    held: bool = False,
) -> Plan | None:
    """Read the limits of a task that opens now, by the rules its case began with; None for none.

    `step` is (process id, element); `held` says that somebody is given the task by name.
    """
    book = editions.book(session, edition)
    if "timeStandard" not in properties and "policy" not in properties and not book.of(*step):
        return None
    scope = {**context, "priority": priority, "now": now}
    return limits.read(
        properties, scope, calendars.clocks(session, tenant_id, group), now,
        book=book, step=step, pauses=pauses, held=held,
    )  # fmt: skip


def timer_values(
    *, key: int, run_key: int, tenant_id: str, plan: Plan, behind: Mapping[str, int] | None = None
) -> tuple[Any, ...]:
    """Return the timer row of a task's limits, in the order of TIMER_COLUMNS."""
    return (key, tenant_id, str(TimerKind.LIMIT), to_ms(plan.next_at), run_key, None, key,
            json({"behind": dict(behind or {})}), 0)  # fmt: skip


def arm(session: Session, *, key: int, run_key: int, tenant_id: str, plan: Plan,
        behind: Mapping[str, int] | None = None) -> None:  # fmt: skip
    """Write the timer of a task's next moment."""
    row = timer_values(key=key, run_key=run_key, tenant_id=tenant_id, plan=plan, behind=behind)
    insert(session, [row])
    timers.wake(session, plan.next_at)


def disarm(session: Session, task_keys: Iterable[int]) -> None:
    """Drop the limits of tasks that are closed; without a limit nothing happens."""
    for key in task_keys:
        _delete(session, {"k": key})


def rearm(session: Session, task: Task, *, restart: str | None = None) -> None:
    """Bring an open task's timer into line: it was claimed, handed on, given back or opened.

    `restart` names a clock that begins anew; what has happened to it does not happen again.
    """
    pinned = task.limits or {}
    if task.state != TaskState.OPEN or not {CLAIM, OPEN} & pinned.keys():
        return
    if restart in pinned:
        own = {**pinned[restart], "start": to_ms(clock.now())}
        task.limits = {**pinned, restart: own}
    _set(session, task, fired(session, task))


def replan(session: Session, task: Task, plan: Plan | None, actor: Actor = SYSTEM, *,
           reason: str) -> None:  # fmt: skip
    """Give an open task another limit (another priority, calendar, policy); lateness stays.

    The caller holds the lock of the task's family.
    """
    before = move(session, task, plan)
    history.add(
        session, task.instance_key, Event.TASK_CHANGED, actor.key, task_key=task.key,
        element=task.element,
        data={"due": [_ms(before), _ms(task.due_at)], "reason": reason},
    )  # fmt: skip


def move(session: Session, task: Task, plan: Plan | None) -> datetime | None:
    """Pin another plan to an open task and set its timer; return when it was due before."""
    if task.state != TaskState.OPEN:
        raise TaskClosedError(N_("“{task}”已经办结或取消。"), task=task.name)
    before = task.due_at
    task.limits = None if plan is None else plan.limits
    task.due_at = None if plan is None else plan.due_at
    task.warn_at = None if plan is None else plan.warn_at
    session.flush()
    if plan is None:
        disarm(session, [task.key])
    else:
        _set(session, task, fired(session, task))
    session.flush()
    return before


def recount(session: Session, task: Task) -> bool:
    """Work a task's limit out again after a calendar was corrected; tell whether it moved."""
    if task.limits is None or task.due_at is None:
        return False
    again = worked_out(session, task, task.limits)
    if again.due_at == task.due_at:
        return False
    replan(session, task, again, reason="calendar")
    return True


def worked_out(session: Session, task: Task, pinned: Mapping[str, Any]) -> Plan:
    """Return the plan that pinned limits give for an open task now."""
    clocks = calendars.clocks(session, task.tenant_id, task.group)
    return limits.plan(pinned, clocks, clock.now(), State.of(task))


def fired(session: Session, task: Task) -> dict[str, int]:
    """Return, by clock, up to which percent everything has happened to a task: its history knows."""
    query = select(History.kind, History.data).where(
        History.instance_key == task.instance_key, History.task_key == task.key,
        History.kind.in_(_FIRED),
    )  # fmt: skip
    behind: dict[str, int] = {}
    for kind, data in session.execute(query):
        of = str(data.get("of", DONE))
        percent = DUE if kind == Event.OVERDUE else int(data.get("percent", 0))
        behind[of] = max(percent, behind.get(of, 0))
    return behind


def on_due(session: Session, timer: Timer) -> None:
    """Do what a limit's moment asks, for every moment that has passed, and set the next one."""
    task = session.get(Task, timer.task_key, populate_existing=True)
    if task is None:
        drop_fired(session, timer.key)
        return
    with history.several(session, task.instance_key) as chain:
        run_out(session, task, chain, timer.data, clock.now())


def run_out(
    session: Session, task: Task | Late, chain: Chain, data: Mapping[str, Any] | None, now: datetime
) -> None:
    """Let everything happen that a task's limit asks for by now; `data` is that of its timer."""
    if task.state != TaskState.OPEN or not task.limits:
        drop_fired(session, task.key)
        return
    clocks = calendars.clocks(session, task.tenant_id, task.group)
    behind, state = _behind(data or {}), State.of(task)
    for stage in moments.reached(task.limits, state, clocks, behind, now):
        escalation.act(session, task, stage, chain)
        behind[stage.of] = stage.percent
        state = State.of(task)
    coming = moments.coming(task.limits, state, clocks, behind, now)
    if coming is None:
        drop_fired(session, task.key)
        return
    values = {"k": task.key, "due": to_ms(coming.at), "data": json({"behind": behind})}
    _move(session, values)
    timers.wake(session, coming.at)


def drop_fired(session: Session, key: int) -> None:
    """Drop a timer that has nothing more to wait for."""
    _drop_fired(session, {"k": key})


def _behind(data: Mapping[str, Any]) -> dict[str, int]:
    if "percent" in data:  # a row of the first release: the percent that comes next
        return {DONE: int(data["percent"]) - 1}
    return dict(data.get("behind", {}))


def _set(session: Session, task: Task, behind: Mapping[str, int]) -> None:
    """Write the timer of an open task's next moment, in place of the one it has."""
    disarm(session, [task.key])
    clocks = calendars.clocks(session, task.tenant_id, task.group)
    pinned, now = task.limits or {}, clock.now()
    coming = moments.coming(pinned, State.of(task), clocks, behind, now)
    if coming is None:
        return
    plan = Plan(due_at=task.due_at, warn_at=task.warn_at, next_at=coming.at)
    arm(session, key=task.key, run_key=task.instance_key, tenant_id=task.tenant_id, plan=plan,
        behind=behind)  # fmt: skip


def _ms(moment: datetime | None) -> int | None:
    return None if moment is None else to_ms(moment)
