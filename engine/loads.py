"""Starts many cases from a list, job by job: the list is rows, so that a stop loses no place.

A step of a case puts its list in (`prepare`) and comes again (`go_on`) until every line has its
case. A line's case and its mark are one savepoint: started once, whatever is killed when. What a
line is about (a room) has one open case of the process at most; one that is open already counts.
"""

import logging
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from engine import clock, ids, instances
from engine.errors import N_, ConflictError
from engine.models import Instance, Load, LoadLine, LoadState
from engine.ports import SYSTEM

log = logging.getLogger(__name__)

#: lines a job, and after how long a job lets others write before it goes on
SIZE = 50
UNIT_SECONDS = 0.06
#: failed lines that are tried again at once
_AGAIN = 200
_LONGEST_ERROR = 500


class LoadFailedError(ConflictError):
    """Lines of a list could not be started; the others have been."""

    code = "load-failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One case to start: what it is about, and what it starts with."""

    thing: str
    variables: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a list has got."""

    key: int
    element: str
    process_id: str
    total: int
    size: int
    begun_at: datetime
    ended_at: datetime | None
    #: state -> lines
    counts: Mapping[str, int]
    failures: tuple[tuple[int, str], ...] = ()

    @property
    def done(self) -> int:
        """Lines that have their case."""
        return self.counts.get(LoadState.STARTED, 0) + self.counts.get(LoadState.KNOWN, 0)

    @property
    def jobs(self) -> int:
        """Jobs that the list is cut into."""
        return -(-self.total // self.size)

    @property
    def jobs_done(self) -> int:
        """Jobs that have been through, with or without failures."""
        tried = self.total - self.counts.get(LoadState.WAITING, 0)
        return self.jobs if tried == self.total else tried // self.size


def prepare(  # noqa: PLR0913 — whose list, and what it starts
    session: Session,
    *,
    instance_key: int,
    element: str,
    tenant_id: str,
    process_id: str,
    lines: Iterable[Line],
    size: int = SIZE,
) -> Load:
    """Keep the list of a step of a case; a thing that is named twice counts once."""
    once = {line.thing: line for line in reversed(list(lines))}
    ordered = list(reversed(once.values()))
    load = Load(
        key=ids.new(), tenant_id=tenant_id, instance_key=instance_key, element=element,
        process_id=process_id, total=len(ordered), size=size, begun_at=clock.now(),
    )  # fmt: skip
    session.add(load)
    session.flush()
    if ordered:
        session.execute(insert(LoadLine), [
            {"load_key": load.key, "number": number, "thing": line.thing,
             "state": LoadState.WAITING, "variables": dict(line.variables), "attempts": 0}
            for number, line in enumerate(ordered)
        ])  # fmt: skip
    return load


def running(session: Session, instance_key: int, element: str) -> Load | None:
    """Return the list that a step is working on; a step that is entered again begins a new one."""
    query = select(Load).where(
        Load.instance_key == instance_key, Load.element == element, Load.ended_at.is_(None)
    )
    return session.scalars(query.order_by(Load.key.desc()).limit(1)).first()


def go_on(session: Session, load: Load) -> bool:
    """Start the next cases of a list, for a short while; tell whether some are left.

    The caller holds the lock of the case that asks. Failed lines come last, once more each time;
    raises LoadFailedError when none of them could be started.
    """
    lines = _next_job(session, load)
    last = not lines
    if last:
        lines = _failed(session, load)
    tried = _work_off(session, load, lines)
    session.flush()
    bad = [line for line in tried if line.state == LoadState.FAILED]
    if last and bad and len(bad) == len(tried):
        raise LoadFailedError(N_("{n} 行没有开成：{why}"), n=len(lines), why=bad[0].error or "")
    if _left(session, load):
        return True
    load.ended_at = clock.now()
    return False


def progress(session: Session, instance_key: int) -> list[Progress]:
    """Return how far the lists of a case have got, oldest first."""
    found = session.scalars(
        select(Load).where(Load.instance_key == instance_key).order_by(Load.key)
    )
    return [of(session, load) for load in found]


def started_by(session: Session, load_key: int) -> list[int]:
    """Return the cases that a list has started, in its order."""
    query = select(LoadLine.started_key).where(
        LoadLine.load_key == load_key, LoadLine.state == LoadState.STARTED
    )
    return [key for key in session.scalars(query.order_by(LoadLine.number)) if key is not None]


def of(session: Session, load: Load) -> Progress:
    """Return how far a list has got."""
    of_load = LoadLine.load_key == load.key
    counted = session.execute(
        select(LoadLine.state, func.count()).where(of_load).group_by(LoadLine.state)
    )
    failed = session.execute(
        select(LoadLine.number, LoadLine.error)
        .where(of_load, LoadLine.state == LoadState.FAILED)
        .order_by(LoadLine.number)
        .limit(10)
    )
    return Progress(
        key=load.key, element=load.element, process_id=load.process_id, total=load.total,
        size=load.size, begun_at=load.begun_at, ended_at=load.ended_at,
        counts={state: count for state, count in counted},  # noqa: C416 — rows to a dict
        failures=tuple((number + 1, error or "") for number, error in failed),
    )  # fmt: skip


def _work_off(session: Session, load: Load, lines: list[LoadLine]) -> list[LoadLine]:
    """Start cases for lines until the unit's time is over; return the lines that had their turn."""
    known = _open_cases(session, load, [line.thing for line in lines])
    until = time.perf_counter() + UNIT_SECONDS
    for turn, line in enumerate(lines, 1):
        if line.thing in known:
            _mark(line, LoadState.KNOWN, known[line.thing])
        else:
            _start(session, load, line)
        if time.perf_counter() > until:
            return lines[:turn]
    return lines


def _next_job(session: Session, load: Load) -> list[LoadLine]:
    """Return what is left of the first job that is not through."""
    waiting = (LoadLine.load_key == load.key, LoadLine.state == LoadState.WAITING)
    query = select(func.min(LoadLine.number)).where(*waiting)
    first: int | None = session.scalar(query)
    if first is None:
        return []
    end = (first // load.size + 1) * load.size
    lines = select(LoadLine).where(*waiting, LoadLine.number < end)
    return list(session.scalars(lines.order_by(LoadLine.number)))


def _failed(session: Session, load: Load) -> list[LoadLine]:
    query = select(LoadLine).where(
        LoadLine.load_key == load.key, LoadLine.state == LoadState.FAILED
    )
    return list(session.scalars(query.order_by(LoadLine.number).limit(_AGAIN)))


def _left(session: Session, load: Load) -> bool:
    query = select(LoadLine.number).where(
        LoadLine.load_key == load.key,
        LoadLine.state.in_((LoadState.WAITING, LoadState.FAILED)),
    )
    return session.scalars(query.limit(1)).first() is not None


def _open_cases(session: Session, load: Load, things: list[str]) -> dict[str, int]:
    """Return, by thing, the case that an earlier list has started and that is not over."""
    if not things:
        return {}
    query = (
        select(LoadLine.thing, Instance.key)
        .join(Instance, Instance.key == LoadLine.started_key)
        .where(
            LoadLine.thing.in_(things), Instance.process_id == load.process_id,
            Instance.tenant_id == load.tenant_id, Instance.ended_at.is_(None),
        )
    )  # fmt: skip
    return {thing: key for thing, key in session.execute(query)}  # noqa: C416 — rows to a dict


def _start(session: Session, load: Load, line: LoadLine) -> None:
    """Start a line's case; what fails is noted on the line and leaves nothing else."""
    try:
        with session.begin_nested():
            case = instances.start(
                session, SYSTEM, load.process_id, tenant_id=load.tenant_id,
                variables=line.variables or {},
            )  # fmt: skip
            session.expunge(case)
    except Exception as error:  # whatever fails, the other lines go on
        log.exception("line %s of load %s failed", line.number, load.key)
        line.state, line.at = LoadState.FAILED, clock.now()
        line.attempts += 1
        line.error = str(error)[:_LONGEST_ERROR] or type(error).__name__
        return
    _mark(line, LoadState.STARTED, case.key)


def _mark(line: LoadLine, state: LoadState, case_key: int) -> None:
    line.state, line.started_key, line.at = state, case_key, clock.now()
    line.variables = line.error = None
