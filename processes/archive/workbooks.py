"""Workbooks of rooms and owners: read with care, offered as a template, given back with faults.

`engine.workbooks` reads what is uploaded without trusting it; here is what the archive's sheet has:
a heading under a title, twenty thousand rows, faults shown in their cells.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from engine import workbooks
from engine.errors import N_, InvalidInputError
from processes.archive.columns import BY_KEY, COLUMNS, HEADINGS, Column, text

#: rooms and their people in one upload
MOST_ROWS = 20_000
#: a heading is looked for in the first rows: above it may stand a title
_TITLE_ROWS = 5
_WRONG = PatternFill("solid", fgColor="F9D4CF")
_PROBLEM = "问题 Problem"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A cell that can't be taken over, and why: C17."""

    row: int
    cell: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The sheet as it was read: the heading's row, which column is where, the rows that hold anything."""

    head: int
    #: column key -> its place in a row, from 0
    places: Mapping[str, int]
    rows: Sequence[tuple[int, Sequence[Any]]]
    width: int

    def fault(self, row: int, key: str, zh: str, en: str) -> Fault:
        """Say what is wrong with a cell; one that the sheet lacks is told at its row's first."""
        column = BY_KEY[key]
        cell = _at(self.places.get(key, 0), row)
        return Fault(row=row, cell=cell, zh=f"{column.zh}：{zh}", en=f"{column.en}: {en}")


def read(body: bytes) -> Sheet:
    """Read the first sheet of a workbook; refuse what is none, is too large or lacks columns."""
    too_many = InvalidInputError(N_("一次最多导入 {most} 行，请分几个文件。"), most=MOST_ROWS)
    return _sheet(workbooks.lines(body, most_rows=MOST_ROWS + _TITLE_ROWS, too_many=too_many))


def template() -> bytes:
    """Return an empty sheet with headings, choices to pick from, and a sheet that explains."""
    book = openpyxl.Workbook()
    sheet, notes = book.worksheets[0], book.create_sheet("填写说明 Notes")
    sheet.title = "房屋与业主"
    sheet.freeze_panes = "A2"
    for number, column in enumerate(COLUMNS, 1):
        cell = sheet.cell(1, number, column.zh)
        cell.font, cell.fill = Font(bold=True), workbooks.HEAD
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].width = 14
        if column.key in {"building", "unit", "door", "phone"}:
            _as_text(sheet, letter)
        if column.choices:
            wanted = DataValidation(type="list", formula1=f'"{",".join(column.choices)}"')
            wanted.add(f"{letter}2:{letter}{MOST_ROWS}")
            sheet.add_data_validation(wanted)
    for row in _notes():
        notes.append(row)
    for letter, width in zip("ABCDE", (14, 14, 8, 44, 44), strict=True):
        notes.column_dimensions[letter].width = width
    return workbooks.saved(book)


def marked(sheet: Sheet, faults: Iterable[Fault]) -> bytes:
    """Return the rows that were uploaded, faulty cells in red, a last column saying what is wrong.

    It can be corrected and uploaded as it is: the last column is not read.
    """
    wrong: dict[int, list[Fault]] = {}
    for fault in faults:
        wrong.setdefault(fault.row, []).append(fault)
    book = openpyxl.Workbook(write_only=True)
    target = book.create_sheet("房屋与业主")
    width = sheet.width
    for number, values in sheet.rows:
        told = wrong.get(number, [])
        cells = [
            _written(target, value, _at(n, number), told) for n, value in enumerate(values[:width])
        ]
        cells += [None] * (width - len(cells))
        if number == sheet.head:
            cells.append(_PROBLEM)
        elif told:
            cells.append("；".join(f"{one.cell}: {one.zh} {one.en}" for one in told))
        target.append(cells)
    return workbooks.saved(book)


def _sheet(lines: Sequence[tuple[int, Sequence[Any]]]) -> Sheet:
    head, columns = _head(lines)
    missing = [c.zh for c in COLUMNS if c.required and c.key not in columns]
    if missing:
        raise InvalidInputError(
            N_("表头缺少：{missing}。请用模板的表头，放在第一张工作表。"),
            missing="、".join(missing),
        )
    rows = [line for line in lines if line[0] >= head]
    if rows and (told := [n for n, value in enumerate(rows[0][1]) if value == _PROBLEM]):
        rows = [(number, values[: told[0]]) for number, values in rows]
    widest = max((_width(values) for _number, values in rows), default=0)
    return Sheet(head=head, places=columns, rows=rows, width=widest)


def _head(lines: Sequence[tuple[int, Sequence[Any]]]) -> tuple[int, dict[str, int]]:
    """Find the heading: the first row with most of the columns' names."""
    best: tuple[int, dict[str, int]] = (lines[0][0] if lines else 1, {})
    for number, values in lines[:_TITLE_ROWS]:
        found: dict[str, int] = {}
        for index, value in enumerate(values):
            column: Column | None = HEADINGS.get(text(value).rstrip("*＊ ").casefold())
            if column is not None and column.key not in found:
                found[column.key] = index
        if len(found) > len(best[1]):
            best = number, found
    return best


def _width(values: Sequence[Any]) -> int:
    return max((n for n, value in enumerate(values, 1) if value is not None), default=0)


def _at(index: int, row: int) -> str:
    return f"{get_column_letter(index + 1)}{row}"


def _written(sheet: Any, value: Any, name: str, faults: Sequence[Fault]) -> Any:
    found = next((fault for fault in faults if fault.cell == name), None)
    if found is None:
        return workbooks.harmless(value)
    cell = WriteOnlyCell(sheet, value=workbooks.harmless(value))
    cell.fill = _WRONG
    cell.comment = Comment(f"{found.zh}\n{found.en}", "WuyeFlow")
    return cell


def _as_text(sheet: Any, letter: str) -> None:
    """Let the spreadsheet keep leading zeros of what is typed into a column."""
    sheet.column_dimensions[letter].number_format = "@"


def _notes() -> Iterator[Sequence[Any]]:
    yield ("列", "Column", "必填", "说明", "Note")
    for column in COLUMNS:
        zh = (
            f"{column.hint_zh}；可选：{'、'.join(column.choices)}"
            if column.choices
            else column.hint_zh
        )
        yield (column.zh, column.en, "是" if column.required else "", zh, column.hint_en)
    yield ()
    yield ("例", "Example")
    yield tuple(column.zh for column in COLUMNS)
    yield tuple(column.example for column in COLUMNS)
