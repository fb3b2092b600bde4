"""Move-in day (issue E, must show 5): 1,500 households, opened in jobs of fifty, ten defects each.

Batches are confirmed on a real server, which is killed after a third of the households and started
again; then the households are inspected, each with ten defects, while somebody looks at pages.
"""

import os
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import func, insert, select

from benchmarks import _house
from benchmarks._client import Connection
from benchmarks._figure import figure
from benchmarks._pages import Looker, p95
from benchmarks._server import Server
from engine import clock, identity, ids, loads
from engine.db import Database
from engine.models import File, Instance, LoadLine, Task
from engine.ports import COMPANY
from tests.processes.households import confirmed, prepared, rooms, steps

#: BENCH_SCALE=0.1 makes everything ten times smaller, for a look
_SCALE = float(os.environ.get("BENCH_SCALE", "1"))
HOUSEHOLDS, DEFECTS = int(1_500 * _SCALE), 10
_PATIENCE = 300.0
_WHO = ("cs_assistant", "cashier", "eng_worker")


def figures() -> Iterator[dict[str, Any]]:
    """Open the households with a kill in between, then find their defects."""
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="bench-", dir="var" if Path("var").is_dir() else "."))
        stack.callback(shutil.rmtree, folder)
        server = Server(folder, fill=_house.furnish)
        stack.callback(server.stop)
        database = Database(server.url)
        stack.callback(database.close)
        with database.begin() as session:
            keys = rooms(session, HOUSEHOLDS)
        case = prepared(database, keys)
        yield from _opening(server, database, case)
        yield from _inspecting(server, database, case)


def _opening(server: Server, database: Database, case: int) -> Iterator[dict[str, Any]]:
    paths = [f"/cases/{case}", "/", "/cases"]
    with Looker(server, paths) as looker:
        begin = time.monotonic()
        confirmed(database, case)
        _until(lambda: _opened(database) >= HOUSEHOLDS // 3)
    times, seconds = looker.pages, time.monotonic() - begin
    server.kill()
    at_kill = _opened(database)
    server.start()
    with Looker(server, paths) as looker:
        begin = time.monotonic()
        _until(lambda: _finished(database, case))
    times, seconds = times + looker.pages, seconds + time.monotonic() - begin
    with database.read() as session:
        things = session.scalars(
            select(LoadLine.thing).join(Instance, Instance.key == LoadLine.started_key)
        )
        often = Counter(things)
        total = session.scalar(select(func.count()).where(Instance.process_id == "move_in"))
        (load,) = loads.progress(session, case)
    once = sum(count == 1 for count in often.values())
    yield figure("move-in-day-opened-once", once, "households", goal=f"= {HOUSEHOLDS}",
                 met=once == total == HOUSEHOLDS,
                 compared_with=f"{load.jobs} jobs of {load.size}, killed at {at_kill}")  # fmt: skip
    yield figure("move-in-day-opening-rate", HOUSEHOLDS / seconds, "1/s")
    yield _answers("move-in-day-opening-page-p95", times)


def _inspecting(server: Server, database: Database, case: int) -> Iterator[dict[str, Any]]:
    """Let a desk take one household after another through its steps, as fast as it can click."""
    with database.read() as session:
        (load,) = loads.progress(session, case)
        opened = loads.started_by(session, load.key)
        bench = identity.actor(session, identity.resolve(session, "bench") or 0)
        tasks = dict(session.execute(
            select(Task.instance_key, Task.key).where(Task.instance_key.in_(opened))
        ).all())  # fmt: skip
        places = dict(session.execute(
            select(LoadLine.started_key, LoadLine.thing).where(LoadLine.load_key == load.key)
        ).all())  # fmt: skip
    spare, households = opened[-5:], opened[:-5]
    photos = _photos(database, bench.key, len(households))
    desk = Connection(server.port, server.token)
    took: list[float] = []
    cpu = -server.cpu_seconds()
    begin = time.monotonic()
    with Looker(server, ["/", "/cases", *(f"/cases/{key}" for key in opened[:20])],
                [tasks[key] for key in spare]) as looker:  # fmt: skip
        for key, photo in zip(households, photos, strict=True):
            told = steps(dict.fromkeys(_WHO, bench), places[key], photo, defects=DEFECTS)
            _walk(desk, tasks[key], told, took)
    seconds, cpu = time.monotonic() - begin, cpu + server.cpu_seconds()
    with database.read() as session:
        found = session.scalar(select(func.count()).where(Instance.process_id == "rectification"))
    wanted = len(households) * DEFECTS
    yield figure("move-in-day-defects", found or 0, "cases", goal=f"= {wanted}",
                 met=found == wanted)  # fmt: skip
    yield figure("move-in-day-defects-rate", wanted / seconds, "1/s",
                 compared_with=f"{cpu / wanted * 1000:.2f} ms of the server's processors each")  # fmt: skip
    yield _answers("move-in-day-inspecting-page-p95", looker.pages)
    yield _answers("move-in-day-inspecting-command-p95", looker.commands)
    yield figure("move-in-day-completion-p95", p95(took), "ms",
                 compared_with="one in five opens ten cases")  # fmt: skip


def _walk(
    desk: Connection, task: int, told: Mapping[str, Mapping[str, Any]], took: list[float]
) -> None:
    """Complete one step of a household after another."""
    for values in told.values():
        begin = time.perf_counter()
        answer = desk.post(
            f"/api/v1/tasks/{task}/completion", orjson.dumps({"variables": values}),
            f"{task}",
        )  # fmt: skip
        took.append((time.perf_counter() - begin) * 1000)
        task = answer["opened"][0]["userTaskKey"]


def _photos(database: Database, by: int, count: int) -> list[str]:
    """Put an uploaded picture for each household in; only its row is looked at."""
    keys = [ids.new() for _ in range(count)]
    with database.begin() as session:
        session.execute(insert(File), [
            {"key": key, "tenant_id": COMPANY, "hash": "0" * 64, "name": "照片.jpg",
             "media_type": "image/jpeg", "size": 1, "by": by, "at": clock.now()} for key in keys
        ])  # fmt: skip
    return [str(key) for key in keys]


def _answers(name: str, times: list[float]) -> dict[str, Any]:
    worst = p95(times)
    return figure(name, worst, "ms", compared_with=f"{len(times)} answers", goal="< 500",
                  met=worst < 500)  # fmt: skip


def _until(reached: Any) -> None:
    end = time.monotonic() + _PATIENCE
    while not reached():
        if time.monotonic() > end:
            raise RuntimeError("the households were not opened in time")
        time.sleep(0.02)


def _opened(database: Database) -> int:
    with database.read() as session:
        query = select(func.count()).where(Instance.process_id == "move_in")
        return session.scalar(query) or 0


def _finished(database: Database, case: int) -> bool:
    with database.read() as session:
        return session.get_one(Instance, case).ended_at is not None
