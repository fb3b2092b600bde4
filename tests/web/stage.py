"""A small local server: the built islands, hand-made pages around them, and endpoints that play the product."""

import json
import mimetypes
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

STATIC = Path(__file__).parents[2] / "api" / "static"

#: what the product sends; see api/headers.py
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


@dataclass
class Asked:
    """One request that an island made."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def file(self) -> tuple[str, bytes]:
        """Name and content of the multipart part `file`."""
        head = f"Content-Type: {self.headers['content-type']}\r\n\r\n".encode()
        message = BytesParser(policy=default).parsebytes(head + self.body)
        part = next(iter(message.iter_parts()))
        return part.get_filename() or "", part.get_payload(decode=True)


@dataclass
class Answer:
    """What the stage says to a request."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


Endpoint = Callable[[Asked], Answer]


class Stage:
    """Pages and endpoints by path, and everything that was asked."""

    def __init__(self) -> None:
        self.pages: dict[str, str] = {}
        self.endpoints: dict[tuple[str, str], Endpoint] = {}
        self.folders: dict[str, Path] = {"/static/": STATIC}
        self.asked: list[Asked] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def start(self) -> None:
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def clear(self) -> None:
        self.pages.clear()
        self.endpoints.clear()
        self.asked.clear()
        self.folders = {"/static/": STATIC}

    def on(self, method: str, path: str, answer: Endpoint | Answer) -> None:
        self.endpoints[method, path] = answer if callable(answer) else lambda _: answer

    def requests(self, method: str, path: str) -> list[Asked]:
        return [one for one in self.asked if (one.method, one.path) == (method, path)]

    def page(self, path: str, island: str, body: str, *, lang: str = "zh-CN") -> str:
        """Lay out a host page that loads one island, and tell its address."""
        self.pages[path] = host_page(island, body, lang=lang)
        return self.url + path


def host_page(island: str, body: str, *, lang: str = "zh-CN") -> str:
    styles, scripts = _built("page", island)
    return f"""<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>物业流</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="csrf-token" content="token-of-this-session">
<link rel="stylesheet" href="/static/tokens.css"><link rel="stylesheet" href="/static/app.css">
{styles}{scripts}</head><body><main class="page"><h1 class="title">试验页</h1>{body}</main></body></html>"""


def _built(*islands: str) -> tuple[str, str]:
    manifest = json.loads((STATIC / "web" / "manifest.json").read_text())
    entries = [manifest[f"src/{name}/index.js"] for name in dict.fromkeys(islands)]
    sheets = {css: None for entry in entries for css in _sheets(manifest, entry)}
    styles = "".join(f'<link rel="stylesheet" href="/static/web/{css}">' for css in sheets)
    scripts = "".join(
        f'<script type="module" src="/static/web/{entry["file"]}"></script>' for entry in entries
    )
    return styles, scripts


def _sheets(manifest: dict[str, Any], entry: dict[str, Any]) -> list[str]:
    shared = [css for key in entry.get("imports", []) for css in _sheets(manifest, manifest[key])]
    return [*shared, *entry.get("css", [])]


def _handler(stage: Stage) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Keep the test's output clean."""

        def answer(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.command, parts.path, query, headers, body)
            stage.asked.append(asked)
            self.send(_answer(stage, asked))

        def send(self, answer: Answer) -> None:
            payload = answer.body if isinstance(answer.body, bytes) else _dump(answer.body)
            kind = (
                "application/octet-stream" if isinstance(answer.body, bytes) else "application/json"
            )
            self.send_response(answer.status)
            headers = {"Content-Type": kind, "Content-Security-Policy": POLICY, **answer.headers}
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815  names of the standard library

    return Handler


def _dump(body: Any) -> bytes:
    return b"" if body is None else json.dumps(body, ensure_ascii=False).encode()


def _answer(stage: Stage, asked: Asked) -> Answer:
    endpoint = stage.endpoints.get((asked.method, asked.path))
    if endpoint:
        return endpoint(asked)
    if asked.method == "GET" and asked.path in stage.pages:
        return Answer(
            stage.pages[asked.path].encode(), 200, {"Content-Type": "text/html; charset=utf-8"}
        )
    for prefix, folder in stage.folders.items():
        file = folder / asked.path.removeprefix(prefix)
        if asked.path.startswith(prefix) and file.is_file():
            kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
            return Answer(file.read_bytes(), 200, {"Content-Type": kind})
    return Answer({"message": f"没有 {asked.method} {asked.path}"}, 404)
