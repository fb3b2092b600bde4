"""Ten thousand limits that run out at one moment, among a million that wait (issue D, must show 3).

On PostgreSQL and on an embedded database, with two and with four processes of which one is killed
while they fire: each limit must run out once. One process is a real server, and a client asks it
for a person's list of tasks all the while.
"""

import os
import shutil
import statistics
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from benchmarks._client import Connection
from benchmarks._figure import figure
from benchmarks._overdue import Process, another, fill
from benchmarks._server import Server
from engine import clock
from engine.db import Database
from engine.models import Event, History, Timer, from_ms, to_ms
from tests import postgresql

#: BENCH_SCALE=0.1 makes everything ten times smaller, for a look
_SCALE = float(os.environ.get("BENCH_SCALE", "1"))
DUE = int(10_000 * _SCALE)
WAITING = {"postgresql": int(1_000_000 * _SCALE), "sqlite": int(100_000 * _SCALE)}
#: until the limits run out: time to write the rows and to start the processes
_LEAD, _ROWS_A_SECOND = timedelta(seconds=15), 15_000
_PATIENCE = 300.0
_TICKS = os.sysconf("SC_CLK_TCK")
_ASK = b'{"filter":{"state":"CREATED"},"page":{"limit":50}}'


def figures() -> Iterator[dict[str, Any]]:
    """Yield rate, lateness and answers of both databases with two and four processes."""
    for kind in ("sqlite", "postgresql"):
        for processes in (2, 4):
            yield from _figures(kind, processes)


def _figures(kind: str, processes: int) -> Iterator[dict[str, Any]]:
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="bench-", dir="var" if Path("var").is_dir() else "."))
        stack.callback(shutil.rmtree, folder)
        url = ""
        if kind == "postgresql":
            url = stack.enter_context(postgresql.database(
                stack.enter_context(postgresql.server(folder.resolve() / "data"))
            ))  # fmt: skip
        server = Server(folder, url=url)
        stack.callback(server.stop)
        database = Database(server.url)
        stack.callback(database.close)
        at = clock.now() + _LEAD + timedelta(seconds=WAITING[kind] / _ROWS_A_SECOND)
        fill(database, due=DUE, waiting=WAITING[kind], at=at)
        workers = [another(stack, server.url) for _ in range(processes - 1)]
        idle = _asked(server, 3.0)
        roots = [server.pid, *(worker.pid for worker in workers), *_postmaster(folder)]
        busy, cpu = _fire_and_kill(server, database, workers, at.timestamp(), roots)
        yield from _counted(kind, processes, database, to_ms(at))
        each = cpu / DUE * 1000
        yield figure(f"timers-{kind}-{processes}-processes-cpu", each, "ms",
                     compared_with=f"{os.cpu_count()} processors allow "
                     f"{1000 / each * (os.cpu_count() or 1):.0f}/s")  # fmt: skip
        yield from _answers(kind, processes, idle, busy)


def _fire_and_kill(
    server: Server, database: Database, workers: list[Process], at: float,
    roots: list[int],
) -> tuple[list[float], float]:  # fmt: skip
    """Wait until everything has fired, killing a worker after a third.

    Return what pages took, and the processor time of all that took part.
    """
    times: list[float] = []
    done = threading.Event()
    asker = threading.Thread(target=_ask, args=(server, times, done))
    time.sleep(max(0.0, at - time.time()))
    asker.start()
    end, killed, cpu = time.monotonic() + _PATIENCE, False, -_cpu(roots)
    while (left := _left(database, int(at * 1000))) and time.monotonic() < end:
        if not killed and left < DUE * 2 / 3:
            cpu += _cpu([workers[0].pid])
            roots.remove(workers[0].pid)
            workers[0].kill()
            killed = True
        time.sleep(0.03)
    done.set()
    asker.join()
    if not killed:
        raise RuntimeError("everything had fired before a process could be killed")
    return times, cpu + _cpu(roots)


def _postmaster(folder: Path) -> list[int]:
    """Return the process of this benchmark's own database server, if it has one."""
    file = folder / "data" / "postmaster.pid"
    return [int(file.read_text("utf-8").split()[0])] if file.exists() else []


def _cpu(roots: list[int]) -> float:
    """Return the processor time so far of processes and all that they have started."""
    spent: dict[int, float] = {}
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has just ended
            fields = stat.read_text("ascii", "replace").rsplit(")", 1)[1].split()
            pid = int(stat.parent.name)
            parents[pid], spent[pid] = int(fields[1]), (int(fields[11]) + int(fields[12])) / _TICKS
    family = set(roots)
    while more := {pid for pid, parent in parents.items() if parent in family} - family:
        family |= more
    return sum(spent.get(pid, 0.0) for pid in family)


def _left(database: Database, at: int) -> int:
    with database.read() as session:
        query = select(func.count()).select_from(Timer).where(Timer.due_at <= from_ms(at))
        return session.scalars(query).one()


def _asked(server: Server, seconds: float) -> list[float]:
    times: list[float] = []
    done = threading.Event()
    asker = threading.Thread(target=_ask, args=(server, times, done))
    asker.start()
    done.wait(seconds)
    done.set()
    asker.join()
    return times


def _ask(server: Server, times: list[float], done: threading.Event) -> None:
    """Ask for a list of tasks ten times a second, as people who come to their inbox do."""
    connection = Connection(server.port, server.token)
    while not done.is_set():
        begin = time.perf_counter()
        connection.post("/v2/user-tasks/search", _ASK)
        times.append((time.perf_counter() - begin) * 1000)
        done.wait(0.1)


def _counted(kind: str, processes: int, database: Database, at: int) -> Iterator[dict[str, Any]]:
    name = f"timers-{kind}-{processes}-processes"
    with database.read() as session:
        query = select(History.task_key, History.at).where(History.kind == Event.OVERDUE)
        fired = session.execute(query.order_by(History.at)).all()
    times = Counter(key for key, _ in fired)
    once = sum(n == 1 for n in times.values())
    yield figure(f"{name}-fired-once", once, "timers", goal=f"= {DUE}",
                 met=once == DUE == len(fired),
                 compared_with=f"{DUE} due among {WAITING[kind]} waiting, one killed")  # fmt: skip
    late = sorted((to_ms(moment) - at) / 1000 for _, moment in fired)
    rate = len(late) / max(late[-1], 0.001)
    yield figure(f"{name}-rate", rate, "1/s", goal=">= 2000", met=rate >= 2000)
    for share in (50, 95, 99, 100):
        index = min(len(late) - 1, len(late) * share // 100)
        yield figure(f"{name}-lateness-p{share}", late[index], "s")


def _answers(
    kind: str, processes: int, idle: list[float], busy: list[float]
) -> Iterator[dict[str, Any]]:
    name = f"timers-{kind}-{processes}-processes-inbox-p95"
    quiet, worst = _p95(idle), _p95(busy)
    yield figure(name, worst, "ms", compared_with=f"{quiet:.1f} ms before", ratio=worst / quiet,
                 goal="< 300", met=worst < 300)  # fmt: skip


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[18] if len(times) > 1 else sum(times)
