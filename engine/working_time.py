"""Working-time arithmetic on plain values: no rows, no clock, no zone of the machine.

Every rule of architecture decision 2 about durations is here: a working day leads to the same
local clock time of the next working day, working hours are counted inside the spans of work, and
a moment outside them counts as the next opening.
"""

import calendar
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from engine.errors import N_, InvalidInputError
from engine.models.base import from_ms, to_ms

#: spans of work of one day, as minutes of local time from midnight: ((510, 720), (810, 1080))
Spans = tuple[tuple[int, int], ...]
_MINUTE = 60_000
_DAY_MINUTES = 24 * 60
#: a calendar without any work in two years is a mistake, not a long holiday
_HORIZON = 800
_DURATION = re.compile(
    r"P(?:(\d{1,3})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?"
    r"(?:T(?=\d)(?:(\d{1,6}(?:\.\d{1,3})?)H)?(?:(\d{1,7}(?:\.\d{1,3})?)M)?(?:(\d{1,8})S)?)?"
)


class DurationError(InvalidInputError):
    """A text is not a duration that a limit can have."""

    code = "invalid-duration"


class CalendarError(InvalidInputError):
    """A calendar can't be counted with."""

    code = "invalid-calendar"


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration:
    """How long something may take: months, days and a rest; what a day means, the clock says."""

    months: int = 0
    days: int = 0
    milliseconds: int = 0
    #: the limit ends with the day it falls on
    end_of_day: bool = False


@lru_cache(maxsize=1024)
def parse(text: str, *, end_of_day: bool = False) -> Duration:
    """Read an ISO 8601 duration such as P1D, PT8H, P1DT4H, P2W; refuse what is none or zero."""
    match = _DURATION.fullmatch(text.strip())
    if match is None or not any(match.groups()):
        raise DurationError(N_("“{text}”不是时限：请写成 P1D（天）或 PT8H（小时）"), text=text)
    years, months, weeks, days = (int(part or 0) for part in match.groups()[:4])
    hours, minutes, seconds = (float(part or 0) for part in match.groups()[4:])
    read = Duration(
        months=12 * years + months,
        days=7 * weeks + days,
        milliseconds=round((hours * 60 + minutes) * _MINUTE + seconds * 1000),
        end_of_day=end_of_day,
    )
    if not (read.months or read.days or read.milliseconds):
        raise DurationError(N_("时限“{text}”为零"), text=text)
    return read


@lru_cache(maxsize=1024)
def parse_working(text: str, *, end_of_day: bool = False) -> Duration:
    """Read a duration of the working clock, which knows days and hours only."""
    if set(text.partition("T")[0]) & set("YMW"):
        raise DurationError(N_("工作时限“{text}”只能用天和小时，不能用周、月、年"), text=text)
    return parse(text, end_of_day=end_of_day)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingTime:
    """When work is done: an ordinary week, the days that differ, and the zone they are local in."""

    zone: ZoneInfo
    #: spans of the seven weekdays, Monday first
    week: tuple[Spans, ...]
    days: Mapping[date, Spans]
    #: years that rest on official data; None: the calendar needs none
    official: frozenset[int] | None = None
    #: which calendar this is, for what is said about it
    code: str = ""
    #: day number -> spans as instants, filled as one counts
    _spans: dict[int, Spans] = field(default_factory=dict, init=False, compare=False, repr=False)

    def opening(self, moment: datetime) -> datetime:
        """Return the moment itself in working time, else the next opening."""
        return from_ms(self._opening(to_ms(moment)))

    def add(self, start: datetime, amount: Duration) -> datetime:
        """Return when `amount` of working days and hours after `start` has passed."""
        if amount.months:
            raise DurationError(N_("工作时限不能用月和年"))
        at = to_ms(start)
        if amount.days:
            at = self._after_days(at, amount.days)
        if amount.milliseconds or not amount.days:
            at = self._after(at, amount.milliseconds)
        return from_ms(self._closing(at) if amount.end_of_day else at)

    def closing(self, moment: datetime) -> datetime:
        """Return the last closing of the local day; its end when nobody works on it."""
        spans = self._of_day(self._number(to_ms(moment)))
        if spans:
            return from_ms(spans[-1][1])
        midnight = moment.astimezone(self.zone).date() + timedelta(days=1)
        return datetime.combine(midnight, datetime.min.time(), self.zone).astimezone(UTC)

    def elapsed(self, begin: datetime, end: datetime) -> timedelta:
        """Return the working time between two instants; negative when they are reversed."""
        low, high = to_ms(begin), to_ms(end)
        worked = self._between(min(low, high), max(low, high))
        return timedelta(milliseconds=worked if low <= high else -worked)

    def between(self, begin: datetime, end: datetime) -> int:
        """Return the whole working minutes between two instants."""
        return int(self.elapsed(begin, end) / timedelta(minutes=1))

    def day_minutes(self) -> int:
        """Return the working minutes of an ordinary working day."""
        longest = max(sum(close - start for start, close in spans) for spans in self.week)
        return longest or _DAY_MINUTES

    def provisional(self, begin: datetime, end: datetime) -> tuple[int, ...]:
        """Return the years between two instants that have no official data."""
        if self.official is None:
            return ()
        years = range(begin.astimezone(self.zone).year, end.astimezone(self.zone).year + 1)
        return tuple(year for year in years if year not in self.official)

    def spans(self, day: date) -> Spans:
        """Return the spans of work of one local day, night shifts of the day before included."""
        own, eve = self._own(day), self._own(day - timedelta(days=1))
        if all(close <= _DAY_MINUTES for _, close in (*own, *eve)):
            return own
        left = ((start - _DAY_MINUTES, close - _DAY_MINUTES) for start, close in eve)
        return _within_day((*left, *own))

    def _own(self, day: date) -> Spans:
        """Return the spans that begin on a local day; a night shift ends beyond its midnight."""
        return self.days.get(day, self.week[day.weekday()])

    def _opening(self, at: int) -> int:
        return self._after(at, 0)

    def _after(self, at: int, left: int) -> int:
        for _, spans in self._days_from(at):
            for opening, closing in spans:
                if closing <= at:
                    continue
                begin = max(opening, at)
                if left <= closing - begin:
                    return begin + left
                left -= closing - begin
        raise AssertionError  # _days_from raises before it ends

    def _after_days(self, at: int, days: int) -> int:
        """Lead to the same clock time `days` working days later, or to the opening after it."""
        start = self._opening(at)
        clock_time = from_ms(start).astimezone(self.zone).time()
        working = (number for number, spans in self._days_from(start) if spans)
        number = next(working)
        for _ in range(days):
            number = next(working)
        local = datetime.combine(date.fromordinal(number), clock_time, self.zone)
        return self._opening(to_ms(local))

    def _closing(self, at: int) -> int:
        """Return the last closing of the local day in which `at` is working time."""
        for number in (self._number(at) - 1, self._number(at)):
            spans = self._of_day(number)
            if spans and spans[0][0] <= at <= spans[-1][1]:
                return spans[-1][1]
        return at

    def _between(self, low: int, high: int) -> int:
        worked = 0
        for number in range(self._number(low), self._number(high) + 1):
            for opening, closing in self._of_day(number):
                worked += max(0, min(closing, high) - max(opening, low))
        return worked

    def _days_from(self, at: int) -> Iterator[tuple[int, Spans]]:
        """Yield day after day; give up when nobody ever works."""
        number, idle = self._number(at), 0
        while idle < _HORIZON:
            spans = self._of_day(number)
            idle = 0 if spans else idle + 1
            yield number, spans
            number += 1
        raise CalendarError(N_("日历在两年内没有工作时间"))

    def _number(self, at: int) -> int:
        return from_ms(at).astimezone(self.zone).toordinal()

    def _of_day(self, number: int) -> Spans:
        known = self._spans.get(number)
        if known is None:
            day = date.fromordinal(number)
            midnight = datetime(day.year, day.month, day.day, tzinfo=self.zone)
            instants = (
                (_instant(midnight, start), _instant(midnight, close))
                for start, close in self.spans(day)
            )
            # a span that a change to summer time swallows is no span
            known = tuple((opening, closing) for opening, closing in instants if opening < closing)
            self._spans[number] = known
        return known


def add_calendar(start: datetime, amount: Duration, zone: ZoneInfo) -> datetime:
    """Add real elapsed time; months keep the local day of the month, or take its last."""
    moment = start.astimezone(UTC)
    if amount.months:
        local = moment.astimezone(zone)
        year, month = divmod(local.year * 12 + local.month - 1 + amount.months, 12)
        last = calendar.monthrange(year, month + 1)[1]
        moment = local.replace(year=year, month=month + 1, day=min(local.day, last)).astimezone(UTC)
    moment += timedelta(days=amount.days, milliseconds=amount.milliseconds)
    if amount.end_of_day:
        local = moment.astimezone(zone)
        moment = datetime.combine(local.date() + timedelta(days=1), datetime.min.time(), zone)
    return moment.astimezone(UTC)


def _within_day(spans: Spans) -> Spans:
    """Cut spans to one day and join what overlaps."""
    joined: list[tuple[int, int]] = []
    for start, close in sorted((max(0, a), min(b, _DAY_MINUTES)) for a, b in spans):
        if start >= close:
            continue
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(close, joined[-1][1]))
        else:
            joined.append((start, close))
    return tuple(joined)


def _instant(midnight: datetime, minutes: int) -> int:
    """Return the instant of a local time; one that a change to summer time skips is the change."""
    days, rest = divmod(minutes, _DAY_MINUTES)
    local = (midnight + timedelta(days=days)).replace(hour=rest // 60, minute=rest % 60)
    late, early = to_ms(local), to_ms(local.replace(fold=1))
    if early >= late:  # an ordinary time, or one that comes twice: its first coming
        return late
    after = from_ms(late).astimezone(local.tzinfo).utcoffset()
    while late - early > 1:
        middle = (early + late) // 2
        if from_ms(middle).astimezone(local.tzinfo).utcoffset() == after:
            late = middle
        else:
            early = middle
    return late
