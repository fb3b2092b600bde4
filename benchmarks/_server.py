"""A real server with the eight-task process on an embedded database, for loads on this machine."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import processes
from api import tokens
from api.database import migrate
from engine import calendars, deployments, identity, search
from engine.db import Database, sqlite_url
from engine.deployments import Resource
from engine.models import Tenant
from engine.ports import SYSTEM

EIGHT = Path(__file__).parent / "eight"
_TICKS = os.sysconf("SC_CLK_TCK")


def furnish(database: Database) -> str:
    """Put the eight-task process and its one worker in; return the worker's bearer token."""
    migrate(database)
    search.fill(database)  # rows that come straight into the tables have no words to look for
    processes.register()
    identity.use_password_cost(time_cost=1, memory_kib=64)
    with database.begin() as session:
        calendars.seed(session)
        session.add(Tenant(tenant_id="yj", name="云景花园", zone="Asia/Shanghai"))
        session.flush()
        user = identity.create_user(session, username="bench", name="试跑", password="0123456789")
        for group in ("cs_assistant", "cs_manager"):
            identity.add_membership(session, user.key, group, "yj")
        files = [Resource(path.name, path.read_bytes()) for path in sorted(EIGHT.iterdir())]
        deployments.deploy(session, SYSTEM, files)
        _, secret = tokens.issue(session, user, name="bench")
    return secret


class Server:
    """One granian process with the application, as `wuyeflow serve` starts it.

    On an embedded database of its own, or on the one of `url`.
    """

    def __init__(
        self, folder: Path, threads: int = 16, *, url: str = "",
        fill: Callable[[Database], str] = furnish,
    ) -> None:  # fmt: skip
        self.path = folder / "bench.db"
        self.url = url or sqlite_url(self.path)
        database = Database(self.url)
        self.token = fill(database)
        database.close()
        self._folder, self._threads = folder, threads
        self.start()

    def start(self) -> None:
        """Start the server on a free port, as it was: after a kill it finds its database."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self._process = subprocess.Popen(
            [sys.executable, "-m", "api", "serve"],
            env={
                **os.environ,
                "WUYEFLOW_DATABASE_URL": self.url,
                "WUYEFLOW_FOLDER": str(self._folder),
                "WUYEFLOW_PORT": str(self.port),
                "WUYEFLOW_THREADS": str(self._threads),
            },
            stdout=subprocess.DEVNULL,
        )
        self._wait()

    @property
    def pid(self) -> int:
        """The server's process; its workers are its children."""
        return self._process.pid

    def cpu_seconds(self) -> float:
        """Return the processor time of the server and its worker so far."""
        return sum(_cpu(pid) for pid in self._family())

    def metric(self, name: str) -> float:
        """Return a counter of the server's own."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics") as answer:
            lines = answer.read().decode().splitlines()
        return sum(
            float(x.split()[-1]) for x in lines if x.startswith(name) and not x.startswith("#")
        )

    def kill(self) -> None:
        """End the server and its worker on the spot, as a power cut does."""
        for pid in reversed(self._family()):
            os.kill(pid, signal.SIGKILL)
        self._process.wait(20)

    def stop(self) -> None:
        """Stop the server."""
        self._process.terminate()
        self._process.wait(20)

    def _family(self) -> list[int]:
        own = self._process.pid
        children = Path(f"/proc/{own}/task/{own}/children").read_text("ascii").split()
        return [own, *map(int, children)]

    def _wait(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz"):
                    return
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.2)
        self.stop()
        raise RuntimeError("the server did not come up")


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS
