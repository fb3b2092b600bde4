"""Many limits that run out at the same moment, among many more that wait: straight into the rows.

Run as a program it is one more process with a clockwork: `python -m benchmarks._overdue URL`.
"""

import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Any

import orjson
import psycopg
from sqlalchemy.engine import make_url

from engine import compiled, ids, limits, scheduler
from engine.calendar_book import DEFAULT
from engine.db import Database
from engine.models import to_ms

#: one more process with a clockwork
Process = subprocess.Popen[str]
_SPREAD = timedelta(days=180)
_STANDARD = timedelta(hours=1)

_INSTANCE = ("key", "tenant_id", "definition_key", "process_id", "root_key", "business_key",
             "title", "state", "revision", "blob", "variables", "history_seq", "history_hash",
             "priority", "started_by", "started_at")  # fmt: skip
_FACT = ("instance_key", "tenant_id", "process_id", "started_at", "late_steps")
_TASK = ("key", "tenant_id", "instance_key", "root_key", "definition_key", "kind", "token",
         "element", "name", "state", "group_key", "assignee", "priority", "limits", "due_at",
         "opened_at", "urged")  # fmt: skip
_TIMER = ("key", "tenant_id", "kind", "due_at", "instance_key", "task_key", "data", "attempts")


def fill(database: Database, *, due: int, waiting: int, at: datetime) -> None:
    """Put `due` cases with a limit that ends at `at`, and `waiting` timers of later months in."""
    with database.read() as session:
        definition = compiled.newest(session, "eight", "yj").key
    cases = [(ids.new(), ids.new()) for _ in range(due)]
    start = to_ms(at - _STANDARD)
    pinned = orjson.dumps(
        limits.plan(
            {"standard": "PT1H", "clock": "calendar", "start": start, "warn": []}, DEFAULT, at
        ).limits
    ).decode()
    _copy(database, "instance", _INSTANCE, (
        (case, "yj", definition, "eight", case, f"B-{n}", "超时试跑", "active", 1, b"", "{}", 0,
         b"", 50, 0, start) for n, (case, _) in enumerate(cases)
    ))  # fmt: skip
    _copy(database, "fact_case", _FACT, ((case, "yj", "eight", start, 0) for case, _ in cases))
    _copy(database, "task", _TASK, (
        (task, "yj", case, case, definition, "user", 1, "t1", "第一步", "open", "cs_assistant",
         None, 50, pinned, to_ms(at), start, 0) for case, task in cases
    ))  # fmt: skip
    _copy(database, "timer", _TIMER, (
        (task, "yj", "limit", to_ms(at), case, task, '{"behind": {}}', 0) for case, task in cases
    ))  # fmt: skip
    chance = random.Random(4)
    first, last = to_ms(at + timedelta(hours=1)), to_ms(at + _SPREAD)
    _copy(database, "timer", _TIMER, (
        (ids.new(), "yj", "limit", chance.randrange(first, last), 1, 1, '{"behind": {}}', 0)
        for _ in range(waiting)
    ))  # fmt: skip


def _copy(
    database: Database, table: str, columns: Sequence[str], rows: Iterator[tuple[Any, ...]]
) -> None:
    names = ", ".join(columns)
    if database.dialect == "sqlite":
        marks = ", ".join("?" * len(columns))
        with database.begin() as session:
            raw: Any = session.connection().connection.driver_connection
            raw.executemany(f"insert into {table} ({names}) values ({marks})", rows)
        return
    url = make_url(database.url).set(drivername="postgresql").render_as_string(hide_password=False)
    with (
        psycopg.connect(url) as connection,
        connection.cursor().copy(f"copy {table} ({names}) from stdin") as copy,
    ):
        for row in rows:
            copy.write_row(row)


def another(stack: ExitStack, url: str) -> Process:
    """Start one more process with a clockwork on a database; it ends with the stack."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks._overdue", url],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    stack.callback(process.wait)
    stack.callback(process.kill)
    if process.stdout is None or process.stdout.readline().strip() != "ready":
        raise RuntimeError("another process did not come up")
    return process


def main(url: str) -> None:
    """Run a clockwork until the standard input closes; say how many commits it made."""
    import processes

    database = Database(url)
    processes.register()
    clockwork = scheduler.start(database)
    print("ready", flush=True)
    sys.stdin.read()
    clockwork.stop()
    database.close()


if __name__ == "__main__":
    main(sys.argv[1])
