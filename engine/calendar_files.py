"""Calendars as files: CSV and iCalendar (RFC 5545) read into days, or refused row by row.

Nothing is written here; a file with one bad row gives no edit at all.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import PurePath
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar as Ics
from sqlalchemy.orm import Session

from engine import calendar_changes, calendars
from engine.calendar_changes import DayEdit, Edit
from engine.calendar_data import company
from engine.errors import N_, EngineError, InvalidInputError

HEAD = (N_("日期"), N_("上班或放假"), N_("时间段"), N_("名称"))
#: rows of a file; a year has 366 days
MOST = 2_000
_WORK = frozenset({"上班", "班", "工作", "补班", "调休上班", "work", "working", "1", "是"})
_OFF = frozenset({"放假", "休", "休息", "假", "假日", "off", "holiday", "0", "否"})
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
#: what published calendars write behind a holiday's name: 春节（休）, 国庆节 班
_MARK = re.compile(r"[\s（(\[【]*(调休上班|补班|上班|放假|假期|班|休)[\s）)\]】]*$")
#: Apple's mark of such days in its feed of Chinese holidays
_APPLE = {"WORK-HOLIDAY": False, "ALTERNATE-WORKDAY": True}
_LONGEST = timedelta(days=31)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong with one row, or with one event of an iCalendar file; rows count from 1."""

    row: int
    error: EngineError


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A file as it was read."""

    days: Mapping[date, DayEdit]
    problems: tuple[Problem, ...]

    @property
    def years(self) -> tuple[int, ...]:
        """The years that the file has days of."""
        return tuple(sorted({on.year for on in self.days}))


def read(name: str, body: bytes, zone: ZoneInfo) -> Read:
    """Read a CSV or iCalendar file by its name; local times are the calendar's."""
    ending = PurePath(name).suffix.lower()
    if ending not in _READERS:
        raise InvalidInputError(N_("请选择 CSV 或 ICS 文件，不认识“{name}”"), name=name)
    days: dict[date, DayEdit] = {}
    problems: list[Problem] = []
    for row, found in enumerate(_READERS[ending](body, zone), 1):
        if row > MOST:
            raise InvalidInputError(N_("文件超过 {most} 行，请按年分开。"), most=MOST)
        try:
            _join(days, found())
        except EngineError as error:
            problems.append(Problem(row=row, error=error))
    if not days and not problems:
        raise InvalidInputError(N_("文件里没有日期。"))
    return Read(days=days, problems=tuple(problems))


def edit(code: str, given: Read, known: Mapping[date, Any], *, whole_years: bool) -> Edit:
    """Make an edit of a file; with `whole_years` it replaces its years, which are official then."""
    if given.problems:
        raise InvalidInputError(N_("文件有 {n} 行有误，一行也没有导入。"), n=len(given.problems))
    days: dict[date, DayEdit | None] = dict(given.days)
    if whole_years:
        days |= {on: None for on in known if on.year in given.years and on not in days}
    official = frozenset(given.years) if whole_years else frozenset[int]()
    return Edit(code=code, days=days, official=official, source="import")


def prepare(
    session: Session, code: str, name: str, body: bytes, *, whole_years: bool
) -> Edit | Read:  # fmt: skip
    """Read a file of days for a calendar; one with bad rows is given back as it was read."""
    sheet = calendars.read(session).sheets[calendar_changes.get(session, code).code]
    found = read(name, body, ZoneInfo(sheet.zone))
    return found if found.problems else edit(code, found, sheet.days, whole_years=whole_years)


def rows(days: Mapping[date, DayEdit]) -> Iterator[list[str]]:
    """Yield the days as rows of a CSV file that `read` reads again."""
    for on, day in sorted(days.items()):
        kind = "上班" if day.working else "放假"
        yield [on.isoformat(), kind, company.written(day.spans or []), day.name or ""]


def text(days: Mapping[date, DayEdit]) -> str:
    """Write the days as CSV text."""
    target = io.StringIO()
    csv.writer(target, lineterminator="\n").writerows(rows(days))
    return target.getvalue()


_Rows = Iterator[Callable[[], dict[date, DayEdit]]]


def _csv(body: bytes, _zone: ZoneInfo) -> _Rows:
    try:
        decoded = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        decoded = body.decode("gb18030", errors="replace")  # what spreadsheets save in China
    for number, row in enumerate(csv.reader(io.StringIO(decoded))):
        cells = [cell.strip() for cell in row]
        head = number == 0 and cells and not _DATE.match(cells[0])
        yield partial(_row, [] if head or not any(cells) else cells)


def _row(cells: list[str]) -> dict[date, DayEdit]:
    if not cells:
        return {}
    on, kind, spans, name = (*cells, "", "", "")[:4]
    match = _DATE.fullmatch(on)
    try:
        day = date(*map(int, match.groups())) if match else None
    except ValueError:
        day = None
    if day is None:
        raise InvalidInputError(N_("“{text}”不是日期，应为 2027-01-01 的形式"), text=on)
    working = _kind(kind)
    given = company.spans_of(spans) or None
    if given and not working:
        raise InvalidInputError(N_("放假的日子不写时间段"))
    return {day: DayEdit(working=working, spans=given, name=name or None)}


def _kind(text: str) -> bool:
    if text.lower() in _WORK:
        return True
    if text.lower() in _OFF:
        return False
    raise InvalidInputError(N_("“{text}”应写“上班”或“放假”"), text=text)


def _ics(body: bytes, zone: ZoneInfo) -> _Rows:
    try:
        found = Ics.from_ical(body)
    except ValueError as error:
        raise InvalidInputError(N_("这不是有效的 ICS 文件：{why}"), why=str(error)[:200]) from None
    for event in found.walk("VEVENT"):
        yield partial(_event, event, zone)


def _event(event: Any, zone: ZoneInfo) -> dict[date, DayEdit]:
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        return {}
    name = str(event.get("SUMMARY", "")).strip()
    if event.get("RRULE") is not None:
        raise InvalidInputError(N_("“{name}”是重复事件，请逐日列出"), name=name)
    try:
        begin, end = event.decoded("DTSTART"), _end(event)
    except (KeyError, ValueError):
        raise InvalidInputError(N_("“{name}”没有开始日期"), name=name) from None
    if isinstance(begin, datetime) != isinstance(end, datetime):
        raise InvalidInputError(N_("“{name}”的开始和结束不是同一种写法"), name=name)
    if not timedelta() < end - begin <= _LONGEST:
        raise InvalidInputError(N_("“{name}”的结束不晚于开始，或者超过一个月"), name=name)
    if isinstance(begin, datetime):
        return _shift(_local(begin, zone), _local(end, zone), name)
    return _whole_days(event, begin, end, name)


def _end(event: Any) -> Any:
    if event.get("DTEND") is not None:
        return event.decoded("DTEND")
    begin = event.decoded("DTSTART")
    if event.get("DURATION") is not None:
        return begin + event.decoded("DURATION")
    return begin + timedelta(days=1)


def _whole_days(event: Any, begin: date, end: date, name: str) -> dict[date, DayEdit]:
    mark, apple = _MARK.search(name), _APPLE.get(str(event.get("X-APPLE-SPECIAL-DAY", "")).upper())
    if mark is None and apple is None:
        raise InvalidInputError(
            N_("看不出“{name}”是上班还是放假，请在名称后写“班”或“休”"), name=name
        )
    working = apple if apple is not None else "班" in (mark[1] if mark else "")
    day = DayEdit(working=working, name=_MARK.sub("", name) or name)
    return {begin + timedelta(days=n): day for n in range((end - begin).days)}


def _shift(begin: datetime, end: datetime, name: str) -> dict[date, DayEdit]:
    """Read an event with hours as a span of work of the day it begins on."""
    over = (end.date() - begin.date()).days
    if end == datetime.combine(end.date(), datetime.min.time(), end.tzinfo) and over == 1:
        close = "24:00"
    elif over > 1:
        raise InvalidInputError(N_("“{name}”超过一天，请按班次分开"), name=name)
    else:
        close = ("+" if over else "") + f"{end:%H:%M}"
    spans = [[f"{begin:%H:%M}", close]]
    company.read_spans(spans)
    return {begin.date(): DayEdit(working=True, spans=spans, name=name or None)}


def _local(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone) if moment.tzinfo else moment.replace(tzinfo=zone)


def _join(days: dict[date, DayEdit], found: Mapping[date, DayEdit]) -> None:
    """Add days to those read before; several shifts make one day, a contradiction is refused."""
    joined = {}
    for on, day in found.items():
        before = days.get(on)
        if before is None or before == day:
            joined[on] = day
        elif before.spans and day.spans:
            spans = sorted([*before.spans, *day.spans], key=company.minutes)
            company.read_spans(spans)
            joined[on] = DayEdit(working=True, spans=spans, name=before.name)
        else:
            raise InvalidInputError(N_("{on} 写了两次，互相矛盾"), on=on)
    days |= joined


_READERS: dict[str, Callable[[bytes, ZoneInfo], _Rows]] = {".csv": _csv, ".ics": _ics}
