"""Finds open instances that wait for nothing: no task, job, timer, message, called instance.

Such an instance would never move again and nobody would notice. It gets an incident, once. What
its state still waits for can be written anew by `restore`.
"""

from collections.abc import Sequence

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session, aliased

from engine import clock, incidents, records, runs, spiff
from engine.db import Database
from engine.errors import N_
from engine.models import (
    Event,
    Incident,
    Instance,
    InstanceState,
    Job,
    Subscription,
    Task,
    TaskState,
    Timer,
    TimerKind,
)
from engine.ports import SYSTEM

#: instances looked at in one query, and how many queries one round makes at most
BATCH, ROUNDS = 2000, 500


def run(database: Database) -> int:
    """Look at every open instance once; return how many incidents were raised."""
    _settle(database)
    raised, after = 0, 0
    for _ in range(ROUNDS):
        with database.read() as session:
            keys = _open_ones(session, after)
            found = list(session.scalars(stuck(after, keys[-1]))) if keys else []
        raised += sum(_raise(database, key) for key in found)
        if len(keys) < BATCH:
            break
        after = keys[-1]
    return raised


def stuck(after: int, until: int) -> Select[int]:
    """Return the query for open instances in a range of keys that wait for nothing."""
    called = aliased(Instance)
    here = Instance.key
    nothing = [
        ~exists().where(Task.instance_key == here, Task.state == TaskState.OPEN,
                        Task.token.is_not(None)),
        ~exists().where(Job.instance_key == here),
        ~exists().where(Subscription.instance_key == here),
        ~exists().where(Timer.instance_key == here, Timer.kind == TimerKind.TOKEN),
        ~exists().where(called.root_key == Instance.root_key, called.parent_key.is_not(None),
                        called.parent_key == here, called.ended_at.is_(None)),
        ~exists().where(Incident.instance_key == here, Incident.resolved_at.is_(None)),
    ]  # fmt: skip
    query = select(here).where(here > after, here <= until)
    return query.where(Instance.state == InstanceState.ACTIVE, *nothing).order_by(here)


def missing(session: Session, run: runs.Run) -> list[spiff.Wait]:
    """Return what an instance's state waits for without a row that would ever answer."""
    known = tokens(session, run.key)
    return [wait for wait in spiff.waits(run.which.model, run.blob) if wait.token not in known]


def tokens(session: Session, instance_key: int) -> set[int]:
    """Return the tokens of an instance for which there is a row that waits."""
    queries = (
        select(Task.token).where(Task.instance_key == instance_key, Task.state == TaskState.OPEN,
                                 Task.token.is_not(None)),
        select(Job.token).where(Job.instance_key == instance_key),
        select(Timer.token).where(Timer.instance_key == instance_key,
                                  Timer.kind == TimerKind.TOKEN),
        select(Subscription.token).where(Subscription.instance_key == instance_key),
        select(Instance.parent_token).where(Instance.parent_key == instance_key,
                                            Instance.ended_at.is_(None)),
    )  # fmt: skip
    return {token for query in queries for token in session.scalars(query) if token is not None}


def restore(session: Session, instance_key: int) -> int:
    """Write anew the rows that the state of an instance waits for; return how many it has then."""
    run = runs.lock(session, instance_key)
    lost = [wait for wait in missing(session, run) if wait.kind != "call"]
    if lost:
        now = clock.now()
        elements = sorted({wait.element for wait in lost})
        run.chain.add(Event.REPAIRED, SYSTEM.key, at=now, data={"elements": elements})
        records.open_waits(session, run, lost, SYSTEM, now)
        run.save(session)
        session.flush()
        session.expire_all()
    return len(tokens(session, instance_key))


def _settle(database: Database) -> None:
    """Close the incidents of steps that were passed since: somebody submitted again."""
    with database.read() as session:
        query = select(Incident.instance_key).where(Incident.resolved_at.is_(None)).distinct()
        keys = session.scalars(query.limit(BATCH)).all()
    for key in keys:
        with database.begin() as session:
            runs.lock(session, key)
            incidents.settle(session, [key], SYSTEM)


def _open_ones(session: Session, after: int) -> Sequence[int]:
    query = select(Instance.key).where(Instance.state == InstanceState.ACTIVE, Instance.key > after)
    return session.scalars(query.order_by(Instance.key).limit(BATCH)).all()


def _raise(database: Database, key: int) -> bool:
    """Raise the incident, unless the instance went on since it was looked at."""
    with database.begin() as session:
        run = runs.lock(session, key)
        if session.scalars(stuck(key - 1, key)).first() is None:
            return False
        waits = spiff.waits(run.which.model, run.blob) if run.blob else ()
        names = "、".join(sorted({wait.name or wait.element for wait in waits}))
        incidents.raise_(
            session, session.get_one(Instance, key),
            element=waits[0].element if waits else run.which.process_id, code=incidents.STUCK,
            message=N_("这个案件没有在等任何人、任何事，自己不会再往下走。"), detail=names or None,
        )  # fmt: skip
    return True
