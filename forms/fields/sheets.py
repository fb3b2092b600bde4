"""`wf-sheet`: a table too long for the screen, filled up in a spreadsheet and uploaded."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, Final

from marshmallow import ValidationError
from typing_extensions import override

from forms.fields.base import Component, Lookup, Reader, Scene
from forms.fields.tables import COLUMNS, TableField
from forms.problems import Text, say

#: rows that a sheet may hold at most, and where a form says nothing
LARGEST: Final = 5000
_USUAL: Final = 2000
#: sentences below a field; the rest is only counted
_TOLD: Final = 20
#: what a cell of a spreadsheet can hold: no files
SHEET_COLUMNS: Final = tuple(kind for kind in COLUMNS if kind not in ("upload", "photo"))


class SheetField(TableField):
    """Rows under the same rules as those of `wf-table`, up to thousands."""

    verifies: ClassVar[bool] = True

    def __init__(self, component: Component) -> None:
        super().__init__({"maxRows": _USUAL, **component})

    @override
    def take(self, value: Any) -> Any:
        try:
            return super().take(value)
        except ValidationError as error:
            raise ValidationError(_told(error.messages)) from error

    @override
    def verify(self, value: Any, scene: Scene) -> list[Text]:
        """Hold the rows against archive and files, rooms all at once where the archive can."""
        return _told(super().verify(value, replace(scene, lookup=self._remembering(value, scene))))

    def _remembering(self, rows: Any, scene: Scene) -> Lookup:
        known: dict[tuple[str, str], Mapping[str, Any] | None] = {}
        of_rooms = [column.key for column in self.columns if column.kind == "room"]
        keys = {row[key] for row in rows for key in of_rooms if row[key]}
        found = scene.lookup("rooms", ",".join(sorted(keys)), scene.actor) if keys else None
        if found is not None:
            known = {
                ("room", key): {"label": key} if key in found["keys"] else None for key in keys
            }

        def lookup(kind: str, key: str, actor: Any, /) -> Mapping[str, Any] | None:
            if (kind, key) not in known:
                known[kind, key] = scene.lookup(kind, key, actor)
            return known[kind, key]

        return lookup

    @override
    def show(self, value: Any, reader: Reader) -> str:
        if not value:
            return ""
        return f"共 {len(value)} 行" if reader.language == "zh" else f"{len(value)} rows"


def _told(texts: Any) -> list[Text]:
    """Keep the first sentences, and say how many more there are."""
    found = list(texts)
    more = len(found) - _TOLD
    return found if more <= 0 else [*found[:_TOLD], say("more-problems", count=more)]
