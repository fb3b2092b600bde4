"""The rows of an uploaded spreadsheet as rows of a `wf-sheet`, and what is wrong, cell by cell."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Any, Final

from marshmallow import ValidationError

from forms import moments
from forms.fields.choices import ChoiceField
from forms.fields.sheets import SheetField
from forms.fields.tables import Column
from forms.problems import Text, refused, say, texts_of

#: kind, what somebody wrote -> keys of what is called so, of a room or a person
Names = Mapping[tuple[str, str], Sequence[str]]
#: number of a row in the file, from 1, and its cells
Line = tuple[int, Sequence[Any]]

_HEAD_ROWS: Final = 5
_YES: Final = frozenset({"是", "√", "✓", "y", "yes", "true", "1", "有", "对"})
_NO: Final = frozenset({"", "否", "×", "n", "no", "false", "0", "无", "不"})
_DAY: Final = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:\s+(\d{1,2}:\d{2}))?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """A cell that can't be taken, and why: C17."""

    cell: str
    row: int
    column: str
    zh: str
    en: str


@dataclass(slots=True)
class Taken:
    """What a file holds: the rows that can be kept, and the faults."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    wrong: list[Wrong] = field(default_factory=list)


def asked(field_: SheetField, lines: Sequence[Line]) -> set[tuple[str, str]]:
    """Return the names of rooms and people that the file holds, to be looked up at once."""
    head = _head(field_, lines)
    if head is None:
        return set()
    number, places = head
    return {
        (column.kind, text)
        for column in field_.columns
        if column.key in places and column.kind in _ARCHIVE
        for at, cells in lines
        if at > number and (text := _text(_cell(cells, places[column.key])))
    }


def take(field_: SheetField, lines: Sequence[Line], names: Names, zone: tzinfo) -> Taken:
    """Return the rows below the head; blank ones are left out."""
    found, head = Taken(), _head(field_, lines)
    missing = _missing(field_, head)
    if head is None or missing:
        found.wrong.append(_wrong("A1", 1, "", say("sheet-columns", columns="、".join(missing))))
        return found
    number, places = head
    reader = _Reader(names=names, zone=zone)
    for at, cells in lines:
        if at > number and any(_text(_cell(cells, place)) for place in places.values()):
            found.rows.append(_row(field_, at, cells, places, reader, found.wrong))
    for code, limit, bad in (
        ("max-rows", field_.most, len(found.rows) > field_.most),
        ("min-rows", field_.least, len(found.rows) < field_.least),
    ):
        if bad:
            found.wrong.append(_wrong("A1", 1, "", say(code, limit=limit)))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    names: Names
    zone: tzinfo


_Read = Callable[[Column, Any, _Reader], Any]


def _row(
    field_: SheetField,
    at: int,
    cells: Sequence[Any],
    places: Mapping[str, int],
    reader: _Reader,
    wrong: list[Wrong],
) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for column in field_.columns:
        row[column.key] = column.field.nothing()
        place = places.get(column.key)
        if place is None:
            continue
        texts: list[Text] = []
        try:
            written = _read(column, _cell(cells, place), reader)
            row[column.key] = (
                column.field.nothing() if written is None else column.field.clean(written)
            )
        except ValidationError as error:
            texts = texts_of(error)
        if not texts and column.required and column.field.is_empty(row[column.key]):
            texts = [say(column.field.missing)]
        wrong.extend(_wrong(f"{letters(place)}{at}", at, column.label, text) for text in texts)
    return row


def letters(place: int) -> str:
    """Return a column's letters: 0 is A, 26 is AA."""
    text, rest = "", place + 1
    while rest:
        rest, letter = divmod(rest - 1, 26)
        text = chr(ord("A") + letter) + text
    return text


def _wrong(cell: str, row: int, label: str, text: Text) -> Wrong:
    return Wrong(cell=cell, row=row, column=label, zh=str(text), en=text.en)


def _head(field_: SheetField, lines: Sequence[Line]) -> tuple[int, dict[str, int]] | None:
    """Find the head: the row among the first ones that names most columns."""
    names = {
        name.casefold(): column.key
        for column in field_.columns
        for name in (column.key, column.label_en, column.label)
    }
    best: tuple[int, dict[str, int]] | None = None
    for number, cells in lines[:_HEAD_ROWS]:
        places: dict[str, int] = {}
        for place, cell in enumerate(cells):
            key = names.get(_text(cell).rstrip("*＊ ").casefold())
            if key is not None:
                places.setdefault(key, place)
        if places and (best is None or len(places) > len(best[1])):
            best = number, places
    return best


def _missing(field_: SheetField, head: tuple[int, dict[str, int]] | None) -> list[str]:
    known = head[1] if head is not None else {}
    wanted = [c for c in field_.columns if c.required] or list(field_.columns[:1])
    return [column.label for column in wanted if column.key not in known]


def _cell(cells: Sequence[Any], place: int) -> Any:
    return cells[place] if place < len(cells) else None


def _text(value: Any) -> str:
    """Return a cell as somebody would read it: a telephone number is no decimal."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip().removeprefix("'")


def _read(column: Column, value: Any, reader: _Reader) -> Any:
    """Return a cell's value as a submission has it, None when it is empty."""
    kind = column.kind
    if kind == "checkbox":
        return _tick(value)
    if _text(value) == "":
        return None
    read: _Read = _READERS.get(kind, _plain)
    return read(column, value, reader)


def _plain(_column: Column, value: Any, _reader: _Reader) -> str:
    return _text(value)


def _number(_column: Column, value: Any, _reader: _Reader) -> Any:
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return value
    return (
        _text(repr(value) if isinstance(value, float) else value).replace(",", "").replace("，", "")
    )


def _day(_column: Column, value: Any, _reader: _Reader) -> str:
    if isinstance(value, (date, datetime)):
        return value.isoformat()[:10]
    found = _DAY.fullmatch(_text(value))
    return f"{found[1]}-{found[2]:>02}-{found[3]:>02}" if found else _text(value)


def _moment(_column: Column, value: Any, reader: _Reader) -> str | None:
    if not isinstance(value, datetime):
        found = _DAY.fullmatch(_text(value))
        if found is None or found[4] is None:
            return _text(value)
        value = datetime.fromisoformat(f"{found[1]}-{found[2]:>02}-{found[3]:>02}T{found[4]:>05}")
    return moments.write_moment(value.replace(tzinfo=reader.zone), moments.UTC_OFFSET)


def _choice(column: Column, value: Any, _reader: _Reader) -> Any:
    """Return the option that is called so, in either language, or the text itself."""
    field_, text = column.field, _text(value)
    options = field_.options if isinstance(field_, ChoiceField) else None
    for (_kind, option), label in (options or {}).items():
        english = field_.words.get(str(option), "") if isinstance(field_, ChoiceField) else ""
        if text.casefold() in {label.casefold(), english.casefold(), str(option).casefold()}:
            return option
    return text


def _tick(value: Any) -> bool:
    text = _text(value).casefold()
    if text not in _YES | _NO:
        raise refused("tick-word")
    return text in _YES


def _archive(column: Column, value: Any, reader: _Reader) -> str:
    kind, text = column.kind, _text(value)
    keys = reader.names.get((kind, text), ())
    if len(keys) != 1:
        raise refused(f"{kind}-{'several' if keys else 'name'}", text=text[:40])
    return keys[0]


_ARCHIVE: Final = frozenset({"room", "person"})
_READERS: Final[dict[str, _Read]] = {
    "number": _number, "date": _day, "datetime": _moment, "select": _choice,
    "room": _archive, "person": _archive,
}  # fmt: skip


def archive_keys(field_: SheetField, rows: Sequence[Any]) -> Iterator[tuple[str, str]]:
    """Yield kind and key of the rooms and people in rows."""
    for column in field_.columns:
        if column.kind in _ARCHIVE:
            for row in rows:
                key = row.get(column.key) if isinstance(row, Mapping) else None
                if isinstance(key, str) and key:
                    yield column.kind, key
