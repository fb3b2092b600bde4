"""Rain day (issue E, must show 5): 500 leak cases of a project wait for rain; each wakes once.

The day is recorded on a database with a real server and a second process, which is killed while it
wakes cases; cases of another project go on waiting, and somebody looks at pages meanwhile.
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

from sqlalchemy import func, select

from benchmarks import _house
from benchmarks._figure import figure
from benchmarks._overdue import Process, another
from benchmarks._pages import Looker, p95
from benchmarks._server import Server
from engine import clock, rain, signals
from engine.db import Database
from engine.models import Delivery, Subscription, Task
from tests import postgresql
from tests.processes.leaks import leak

#: BENCH_SCALE=0.1 makes everything ten times smaller, for a look
_SCALE = float(os.environ.get("BENCH_SCALE", "1"))
LEAKS, ELSEWHERE = int(500 * _SCALE), 20
_PATIENCE = 120.0


def figures() -> Iterator[dict[str, Any]]:
    """Let it rain on both databases."""
    for kind in ("sqlite", "postgresql"):
        yield from _figures(kind)


def _figures(kind: str) -> Iterator[dict[str, Any]]:
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="bench-", dir="var" if Path("var").is_dir() else "."))
        stack.callback(shutil.rmtree, folder)
        url = ""
        if kind == "postgresql":
            url = stack.enter_context(postgresql.database(
                stack.enter_context(postgresql.server(folder.resolve() / "data"))
            ))  # fmt: skip
        server = Server(folder, url=url, fill=_fill)
        stack.callback(server.stop)
        database = Database(server.url)
        stack.callback(database.close)
        helper = another(stack, server.url)
        yield from _rain(kind, server, database, helper)


def _fill(database: Database) -> str:
    token = _house.furnish(database)
    repaired = clock.now() - timedelta(days=4)  # whole days before the rain, whatever the hour
    for tenant_id in ["yj"] * LEAKS + ["ch"] * ELSEWHERE:
        leak(database, tenant_id, repaired)
    return token


def _rain(
    kind: str, server: Server, database: Database, helper: Process
) -> Iterator[dict[str, Any]]:
    with Looker(server, ["/", "/cases"]) as looker:
        yesterday = (clock.now() - timedelta(days=1)).date().isoformat()
        with database.begin() as session:
            told = {"rain_day": yesterday, "rain_level": "heavy"}
            signals.put(session, rain.SIGNAL, told, tenant_id="yj")
        begin, killed = time.monotonic(), 0
        while left := _left(database):
            if not killed and left < LEAKS * 2 // 3:
                helper.kill()
                killed = LEAKS - left
            if time.monotonic() - begin > _PATIENCE:
                raise RuntimeError("the cases did not wake in time")
            time.sleep(0.01)
        seconds = time.monotonic() - begin
    with database.read() as session:
        calls = select(Task.instance_key, Task.root_key, Task.tenant_id).where(
            Task.element == "C1_callback"
        )
        woken = Counter((root, tenant) for _, root, tenant in session.execute(calls))
        dry = session.scalar(
            select(func.count()).where(Subscription.name == rain.SIGNAL,
                                       Subscription.tenant_id == "ch")
        )  # fmt: skip
    once = sum(count == 1 for (_, tenant), count in woken.items() if tenant == "yj")
    yield figure(f"rain-day-{kind}-woken-once", once, "cases", goal=f"= {LEAKS}",
                 met=once == LEAKS == len(woken) and dry == ELSEWHERE,
                 compared_with=f"{dry} of another project wait on, killed at {killed}")  # fmt: skip
    yield figure(f"rain-day-{kind}-rate", LEAKS / seconds, "1/s")
    worst = p95(looker.pages)
    yield figure(f"rain-day-{kind}-page-p95", worst, "ms", goal="< 500", met=worst < 500,
                 compared_with=f"{len(looker.pages)} answers")  # fmt: skip


def _left(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(Delivery)) or 0
