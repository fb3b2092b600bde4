"""After a calendar was corrected: works the open limits out again, in small units, and logs it.

A change of a calendar leaves a timer; whoever fires it does a piece and moves on, so that a stop
in between loses nothing. `run` does the same at once for who changed rows by hand.
"""

import logging
import time

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from engine import calendars, clock, deadlines, limits, runs, timers
from engine.db import Database
from engine.models import CalendarChange, Task, TaskState, Timer, TimerKind, from_ms, to_ms
from engine.ports import COMPANY

log = logging.getLogger(__name__)
BATCH = 20
#: a piece gives its locks back after this many seconds
UNIT_SECONDS = 0.05
#: moves that the log of a change names one by one
NAMED = 200


def begin(session: Session, change: CalendarChange) -> None:
    """Let the limits be worked out again once this unit is durable.

    Where several processes may run, they first get the time to see the new calendar.
    """
    wait = calendars.patience(session)
    session.add(
        Timer(
            key=change.key, tenant_id=COMPANY, kind=TimerKind.RECOUNT, due_at=clock.now() + wait,
            data={"behind": 0},
        )
    )  # fmt: skip
    timers.wake(session, clock.now() + wait)


def on_due(session: Session, timer: Timer) -> None:
    """Work some limits out again; the timer goes with the last of them."""
    change = session.get_one(CalendarChange, timer.key)
    behind, until = int((timer.data or {}).get("behind", 0)), time.perf_counter() + UNIT_SECONDS
    keys = _keys(session, None, behind)
    moves = list(change.moves)
    for key in keys:
        if (move := _recount(session, key)) is not None:
            change.moved += 1
            moves += [move] if len(moves) < NAMED else []
        behind = key
        if time.perf_counter() > until:
            break
    change.moves = moves
    if keys:
        session.execute(update(Timer).where(Timer.key == timer.key).values(data={"behind": behind}))
        timers.wake(session, clock.now())
        return
    change.recounted_at = clock.now()
    session.execute(delete(Timer).where(Timer.key == timer.key))
    log.info("calendar %s: %s limits moved", change.calendar_code, change.moved)


def run(database: Database, tenant_id: str | None = None) -> int:
    """Recount the open limits of a project, or of all, now; return how many moved.

    Each limit that moves leaves an event with the due moment before and after. Safe to repeat.
    """
    moved, behind = 0, 0
    while keys := _look(database, tenant_id, behind):
        with database.begin() as session:
            moved += sum(_recount(session, key) is not None for key in keys)
        behind = keys[-1]
    log.info("%s limits moved with their calendar", moved)
    return moved


def _look(database: Database, tenant_id: str | None, behind: int) -> list[int]:
    with database.read() as session:
        return _keys(session, tenant_id, behind)


def _keys(session: Session, tenant_id: str | None, behind: int) -> list[int]:
    query = select(Task.key).where(
        Task.key > behind, Task.state == TaskState.OPEN, Task.due_at.is_not(None)
    )
    if tenant_id is not None:
        query = query.where(Task.tenant_id == tenant_id)
    return list(session.scalars(query.order_by(Task.key).limit(BATCH)))


def _recount(session: Session, key: int) -> list[int] | None:
    """Work one limit out again; return [task, due before, due after] when it moved."""
    runs.lock_of_task(session, key)
    task = session.get(Task, key, populate_existing=True)
    if task is None or task.state != TaskState.OPEN or task.due_at is None:
        return None
    before = task.due_at
    if not deadlines.recount(session, task):
        _settle(session, task)
        return None
    return [key, to_ms(before), to_ms(task.due_at or before)]


def _settle(session: Session, task: Task) -> None:
    """Bring the mark of a provisional date into line when the date itself stays."""
    pinned = task.limits or {}
    if pinned.get("clock") != limits.WORKING or task.due_at is None:
        return
    clocks = calendars.clocks(session, task.tenant_id, task.group)
    guess = clocks.provisional(from_ms(pinned["start"]), task.due_at)
    if guess != bool(pinned.get("provisional")):
        rest = {name: value for name, value in pinned.items() if name != "provisional"}
        task.limits = {**rest, "provisional": True} if guess else rest
        session.flush()
