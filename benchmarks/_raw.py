"""What the disk allows: the rows of traced completions, written by the sqlite3 module alone.

One case is walked through the product while its writing statements are noted; the same statements
are then run for further cases, byte for byte but for the keys, one durable commit a completion.
"""

import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks._client import VALUES
from benchmarks._server import furnish
from engine import identity, instances, tasks
from engine import sql as hot
from engine.db import Database, sqlite_url
from engine.models import Task
from engine.ports import Actor

#: between the keys of two cases; keys keep their length
_APART = 1 << 40
_WRITING = ("INSERT", "UPDATE", "DELETE")
Write = tuple[str, tuple[Any, ...]]


@dataclass(slots=True)
class Trace:
    """The writes that start a case, and those of each of its completions."""

    start: list[Write] = field(default_factory=list)
    completions: list[list[Write]] = field(default_factory=list)
    #: statements and reads of each completion, transaction control left out
    statements: list[int] = field(default_factory=list)
    reads: list[int] = field(default_factory=list)
    keys: set[int] = field(default_factory=set)


class _Recorder:
    """Stands before the driver's connection and notes what passes."""

    def __init__(self, raw: Any) -> None:
        self._raw, self.seen = raw, []

    def execute(self, text: str, given: Any = ()) -> Any:
        self.seen.append((text, tuple(given)))
        return self._raw.execute(text, given)


def trace(folder: Path) -> tuple[Trace, Path]:
    """Walk one case on a database of its own; return what it wrote and the file."""
    path = folder / "trace.db"
    database = Database(sqlite_url(path))
    furnish(database)
    with database.read() as session:
        actor = identity.actor(session, identity.resolve(session, "bench") or 0)
    found = Trace()
    _walk(database, actor)  # the first case fills the caches
    _walk(database, actor, found)
    database.close()
    return found, path


def _walk(database: Database, actor: Actor, found: Trace | None = None) -> None:
    with _recorded(database) as begin:
        with begin() as (session, seen):
            instance = instances.start(session, actor, "eight", tenant_id="yj").key
            session.flush()
        with database.read() as session:
            task = session.query(Task).filter_by(instance_key=instance).one()
            key, element = task.key, task.element
        if found is not None:
            found.start = _writes(seen)
            found.keys |= {instance, key}
        while True:
            with begin() as (session, seen):
                done = tasks.complete(session, actor, key, VALUES[element])
            if found is not None:
                found.completions.append(_writes(seen))
                found.statements.append(len(seen))
                found.reads.append(sum(text.startswith("SELECT") for text, _ in seen))
                found.keys |= {opened.key for opened in done.opened}
            if not done.opened:
                return
            key, element = done.opened[0].key, done.opened[0].element


class _recorded:  # noqa: N801 — reads as a word in `with`
    """Units whose statements are noted."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def __enter__(self) -> Any:
        from contextlib import contextmanager

        @contextmanager
        def begin() -> Iterator[Any]:
            with self._database.begin() as session:
                kind, raw = hot.driver(session)
                recorder = _Recorder(raw)
                session.info["driver"] = (kind, recorder)
                yield session, recorder.seen

        return begin

    def __exit__(self, *_: object) -> None:
        return None


def _writes(seen: list[Write]) -> list[Write]:
    return [(text, given) for text, given in seen if text.startswith(_WRITING)]


class Raw:
    """The traced completions over and over on the same kind of file, one commit each."""

    def __init__(self, found: Trace, path: Path) -> None:
        self._trace = found
        self._connection = sqlite3.connect(path, isolation_level=None, cached_statements=256)
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "cache_size=-16000",
        ):
            self._connection.execute(f"PRAGMA {pragma}")
        self._number = 0

    def run(self, seconds: float) -> float:
        """Return completions a second over about so many seconds."""
        cases = [self._prepared() for _ in range(int(seconds * 500))]
        until, done = time.perf_counter() + seconds, 0
        begun = time.perf_counter()
        for steps in cases:
            for writes in steps:
                self._commit(writes)
                done += 1
            if time.perf_counter() >= until:
                break
        return done / (time.perf_counter() - begun)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _prepared(self) -> list[list[Write]]:
        """Start a further case and return its completions with its own keys."""
        self._number += 1
        self._commit(self._moved(self._trace.start))
        return [self._moved(writes) for writes in self._trace.completions]

    def _moved(self, writes: list[Write]) -> list[Write]:
        by, keys = self._number * _APART, self._trace.keys
        return [(t, tuple(v + by if v in keys else v for v in given)) for t, given in writes]

    def _commit(self, writes: list[Write]) -> None:
        execute = self._connection.execute
        execute("BEGIN IMMEDIATE")
        for text, given in writes:
            execute(text, given)
        execute("COMMIT")


def bytes_per_case(path: Path, cases: int) -> float:
    """Return what a finished case takes in the file, its indexes included, after a vacuum."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("VACUUM")
    of_cases = ("instance", "task", "submission", "history", "fact_step", "fact_case")
    tables = {
        name
        for name, table in connection.execute("select name, tbl_name from sqlite_master")
        if table in of_cases
    }
    total = sum(
        size
        for name, size in connection.execute("select name, sum(pgsize) from dbstat group by name")
        if name in tables
    )
    connection.close()
    return total / cases
