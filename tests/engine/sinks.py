"""The world outside, on this machine: a real SMTP server and a receiver of web hooks.

Both can be down, slow, refuse, or take what they are given and fall silent before they say so.
"""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller

OK, REFUSE, SLOW, DROP = "ok", "refuse", "slow", "drop"


class Mailbox:
    """An SMTP server; `mood` says how it behaves, `mails` what it was given."""

    def __init__(self, **more: Any) -> None:
        self._more = more
        self.mood = OK
        self.mails: list[EmailMessage] = []
        self._controller: Controller | None = None

    async def handle_RCPT(  # noqa: N802 — aiosmtpd looks for this name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if address.startswith("nobody"):
            return "550 no such user"
        if self.mood == REFUSE:
            return "451 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 — aiosmtpd's name
        found = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(found, EmailMessage)
        self.mails.append(found)
        if self.mood == SLOW:
            await asyncio.sleep(1)
        if self.mood == DROP:
            server.transport.abort()
        return "250 OK"

    @property
    def port(self) -> int:
        assert self._controller is not None
        return self._controller.port

    def ids(self) -> list[str]:
        return [str(mail["Message-ID"]) for mail in self.mails]

    def start(self) -> None:
        self._controller = _AnyPort(
            self, hostname="127.0.0.1", port=0, ready_timeout=5, **self._more
        )
        self._controller.start()

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None


class _AnyPort(Controller):
    """A controller on a free port: aiosmtpd looks for itself on port 0 otherwise."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


class Hooks:
    """A receiver of web hooks; `calls` is everything that came, `taken` one a `webhook-id`."""

    def __init__(self) -> None:
        self.mood = OK
        self.answer: dict[str, Any] = {"errcode": 0, "code": 0, "id": "r-1"}
        self.calls: list[tuple[str, dict[str, str], bytes]] = []
        self.taken: dict[str, bytes] = {}
        self._lock = threading.Lock()
        hooks = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                hooks._serve(self)

            def log_message(self, *_args: Any) -> None:
                """Stay silent."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.host = f"127.0.0.1:{self._server.server_port}"
        self.url = f"http://{self.host}/hook"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _path, _headers, body in self.calls]

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _serve(self, call: BaseHTTPRequestHandler) -> None:
        body = call.rfile.read(int(call.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in call.headers.items()}
        if self.mood == REFUSE:
            call.send_error(503)
            return
        with self._lock:
            self.calls.append((call.path, headers, body))
            self.taken.setdefault(headers.get("webhook-id", str(len(self.calls))), body)
        if self.mood in (DROP, SLOW):
            time.sleep(0.8 if self.mood == SLOW else 0)
            call.close_connection = True
            return
        said = json.dumps(self.answer).encode()
        call.send_response(307 if self.mood == "redirect" else 200)
        if self.mood == "redirect":
            call.send_header("Location", f"{self.url}/elsewhere")
        call.send_header("Content-Length", str(len(said)))
        call.end_headers()
        call.wfile.write(said)


@contextmanager
def mailbox(**more: Any) -> Iterator[Mailbox]:
    """Run an SMTP server; `more` is for aiosmtpd's controller."""
    opened = Mailbox(**more)
    opened.start()
    try:
        yield opened
    finally:
        opened.stop()


@contextmanager
def hooks() -> Iterator[Hooks]:
    """Run a receiver of web hooks."""
    opened = Hooks()
    try:
        yield opened
    finally:
        opened.close()
