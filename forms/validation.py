"""The `validate` rules and the options of a component: what may stand there."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from marshmallow import ValidationError

from forms import patterns
from forms.components import CHOICES, IDENTIFIER, REQUIRED_ONLY, RULES, Complaint
from forms.expressions import is_expression
from forms.fields.base import Component
from forms.fields.choices import labels
from forms.fields.numbers import decimal
from forms.fields.sheets import SHEET_COLUMNS
from forms.fields.tables import COLUMNS

#: component type -> the types that its columns may have
_COLUMN_KINDS: Final[dict[str, Collection[str]]] = {
    "wf-table": tuple(COLUMNS), "wf-sheet": SHEET_COLUMNS,
}  # fmt: skip
_SOURCES: Final = ("valuesKey", "values", "valuesExpression")


def rules(component: Component) -> Iterator[Complaint]:
    """Yield rules of `validate` that are unknown, useless or wrong."""
    validate = component.get("validate")
    if validate is None:
        return
    if not isinstance(validate, Mapping):
        yield "validate-value", {"key": "validate"}
        return
    allowed = RULES.get(component["type"], REQUIRED_ONLY)
    for key, value in validate.items():
        if key not in allowed:
            yield "validate-key", {"key": key, "type": component["type"]}
        elif not _rule_fits(key, value):
            yield "validate-value", {"key": key}
    yield from _pattern(validate)


def _rule_fits(key: str, value: Any) -> bool:
    if key == "required":
        return isinstance(value, bool)
    if key in ("pattern", "patternErrorMessage"):
        return isinstance(value, str)
    if key == "validationType":
        return value in ("", "email", "phone", "custom")
    if is_expression(value):
        return True
    if key in ("minLength", "maxLength"):
        return isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return _numeric(value)


def _numeric(value: Any) -> bool:
    try:
        decimal(value)
    except ValidationError:
        return False
    return True


def _pattern(validate: Mapping[str, Any]) -> Iterator[Complaint]:
    pattern = validate.get("pattern")
    if isinstance(pattern, str) and pattern:
        try:
            patterns.search(pattern)
        except patterns.PatternError as error:
            yield "pattern", {"detail": str(error)}


def options(component: Component) -> Iterator[Complaint]:
    """Yield what is wrong with where a choice takes its options from."""
    if component["type"] not in CHOICES:
        return
    sources = [name for name in _SOURCES if component.get(name) is not None]
    if len(sources) != 1:
        yield "options", {}
    elif sources == ["values"]:
        yield from option_list(component["values"])
    elif sources == ["valuesKey"] and not _plain_key(component["valuesKey"]):
        yield "key", {"key": component["valuesKey"]}
    elif sources == ["valuesExpression"] and not is_expression(component["valuesExpression"]):
        yield "expression-expected", {"name": "valuesExpression"}


def option_list(values: Any) -> Iterator[Complaint]:
    """Yield what is wrong with options that are written out."""
    if not isinstance(values, list) or not values:
        yield "options", {}
        return
    try:
        distinct = labels(values)
    except ValidationError:
        yield "options", {}
        return
    if len(distinct) == len(values):
        return
    seen = [v.get("value") if isinstance(v, Mapping) else v for v in values]
    twice = next((v for v in seen if seen.count(v) > 1), None)
    yield ("options", {}) if twice is None else ("duplicate-option", {"value": twice})


def _plain_key(key: Any) -> bool:
    return isinstance(key, str) and key.isidentifier()


def columns(component: Component) -> Iterator[Complaint]:
    """Yield what is wrong with the columns of a `wf-table` or a `wf-sheet`."""
    kinds = _COLUMN_KINDS.get(component["type"])
    if kinds is None:
        return
    found = component.get("columns")
    if not isinstance(found, list) or not found or not all(isinstance(c, Mapping) for c in found):
        yield "columns", {}
        return
    keys = [column.get("key") for column in found]
    if len(set(map(str, keys))) != len(keys):
        yield "columns", {}
    for column in found:
        yield from _column(column, kinds)
        if component["type"] == "wf-sheet" and column.get("readonly"):
            yield "column", {"column": column.get("key"), "expected": "readonly: false"}


def _column(column: Mapping[str, Any], kinds: Collection[str]) -> Iterator[Complaint]:
    key = column.get("key")
    if not isinstance(key, str) or not IDENTIFIER.fullmatch(key) or "-" in key:
        yield "column", {"column": key, "expected": "key"}
    if not isinstance(column.get("label"), str) or not column["label"]:
        yield "column", {"column": key, "expected": "label"}
    kind = column.get("type")
    if kind not in kinds:
        yield "column", {"column": key, "expected": "type: " + " / ".join(kinds)}
        return
    for name, fits in _COLUMN_RULES.items():
        if name in column and not fits(column[name]):
            yield "column", {"column": key, "expected": name}
    if kind == "select":
        yield from option_list(column.get("options"))


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 100_000  # noqa: PLR2004


def _text(value: Any) -> bool:
    return isinstance(value, str)


_COLUMN_RULES: Final = {
    "required": _flag, "readonly": _flag, "personal": _flag, "camera": _flag,
    "serializeToString": _flag, "maxLength": _count, "max": _numeric, "min": _numeric,
    "decimalDigits": _count, "increment": _numeric, "accept": _text, "group": _text,
    "label_en": _text,
}  # fmt: skip
