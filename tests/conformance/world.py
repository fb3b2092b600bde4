"""One case of a model, deployed on a SQLite file: its handlers write the trace, its clock jumps."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from lxml import etree
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import (
    clock,
    compiled,
    correlation,
    deliveries,
    deployments,
    instances,
    runs,
    spiff,
    stepping,
    timers,
)
from engine.db import Database
from engine.deployments import Resource
from engine.errors import EngineError
from engine.models import Base, Job, Tenant
from engine.ports import SYSTEM, ports
from engine.records import Effects
from tests.conformance.tokens import BPMN, ZEEBE

START = datetime(2026, 1, 1, tzinfo=UTC)
PROJECT = "betsy"
#: commands of one case; a model that needs more does not come to an end
_LIMIT = 2000
#: how long a handler that measures time is busy
_BUSY = timedelta(seconds=10)
_FAILED = "ERROR_runtime"
_MARKS = {"CREATE_MARKER_FILE": "MARKER_exists", "INCREMENT_INTEGER_VARIABLE_AND_LOG": "INCREMENT"}


class Stock:
    """Fresh databases, copied from one that was made once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._empty = folder / "empty.db"
        self._made = 0
        database = Database(f"sqlite:///{self._empty}")
        Base.metadata.create_all(database.writer_engine)
        with database.begin() as session:
            session.add(Tenant(tenant_id=PROJECT, name="一致性测试", zone="UTC"))
        database.close()

    @contextmanager
    def deployed(self, xml: bytes) -> Iterator[Path]:
        """Deploy a model on a new file; raises DefinitionRefused as any deployment does."""
        with self.copy(self._empty) as database, clock.at(lambda: START), _house_of(xml):
            compiled.forget()
            with database.begin() as session:
                deployments.deploy(session, SYSTEM, [Resource("model.bpmn", xml)])
            yield Path(database.url.removeprefix("sqlite:///"))

    @contextmanager
    def copy(self, file: Path) -> Iterator[Database]:
        """Open a copy of a file and throw it away afterwards."""
        self._made += 1
        mine = self._folder / f"{self._made}.db"
        for ending in ("", "-wal"):
            if Path(f"{file}{ending}").exists():
                shutil.copyfile(f"{file}{ending}", f"{mine}{ending}")
        database = Database(f"sqlite:///{mine}")
        try:
            yield database
        finally:
            database.close()
            for leftover in self._folder.glob(f"{mine.name}*"):
                leftover.unlink()


@contextmanager
def _house_of(xml: bytes) -> Iterator[None]:
    """Let the house have a handler for each token of a model and a role for each of its lanes."""
    held, roles = ports.handlers, ports.roles
    root = etree.fromstring(xml)
    types = [node.get("type", "") for node in root.iter(f"{{{ZEEBE}}}taskDefinition")]
    lanes = [node.get("name", "") for node in root.iter(f"{{{BPMN}}}lane")]
    ports.handlers = dict.fromkeys(types, _by_hand)
    ports.roles = {lane: lane for lane in lanes}
    try:
        yield
    finally:
        ports.handlers, ports.roles = held, roles


def _by_hand(*_: Any) -> None:
    raise NotImplementedError("the world does the jobs itself, in the order of its clock")


@dataclass(slots=True)
class World:
    """Plays one case until nothing happens any more; `trace` is what its handlers wrote."""

    database: Database
    trace: list[str] = field(default_factory=list)
    now: datetime = START
    _busy: dict[int, datetime] = field(default_factory=dict)
    _measured: list[tuple[datetime, datetime]] = field(default_factory=list)

    def run(self, processes: list[str], variables: dict[str, Any], *, patience: timedelta) -> None:
        """Start the processes and serve everything that waits, for at most `patience`."""
        with clock.at(lambda: self.now):
            for process in processes:
                self._unit(lambda session, name=process: instances.start(
                    session, SYSTEM, name, tenant_id=PROJECT, variables=variables
                ))  # fmt: skip
            for _ in range(_LIMIT):
                if not self._serve(START + patience):
                    break
        if len(self._measured) > 1 and self._overlap():
            self.trace.append("EXECUTION_parallel")

    def _overlap(self) -> bool:
        (first, first_end), (second, second_end) = self._measured[:2]
        return first < second_end and second < first_end

    def _unit(self, command: Any) -> None:
        """Do one command in its unit; a refusal is written into the trace and changes nothing."""
        try:
            with self.database.begin() as session:
                command(session)
        except EngineError:
            self.trace.append(_FAILED)

    def _serve(self, until: datetime) -> bool:
        """Deliver messages and signals, else do the oldest job, else let the next timer fire."""
        if correlation.run_due(self.database) or deliveries.run_due(self.database):
            return True
        with self.database.read() as session:
            jobs = [(self._ready(job), job.key) for job in session.scalars(select(Job))]
            due = timers.next_due(session)
        moment, key = min(jobs, default=(None, 0))
        if moment is None or (due is not None and due < moment):
            if due is None or due > until:
                return False
            self.now = max(self.now, due)
            return timers.run_due(self.database) > 0
        if moment > until:
            return False
        self.now = max(self.now, moment)
        self._work(key)
        return True

    def _ready(self, job: Job) -> datetime:
        """Return when a job is done: at once, unless it stands for something that takes time."""
        if job.type.startswith(("CREATE_TIMESTAMP", "WAIT_")):
            return self._busy.setdefault(job.key, self.now + _BUSY)
        return self.now

    def _work(self, key: int) -> None:
        """Do what the token of a script stands for."""
        with self.database.read() as session:
            job = session.get_one(Job, key)
            session.expunge(job)
        token, variables = job.type, job.variables or {}
        failed = len(self.trace)
        self._note(token, job.key, variables)
        if token == "THROW_ERROR":
            self._unit(lambda session: _throw(session, job))
        else:
            self._unit(lambda session: instances.finish_job(
                session, session.get_one(Job, key), _results(token, variables), SYSTEM
            ))  # fmt: skip
        if _FAILED in self.trace[failed:]:
            self._unit(lambda session: session.delete(session.get_one(Job, key)))

    def _note(self, token: str, key: int, variables: dict[str, Any]) -> None:
        if token.startswith("SCRIPT_") or token in _MARKS:
            self.trace.append(_MARKS.get(token, token))
        if token == "LOG_DATA":
            self.trace.append(str(variables.get("data")))
        if token.startswith("CREATE_TIMESTAMP"):
            self._measured.append((self._busy[key] - _BUSY, self._busy[key]))


def _throw(session: Session, job: Job) -> None:
    """Let a handler end with a BPMN error."""
    run = runs.lock(session, job.instance_key)
    event = spiff.Thrown(kind="error", name="ERR-1")
    step = stepping.throw(session, run, job.token, event, clock.now())
    instances.record(session, run, step, SYSTEM, now=clock.now(), effects=Effects())


def _results(token: str, variables: dict[str, Any]) -> dict[str, Any]:
    if token.startswith("INCREMENT_"):
        return {"integerVariable": int(variables.get("integerVariable", 0)) + 1}
    return {"data": "String"} if token == "SET_STRING_DATA" else {}
