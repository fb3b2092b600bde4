"""The photos of a submission: whose field, which side of a comparison, which files."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from forms.fields.archive import PhotoField
from forms.fields.tables import TableField
from forms.nodes import FieldInfo, Node, Scope, get


@dataclass(frozen=True, slots=True, kw_only=True)
class Photos:
    """The photos of one field, or of one cell of a table."""

    field: FieldInfo
    label: str
    label_en: str
    #: "before" or "after" when they are one side of a comparison
    pair: str | None
    #: keys of the files
    keys: tuple[str, ...]


def of(scope: Scope, data: Mapping[str, Any]) -> Iterator[Photos]:
    """Yield the photos in the order of the form; fields without any are left out."""
    for node in scope.nodes:
        value = get(data, node.path) if node.path else None
        if not isinstance(value, list):
            continue
        if isinstance(node.field, PhotoField):
            yield from _found(node, node.info.label, node.info.label_en, node.field, value)
        elif isinstance(node.field, TableField):
            yield from _in_table(node, node.field, value)
        elif node.rows is not None:
            for row in value:
                yield from of(node.rows, row if isinstance(row, Mapping) else {})


def _in_table(node: Node, table: TableField, rows: list[Any]) -> Iterator[Photos]:
    for number, row in enumerate(rows, start=1):
        for column in table.columns:
            if isinstance(column.field, PhotoField) and isinstance(row, Mapping):
                zh = f"{node.info.label} 第 {number} 行"
                en = f"{node.info.label_en}, row {number}"
                yield from _found(node, zh, en, column.field, row.get(column.key))


def _found(node: Node, zh: str, en: str, field: PhotoField, value: Any) -> Iterator[Photos]:
    keys = tuple(key for key in value if isinstance(key, str)) if isinstance(value, list) else ()
    if keys:
        yield Photos(field=node.info, label=zh, label_en=en, pair=field.pair, keys=keys)
