"""Tables as downloads that a spreadsheet opens."""

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote

from flask import Response

from engine import clock, spreadsheets

_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def file(table: Iterable[Sequence[Any]], kind: str, *, name: str) -> Response:
    """Return a table, its head first, as a download named after the day."""
    answer = Response(spreadsheets.write(table, kind), content_type=_TYPES[kind])
    full = quote(f"{name}-{clock.now():%Y%m%d}.{kind}")
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{full}"
    return answer
