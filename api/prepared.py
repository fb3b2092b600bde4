"""Remember that an installation is prepared, so that the next start need not look again.

Only for the embedded database: its file lies beside the note. The note holds a fingerprint of
everything that preparing reads, and the lines that it printed.
"""

import hashlib
import json
from pathlib import Path

from api.settings import Settings

HERE = Path(__file__).parent.parent
_READ = ("processes", "forms", "api/migrations", "engine/calendar_data")


def lines(settings: Settings, *, demo: bool) -> list[str] | None:
    """Return what preparing printed last time, or None when it has to be done again."""
    note = settings.folder / "prepared.json"
    if not settings.embedded or not settings.database_file.is_file() or not note.is_file():
        return None
    held = json.loads(note.read_text("utf-8"))
    fits = held.get("of") == _fingerprint(settings, demo=demo)
    return list(held["lines"]) if fits else None


def note(settings: Settings, said: list[str], *, demo: bool) -> None:
    """Write down that this version of everything is in the embedded database."""
    if settings.embedded:
        held = {"of": _fingerprint(settings, demo=demo), "lines": said}
        path = settings.folder / "prepared.json"
        path.write_text(json.dumps(held, ensure_ascii=False), "utf-8")


def _fingerprint(settings: Settings, *, demo: bool) -> str:
    seen = hashlib.sha256(f"{settings.database_url} {demo}".encode())
    for folder in _READ:
        for path in sorted((HERE / folder).rglob("*")):
            if path.suffix not in {".pyc", ""}:
                seen.update(f"{path.relative_to(HERE)} {path.stat().st_mtime_ns}".encode())
    return seen.hexdigest()
