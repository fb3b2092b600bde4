"""Dates, times and moments as form-js writes them: read strictly, written for the viewer, shown.

form-js parses typed dates leniently (`2026/11/22` may silently become another day), so nothing but
the exact ISO text of the viewer passes, and no year that a case of today could not name.
"""

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

#: the offsets in use on Earth
_OFFSETS: Final = (timedelta(hours=-12), timedelta(hours=14))
YEARS: Final = (1900, 2100)
_CLOCK: Final = r"\d\d:\d\d(?:Z|[+-]\d\d:\d\d)?"
_DAY_SHAPE: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MOMENT_SHAPE: Final = re.compile(rf"{_DAY_SHAPE.pattern}T{_CLOCK}", re.ASCII)
_TIME_SHAPE: Final = re.compile(_CLOCK, re.ASCII)

UTC_OFFSET: Final = "utc_offset"
UTC_NORMALIZED: Final = "utc_normalized"
NO_TIMEZONE: Final = "no_timezone"


def read_date(text: str) -> date:
    """Return the day of `YYYY-MM-DD`; ValueError for anything else."""
    if not _DAY_SHAPE.fullmatch(text):
        raise ValueError(text)
    return date.fromisoformat(text)


def read_moment(text: str) -> datetime:
    """Return the moment of `YYYY-MM-DDTHH:MM`, with `Z`, an offset or neither."""
    if not _MOMENT_SHAPE.fullmatch(text):
        raise ValueError(text)
    return datetime.fromisoformat(text)


def read_time(text: str) -> time:
    """Return the time of `HH:MM`, with `Z`, an offset or neither."""
    if not _TIME_SHAPE.fullmatch(text):
        raise ValueError(text)
    return time.fromisoformat(text)


def plausible_offset(value: datetime | time) -> bool:
    """Say whether the offset, if there is one, is in use anywhere."""
    offset = value.utcoffset()
    return offset is None or _OFFSETS[0] <= offset <= _OFFSETS[1]


def write_moment(value: datetime, style: str | None) -> str:
    """Return the moment as the viewer would submit it, to the minute."""
    if style == UTC_NORMALIZED and value.tzinfo is not None:
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")
    if style == UTC_OFFSET and value.tzinfo is not None:
        return value.isoformat(timespec="minutes")
    return value.replace(tzinfo=None).isoformat(timespec="minutes")


def write_time(value: time, style: str | None) -> str:
    """Return the time as the viewer would submit it, to the minute."""
    if style == NO_TIMEZONE or style is None:
        return value.replace(tzinfo=None).isoformat(timespec="minutes")
    text = value.isoformat(timespec="minutes")
    return text.removesuffix("+00:00") + "Z" if style == UTC_NORMALIZED and value.tzinfo else text


def show_date(value: date, language: str) -> str:
    """Return the day as people read it."""
    if language == "en":
        return f"{value.day} {value:%b} {value.year}"
    return f"{value.year} 年 {value.month} 月 {value.day} 日"


def show_moment(value: datetime, language: str, zone: tzinfo | None) -> str:
    """Return the moment as people read it, in the project's zone when that is given."""
    if zone is not None and value.tzinfo is not None:
        value = value.astimezone(zone)
    return f"{show_date(value.date(), language)} {value:%H:%M}"
