"""Tables as files that a spreadsheet opens: xlsx written row by row, csv with a byte-order mark."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write(rows: Iterable[Sequence[Any]], kind: str) -> bytes:
    """Return a table, its head first, as a file of a kind of MEDIA_TYPES."""
    return _WRITERS[kind](rows)


def _csv(rows: Iterable[Sequence[Any]]) -> bytes:
    target = io.StringIO()
    csv.writer(target).writerows([_harmless(cell) for cell in row] for row in rows)
    return ("\ufeff" + target.getvalue()).encode()


def _xlsx(rows: Iterable[Sequence[Any]]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.freeze_panes = "A2"
    for number, row in enumerate(rows):
        cells = [_harmless(cell) for cell in row]
        sheet.append(cells if number else [_bold(sheet, cell) for cell in cells])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


_WRITERS = {"csv": _csv, "xlsx": _xlsx}


def _bold(sheet: Any, value: Any) -> Any:
    cell = WriteOnlyCell(sheet, value=value)
    cell.font = Font(bold=True)
    return cell


def _harmless(cell: Any) -> Any:
    """Keep what people typed from being run as a formula by the reader's spreadsheet."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
