"""Completing the tasks of an eight-task process over HTTP, against what disk and processor allow.

completions/s >= 0.85 x min(raw step commits/s / commits a completion, 1000 / server CPU ms), in
alternate slices of three seconds on the same file system (issue A, must show 3).
"""

import json
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks._figure import figure
from benchmarks._raw import Raw, bytes_per_case, trace
from benchmarks._server import Server

SLICE, ROUNDS = 3.0, 3


def figures() -> Iterator[dict[str, Any]]:
    """Yield the figures of issue A's third point."""
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir="var" if Path("var").is_dir() else "."))
    try:
        found, path = trace(folder)
        statements, reads = max(found.statements), max(found.reads)
        yield figure(
            "completion-statements", statements, "statements", goal="<= 12", met=statements <= 12
        )
        yield figure("completion-reads", reads, "statements", goal="<= 3", met=reads <= 3)
        raw, server = Raw(found, path), Server(folder)
        try:
            for clients in (1, 16):
                yield from _rounds(server, raw, clients)
        finally:
            server.stop()
            raw.close()
        yield _size(server.path)
    finally:
        shutil.rmtree(folder)


def _rounds(server: Server, raw: Raw, clients: int) -> Iterator[dict[str, Any]]:
    served, bounds, cpus, commits, raws, p99 = [], [], [], [], [], []
    for _ in range(ROUNDS):
        raws.append(raw.run(SLICE))
        load = _load(server, clients)
        done = load["completions"]
        served.append(done / load["seconds"])
        cpus.append(load["cpu"] / done * 1e3)
        commits.append(load["commits"] / done)
        p99.append(load["p99_ms"])
        bounds.append(min(raws[-1] / commits[-1], 1000 / cpus[-1]))
    ratio = statistics.median(s / b for s, b in zip(served, bounds, strict=True))
    cpu, shared = statistics.median(cpus), statistics.median(commits)
    name = f"completions-{clients}-clients"
    yield figure(
        name, statistics.median(served), "1/s",
        compared_with=f"min(raw commits {statistics.median(raws):.0f}/s / {shared:.2f}, "
        f"1000 / {cpu:.2f} ms)",
        ratio=ratio, goal=">= 0.85", met=ratio >= 0.85,
    )  # fmt: skip
    yield figure(f"{name}-server-cpu", cpu, "ms", goal="<= 1.2", met=cpu <= 1.2)
    yield figure(f"{name}-p99", statistics.median(p99), "ms")
    goal = "<= 0.2" if clients > 1 else ""
    yield figure(
        f"{name}-commits",
        shared,
        "fsync/completion",
        goal=goal,
        met=shared <= 0.2 if goal else None,
    )


def _load(server: Server, clients: int) -> dict[str, float]:
    """Let clients of another process complete tasks for one slice."""
    client = subprocess.Popen(
        [sys.executable, "-m", "benchmarks._client", str(server.port), server.token, str(clients),
         str(SLICE)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    if client.stdin is None or client.stdout is None:
        raise RuntimeError("the client has no pipes")
    client.stdout.readline()
    cpu, commits = server.cpu_seconds(), server.metric("wuyeflow_commits")
    client.stdin.write("go\n")
    client.stdin.flush()
    told: dict[str, float] = json.loads(client.stdout.readline())
    told["cpu"] = server.cpu_seconds() - cpu
    told["commits"] = server.metric("wuyeflow_commits") - commits
    client.wait(10)
    return told


def _size(path: Path) -> dict[str, Any]:
    """Measure finished cases alone: unfinished ones of a broken-off slice are taken out."""
    connection = sqlite3.connect(path)
    connection.execute("delete from history where instance_key in "
                       "(select key from instance where state != 'completed')")  # fmt: skip
    for table in ("submission", "fact_step", "fact_case", "task"):
        connection.execute(f"delete from {table} where instance_key in "
                           "(select key from instance where state != 'completed')")  # fmt: skip
    connection.execute("delete from instance where state != 'completed'")
    cases = connection.execute("select count(*) from instance").fetchone()[0]
    connection.commit()
    connection.close()
    size = bytes_per_case(path, cases)
    return figure("bytes-per-finished-case", size, "bytes", goal="<= 6144", met=size <= 6144)
