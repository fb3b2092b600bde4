"""The one place that reads the clock, so that a test can move it and a sandbox own it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_source: ContextVar[Callable[[], datetime] | None] = ContextVar("clock", default=None)


def now() -> datetime:
    """Return the present instant: aware, UTC, whole milliseconds (the grain of our rows)."""
    source = _source.get()
    moment = source() if source is not None else datetime.now(UTC)  # noqa: TID251 — the one reader
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


@contextmanager
def at(source: Callable[[], datetime]) -> Iterator[None]:
    """Let `source` tell the time in this context (a sandbox, a scenario, a test)."""
    token = _source.set(source)
    try:
        yield
    finally:
        _source.reset(token)
