"""Reads ISO 8601 instants, durations and repeating intervals, and works out when they are due."""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_DURATION = re.compile(
    r"P(?=\d|T\d)(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:[.,]\d+)?)S)?)?"
)
_CYCLE = re.compile(r"R(?P<times>\d*)/(?:(?P<start>[^/P][^/]*)/)?(?P<every>P[^/]+)")
_OFFSET = re.compile(r"T.*(Z|[+-]\d\d:?\d\d)$")
_MAX_YEARS = 1000
_LAST_YEAR = 9998
_MAX_DIGITS = 9


class TimerTextError(ValueError):
    """The text is no instant, duration or cycle that we read."""


@dataclass(frozen=True, slots=True)
class Duration:
    """Calendar months and days, then an exact span."""

    months: int
    days: int
    span: timedelta

    @property
    def shortest(self) -> timedelta:
        """Return the least time it can last."""
        return timedelta(days=28 * self.months + self.days) + self.span

    @property
    def longest(self) -> timedelta:
        """Return a time it never exceeds, with a day for the changes of clocks."""
        slack = timedelta(days=1 if self.months or self.days else 0)
        return timedelta(days=31 * self.months + self.days) + self.span + slack

    def after(self, moment: datetime, times: int, zone: tzinfo) -> datetime:
        """Return the moment plus `times` durations; a day that a month lacks is its last day."""
        local = moment.astimezone(zone)
        count = local.month - 1 + self.months * times
        year, month = local.year + count // 12, count % 12 + 1
        if year > _LAST_YEAR:
            raise TimerTextError("the timer is due after the year 9998")
        day = min(local.day, calendar.monthrange(year, month)[1])
        shifted = local.replace(year=year, month=month, day=day, tzinfo=None)
        try:
            civil = (shifted + timedelta(days=self.days * times)).replace(tzinfo=zone)
            return civil.astimezone(UTC) + self.span * times
        except OverflowError as error:
            raise TimerTextError("the timer is due after the year 9998") from error


@dataclass(frozen=True, slots=True)
class Cycle:
    """`times` is None for ever."""

    times: int | None
    start: datetime | None
    every: Duration


def instant(text: str, zone: tzinfo) -> datetime:
    """Read a date or date-time; without an offset it is local to `zone`."""
    cleaned, _, place = text.strip().rstrip("]").replace("[", "@").partition("@")
    try:
        if place and not _OFFSET.search(cleaned):
            zone = ZoneInfo(place)
        if re.fullmatch(r"\d{4}-\d\d-\d\d", cleaned):
            return datetime.combine(date.fromisoformat(cleaned), time(), zone).astimezone(UTC)
        moment = datetime.fromisoformat(cleaned)
    except (ValueError, ZoneInfoNotFoundError) as error:
        raise TimerTextError(f"{text!r} is no ISO 8601 date-time") from error
    if "T" not in cleaned and " " not in cleaned:
        raise TimerTextError(f"{text!r} is no ISO 8601 date-time")
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def duration(text: str) -> Duration:
    """Read a duration; a negative or empty one is refused."""
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise TimerTextError(f"{text!r} is no positive ISO 8601 duration")
    part = {key: value or "0" for key, value in match.groupdict().items()}
    months = int(part["years"]) * 12 + int(part["months"])
    if months > _MAX_YEARS * 12 or any(len(value) > _MAX_DIGITS for value in part.values()):
        raise TimerTextError(f"{text!r} is too long")
    span = timedelta(
        hours=int(part["hours"]),
        minutes=int(part["minutes"]), seconds=float(part["seconds"].replace(",", ".")),
    )  # fmt: skip
    return Duration(months, int(part["weeks"]) * 7 + int(part["days"]), span)


def cycle(text: str, zone: tzinfo) -> Cycle:
    """Read `R3/PT8H`, `R/2026-01-01T09:00:00+08:00/P1D`; an empty interval is refused."""
    match = _CYCLE.fullmatch(text.strip())
    if match is None:
        raise TimerTextError(f"{text!r} is no ISO 8601 repeating interval")
    every = duration(match["every"])
    if every.shortest < timedelta(seconds=1):
        raise TimerTextError(f"{text!r} repeats more than once a second")
    times = int(match["times"]) if match["times"] else None
    if times == 0:
        raise TimerTextError(f"{text!r} never fires")
    start = instant(match["start"], zone) if match["start"] else None
    return Cycle(times, start, every)


def check(kind: str, text: str, zone: tzinfo) -> None:
    """Raise TimerTextError when a timer text can't be read."""
    if kind == "date":
        instant(text, zone)
    elif kind == "duration":
        duration(text)
    else:
        cycle(text, zone)


@dataclass(frozen=True, slots=True)
class Alarm:
    """A timer that is set: when it is due, and what is needed to set it again."""

    due_at: datetime
    #: firings left after this one; None = for ever
    left: int | None = 0
    #: first moment of the cycle and the number of this firing, so that month ends don't drift
    anchor: datetime | None = None
    number: int = 0
    text: str = ""


def first(kind: str, text: str, now: datetime, zone: tzinfo) -> Alarm:
    """Set a timer."""
    if kind == "date":
        return Alarm(instant(text, zone))
    if kind == "duration":
        return Alarm(duration(text).after(now, 1, zone))
    rule = cycle(text, zone)
    left = None if rule.times is None else rule.times - 1
    if rule.start is None:
        return Alarm(rule.every.after(now, 1, zone), left, now, 1, text)
    return Alarm(rule.start, left, rule.start, 0, text)


def following(alarm: Alarm, now: datetime, zone: tzinfo) -> tuple[Alarm | None, int]:
    """Return the next alarm after a firing, and how many cycles passed unseen until now."""
    if alarm.left == 0 or alarm.anchor is None:
        return None, 0
    every = cycle(alarm.text, zone).every
    skipped = _skipped(alarm, every, now)
    while alarm.left is None or skipped < alarm.left:
        number = alarm.number + 1 + skipped
        due = every.after(alarm.anchor, number, zone)
        if due > now:
            left = None if alarm.left is None else alarm.left - skipped - 1
            return Alarm(due, left, alarm.anchor, number, alarm.text), skipped
        skipped += 1
    return None, skipped


def _skipped(alarm: Alarm, every: Duration, now: datetime) -> int:
    """Jump near to now in one go: a year of missed minutes costs nothing."""
    if now <= alarm.due_at:
        return 0
    passed = max(0, int((now - alarm.due_at) / every.longest) - 2)
    return passed if alarm.left is None else min(passed, alarm.left)
