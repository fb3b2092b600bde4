"""Wakes what waits by time: due rows are claimed in small batches, each in a savepoint of its own.

Any number of processes may run this on one database: on PostgreSQL a batch holds the roots of its
cases (`SKIP LOCKED`: what another process works on is left to it), on SQLite the write lock. An
effect happens once, because the row is dropped or moved in the same unit as its effect.
"""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from engine import clock, db, runs, slices
from engine.db import Database
from engine.errors import N_, EngineError
from engine.models import Instance, Task, Timer, TimerKind
from engine.slices import Due

log = logging.getLogger(__name__)

#: a unit of work hands the write lock back after this many seconds (decision 12: 100 ms)
UNIT_SECONDS = 0.05
#: the most that a unit fires, and what is claimed at once: the writes of its limits go together
BATCH, SLICE = 240, 60
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=10), timedelta(hours=1)
#: after so many failures a person has to look; the timer is then tried once a day
PATIENCE = 8
_PARKED = timedelta(days=1)
#: so far off is a timer put aside while its case is suspended; no limit or event is a century long
HELD = timedelta(days=36_500)

_EARLIEST = select(func.min(Timer.due_at))

_listeners: list[Callable[[datetime], None]] = []


def run_due(database: Database, limit: int = BATCH) -> int:
    """Fire up to `limit` timers that are due; return how many rows were looked after.

    Limits go in slices whose writes are sent together; what fails there is done again alone.
    """
    until = time.perf_counter() + UNIT_SECONDS
    done = 0
    with database.begin() as session:
        while claimed := slices.claim(session, min(SLICE, limit - done)):
            for part in _alike(claimed):
                if not _fire_together(session, part):
                    for due in part:
                        _fire(session, due.key)
                done += len(part)
                if done >= limit or time.perf_counter() > until:
                    return done
    return done


def hold(session: Session, timer: Timer) -> None:
    """Put a timer that came due in a suspended case aside until the case is resumed."""
    session.execute(update(Timer).where(Timer.key == timer.key).values(due_at=timer.due_at + HELD))


def release(session: Session, instance_keys: Sequence[int]) -> None:
    """Let the timers that were put aside be due at the moments they had."""
    aside = (Timer.instance_key.in_(instance_keys), Timer.due_at > clock.now() + HELD / 2)
    for key, due_at in session.execute(select(Timer.key, Timer.due_at).where(*aside)).all():
        session.execute(update(Timer).where(Timer.key == key).values(due_at=due_at - HELD))
    wake(session, clock.now())


def next_due(session: Session) -> datetime | None:
    """Return when the earliest timer is due."""
    return session.scalars(_EARLIEST).one()


def wake(session: Session, due_at: datetime) -> None:
    """Say, once this unit is durable, that a timer is due at a moment."""
    if _listeners:
        db.after_commit(session, lambda: _tell(due_at))


def listen(listener: Callable[[datetime], None]) -> Callable[[], None]:
    """Call `listener` with the moment of each new timer of this process; returns how to stop."""
    _listeners.append(listener)
    return lambda: _listeners.remove(listener)


def _tell(due_at: datetime) -> None:
    for listener in tuple(_listeners):
        listener(due_at)


def _alike(claimed: list[Due]) -> Iterator[list[Due]]:
    """Yield limits together, in the order they are due; every other timer goes alone."""
    for limits, group in groupby(claimed, key=lambda due: due.kind == TimerKind.LIMIT):
        if limits:
            yield list(group)
        else:
            yield from ([due] for due in group)


def _fire_together(session: Session, some: list[Due]) -> bool:
    """Let limits run out together; nothing of them stays when one fails or is held."""
    if some[0].kind != TimerKind.LIMIT or any(due.suspended for due in some):
        return False
    try:
        slices.together(session, some)
    except Exception:  # noqa: BLE001 — they are tried again one by one, and that one is logged
        session.info.pop("asked", None)
        log.info("%s limits are fired one by one", len(some))
        return False
    return True


def _fire(session: Session, key: int) -> None:
    timer = session.get(Timer, key, populate_existing=True)
    if timer is None:  # what came before in this unit has dropped it
        return
    session.expunge(timer)  # what a failing one rolls back must not touch it
    try:
        with session.begin_nested():
            suspended = runs.is_suspended(session, timer.instance_key)
            (hold if suspended else _owner(timer.kind))(session, timer)
    except Exception as error:  # whatever fails, the others go on and this one comes again
        session.info.pop("asked", None)
        log.exception("timer %s failed, attempt %s", timer.key, timer.attempts + 1)
        _push(session, timer, error)


def _owner(kind: str) -> Callable[[Session, Timer], object]:
    from engine import (  # all of them arm timers
        case_clocks,
        deadlines,
        instances,
        pauses,
        rain,
        recounting,
        schedules,
    )

    owners: dict[str, Callable[[Session, Timer], object]] = {
        TimerKind.START: _on_start,
        TimerKind.LIMIT: deadlines.on_due,
        TimerKind.TOKEN: instances.fire,
        TimerKind.CASE: case_clocks.on_due,
        TimerKind.PAUSE: pauses.on_due,
        TimerKind.RECOUNT: recounting.on_due,
        TimerKind.SCHEDULE: schedules.on_due,
        TimerKind.RAIN: rain.on_due,
    }
    return owners[kind]


def _on_start(session: Session, timer: Timer) -> None:
    from engine import timed_starts  # it starts instances, which arm timers

    timed_starts.on_due(session, timer)


def _push(session: Session, timer: Timer, error: Exception) -> None:
    """Try a failed timer again later, each time later; then raise an incident."""
    attempts = timer.attempts + 1
    wait = min(FIRST_WAIT * 2 ** min(attempts - 1, 12), LONGEST_WAIT)
    spent = attempts >= PATIENCE
    data = {"first_due_at": timer.due_at.isoformat(), **(timer.data or {})}
    session.execute(
        update(Timer)
        .where(Timer.key == timer.key)
        .values(attempts=attempts, due_at=clock.now() + (_PARKED if spent else wait), data=data)
    )
    if spent:
        _raise(session, timer, error)


def _raise(session: Session, timer: Timer, error: Exception) -> None:
    from engine import incidents

    instance = session.get(Instance, timer.instance_key) if timer.instance_key else None
    if instance is not None:
        incidents.raise_(
            session, instance, element=_element(session, timer), code="timer-failed",
            message=N_("计时到期后没有办成，已停止频繁重试。"), token=timer.token,
            detail=str(error) if isinstance(error, EngineError) else repr(error),
        )  # fmt: skip


def _element(session: Session, timer: Timer) -> str:

    task = session.get(Task, timer.task_key) if timer.task_key else None
    return task.element if task is not None else str((timer.data or {}).get("element", "timer"))
