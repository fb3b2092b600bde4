"""Find static files by their content, and the built islands through Vite's manifest."""

import gzip
import hashlib
import json
import logging
from functools import cache, lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from flask import Flask, Response, g, request, url_for
from markupsafe import Markup

log = logging.getLogger(__name__)

_PACKABLE = frozenset({
    "text/css", "text/javascript", "application/javascript", "image/svg+xml", "font/ttf",
})  # fmt: skip
_STATIC = Path(__file__).parents[1] / "static"


def init(app: Flask) -> None:
    """Give templates `static()`, `island()` and `icon()`."""
    app.jinja_env.globals.update({"static": static, "island": island, "icon": icon})
    app.context_processor(lambda: {"sprite": static("icons.svg")})
    app.after_request(_compressed)


def static(name: str) -> str:
    """Return the address of one of our files; it changes with its content."""
    return url_for("static", filename=name, v=_digest(name))


def icon(name: str) -> Markup:
    """Draw an icon; the word beside it says what it means."""
    mark = '<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>'
    if "sprite" not in g:
        g.sprite = static("icons.svg")
    return Markup(mark).format(g.sprite, name)  # noqa: S704 — a constant


def island(name: str) -> Markup:
    """Return the tags that load a built island with its styles; none where nothing is built."""
    manifest = _built_files()
    if not manifest:
        return Markup()
    entry = manifest[f"src/{name}/index.js"]
    styles, seen = [], set()
    todo = [entry]
    while todo:
        part = todo.pop()
        styles += [css for css in part.get("css", ()) if css not in styles]
        fresh = [key for key in part.get("imports", ()) if key not in seen]
        seen.update(fresh)
        todo += [manifest[key] for key in fresh]
    tags = [Markup('<link rel="stylesheet" href="{}">').format(_built(css)) for css in styles]
    tags.append(Markup('<script type="module" src="{}"></script>').format(_built(entry["file"])))
    return Markup("\n").join(tags)


def _compressed(response: Response) -> Response:
    """Send our own scripts and styles packed; pages with secrets in them are never packed."""
    if request.endpoint != "static":
        return response
    packable = response.mimetype in _PACKABLE and response.status_code == HTTPStatus.OK
    if not packable or not request.accept_encodings.best_match(["gzip"]):
        return response
    path = _STATIC / (request.view_args or {})["filename"]
    response.close()
    packed = Response(_packed(path, path.stat().st_mtime_ns), headers=response.headers)
    packed.headers["Content-Encoding"] = "gzip"
    packed.vary.add("Accept-Encoding")
    return packed


@lru_cache(maxsize=64)
def _packed(path: Path, changed: int) -> bytes:  # noqa: ARG001 — a new build is packed anew
    return gzip.compress(path.read_bytes(), 6, mtime=0)


def _built(file: str) -> str:
    return url_for("static", filename=f"web/{file}")


@cache
def _digest(name: str) -> str:
    return hashlib.sha256((_STATIC / name).read_bytes()).hexdigest()[:10]


def _built_files() -> Any:
    """Return Vite's manifest; while a new build is being written, the one known so far."""
    path = _STATIC / "web/manifest.json"
    try:
        changed = path.stat().st_mtime_ns
        if _known.get("changed") != changed:
            _known.update(changed=changed, files=json.loads(path.read_text(encoding="utf-8")))
    except (FileNotFoundError, json.JSONDecodeError):
        log.warning("the browser islands are not built: run npm run build in web/")
    return _known.get("files")


_known: dict[str, Any] = {}
