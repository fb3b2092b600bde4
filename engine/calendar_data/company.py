"""The company's two calendars as they are before anybody edits them."""

import re
from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from engine import calendar_data
from engine.errors import N_
from engine.working_time import CalendarError, Spans, WorkingTime

STATUTORY, SERVICE = "statutory", "service"
ZONE = "Asia/Shanghai"
_OFFICE = [["08:30", "12:00"], ["13:30", "18:00"]]
_DESK = [["08:30", "18:00"]]
#: kind -> (name, week) of the calendars that hold where nothing else is set
CALENDARS: dict[str, tuple[str, list[Any]]] = {
    STATUTORY: ("法定工作日历", [*([_OFFICE] * 5), [], []]),
    SERVICE: ("服务日历", [_DESK] * 7),
}
_HOLIDAY_YEARS = range(2020, 2051)
#: what differs from an ordinary week: day -> works at all, with spans of its own
Days = Mapping[date, tuple[bool, list[Any] | None]]
#: before the end of a span that lies on the next day
_NEXT_DAY = "+"
_CLOCK_TIME = re.compile(r"(\d{1,2}):(\d{2})")
_TYPED = re.compile(r"(\d{1,2}[:：]\d{2})[-–—~～至](次日|\+)?(\d{1,2}[:：]\d{2})")
_BETWEEN = re.compile(r"[\s,，;；、/]+")


def built_in(kind: str) -> WorkingTime:
    """Return the calendar that holds where the database has none."""
    official = frozenset(calendar_data.official_years())
    days: dict[date, tuple[bool, list[Any] | None]] = {}
    if kind == STATUTORY:
        days = {day.on: (day.working, None)
                for year in official for day in calendar_data.days(year)}  # fmt: skip
    return working_time(kind, ZONE, CALENDARS[kind][1], days, official)


def working_time(
    kind: str, zone: str, week: list[Any], days: Days, official: frozenset[int], *, code: str = "",
) -> WorkingTime:  # fmt: skip
    """Make a calendar of its rows; years without official data get the holidays of the law."""
    ordinary = tuple(read_spans(spans) for spans in week)
    office = next((spans for spans in ordinary if spans), ())
    exceptions: dict[date, Spans] = {}
    if kind == STATUTORY:
        for year in _HOLIDAY_YEARS:
            if year not in official:
                exceptions |= {day.on: office if day.working else ()
                               for day in calendar_data.days(year)}  # fmt: skip
    for on, (working, spans) in days.items():
        own = read_spans(spans) if spans else office
        exceptions[on] = own if working else ()
    return WorkingTime(
        zone=ZoneInfo(zone), week=ordinary, days=exceptions,
        official=official if kind == STATUTORY else None, code=code or kind,
    )  # fmt: skip


def read_spans(spans: list[Any]) -> Spans:
    """Read the spans of a day in their order; refuse two that overlap."""
    read = tuple(sorted(minutes(span) for span in spans))
    for (_, close), (start, _close) in pairwise(read):
        if start < close:
            raise CalendarError(N_("时间段重叠：{spans}"), spans=written(spans))
    return read


def minutes(span: list[str]) -> tuple[int, int]:
    """Read ["08:30", "12:00"] as minutes from midnight; "+06:00" is the next morning."""
    start, close = (_clock_time(text, span) for text in _both(span))
    if span[1].startswith(_NEXT_DAY):
        close += 24 * 60
    if start >= 24 * 60 or not start < close <= start + 24 * 60:
        raise CalendarError(
            N_("时间段 {span} 的结束早于开始；夜班请写 22:00-次日06:00"), span=written([span])
        )
    return start, close


def spans_of(text: str) -> list[list[str]]:
    """Read what a person typed: 08:30-12:00 13:30-18:00, a night shift as 22:00-次日06:00."""
    spans = []
    for part in _BETWEEN.split(text.strip()):
        if part:
            match = _TYPED.fullmatch(part)
            if match is None:
                raise _no_span(part)
            begin, next_day, end = match.groups()
            spans.append([_padded(begin), (_NEXT_DAY if next_day else "") + _padded(end)])
    read_spans(spans)
    return sorted(spans, key=minutes)


def written(spans: list[Any]) -> str:
    """Write spans as a person types them."""
    return " ".join(f"{begin}-{end}".replace(_NEXT_DAY, "次日") for begin, end in spans)


def typed(span: tuple[int, int]) -> list[str]:
    """Write minutes from midnight as `minutes` reads them."""
    return [f"{minute // 60:02d}:{minute % 60:02d}" for minute in span]


def _both(span: list[str]) -> tuple[str, str]:
    try:
        begin, end = span
    except ValueError:
        raise _no_span(str(span)) from None
    return begin, end.removeprefix(_NEXT_DAY)


def _clock_time(text: str, span: list[str]) -> int:
    match = _CLOCK_TIME.fullmatch(text)
    if match is None:
        raise _no_span("-".join(span))
    hour, minute = map(int, match.groups())
    if hour * 60 + minute > 24 * 60 or minute > 59:  # noqa: PLR2004 — a clock's face
        raise _no_span("-".join(span))
    return hour * 60 + minute


def _no_span(text: str) -> CalendarError:
    return CalendarError(N_("“{span}”不是时间段，应为 08:30-12:00 的形式"), span=text)


def _padded(clock_time: str) -> str:
    return clock_time.replace("：", ":").zfill(5)
