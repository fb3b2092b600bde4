"""After a week's stop: 100,000 limits are overdue at once; how long until none is, and the pages.

A real server on an embedded database comes up and works them off while somebody looks at pages.
"""

import os
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from benchmarks._figure import figure
from benchmarks._overdue import fill
from benchmarks._pages import Looker, p95
from benchmarks._server import Server, furnish
from engine import clock, timers
from engine.db import Database
from engine.models import Event, History

#: BENCH_SCALE=0.1 makes everything ten times smaller, for a look
OVERDUE = int(100_000 * float(os.environ.get("BENCH_SCALE", "1")))
_STOPPED, _PATIENCE = timedelta(days=7), 900.0


def figures() -> Iterator[dict[str, Any]]:
    """Yield how the overdue limits are worked off."""
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="bench-", dir="var" if Path("var").is_dir() else "."))
        stack.callback(shutil.rmtree, folder)
        server = Server(folder, fill=_fill)
        stack.callback(server.stop)
        database = Database(server.url)
        stack.callback(database.close)
        begin, cpu = time.monotonic(), -server.cpu_seconds()
        with Looker(server, ["/", "/cases"]) as looker:
            while _any_due(database):
                if time.monotonic() - begin > _PATIENCE:
                    raise RuntimeError("the limits were not worked off in time")
                time.sleep(0.2)
        seconds, cpu = time.monotonic() - begin, cpu + server.cpu_seconds()
        with database.read() as session:
            fired = Counter(session.scalars(
                select(History.task_key).where(History.kind == Event.OVERDUE)
            ))  # fmt: skip
    once = sum(count == 1 for count in fired.values())
    yield figure("timers-drained-once", once, "timers", goal=f"= {OVERDUE}",
                 met=once == len(fired) == OVERDUE)  # fmt: skip
    yield figure("timers-drained-rate", OVERDUE / seconds, "1/s",
                 compared_with=f"{cpu / OVERDUE * 1000:.2f} ms of the server's processors each, "
                 "pages included")  # fmt: skip
    yield figure("timers-drained-page-p95", p95(looker.pages), "ms", goal="< 300",
                 met=p95(looker.pages) < 300,
                 compared_with=f"{len(looker.pages)} answers")  # fmt: skip


def _fill(database: Database) -> str:
    token = furnish(database)
    fill(database, due=OVERDUE, waiting=0, at=clock.now() - _STOPPED)
    return token


def _any_due(database: Database) -> bool:
    with database.read() as session:
        due = timers.next_due(session)
    return due is not None and due <= clock.now()
