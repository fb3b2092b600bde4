"""FEEL types: which values belong to them and how a value is fitted (DMN 1.5, 10.3.2.9)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from decisions.feel.temporal import DateTime, Time
from decisions.feel.values import Range, kind, normalise

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from decisions.feel.functions import Function


@dataclass(frozen=True, slots=True)
class Type:
    """A FEEL type; `of` holds the element of a list or range and the parameters of a function."""

    name: str
    of: tuple[Type, ...] = ()
    fields: Mapping[str, Type] | None = None
    result: Type | None = None
    #: for item definitions: the values allowed beyond the type itself
    allowed: Callable[[Any], bool] | None = field(default=None, compare=False)


ANY = Type("Any")
SIMPLE: dict[str, Type] = {
    name: Type(name)
    for name in (
        "Any", "null", "number", "string", "boolean", "date", "time", "date and time",
        "years and months duration", "days and time duration", "duration", "context", "list",
        "range", "function",
    )
}  # fmt: skip
SIMPLE["dateTime"] = SIMPLE["date and time"]
SIMPLE["Null"] = SIMPLE["null"]
SIMPLE["yearMonthDuration"] = SIMPLE["years and months duration"]
SIMPLE["dayTimeDuration"] = SIMPLE["days and time duration"]


def list_of(element: Type) -> Type:
    return Type("list", (element,))


def instance_of(value: Any, type_: Type) -> bool:
    """`value instance of type`: null is an instance of Null alone."""
    if value is None:
        return type_.name == "null"
    return type_.name != "null" and conforms(value, type_)


def conforms(value: Any, type_: Type) -> bool:
    """Whether a value belongs to a type; null belongs to every type."""
    if value is None:
        return True
    if type_.allowed is not None and not type_.allowed(value):
        return False
    value = normalise(value)
    found = kind(value)
    if type_.name == "Any":
        return True
    if type_.name == "duration":
        return found.endswith("duration")
    return found == type_.name and _STRUCTURE.get(found, _always)(value, type_)


def _always(_value: Any, _type: Type) -> bool:
    return True


def _list_fits(value: list[Any], type_: Type) -> bool:
    return not type_.of or all(conforms(item, type_.of[0]) for item in value)


def _context_fits(value: Mapping[str, Any], type_: Type) -> bool:
    if type_.fields is None:
        return True
    return all(
        name in value and conforms(value[name], field_) for name, field_ in type_.fields.items()
    )


def _range_fits(value: Range, type_: Type) -> bool:
    return not type_.of or (conforms(value.start, type_.of[0]) and conforms(value.end, type_.of[0]))


def _function_fits(value: Function, type_: Type) -> bool:
    if type_.result is None:
        return True
    parameters, result = value.types or ((ANY,) * len(value.parameters or ()), ANY)
    return subtype(Type("function", tuple(parameters), result=result), type_)


_STRUCTURE: dict[str, Callable[[Any, Type], bool]] = {
    "list": _list_fits,
    "context": _context_fits,
    "range": _range_fits,
    "function": _function_fits,
}


def subtype(narrow: Type, wide: Type) -> bool:
    """`narrow` conforms to `wide` (10.3.2.9.2)."""
    if wide.name == "Any" or narrow.name == "null":
        return True
    if narrow.name != wide.name:
        return wide.name == "duration" and narrow.name.endswith("duration")
    if narrow.name == "function":
        return _function_subtype(narrow, wide)
    if wide.fields is not None:
        fields = narrow.fields or {}
        return all(n in fields and subtype(fields[n], t) for n, t in wide.fields.items())
    return not wide.of or (bool(narrow.of) and subtype(narrow.of[0], wide.of[0]))


def _function_subtype(narrow: Type, wide: Type) -> bool:
    if wide.result is None:
        return True
    return (
        len(narrow.of) == len(wide.of)
        and all(subtype(w, n) for n, w in zip(narrow.of, wide.of, strict=True))
        and subtype(narrow.result or ANY, wide.result)
    )


def fit(value: Any, type_: Type | None) -> tuple[bool, Any]:
    """Whether a value conforms, if need be after an implicit conversion, and the value then."""
    if type_ is None or conforms(value, type_):
        return True, value
    value = normalise(value)
    if isinstance(value, list) and len(value) == 1 and type_.name != "list":
        ok, item = fit(value[0], type_)
        if ok:
            return True, item
    if type_.name == "list" and not isinstance(value, list) and conforms([value], type_):
        return True, [value]
    if type_.name == "date and time" and kind(value) == "date":
        return True, DateTime(value, Time(0, 0, 0, offset=0))
    return False, None


def coerce(value: Any, type_: Type | None) -> Any:
    """The value as the type wants it, null if it doesn't conform (10.3.2.9.4)."""
    return fit(value, type_)[1]
