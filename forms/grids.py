"""Tables of a submission as texts in rows and columns, for paper, pages and spreadsheets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from forms.fields.base import Reader
from forms.fields.tables import Column, TableField
from forms.nodes import FieldInfo, Scope, get


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """One table: the heads of its columns, and its rows as a person reads them."""

    field: FieldInfo
    label: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    #: rows before these, where only a part was asked for
    first: int
    #: rows in all
    total: int


def of(
    scope: Scope,
    data: Mapping[str, Any],
    reader: Reader,
    *,
    only: str | None = None,
    part: slice = slice(None),
) -> list[Grid]:
    """Return the tables of a form that hold rows; one of them, or some of their rows, if asked."""
    found = []
    for node in scope.nodes:
        value = get(data, node.path) if isinstance(node.field, TableField) else None
        if not isinstance(node.field, TableField) or not isinstance(value, list) or not value:
            continue
        if only in (None, node.info.key):
            found.append(_grid(node.info, node.field, value, reader, part))
    return found


def _grid(
    info: FieldInfo, table: TableField, rows: Sequence[Any], reader: Reader, part: slice
) -> Grid:
    chinese = reader.language == "zh"
    heads = tuple(c.label if chinese else c.label_en for c in table.columns)
    return Grid(
        field=info,
        label=info.label if chinese else info.label_en,
        heads=heads,
        rows=tuple(_texts(table.columns, row, reader) for row in rows[part]),
        first=part.indices(len(rows))[0],
        total=len(rows),
    )


def _texts(columns: Sequence[Column], row: Any, reader: Reader) -> tuple[str, ...]:
    values = row if isinstance(row, Mapping) else {}
    return tuple(c.field.show(values.get(c.key), reader) for c in columns)
