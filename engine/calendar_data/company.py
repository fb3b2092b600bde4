"""The company's two calendars as they are before anybody edits them."""

from datetime import date
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


def built_in(kind: str) -> WorkingTime:
    """Return the calendar that holds where the database has none."""
    official = frozenset(calendar_data.official_years())
    days: dict[date, tuple[bool, list[Any] | None]] = {}
    if kind == STATUTORY:
        days = {day.on: (day.working, None)
                for year in official for day in calendar_data.days(year)}  # fmt: skip
    return working_time(kind, ZONE, CALENDARS[kind][1], days, official)


def working_time(
    kind: str, zone: str, week: list[Any],
    days: dict[date, tuple[bool, list[Any] | None]], official: frozenset[int],
) -> WorkingTime:  # fmt: skip
    """Make a calendar of its rows; years without official data get the holidays of the law."""
    ordinary = tuple(tuple(minutes(span) for span in spans) for spans in week)
    office = next((spans for spans in ordinary if spans), ())
    exceptions: dict[date, Spans] = {}
    if kind == STATUTORY:
        for year in _HOLIDAY_YEARS:
            if year not in official:
                exceptions |= {day.on: office if day.working else ()
                               for day in calendar_data.days(year)}  # fmt: skip
    for on, (working, spans) in days.items():
        own = tuple(minutes(span) for span in spans) if spans else office
        exceptions[on] = own if working else ()
    return WorkingTime(
        zone=ZoneInfo(zone), week=ordinary, days=exceptions,
        official=official if kind == STATUTORY else None,
    )  # fmt: skip


def minutes(span: list[str]) -> tuple[int, int]:
    """Read a span such as ["08:30", "12:00"] as minutes from midnight."""
    try:
        (begin_hour, begin), (end_hour, end) = (map(int, text.split(":")) for text in span)
    except ValueError:
        raise CalendarError(
            N_("“{span}”不是时间段，应为 08:30 到 12:00 的形式"), span=span
        ) from None
    start, close = begin_hour * 60 + begin, end_hour * 60 + end
    if not 0 <= start < close <= 24 * 60:
        raise CalendarError(N_("时间段 {span} 的结束早于开始"), span=span)
    return start, close
