"""A frugal HTTP client for loads: keep-alive sockets of one process, requests made beforehand.

Run as a program it completes eight-task cases for some seconds and prints what it did:
`python -m benchmarks._client PORT TOKEN CLIENTS SECONDS`. Loopback only; stops by itself.
"""

import itertools
import json
import os
import socket
import sys
import threading
import time
from typing import Any

import orjson

#: what each step's form is given, by step
VALUES: dict[str, dict[str, Any]] = {
    f"t{n}": {f"note_t{n}": f"第 {n} 步处理意见：已联系业主并记录情况", f"amount_t{n}": n}
    for n in range(1, 9)
}
VALUES["t2"] |= {"severity": "high"}
VALUES["t6"] |= {"satisfied": False}
_BODIES = {step: orjson.dumps({"variables": values}) for step, values in VALUES.items()}
_count = itertools.count()


class Connection:
    """One keep-alive connection to the server on this machine."""

    def __init__(self, port: int, token: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._head = f"Host: 127.0.0.1\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n"
        self._rest = b""

    def post(self, path: str, data: bytes, key: str | None = None) -> dict[str, Any]:
        """Send a JSON body and return the JSON of its answer; anything but success is an error."""
        extra = f"Idempotency-Key: {key}\r\n" if key else ""
        head = f"POST {path} HTTP/1.1\r\n{self._head}{extra}Content-Length: {len(data)}\r\n\r\n"
        self._socket.sendall(head.encode() + data)
        status, answer = self._receive()
        if status >= 300:
            raise RuntimeError(f"{path}: {status} {answer[:500]!r}")
        return orjson.loads(answer) if answer else {}

    def _receive(self) -> tuple[int, bytes]:
        data = self._rest
        while b"\r\n\r\n" not in data:
            data += self._more()
        head, data = data.split(b"\r\n\r\n", 1)
        lines = head.decode("latin-1").lower().split("\r\n")
        status = int(lines[0].split()[1])
        length = next((int(x.split(":")[1]) for x in lines if x.startswith("content-length:")), 0)
        while len(data) < length:
            data += self._more()
        self._rest = data[length:]
        return status, data[:length]

    def _more(self) -> bytes:
        part = self._socket.recv(65536)
        if not part:
            raise ConnectionError("the server closed the connection")
        return part


def start_case(connection: Connection) -> str:
    """Start a case and return the key of its first task."""
    created = connection.post(
        "/v2/process-instances", orjson.dumps({"processDefinitionId": "eight", "tenantId": "yj"})
    )
    found = connection.post(
        "/v2/user-tasks/search",
        orjson.dumps(
            {"filter": {"processInstanceKey": created["processInstanceKey"], "state": "CREATED"}}
        ),
    )
    return str(found["items"][0]["userTaskKey"])


def work(port: int, token: str, first: list[str], until: float, told: list[float]) -> None:
    """Complete the prepared cases one after another, noting how long each completion took."""
    connection = Connection(port, token)
    for task in first:
        element: str | None = "t1"
        while element is not None:
            begun = time.perf_counter()
            answer = connection.post(
                f"/api/v1/tasks/{task}/completion",
                _BODIES[element],
                f"{os.getpid()}-{next(_count)}",
            )
            told.append(time.perf_counter() - begun)
            opened = answer["opened"]
            element = opened[0]["elementId"] if opened else None
            task = opened[0]["userTaskKey"] if opened else ""  # noqa: PLW2901 — the case goes on
            if time.monotonic() >= until:
                return


def main(port: int, token: str, clients: int, seconds: float) -> None:
    """Prepare cases, wait for the word on standard input, work, print the result."""
    connection = Connection(port, token)
    share = max(4, int(120 * seconds / clients))
    prepared = [[start_case(connection) for _ in range(share)] for _ in range(clients)]
    print("ready", flush=True)
    sys.stdin.readline()
    until = time.monotonic() + seconds
    told: list[list[float]] = [[] for _ in range(clients)]
    threads = [
        threading.Thread(target=work, args=(port, token, prepared[n], until, told[n]))
        for n in range(clients)
    ]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    spans = sorted(span for one in told for span in one)
    print(
        json.dumps(
            {
                "completions": len(spans),
                "seconds": time.perf_counter() - begun,
                "p50_ms": spans[len(spans) // 2] * 1e3,
                "p99_ms": spans[int(len(spans) * 0.99)] * 1e3,
            }
        ),
        flush=True,
    )


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))
