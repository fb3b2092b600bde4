"""Write values: as text for `string(…)`, and as JSON for rows and back without loss."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from decisions.feel import budget, texts
from decisions.feel.values import CONTEXT, Range, kind, normalise

if TYPE_CHECKING:
    from collections.abc import Callable


def text_of(value: Any, *, nested: bool = False) -> str:
    """The text `string(value)` gives; inside lists and contexts texts are quoted."""
    value = normalise(value)
    budget.spend(1)
    if isinstance(value, str):
        return quoted(value) if nested else value
    write = _WRITERS.get(kind(value))
    result = texts.iso(value) if write is None else write(value)
    budget.check_text(len(result))
    return result


def quoted(text: str) -> str:
    """A string literal."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _list(value: list[Any]) -> str:
    return "[" + ", ".join(text_of(item, nested=True) for item in value) + "]"


def _context(value: dict[str, Any]) -> str:
    entries = (f"{_key(key)}: {text_of(item, nested=True)}" for key, item in value.items())
    return "{" + ", ".join(entries) + "}"


def _key(key: str) -> str:
    return key if key.replace(" ", "").replace("_", "").isalnum() else quoted(key)


def _range(value: Range) -> str:
    start, end = (
        "null" if end is None else text_of(end, nested=True) for end in (value.start, value.end)
    )
    if value.op:
        return f"({value.op} {end if value.start is None else start})"
    return (
        f"{'[' if value.start_included else '('}{start}..{end}{']' if value.end_included else ')'}"
    )


_WRITERS: dict[str, Callable[[Any], str]] = {
    "null": lambda _: "null",
    "boolean": lambda v: "true" if v else "false",
    "number": texts.number_text,
    "list": _list,
    "context": _context,
    "range": _range,
    "function": lambda v: f"function {v.name}".strip(),
}

#: Kinds that JSON lacks, written as an object with this single key.
_TAG = "$feel"


def to_json(value: Any) -> Any:
    """A value of JSON that `from_json` turns back into an equal one.

    Whole numbers are JSON numbers; other numbers, dates, times and durations are
    `{"$feel": [kind, text]}`. TypeError for functions.
    """
    value = normalise(value)
    found = kind(value)
    if found in {"null", "boolean", "string"}:
        return value
    if found == "number":
        whole = value == value.to_integral_value() if isinstance(value, Decimal) else True
        return int(value) if whole and abs(value) < 2**53 else {_TAG: ["number", str(value)]}
    if found == "list":
        return [to_json(item) for item in value]
    if found == "context":
        plain = {str(key): to_json(item) for key, item in value.items()}
        return {_TAG: ["context", plain]} if _TAG in plain else plain
    if found == "range":
        ends = [to_json(value.start), to_json(value.end)]
        return {_TAG: ["range", [*ends, value.start_included, value.end_included, value.op]]}
    if found in {"function", "unknown"}:
        raise TypeError(found)
    return {_TAG: [found, texts.iso(value)]}


def from_json(value: Any) -> Any:
    """The value that `to_json` wrote; plain JSON is understood too."""
    if isinstance(value, list):
        return [from_json(item) for item in value]
    if isinstance(value, dict):
        if value.keys() == {_TAG}:
            found, body = value[_TAG]
            return _READERS[found](body)
        return {key: from_json(item) for key, item in value.items()}
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return value
    return Decimal(value) if isinstance(value, int) else normalise(value)


_READERS: dict[str, Callable[[Any], Any]] = {
    "number": CONTEXT.create_decimal,
    "context": lambda body: {key: from_json(item) for key, item in body.items()},
    "range": lambda body: Range(from_json(body[0]), from_json(body[1]), *body[2:]),
    "date": texts.parse_date,
    "time": texts.parse_time,
    "date and time": texts.parse_date_time,
    "years and months duration": texts.parse_duration,
    "days and time duration": texts.parse_duration,
}
