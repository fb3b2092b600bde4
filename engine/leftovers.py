"""What between instances has served its time: locks, receipts, signals that all have had, ended jobs."""

from datetime import timedelta

from sqlalchemy import delete, exists, select, tuple_
from sqlalchemy.orm import Session

from engine import clock
from engine.models import Broadcast, ClosedJob, Delivery, Instance, StartLock

#: how long it is known that a job was ended
JOBS = timedelta(days=30)
BATCH = 300


def locks(session: Session) -> int:
    """Drop locks of instances that have ended, unless a message waits for that."""
    key = tuple_(StartLock.process_id, StartLock.tenant_id, StartLock.correlation_key)
    over = (
        select(StartLock.process_id, StartLock.tenant_id, StartLock.correlation_key)
        .join(Instance, Instance.key == StartLock.instance_key)
        .where(StartLock.wanted_at.is_(None), Instance.ended_at.is_not(None))
        .limit(BATCH)
    )
    found = [tuple(row) for row in session.execute(over)]
    session.execute(delete(StartLock).where(key.in_(found)).execution_options(
        synchronize_session=False
    ))  # fmt: skip
    return len(found)


def signals(session: Session) -> int:
    """Drop signals that all have had, when the last two were served at the same moment."""
    had = select(Broadcast.key).where(~exists().where(Delivery.broadcast_key == Broadcast.key))
    keys = list(session.scalars(had.limit(BATCH)))
    session.execute(delete(Broadcast).where(Broadcast.key.in_(keys)))
    return len(keys)


def jobs(session: Session) -> int:
    """Forget jobs that external workers ended long ago."""
    old = select(ClosedJob.key).where(ClosedJob.closed_at < clock.now() - JOBS).limit(BATCH)
    keys = list(session.scalars(old))
    session.execute(delete(ClosedJob).where(ClosedJob.key.in_(keys)))
    return len(keys)


SWEEPS = (locks, signals, jobs)
