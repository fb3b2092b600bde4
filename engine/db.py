"""Units of work: the only place where a transaction begins and ends (decision 12).

`with database.begin() as session:` is one unit: all of it is durable when the block is left, or
none of it is. On PostgreSQL a unit is a transaction. On SQLite the units of concurrent requests
run one after another as savepoints on the one writer connection and share a commit, so that
sixteen clients cost little more than one fsync.
"""

import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import RootTransaction, make_url
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import QueuePool, StaticPool

T = TypeVar("T")
#: where a look keeps what it has read
_LOOKED = "looked"
#: units that may share a commit; beyond it the first ones would wait too long
GROUP_LIMIT = 64


class Database:
    """One database. `begin()` is one unit of work, `read()` one look; no one else commits."""

    def __init__(self, url: str, *, pool_size: int = 16) -> None:
        self.url = url
        self.dialect = make_url(url).get_backend_name()
        if self.dialect == "sqlite":
            self._writer: _Shared | _Single = _Shared(url)
            self.engine = _sqlite_readers(url, pool_size)
        else:
            self.engine = create_engine(url, pool_size=pool_size, pool_pre_ping=True)
            self._writer = _Single(self.engine)
        self._readers = sessionmaker(self.engine, autoflush=False)

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """Run one unit of work; what `after_commit` collected runs once it is durable."""
        with self._writer.begin() as session:
            yield session
        for call in session.info.get("after_commit", ()):
            call()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Look at what is durable; nothing can be written."""
        with self._readers() as session:
            session.info[_LOOKED] = {}
            if self.dialect == "postgresql":
                session.connection(execution_options={"postgresql_readonly": True})
            yield session

    @property
    def writer_engine(self) -> Engine:
        """The engine that may write: for migrations and for tests."""
        return self._writer.engine

    @property
    def commits(self) -> int:
        """How many commits were made: what the benchmark divides by the commands."""
        return self._writer.commits

    def close(self) -> None:
        """Close every connection."""
        self._writer.close()
        self.engine.dispose()


def read_once(session: Session, name: Hashable, read: Callable[[], T]) -> T:
    """Return what a look has read under a name before; a unit of work, which writes, reads anew.

    Who gets it must not change it. It also holds rows: a session forgets those that nobody holds.
    """
    looked: dict[Hashable, T] | None = session.info.get(_LOOKED)
    if looked is None:
        return read()
    if name not in looked:
        looked[name] = read()
    return looked[name]


def after_commit(session: Session, call: Callable[[], None]) -> None:
    """Run `call` once this unit is durable; it does not run when the unit fails."""
    session.info.setdefault("after_commit", []).append(call)


class _Single:
    """A unit is a transaction of its own (PostgreSQL)."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.commits = 0
        self._sessions = sessionmaker(engine, expire_on_commit=False)

    @contextmanager
    def begin(self) -> Iterator[Session]:
        with self._sessions.begin() as session:
            yield session
        self.commits += 1

    def close(self) -> None:
        """Do nothing: the engine is the database's own."""


@dataclass(slots=True)
class _Group:
    """Units that will share one commit."""

    transaction: RootTransaction
    done: threading.Event = field(default_factory=threading.Event)
    error: BaseException | None = None
    units: int = 0


class _Shared:
    """Units run one after another on one connection; the last in line commits for all (SQLite)."""

    def __init__(self, url: str) -> None:
        self.engine = create_engine(
            url, poolclass=StaticPool, connect_args={"check_same_thread": False, "timeout": 30}
        )
        event.listen(self.engine, "connect", _writer_connect)
        event.listen(self.engine, "begin", _begin_immediate)
        self.commits = 0
        self._connection: Connection | None = None
        self._turn = threading.Lock()
        self._count = threading.Lock()
        self._waiting = 0
        self._group: _Group | None = None
        self._held_by: int | None = None

    @contextmanager
    def begin(self) -> Iterator[Session]:
        group = self._enter()
        try:
            with self._unit() as session:
                yield session
            group.units += 1
        except BaseException as error:  # whatever it was, the group must hear of it
            if not _alive(self._open()):  # SQLite gave up the whole transaction: disk full, I/O
                group.error = error
            raise
        finally:
            self._leave(group)
        group.done.wait()
        if group.error is not None:
            raise group.error

    @contextmanager
    def _unit(self) -> Iterator[Session]:
        """Yield a session inside a savepoint; what it takes with it fails alone.

        The savepoint is ours: compiled statements go straight to the driver, and only units
        that use the ORM pay for SQLAlchemy's own one inside of it.
        """
        connection = self._open()
        raw: Any = connection.connection.driver_connection
        raw.execute("SAVEPOINT unit")
        session = Session(
            connection, join_transaction_mode="create_savepoint", expire_on_commit=False
        )
        session.info["driver"] = (connection.dialect, raw)
        try:
            yield session
            if session.in_transaction():
                session.commit()
            raw.execute("RELEASE unit")
        except BaseException:  # whatever it was, this unit leaves nothing
            session.rollback()
            raw.execute("ROLLBACK TO unit")
            raw.execute("RELEASE unit")
            raise
        finally:
            session.close()

    def _enter(self) -> _Group:
        if self._held_by == threading.get_ident():
            raise RuntimeError("a unit of work is already open in this thread")
        with self._count:
            self._waiting += 1
        self._turn.acquire()
        with self._count:
            self._waiting -= 1
        self._held_by = threading.get_ident()
        try:
            if self._group is None:
                self._group = _Group(self._open().begin())
        except BaseException:  # whoever waits must get their turn
            self._release()
            raise
        return self._group

    def _leave(self, group: _Group) -> None:
        """Commit when nobody waits, or when the group is full or already lost."""
        try:
            if self._waiting == 0 or group.units >= GROUP_LIMIT or group.error is not None:
                self._group = None
                self._end(group)
        finally:
            self._release()

    def _end(self, group: _Group) -> None:
        try:
            if group.error is None and group.units:
                group.transaction.commit()
                self.commits += 1
            else:
                group.transaction.rollback()
        except BaseException as error:  # noqa: BLE001 — every unit of the group must hear of it
            group.error = error
            group.transaction.close()
        finally:
            group.done.set()

    def _release(self) -> None:
        self._held_by = None
        self._turn.release()

    def _open(self) -> Connection:
        if self._connection is None:
            self._connection = self.engine.connect()
        return self._connection

    def close(self) -> None:
        with self._turn:
            if self._connection is not None:
                self._connection.close()
                self._connection = None
            self.engine.dispose()


def _alive(connection: Connection) -> bool:
    raw: Any = connection.connection.driver_connection
    return bool(raw.in_transaction)


def _sqlite_readers(url: str, pool_size: int) -> Engine:
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=pool_size,
        connect_args={"check_same_thread": False, "timeout": 30},
    )
    event.listen(engine, "connect", _reader_connect)
    event.listen(engine, "begin", _begin_deferred)
    return engine


def _writer_connect(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # BEGIN, SAVEPOINT and COMMIT are said by SQLAlchemy
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA cache_size=-16000")
    connection.execute("PRAGMA temp_store=MEMORY")  # savepoints copy pages aside: not to a file


def _reader_connect(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA query_only=ON")


def _begin_immediate(connection: Connection) -> None:
    """Take the write lock at once: one that upgrades later fails with 'database is locked'."""
    raw: Any = connection.connection.driver_connection
    raw.execute("BEGIN IMMEDIATE")


def _begin_deferred(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def sqlite_url(path: Path) -> str:
    """Return the URL of an embedded database file, making its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{path}"
