"""Databases that are made once a test process, and given to every test that wants one.

Making all tables takes half a second on PostgreSQL, putting all processes in force several. On
SQLite a test gets a copy of the file, on PostgreSQL a database whose rows are put back after it:
both take milliseconds.
"""

import atexit
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Dialect

from api.database import metadata
from engine.db import Database, sqlite_url
from tests import postgresql

Fill = Callable[[Database], None]

_embedded: dict[str, Path] = {}
#: (server, name) -> databases that nobody has at the moment
_served: dict[tuple[str, str], list[str]] = {}
#: (kind of database, reading or writing) -> the first one's dialect, and what was compiled for it
_compiled: dict[tuple[str, str], tuple[Dialect, dict[Any, Any]]] = {}
_until_the_server_stops = ExitStack()
#: where a lent database keeps how far its keys were counted
_NUMBERS = "public.kept_numbers"


def empty(_database: Database) -> None:
    """Leave a database as it is: all tables, no row."""


def copy(name: str, fill: Fill, target: Path) -> str:
    """Put a copy of the embedded database that `fill` makes at `target`; return its URL."""
    if name not in _embedded:
        source = _folder() / f"{name}.db"
        _make(sqlite_url(source), fill)
        _embedded[name] = source
    shutil.copyfile(_embedded[name], target)
    return sqlite_url(target)


@contextmanager
def lend(name: str, fill: Fill, server: str) -> Iterator[str]:
    """Yield the URL of a database as `fill` makes it on a server, put back afterwards."""
    free = _served.setdefault((server, name), [])
    if not free:
        url = _until_the_server_stops.enter_context(postgresql.database(server))
        _make(url, fill)
        _keep_rows(url)
        free.append(url)
    url = free.pop()
    yield url
    _put_rows_back(url)
    free.append(url)


def opened(url: str, kind: type[Database] = Database) -> Database:
    """Return a database that finds the SQL which others of its kind have had compiled here.

    Tests open thousands of databases, and each would compile the same few hundred statements.
    """
    database = kind(url)
    for role, engine in (("read", database.engine), ("write", database.writer_engine)):
        first, compiled = _compiled.setdefault((database.dialect, role), (engine.dialect, {}))
        engine.dialect = first  # what was compiled is found by the dialect it was compiled for
        engine.update_execution_options(compiled_cache=compiled)
    return database


def drop() -> None:
    """Drop what was lent, before its server stops."""
    _until_the_server_stops.close()
    _served.clear()


def _keep_rows(url: str) -> None:
    """Keep every table's rows in a schema of their own, and where its numbers stand."""
    with _connected(url) as connection:
        connection.execute("create schema kept")
        connection.execute(
            f"create table {_NUMBERS} as select sequencename, last_value from pg_sequences"
        )
        for table in metadata().sorted_tables:
            if connection.execute(f'select 1 from "{table.name}" limit 1').fetchone():
                connection.execute(f'create table kept."{table.name}" as table "{table.name}"')


def _put_rows_back(url: str) -> None:
    """Send home whoever is still connected; delete all rows, and put those kept back."""
    with _connected(url) as connection:
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where datname = current_database() and pid <> pg_backend_pid()"
        )
        kept = [
            name
            for (name,) in connection.execute(
                "select tablename from pg_tables where schemaname = 'kept'"
            )
        ]
        connection.execute("set session_replication_role = replica")  # in any order
        connection.execute("; ".join(
            [f'delete from "{table.name}"' for table in metadata().sorted_tables]
            + [f'insert into "{name}" select * from kept."{name}"' for name in kept]
        ))  # fmt: skip
        connection.execute(
            "select setval(sequencename::text, coalesce(kept.last_value, 1), kept.last_value is not null) "
            f"from pg_sequences now join {_NUMBERS} kept using (sequencename) "
            "where now.last_value is distinct from kept.last_value"
        )


def _connected(url: str) -> psycopg.Connection[tuple[Any, ...]]:
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


def _make(url: str, fill: Fill) -> None:
    made = Database(url)
    metadata().create_all(made.writer_engine)
    fill(made)
    made.close()


@cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="wuyeflow-furnished-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
