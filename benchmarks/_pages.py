"""Somebody who looks at pages and takes work while a load runs, noting how long each answer took."""

import http.client
import itertools
import json
import statistics
import threading
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from benchmarks._server import Server

#: a person's page every so often
_PAUSE = 0.1


class Looker(threading.Thread):
    """Asks for pages in turn until told to stop; a server that is down is waited for."""

    def __init__(self, server: Server, paths: Sequence[str], work: Sequence[int] = ()) -> None:
        super().__init__(name="looker")
        self._server, self._paths, self._work = server, tuple(paths), tuple(work)
        self._done = threading.Event()
        #: milliseconds of pages, and of a command that takes a task or gives it back
        self.pages: list[float] = []
        self.commands: list[float] = []
        self._wrong: str | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self._done.set()
        self.join()
        if self._wrong is not None and error is None:
            raise RuntimeError(self._wrong)

    def run(self) -> None:
        """Ask, one after another."""
        tasks = itertools.cycle(self._work) if self._work else None
        for path in itertools.cycle(self._paths):
            if self._done.wait(_PAUSE):
                return
            self._timed(self.pages, "GET", path)
            if tasks is not None:
                task = next(tasks)
                assigning = json.dumps({"assignee": "bench"}).encode()
                self._timed(self.commands, "POST", f"/v2/user-tasks/{task}/assignment", assigning)
                self._timed(self.commands, "DELETE", f"/v2/user-tasks/{task}/assignee")

    def _timed(self, times: list[float], verb: str, path: str, body: bytes | None = None) -> None:
        begin = time.perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", self._server.port, timeout=60)
        try:
            connection.request(verb, path, body, {
                "Authorization": f"Bearer {self._server.token}", "Content-Type": "application/json",
            })  # fmt: skip
            answer = connection.getresponse()
            text = answer.read()
        except OSError:  # it was killed; it will be back on another port
            return
        finally:
            connection.close()
        if answer.status >= http.client.BAD_REQUEST:
            self._wrong = f"{verb} {path}: {answer.status} {text[:300]!r}"
            self._done.set()
        times.append((time.perf_counter() - begin) * 1000)


def p95(times: Sequence[float]) -> float:
    """Return the 95th percentile of some times; of none, nothing can be said."""
    return statistics.quantiles(times, n=20)[18] if len(times) > 1 else float("nan")
