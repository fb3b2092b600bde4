"""Functions that make one kind of value from another (DMN 1.5, 10.3.4.1)."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from decisions.feel import temporal, texts
from decisions.feel.builtins.define import define
from decisions.feel.temporal import SECOND, Date, DateTime, Nanos, Time
from decisions.feel.values import CONTEXT
from decisions.feel.writing import text_of

_NUMBER = re.compile(r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", re.ASCII)
_SEPARATORS = frozenset((" ", ",", "."))


@define("date(from: string)")
def date_of_text(text: str) -> Date | None:
    return texts.parse_date(text)


@define("date(from: date|date and time)")
def date_of(value: Date | DateTime) -> Date:
    return value.date if isinstance(value, DateTime) else value


@define("date(year: number, month: number, day: number)")
def date_of_parts(year: Decimal, month: Decimal, day: Decimal) -> Date | None:
    try:
        return temporal.date(int(year), int(month), int(day))
    except (ValueError, OverflowError):
        return None


@define("time(from: string)")
def time_of_text(text: str) -> Time | None:
    return texts.parse_time(text)


@define("time(from: date|time|date and time)")
def time_of(value: Date | Time | DateTime) -> Time:
    if isinstance(value, Time):
        return value
    return value.time if isinstance(value, DateTime) else Time(0, 0, 0, offset=0)


@define("time(hour: number, minute: number, second: number, offset?: days and time duration)")
def time_of_parts(
    hour: Decimal, minute: Decimal, second: Decimal, offset: Nanos | None = None
) -> Time | None:
    in_bounds = 0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60  # noqa: PLR2004  clock
    east = None if offset is None else offset.nanos // SECOND
    if not in_bounds or (east is not None and abs(east) > 18 * 3600):
        return None
    nano = int((Decimal(second) % 1) * SECOND)
    return Time(int(hour), int(minute), int(second), nano, east)


@define("date and time(from: string)")
def date_time_of_text(text: str) -> DateTime | None:
    return texts.parse_date_time(text)


@define("date and time(from: date and time)")
def date_time_of(value: DateTime) -> DateTime:
    return value


@define("date and time(from: date)")
def date_time_of_date(value: Date) -> DateTime:
    return temporal.at_midnight(value)


@define("date and time(date: date|date and time, time: time)")
def date_time_of_parts(date: Date | DateTime, time: Time) -> DateTime:
    return DateTime(date_of(date), time)


@define("duration(from: string)")
def duration(text: str) -> Any:
    return texts.parse_duration(text)


@define("duration(from: years and months duration|days and time duration)")
def duration_of(value: Any) -> Any:
    return value


@define("number(from: string, grouping separator: string|null, decimal separator: string|null)")
def number_of_text(
    text: str, grouping: str | None = None, point: str | None = None
) -> Decimal | None:
    """A number from text, with the separators its writer used."""
    if grouping is not None and (grouping not in _SEPARATORS or grouping == point):
        return None
    if point is not None and point not in {".", ","}:
        return None
    if grouping:
        text = text.replace(grouping, "")
    if point and point != ".":
        if "." in text:
            return None
        text = text.replace(point, ".")
    if not _NUMBER.fullmatch(text):
        return None
    try:
        return CONTEXT.create_decimal(text)
    except ArithmeticError:
        return None


@define("string(from: any)")
def string(value: Any) -> str | None:
    return None if value is None else text_of(value)
