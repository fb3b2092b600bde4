"""Check a submission as form-js would, trusting nothing that the server knows better.

Two passes over each scope. The first settles what is visible and what every field holds, in the
order of dependencies; the second holds the visible values against their rules.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

from marshmallow import ValidationError

from forms import verdicts
from forms.expressions import OUTSIDE, plain
from forms.fields.base import Scene
from forms.fields.tables import TableField
from forms.nodes import Node, Scope, get, put
from forms.problems import Errors, Invalid, Problem, Text, say, texts_of

#: rows of one dynamic list; form-js knows no limit, a server must
MAX_ROWS = 200


@dataclass(slots=True)
class Frame:
    """The data of a scope while it is being filled, and how FEEL sees it."""

    #: visible and hidden values alike, as the viewer's expressions see them
    data: dict[str, Any]
    #: names of FEEL: outside values, the form's data, `this`, `parent`, `i`
    names: dict[str, Any]
    indexes: tuple[int, ...] = ()
    hidden: set[str] = field(default_factory=set)
    #: field id -> clean value, of what is visible and counts
    values: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, list[Text]] = field(default_factory=dict)
    rows: dict[str, list["Frame"]] = field(default_factory=dict)


@dataclass(slots=True)
class Filling:
    """One submission on its way to clean data."""

    outside: dict[str, Any]
    scene: Scene
    #: whether anything of the form looks at other values, so that names must be kept
    watched: bool
    errors: Errors = field(default_factory=dict)
    english: Errors = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def run(self, scope: Scope, submitted: Any) -> dict[str, Any]:
        """Return the clean data; Invalid when there is anything to correct."""
        if not isinstance(submitted, Mapping):
            text = say("not-an-object")
            raise Invalid({}, {}, [Problem(code=text.code, field=None, zh=str(text), en=text.en)])
        data: dict[str, Any] = {}
        names = {**self.outside}
        names.update(this=data, parent=None, i=[], _this_=data, _parent_=None, _i_=[])
        frame = Frame(data, names)
        clean: dict[str, Any] = {}
        self._fill(scope, frame, submitted, clean)
        self._judge(scope, frame)
        if self.errors:
            raise Invalid(self.errors, self.english, self.problems)
        return clean

    def _fill(self, scope: Scope, frame: Frame, source: Any, clean: dict[str, Any]) -> None:
        for node in scope.plan:
            if frame.hidden.intersection(node.owners) or (node.hide and node.hide(frame.names)):
                frame.hidden.add(node.id)
                self._keep(node, frame, self.initial(node))
            elif node.rows is not None:
                self._rows(node, frame, source, clean)
            elif node.field is not None:
                self._value(node, frame, source, clean)

    def _value(self, node: Node, frame: Frame, source: Any, clean: dict[str, Any]) -> None:
        value = self._source_value(node, frame, source)
        if node.disabled:
            self._keep(node, frame, value)
            return
        assert node.field is not None  # noqa: S101 a container never comes here
        try:
            value = node.field.nothing() if value is None else node.field.clean(value)
        except ValidationError as error:
            frame.errors[node.id] = texts_of(error)
            self._keep(
                node, frame, value if isinstance(value, (str, int, float, Decimal)) else None
            )
            return
        if isinstance(node.field, TableField) and node.field.readonly:
            own = self.initial(node) or []
            frame.errors[node.id] = node.field.restore(value, own)
        frame.values[node.id] = value
        put(clean, node.path, value)
        self._keep(node, frame, value)

    def _source_value(self, node: Node, frame: Frame, source: Any) -> Any:
        """Return the value that counts: the server's where it knows better, else the person's."""
        if node.compute is not None:
            return plain(node.compute(frame.names))
        if node.disabled or node.readonly or (node.readonly_if and node.readonly_if(frame.names)):
            return self.initial(node)
        return get(source, node.path)

    def _rows(self, node: Node, frame: Frame, source: Any, clean: dict[str, Any]) -> None:
        given = get(source, node.path)
        if given is None:
            given = []
        if not isinstance(given, list) or not all(isinstance(row, Mapping) for row in given):
            frame.errors[node.id] = [say("type")]
            given = []
        if len(given) > MAX_ROWS:
            frame.errors[node.id] = [say("max-rows", limit=MAX_ROWS)]
            given = []
        rows: list[dict[str, Any]] = [{} for _ in given]
        result: list[dict[str, Any]] = [{} for _ in given]
        self._keep(node, frame, rows)
        frame.rows[node.id] = []
        for index, row in enumerate(rows):
            inner = self._row_frame(frame, row, index)
            frame.rows[node.id].append(inner)
            if node.rows is not None:
                self._fill(node.rows, inner, given[index], result[index])
        put(clean, node.path, result)

    def _row_frame(self, frame: Frame, row: dict[str, Any], index: int) -> Frame:
        parent = {**frame.names, **(frame.data if frame.indexes else {})}
        places = [*frame.names["i"], index + 1]
        names = {**frame.names, "this": row, "parent": parent, "i": places}
        names.update(_this_=row, _parent_=parent, _i_=places)
        return Frame(row, names, (*frame.indexes, index))

    def _keep(self, node: Node, frame: Frame, value: Any) -> None:
        if self.watched and node.path and (node.field is not None or node.rows is not None):
            put(frame.data, node.path, value)
            if not frame.indexes:
                frame.names[node.path[0]] = frame.data[node.path[0]]

    def initial(self, node: Node) -> Any:
        """Return what the server itself would put into a field."""
        if node.field is None:
            rows = plain(node.default(self.outside)) if node.default is not None else None
            return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
        value = node.default_value if node.default_text is None else node.default_text
        if node.default is not None:
            value = plain(node.default(self.outside))
        return node.field.nothing() if value is None else node.field.initial(value)

    def _judge(self, scope: Scope, frame: Frame, above: verdicts.Typed | None = None) -> None:
        typed = verdicts.Typed(scope, frame, self.outside, above)
        for node in scope.nodes:
            texts = frame.errors.get(node.id) or []
            if not texts and node.id in frame.values:
                texts = verdicts.of(node, frame, self.scene, typed)
            if texts:
                self._note(node, frame.indexes, texts)
            for inner in frame.rows.get(node.id, ()):
                if node.rows is not None:
                    self._judge(node.rows, inner, typed)

    def _note(self, node: Node, indexes: tuple[int, ...], texts: list[Text]) -> None:
        _hang(self.errors, node.id, indexes, [str(text) for text in texts])
        _hang(self.english, node.id, indexes, [text.en for text in texts])
        row = indexes[-1] if indexes else None
        self.problems.extend(
            Problem(
                code=text.code, field=node.id, zh=str(text), en=text.en,
                row=text.row if text.row is not None else row, column=text.column,
            )
            for text in texts
        )  # fmt: skip


def _hang(errors: Errors, field_id: str, indexes: tuple[int, ...], texts: list[str]) -> None:
    """Put sentences where form-js looks for them: under the field, then row by row."""
    place, key = errors, field_id
    for index in indexes:
        place = place.setdefault(key, {})
        key = str(index)
    place[key] = texts


def outside(context: Mapping[str, Any], now: datetime, keys: frozenset[str]) -> dict[str, Any]:
    """Return the names that expressions may read beside the form's own data."""
    offset = now.utcoffset()
    moment = now if offset is None else now.astimezone(timezone(offset))
    found = {key: context.get(key) for key in keys}
    return {**found, **{name: context.get(name) for name in sorted(OUTSIDE)}, "now": moment}
