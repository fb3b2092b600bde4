"""Dates, times, durations and numbers from and to text (DMN 1.5, 10.3.4.1; XML Schema 1.0)."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from decisions.feel import temporal
from decisions.feel.temporal import SECOND, Date, DateTime, Months, Nanos, Time

if TYPE_CHECKING:
    from collections.abc import Callable

_DATE = r"(?P<date>-?(?:[1-9][0-9]{4,8}|[0-9]{4})-[0-9]{2}-[0-9]{2})"
_TIME = (
    r"(?P<time>[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.(?P<fraction>[0-9]+))?"
    r"(?P<zone>[zZ]|[+-][0-9]{2}:[0-9]{2}(?::[0-9]{2})?|@[A-Za-z0-9_+/-]+)?"
)
_IS_DATE = re.compile(_DATE, re.ASCII)
_IS_TIME = re.compile(_TIME, re.ASCII)
_IS_DATE_TIME = re.compile(_DATE + "T" + _TIME, re.ASCII)
_IS_MONTHS = re.compile(r"(-)?P(?:([0-9]+)Y)?(?:([0-9]+)M)?", re.ASCII)
_IS_NANOS = re.compile(
    r"(-)?P(?:([0-9]+)D)?(?:T(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+)(?:\.([0-9]*))?S)?)?", re.ASCII
)
_LONGEST = 64
_MAX_OFFSET = 18 * 3600


def parse_date(text: str) -> Date | None:
    """`2024-02-29`, also with years of up to nine digits."""
    return _date(text) if _IS_DATE.fullmatch(text) else None


def _date(text: str) -> Date | None:
    sign = -1 if text.startswith("-") else 1
    year, month, day = text.lstrip("-").split("-")
    try:
        return temporal.date(sign * int(year), int(month), int(day))
    except ValueError:
        return None


def parse_time(text: str) -> Time | None:
    """`10:30:00`, `10:30:00.5Z`, `10:30:00+08:00`, `10:30:00@Asia/Shanghai`."""
    match = _IS_TIME.fullmatch(text)
    return _time(match) if match else None


def _time(match: re.Match[str]) -> Time | None:
    hour, minute, second = (int(part) for part in match["time"].split(":"))
    if hour > 23 or minute > 59 or second > 59:  # noqa: PLR2004  clock
        return None
    nano = int((match["fraction"] or "0")[:9].ljust(9, "0"))
    zone = match["zone"]
    if zone is None:
        return Time(hour, minute, second, nano)
    if zone.startswith("@"):
        known = temporal.zone_info(zone[1:])
        return Time(hour, minute, second, nano, zone=zone[1:]) if known else None
    offset = parse_offset(zone)
    return None if offset is None else Time(hour, minute, second, nano, offset)


def parse_offset(text: str) -> int | None:
    """Seconds east of UTC of `Z` or `+08:00`."""
    if text in {"Z", "z"}:
        return 0
    parts = [int(part) for part in text[1:].split(":")]
    if any(part > 59 for part in parts[1:]):  # noqa: PLR2004  clock
        return None
    seconds = sum(part * size for part, size in zip(parts, (3600, 60, 1), strict=False))
    if seconds > _MAX_OFFSET:
        return None
    return -seconds if text.startswith("-") else seconds


def parse_date_time(text: str) -> DateTime | None:
    """A date, `T` and a time; a date alone is its midnight."""
    match = _IS_DATE_TIME.fullmatch(text)
    if match is None:
        day = parse_date(text)
        return DateTime(day, Time(0, 0, 0)) if day else None
    day, time = _date(match["date"]), _time(match)
    if day and match["time"] == "24:00:00" and not (match["fraction"] or "").strip("0"):
        return _next_midnight(day, text)
    return DateTime(day, time) if day and time else None


def _next_midnight(day: Date, text: str) -> DateTime | None:
    """`T24:00:00` is the start of the next day."""
    start = parse_date_time(text.replace("T24:", "T00:", 1))
    try:
        following = temporal.from_ordinal(day.toordinal() + 1)
    except ValueError:
        return None
    return DateTime(following, start.time) if start else None


def parse_duration(text: str) -> Months | Nanos | None:
    """`P1Y2M` or `P1DT2H3M4.5S`, negative with a leading minus."""
    if len(text) > _LONGEST or text[-1:] in {"P", "T"}:
        return None
    match = _IS_MONTHS.fullmatch(text)
    if match:
        sign, years, months = match.groups()
        total = int(years or 0) * 12 + int(months or 0)
        return Months(-total if sign else total)
    match = _IS_NANOS.fullmatch(text)
    if not match:
        return None
    sign, days, hours, minutes, seconds, fraction = match.groups()
    minutes_all = (int(days or 0) * 24 + int(hours or 0)) * 60 + int(minutes or 0)
    nanos = (minutes_all * 60 + int(seconds or 0)) * SECOND
    nanos += int((fraction or "0")[:9].ljust(9, "0"))
    return Nanos(-nanos if sign else nanos)


def parse_temporal(text: str) -> Date | Time | DateTime | Months | Nanos | None:
    """The value of `@"…"`, whatever kind its text has."""
    if _IS_DATE.fullmatch(text):
        return _date(text)
    for parse in (parse_date_time, parse_time, parse_duration):
        value = parse(text)
        if value is not None:
            return value
    return None


def number_text(value: Decimal | int) -> str:
    """Plain digits without exponent and without trailing zeros."""
    text = format(Decimal(value), "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def date_text(value: Date) -> str:
    return value.isoformat()


def time_text(value: Time) -> str:
    """ISO 8601; a zone follows as `@Name`."""
    text = f"{value.hour:02d}:{value.minute:02d}:{value.second:02d}"
    if value.nano:
        text += f".{value.nano:09d}".rstrip("0")
    if value.zone is not None:
        return f"{text}@{value.zone}"
    return text if value.offset is None else text + offset_text(value.offset)


def offset_text(offset: int) -> str:
    if offset == 0:
        return "Z"
    minutes, seconds = divmod(abs(offset), 60)
    text = f"{'-' if offset < 0 else '+'}{minutes // 60:02d}:{minutes % 60:02d}"
    return f"{text}:{seconds:02d}" if seconds else text


def date_time_text(value: DateTime) -> str:
    return f"{date_text(value.date)}T{time_text(value.time)}"


def months_text(value: Months) -> str:
    """`P1Y2M`; nothing is `P0M`."""
    years, months = divmod(abs(value.months), 12)
    text = (f"{years}Y" if years else "") + (f"{months}M" if months else "")
    return ("-" if value.months < 0 else "") + "P" + (text or "0M")


def nanos_text(value: Nanos) -> str:
    """`P1DT2H3M4.5S`; nothing is `PT0S`."""
    seconds, nano = divmod(abs(value.nanos), SECOND)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    clock = (f"{hour}H" if hour else "") + (f"{minute}M" if minute else "")
    if second or nano:
        clock += f"{second}" + (f".{nano:09d}".rstrip("0") if nano else "") + "S"
    text = (f"{days}D" if days else "") + (f"T{clock}" if clock else "")
    return ("-" if value.nanos < 0 else "") + "P" + (text or "T0S")


def iso(value: dt.date | Date | Time | DateTime | Months | Nanos) -> str:
    """The text of any temporal value."""
    for kind, write in _WRITERS:
        if isinstance(value, kind):
            return write(value)
    raise TypeError(type(value).__name__)


_WRITERS: tuple[tuple[type, Callable[[Any], str]], ...] = (
    (dt.date, date_text),
    (temporal.FarDate, date_text),
    (Time, time_text),
    (DateTime, date_time_text),
    (Months, months_text),
    (Nanos, nanos_text),
)
