"""Tables as files that Excel opens: xlsx, and csv with a byte-order mark."""

import csv
import io
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from flask import Response
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from engine import clock

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_WIDEST = 60


def file(table: Sequence[Sequence[Any]], kind: str, *, name: str) -> Response:
    """Return a table, its head first, as a download."""
    body, media_type = _xlsx(table) if kind == "xlsx" else _csv(table)
    answer = Response(body, content_type=media_type)
    full = quote(f"{name}-{clock.now():%Y%m%d}.{kind}")
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{full}"
    return answer


def _csv(table: Sequence[Sequence[Any]]) -> tuple[bytes, str]:
    target = io.StringIO()
    csv.writer(target).writerows([_harmless(cell) for cell in row] for row in table)
    return ("\ufeff" + target.getvalue()).encode(), "text/csv; charset=utf-8"


def _xlsx(table: Sequence[Sequence[Any]]) -> tuple[bytes, str]:
    book = Workbook()
    sheet = book.active
    if sheet is None:
        raise TypeError("a new workbook has a sheet")
    for row in table:
        sheet.append([_harmless(cell) for cell in row])
    for number, cells in enumerate(sheet.columns, 1):
        longest = max(sum(2 if ord(c) > 255 else 1 for c in str(x.value or "")) for x in cells)  # noqa: PLR2004
        sheet.column_dimensions[get_column_letter(number)].width = min(longest + 2, _WIDEST)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "A2"
    target = io.BytesIO()
    book.save(target)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return target.getvalue(), kind


def _harmless(cell: Any) -> Any:
    """Keep what people typed from being run as a formula by the reader's spreadsheet."""
    if isinstance(cell, str) and cell.startswith(_FORMULA):
        return "'" + cell
    return cell
