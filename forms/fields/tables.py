"""`wf-table`: rows with typed columns."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final

from marshmallow import ValidationError
from typing_extensions import override

from forms.fields.archive import PersonField, PhotoField, RoomField, UploadField
from forms.fields.base import Component, FormField, Reader, Scene
from forms.fields.choices import ChoiceField, TickField
from forms.fields.moments import MomentField
from forms.fields.numbers import NumberField
from forms.fields.texts import AreaField, TextField
from forms.problems import Text, refused, say, sentence

#: column type -> field class and what the component of such a field would carry
COLUMNS: Final[dict[str, tuple[type[FormField], dict[str, Any]]]] = {
    "text": (TextField, {}),
    "textarea": (AreaField, {}),
    "number": (NumberField, {}),
    "date": (MomentField, {"subtype": "date"}),
    "datetime": (MomentField, {"subtype": "datetime", "timeSerializingFormat": "utc_offset"}),
    "select": (ChoiceField, {}),
    "checkbox": (TickField, {}),
    "person": (PersonField, {}),
    "room": (RoomField, {}),
    "upload": (UploadField, {}),
    "photo": (PhotoField, {}),
}
_LENGTHS: Final = {"text": 200, "textarea": 2000}


class Column:
    """One column: its field, and how it is named and guarded."""

    __slots__ = ("field", "key", "kind", "label", "label_en", "readonly", "required")

    def __init__(self, column: Mapping[str, Any]) -> None:
        self.key: str = column["key"]
        self.label: str = column["label"]
        self.label_en: str = column.get("label_en") or self.label
        self.required = bool(column.get("required"))
        self.readonly = bool(column.get("readonly"))
        self.kind: str = column["type"]
        kind, extra = COLUMNS[column["type"]]
        self.field = kind({**column, **extra, **_as_component(column)})


def _as_component(column: Mapping[str, Any]) -> dict[str, Any]:
    """Return the attributes of a column where a component of that type has them."""
    if column["type"] in _LENGTHS:
        most = column.get("maxLength", _LENGTHS[column["type"]])
        return {"validate": {"maxLength": most}}
    if column["type"] == "number":
        return {"validate": {k: column[k] for k in ("min", "max") if k in column}}
    if column["type"] == "select":
        words = "; ".join(
            f"{o['value']}={o['label_en']}" for o in column["options"] if "label_en" in o
        )
        return {"values": column["options"], "properties": {"options_en": words}}
    return {}


class TableField(FormField):
    """Rows as a list of objects by column key; empty rows are dropped."""

    empty: ClassVar[Any] = []
    verifies: ClassVar[bool] = True

    def __init__(self, component: Component) -> None:
        super().__init__(component)
        self.columns = tuple(Column(column) for column in component["columns"])
        self.least: int = component.get("minRows", 0)
        self.most: int = component.get("maxRows", 50)
        self.fixed = component.get("allowAddRemove") is False
        self.readonly = any(column.readonly for column in self.columns)

    @override
    def take(self, value: Any) -> Any:
        if not isinstance(value, list) or not all(isinstance(row, Mapping) for row in value):
            raise refused("type")
        if len(value) > self.most:
            raise refused("max-rows", limit=self.most)
        problems: list[Text] = []
        rows = [self._row(row, number, problems) for number, row in enumerate(value)]
        rows = (
            rows if self.fixed or self.readonly else [row for row in rows if not self._blank(row)]
        )
        if value and len(rows) < self.least:
            problems.append(say("min-rows", limit=self.least))
        if problems:
            raise ValidationError(problems)
        return rows

    def _row(self, row: Mapping[str, Any], number: int, problems: list[Text]) -> dict[str, Any]:
        clean: dict[str, Any] = {}
        for column in self.columns:
            value = row.get(column.key)
            clean[column.key] = column.field.nothing()
            if value is None or column.readonly:
                # what stands in a read-only cell comes from the server, see `restore`
                clean[column.key] = value if column.readonly else clean[column.key]
                continue
            try:
                clean[column.key] = column.field.clean(value)
            except ValidationError as error:
                problems.extend(self._placed(error.messages, number, column))
        if self.fixed or not self._blank(clean):
            problems.extend(self._missing(clean, number))
        return clean

    def _missing(self, row: dict[str, Any], number: int) -> Iterator[Text]:
        for column in self.columns:
            if column.required and not column.readonly and column.field.is_empty(row[column.key]):
                yield from self._placed([say(column.field.missing)], number, column)

    def _blank(self, row: Mapping[str, Any]) -> bool:
        return all(c.readonly or c.field.is_empty(row[c.key]) for c in self.columns)

    def _placed(self, messages: Any, number: int, column: Column) -> Iterator[Text]:
        for text in messages:
            yield sentence(
                text.code,
                f"第 {number + 1} 行「{column.label}」：{text}",
                f"Row {number + 1}, {column.label_en}: {text.en}",
                row=number,
                column=column.key,
            )

    def restore(self, rows: list[dict[str, Any]], own: list[Any]) -> list[Text]:
        """Put the server's values into read-only cells; say so when fixed rows differ in number."""
        if self.fixed and len(rows) != len(own):
            return [say("rows-fixed")]
        locked = [column for column in self.columns if column.readonly]
        for number, row in enumerate(rows):
            source = own[number] if number < len(own) and isinstance(own[number], Mapping) else {}
            for column in locked:
                row[column.key] = column.field.initial(source.get(column.key))
        return []

    @override
    def verify(self, value: Any, scene: Scene) -> list[Text]:
        asked = [c for c in self.columns if c.field.verifies and not c.readonly]
        return [
            text
            for number, row in enumerate(value)
            for column in asked
            if not column.field.is_empty(row[column.key])
            for text in self._placed(column.field.verify(row[column.key], scene), number, column)
        ]

    @override
    def initial(self, value: Any) -> Any:
        """Return rows for the viewer; a cell that another form named differently stays empty."""
        rows = [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []
        return [{c.key: c.field.initial(row.get(c.key)) for c in self.columns} for row in rows]

    @override
    def typed(self, value: Any) -> Any:
        return [{c.key: c.field.typed(row[c.key]) for c in self.columns} for row in value or ()]

    @override
    def show(self, value: Any, reader: Reader) -> str:
        return "\n".join(
            f"{number}. {self._line(row, reader)}"
            for number, row in enumerate(value or (), start=1)
        )

    def _line(self, row: Mapping[str, Any], reader: Reader) -> str:
        chinese = reader.language == "zh"
        cells = [
            f"{c.label} {text}" if chinese else f"{c.label_en}: {text}"
            for c in self.columns
            if (text := c.field.show(row.get(c.key), reader))
        ]
        return ("，" if chinese else ", ").join(cells)
