"""Databases that are made once a test process, and copied for every test that wants one.

Making all tables takes half a second on PostgreSQL, putting all processes in force several; a copy
takes a tenth, on SQLite a millisecond.
"""

import atexit
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

from api.database import metadata
from engine.db import Database, sqlite_url
from tests import postgresql

Fill = Callable[[Database], None]

_embedded: dict[str, Path] = {}
_served: dict[tuple[str, str], str] = {}
_until_the_server_stops = ExitStack()


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
def clone(name: str, fill: Fill, server: str) -> Iterator[str]:
    """Yield the URL of a clone of the database that `fill` makes on a server, dropped afterwards."""
    if (server, name) not in _served:
        url = _until_the_server_stops.enter_context(postgresql.database(server))
        _make(url, fill)
        _served[server, name] = url.rsplit("/", 1)[1]
    with postgresql.database(server, template=_served[server, name]) as url:
        yield url


def drop() -> None:
    """Drop what clones were taken of, before its server stops."""
    _until_the_server_stops.close()
    _served.clear()


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
