"""Hold a visible value against its rules: required, limits, options, archive, checks."""

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from marshmallow import ValidationError

from forms.expressions import Expression
from forms.fields.base import Scene
from forms.fields.choices import ChoiceField, Key, labels
from forms.fields.numbers import decimal, limits
from forms.fields.texts import lengths
from forms.nodes import Node, Scope, put
from forms.problems import Text, say

if TYPE_CHECKING:
    from forms.submissions import Frame


class Typed:
    """The names of a scope for the server's own checks, dates as dates; made when first asked."""

    __slots__ = ("_above", "_frame", "_names", "_outside", "_scope")

    def __init__(
        self, scope: Scope, frame: "Frame", outside: dict[str, Any], above: "Typed | None"
    ) -> None:
        self._scope, self._frame, self._outside, self._above = scope, frame, outside, above
        self._names: dict[str, Any] | None = None

    def names(self) -> dict[str, Any]:
        """Return the names, typed."""
        if self._names is None:
            data = typed_data(self._scope, self._frame)
            if self._above is None:
                self._names = {**self._frame.names, **data, **self._outside, "this": data}
            else:
                places = self._frame.names["i"]
                above = self._above.names()
                self._names = {**above, "this": data, "parent": above, "i": places}
        return self._names

    def readable(self, expression: Expression) -> bool:
        """Say whether everything that an expression reads here is free of errors."""
        wrong = {node.path[0] for node in self._scope.nodes if self._frame.errors.get(node.id)}
        return not any(part in wrong for path in expression.names for part in path[:2])


def typed_data(scope: Scope, frame: "Frame") -> dict[str, Any]:
    """Return the data of a scope with dates and times as such."""
    data: dict[str, Any] = {}
    for node in scope.nodes:
        if node.rows is not None:
            rows = [typed_data(node.rows, row) for row in frame.rows.get(node.id, ())]
            put(data, node.path, rows)
        elif node.field is not None and node.id in frame.values:
            put(data, node.path, node.field.typed(frame.values[node.id]))
    return data


def of(node: Node, frame: "Frame", scene: Scene, typed: Typed) -> list[Text]:
    """Return what is wrong with the value of a node."""
    value, made = frame.values[node.id], node.field
    if made is None:
        return []
    if made.is_empty(value):
        required = node.required or (node.required_if and node.required_if(frame.names))
        return [say(made.missing)] if required else []
    if node.simple:
        return []
    return [
        *_bounds(node, value, frame.names),
        *_options(node, value, frame.names),
        *(made.verify(value, scene) if made.verifies else ()),
        *_check(node, typed),
    ]


def _bounds(node: Node, value: Any, names: Mapping[str, Any]) -> list[Text]:
    found: list[Text] = []
    for rule, expression in node.bounds:
        limit = expression(names)
        if limit is None:
            continue
        least, most = (limit, None) if rule.startswith("min") else (None, limit)
        try:
            if rule in ("min", "max"):
                found += limits(
                    decimal(value), *(None if b is None else decimal(b) for b in (least, most))
                )
            elif isinstance(limit, (int, Decimal)):
                found += lengths(value, *(None if b is None else float(b) for b in (least, most)))
        except ValidationError:
            found.append(say("limit-unknown"))
    return found


def _options(node: Node, value: Any, names: Mapping[str, Any]) -> list[Text]:
    if not isinstance(node.field, ChoiceField) or (
        node.options is None and node.options_key is None
    ):
        return []
    return node.field.among(value, option_labels(node, names))


def option_labels(node: Node, names: Mapping[str, Any], *, english: bool = False) -> dict[Key, str]:
    """Return the options that are worked out, value -> label; none when they can't be."""
    if node.options_key is not None:
        options = names.get(node.options_key)
    else:
        chosen = (node.options_en if english else None) or node.options
        options = chosen(names) if chosen is not None else None
    if not isinstance(options, list):
        return {}
    try:
        return labels(options)
    except ValidationError:
        return {}


def _check(node: Node, typed: Typed) -> list[Text]:
    if node.check is None or node.check_text is None or not typed.readable(node.check):
        return []
    return [] if node.check(typed.names()) is True else [node.check_text]
