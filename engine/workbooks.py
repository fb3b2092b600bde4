"""Workbooks of tables: written to be filled up, read with care when they come back.

What is uploaded is not trusted: it is measured before it is unpacked; macros, links and formulas
are never run, and nothing beyond the rows asked for is looked at.
"""

import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import openpyxl
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from engine.errors import N_, InvalidInputError

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: bytes, bytes when unpacked, parts, columns
MOST_BYTES, MOST_UNPACKED, MOST_PARTS, MOST_COLUMNS = 8 * 2**20, 120 * 2**20, 500, 60
#: letters of a list of choices that a spreadsheet takes
_LONGEST_LIST = 255
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
#: colour of headings
HEAD = PatternFill("solid", fgColor="E8EEF4")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column to be filled up."""

    title: str
    required: bool = False
    #: words to pick from
    choices: tuple[str, ...] = ()
    #: kept as text: leading zeros stay
    as_text: bool = False
    #: format of numbers or days
    shown: str = ""


def read(body: bytes, *, most_rows: int) -> list[tuple[int, tuple[Any, ...]]]:
    """Return number and cells of the rows of the first sheet that hold anything."""
    too_many = InvalidInputError(N_("表格超过 {most} 行，请分几次填写。"), most=most_rows)
    return lines(body, most_rows=most_rows, too_many=too_many)


def lines(
    body: bytes, *, most_rows: int, too_many: InvalidInputError
) -> list[tuple[int, tuple[Any, ...]]]:
    """Return what `read` does, with the caller's own words for a sheet of too many rows."""
    _measure(body)
    try:
        book = openpyxl.load_workbook(
            io.BytesIO(body), read_only=True, data_only=True, keep_links=False
        )
        found = list(_filled(book.worksheets[0], most_rows, too_many))
        book.close()
    except InvalidInputError:
        raise
    except Exception as error:  # a broken workbook breaks openpyxl in many ways
        raise _unreadable() from error
    return found


def write(columns: Sequence[Column], rows: Sequence[Sequence[Any]], *, title: str) -> bytes:
    """Return a workbook with a head, what is known already, and lists to pick from."""
    book = openpyxl.Workbook()
    sheet: Any = book.worksheets[0]
    sheet.title = "".join(letter for letter in title if letter not in "[]:*?/\\")[:31] or "1"
    sheet.freeze_panes = "A2"
    sheet.append([column.title + ("*" if column.required else "") for column in columns])
    for row in rows:
        sheet.append([harmless(value) for value in row])
    for place, column in enumerate(columns, 1):
        _dress(sheet, get_column_letter(place), column, len(rows))
    return saved(book)


def harmless(value: Any) -> Any:
    """Keep what people typed from being run as a formula by the reader's spreadsheet."""
    if value is None or isinstance(value, (bool, int, float, Decimal, date)):
        return value
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def saved(book: openpyxl.Workbook) -> bytes:
    """Return a workbook as the bytes of its file."""
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _dress(sheet: Any, letter: str, column: Column, rows: int) -> None:
    head = sheet[f"{letter}1"]
    head.font, head.fill = Font(bold=True), HEAD
    sheet.column_dimensions[letter].width = 16
    wanted = "@" if column.as_text else column.shown
    if wanted:
        sheet.column_dimensions[letter].number_format = wanted
        for number in range(2, rows + 2):
            sheet[f"{letter}{number}"].number_format = wanted
    words = ",".join(column.choices)
    if column.choices and len(words) <= _LONGEST_LIST and '"' not in words:
        pick = DataValidation(type="list", formula1=f'"{words}"', allow_blank=True)
        pick.add(f"{letter}2:{letter}5001")
        sheet.add_data_validation(pick)


def _measure(body: bytes) -> None:
    """Refuse what is too large before anything of it is unpacked, and what declares entities."""
    if len(body) > MOST_BYTES:
        raise _too_large()
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            parts = packed.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise _too_large()
            for part in parts:
                with packed.open(part) as stream:
                    if b"<!DOCTYPE" in stream.read(4096):
                        raise _unreadable()
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise _unreadable() from error


def _filled(
    sheet: Any, most_rows: int, too_many: InvalidInputError
) -> Iterator[tuple[int, tuple[Any, ...]]]:
    sheet.reset_dimensions()
    found = sheet.iter_rows(max_row=most_rows + 1, max_col=MOST_COLUMNS, values_only=True)
    for number, values in enumerate(found, 1):
        if all(value is None or value == "" for value in values):
            continue
        if number > most_rows:
            raise too_many
        yield number, values


def _unreadable() -> InvalidInputError:
    return InvalidInputError(
        N_("这个文件读不出来。请用 Excel 或 WPS 另存为 .xlsx，不要加密，再上传一次。")
    )


def _too_large() -> InvalidInputError:
    return InvalidInputError(
        N_("文件太大：最多 {most} MB。请删去图片和多余的工作表，或分几个文件。"),
        most=MOST_BYTES // 2**20,
    )
