"""Rows of the archive's sheet as values, with every faulty cell: what the sheet alone can tell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from processes.archive.columns import BY_KEY, COLUMNS, WrongCellError, text
from processes.archive.workbooks import Fault, Sheet

#: what must be the same in every row of a room
_OF_ROOM = ("floor", "area", "property_type", "use")
_OF_PERSON = ("phone", "kind", "from_on", "to_on", "vulnerable")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row that can be taken over: values by column key, those left empty are missing."""

    number: int
    values: Mapping[str, Any]

    @property
    def room(self) -> str:
        """The room's number as it is kept: 3-2-1201."""
        return f"{self.values['building']}-{self.values['unit']}-{self.values['door']}"


def check(sheet: Sheet) -> tuple[list[Row], list[Fault]]:
    """Return the rows of a sheet and everything that is wrong with them, in order of the cells."""
    rows: list[Row] = []
    faults: list[Fault] = []
    for number, cells in sheet.rows:
        if number == sheet.head:
            continue
        values, wrong = _values(sheet, number, cells)
        faults += wrong
        if not wrong and values:
            rows.append(Row(number=number, values=values))
    faults += _across(sheet, rows)
    if not rows and not faults:
        faults.append(Fault(row=sheet.head, cell=f"A{sheet.head + 1}",
                            zh="表里没有房屋。", en="The sheet holds no rooms."))  # fmt: skip
    return rows, sorted(faults, key=lambda fault: (fault.row, len(fault.cell), fault.cell))


def _values(sheet: Sheet, number: int, cells: Sequence[Any]) -> tuple[dict[str, Any], list[Fault]]:
    given = _by_key(sheet, cells)
    if not given:
        return {}, []
    values: dict[str, Any] = {}
    faults = []
    for column in COLUMNS:
        if column.key not in given:
            if column.required:
                faults.append(sheet.fault(number, column.key, "这里要填写。", "This is needed."))
            continue
        try:
            values[column.key] = column.read(given[column.key])
        except WrongCellError as error:
            faults.append(sheet.fault(number, column.key, error.zh, error.en))
    return values, faults or _within(sheet, number, values)


def _by_key(sheet: Sheet, cells: Sequence[Any]) -> dict[str, Any]:
    """Return the cells that hold something by their column's key."""
    found = {}
    for key, index in sheet.places.items():
        if index < len(cells) and text(cells[index]):
            found[key] = cells[index]
    return found


def _within(sheet: Sheet, number: int, values: Mapping[str, Any]) -> list[Fault]:
    """Check what the cells of a row say together."""
    if "name" not in values:
        told = [BY_KEY[key] for key in _OF_PERSON if key in values]
        if told:
            return [sheet.fault(number, "name", f"写了{told[0].zh}，还要写姓名。",
                           f"A name is needed beside “{told[0].en}”.")]  # fmt: skip
    first, last = values.get("from_on"), values.get("to_on")
    if first is not None and last is not None and last < first:
        return [sheet.fault(number, "to_on", "早于起始日期。",
                       "It ends before it begins.")]  # fmt: skip
    return []


def _across(sheet: Sheet, rows: Sequence[Row]) -> list[Fault]:
    """Check what rows say of the same room and of the same person."""
    faults = []
    rooms: dict[str, Row] = {}
    people: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        first = rooms.setdefault(row.room, row)
        faults += [
            sheet.fault(row.number, key, f"和第 {first.number} 行的同一套房不一样。",
                   f"Differs from row {first.number}, which is the same room.")
            for key in _OF_ROOM
            if key in row.values and key in first.values and row.values[key] != first.values[key]
        ]  # fmt: skip
        if "name" not in row.values:
            if first is not row:
                faults.append(_again(sheet, row, first, "door"))
            continue
        given = row.values
        who = (row.room, given["name"], given.get("kind", "owner"), given.get("from_on"),
               given.get("to_on"))  # fmt: skip
        known = people.setdefault(who, row)
        if known is not row:
            faults.append(_again(sheet, row, known, "name"))
    return faults


def _again(sheet: Sheet, row: Row, first: Row, key: str) -> Fault:
    return sheet.fault(
        row.number, key, f"和第 {first.number} 行重复。", f"Repeats row {first.number}."
    )
