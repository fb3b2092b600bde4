"""Read a submission back: labels, words of options, names, dates, tables."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from forms import masks, verdicts
from forms.fields.base import Reader
from forms.fields.choices import ChoiceField
from forms.nodes import FieldInfo, Node, Scope, get

Line = tuple[str, str, FieldInfo]


def lines(
    scope: Scope, data: Mapping[str, Any], reader: Reader, names: Mapping[str, Any]
) -> list[Line]:
    """Return label, text and field of everything that was filled in."""
    known = {**names, **data, "this": data, "parent": None, "i": []}
    return list(_scope(scope, data, reader, known, ""))


def _scope(
    scope: Scope, data: Mapping[str, Any], reader: Reader, names: dict[str, Any], before: str
) -> Iterator[Line]:
    for node in scope.nodes:
        value = get(data, node.path)
        if value is None:
            continue
        title = before + (node.info.label if reader.language == "zh" else node.info.label_en)
        if node.rows is not None:
            yield from _rows(node, value, reader, names, title)
        elif node.field is not None:
            shown = masks.masked(value) if node.info.secret else value
            text = node.field.show(shown, _with_labels(node, reader, names))
            if text:
                yield title, text, node.info


def _rows(
    node: Node, rows: Any, reader: Reader, names: dict[str, Any], title: str
) -> Iterator[Line]:
    if node.rows is None:
        return
    for number, row in enumerate(rows, start=1):
        inner = {**names, "this": row, "parent": names, "i": [*names["i"], number]}
        yield from _scope(node.rows, row, reader, inner, f"{title} {number} · ")


def _with_labels(node: Node, reader: Reader, names: Mapping[str, Any]) -> Reader:
    """Give the reader the words of options that are worked out."""
    if not isinstance(node.field, ChoiceField) or node.field.options is not None:
        return reader
    english = reader.language == "en"
    return replace(reader, labels=verdicts.option_labels(node, names, english=english))
