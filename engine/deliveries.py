"""Brings signals to those who waited for them: some at a time, each receiver once.

A receiver's row goes in the unit of its effect, so that whatever stops a process between two units
or within one, the rest is served later and nobody twice.
"""

import logging
import time
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, delete, exists, select, tuple_
from sqlalchemy.orm import Session, aliased

from engine import clock, compiled, incidents, instances, receiving, starts, timers
from engine.db import Database
from engine.errors import N_
from engine.models import Broadcast, Delivery, Instance, InstanceState, StartSubscription
from engine.ports import SYSTEM

log = logging.getLogger(__name__)

#: receivers that one unit looks after at most, and the time after which it ends
UNIT, UNIT_SECONDS = 50, 0.05
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=10), timedelta(hours=1)
#: after so many failures a person has to look; it is then tried once a day
PATIENCE = 8
_PARKED = timedelta(days=1)


def run_due(database: Database, limit: int = UNIT) -> int:
    """Serve up to `limit` receivers in one unit; return how many were looked after."""
    with database.read() as session:
        if session.execute(_ANY, {"now": clock.now()}).first() is None:
            return 0
    until = time.perf_counter() + UNIT_SECONDS
    done = 0
    with database.begin() as session:
        rows = _claim(session, limit)
        for row in rows:
            _serve(session, row)
            done += 1
            if time.perf_counter() > until:
                break
        _forget(session, {row.broadcast_key for row in rows})
    return done


def _due(now: Any) -> ColumnElement[bool]:
    """Tell which receivers may be served now: not those in a suspended case."""
    still = exists().where(
        Instance.key == Delivery.instance_key, Instance.state == InstanceState.SUSPENDED
    )
    return and_(Delivery.due_at <= now, ~still)


#: asks without the write lock whether anybody is to be served
_ANY = select(Delivery.broadcast_key).where(_due(bindparam("now"))).limit(1)


def _claim(session: Session, limit: int) -> list[Delivery]:
    """Take receivers for this unit; the roots of their cases are locked first, as commands do."""
    query = (
        select(Delivery).where(_due(clock.now())).order_by(Delivery.due_at, Delivery.receiver_key)
    )
    if session.connection().dialect.name != "sqlite":
        key = tuple_(Delivery.broadcast_key, Delivery.receiver_key, Delivery.tenant_id)
        query = query.where(key.in_(_locked(session, limit)))
    return list(session.scalars(query.limit(limit)))


def _locked(session: Session, limit: int) -> list[tuple[int, int, str]]:
    """Lock what receivers need; the caller looks again, now that nobody serves them."""
    root, case = aliased(Instance), aliased(Instance)
    keys = (
        select(Delivery.broadcast_key, Delivery.receiver_key, Delivery.tenant_id)
        .where(_due(clock.now()))
        .order_by(Delivery.due_at, Delivery.receiver_key)
        .limit(limit)
    )
    of_cases = (
        keys.join(case, case.key == Delivery.instance_key)
        .join(root, root.key == case.root_key)
        .with_for_update(of=root, skip_locked=True)
    )
    of_starts = keys.where(Delivery.instance_key.is_(None))
    of_starts = of_starts.with_for_update(of=Delivery, skip_locked=True)
    found = [*session.execute(of_cases), *session.execute(of_starts)]
    return [(broadcast, receiver, tenant) for broadcast, receiver, tenant in found]


def _serve(session: Session, row: Delivery) -> None:
    try:
        with session.begin_nested():
            _deliver(session, row)
            session.delete(row)
    except receiving.BusyError:
        row.due_at = clock.now() + timedelta(milliseconds=250)
        timers.wake(session, row.due_at)
    except Exception as error:  # one that can't go on must not stop the others
        log.exception("signal %s was not received by %s", row.broadcast_key, row.receiver_key)
        _failed(session, row, error)


def _deliver(session: Session, row: Delivery) -> None:
    signal = session.get_one(Broadcast, row.broadcast_key)
    if row.instance_key is None:
        _start(session, row, signal)
        return
    waiting = receiving.hold(session, row.receiver_key)
    if waiting is not None:  # else it went on or was cancelled since the broadcast
        receiving.deliver(session, waiting, signal.variables, SYSTEM, signal=signal.key)


def _start(session: Session, row: Delivery, signal: Broadcast) -> None:
    start = session.get(StartSubscription, row.receiver_key)
    if start is not None and starts.in_force(session, start, row.tenant_id):
        instances.start_version(
            session, SYSTEM, compiled.compiled(session, start.definition_key),
            tenant_id=row.tenant_id, variables=signal.variables, element=start.element,
        )  # fmt: skip


def _failed(session: Session, row: Delivery, error: Exception) -> None:
    """Try again later, each time later; then a person has to look."""
    row.attempts += 1
    spent = row.attempts >= PATIENCE
    wait = min(FIRST_WAIT * 2 ** min(row.attempts - 1, 12), LONGEST_WAIT)
    row.due_at = clock.now() + (_PARKED if spent else wait)
    row.error = f"{type(error).__name__}: {error}"[:500]
    session.flush()
    timers.wake(session, row.due_at)
    instance = session.get(Instance, row.instance_key) if row.instance_key else None
    waiting = receiving.hold(session, row.receiver_key) if spent and instance else None
    if instance is not None and waiting is not None:
        incidents.raise_(
            session, instance, element=waiting.element, code=incidents.SIGNAL_FAILED,
            message=N_("收到的信号没有办成，已停止频繁重试。"), detail=row.error, token=waiting.token,
        )  # fmt: skip


def _forget(session: Session, broadcasts: set[int]) -> None:
    """Drop the signals that all have had."""
    session.flush()
    session.execute(
        delete(Broadcast).where(
            Broadcast.key.in_(broadcasts),
            ~exists().where(Delivery.broadcast_key == Broadcast.key),
        ).execution_options(synchronize_session=False)
    )  # fmt: skip
