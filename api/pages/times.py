"""Time in words: how much is left, how late, when it was (interface guide §6).

Pure: the caller gives the moments, the project's zone, and a way to count working time.
Left and late are rounded down; seconds are never shown.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from api.texts import P_, _, count
from engine.errors import N_

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
_WEEKDAYS = (N_("周一"), N_("周二"), N_("周三"), N_("周四"), N_("周五"), N_("周六"), N_("周日"))
_WEEK = 7

_Table = dict[bool, tuple[str, str, str]]
#: by "working clock": words for minutes, hours and days
_LEFT: _Table = {
    False: (P_("还剩 {n} 分钟"), P_("还剩 {n} 小时"), P_("还剩 {n} 天")),
    True: (P_("还剩 {n} 分钟"), P_("还剩 {n} 工作小时"), P_("还剩 {n} 工作日")),
}
_LATE: _Table = {
    False: (P_("已超时 {n} 分钟"), P_("已超时 {n} 小时"), P_("已超时 {n} 天")),
    True: (P_("已超时 {n} 分钟"), P_("已超时 {n} 工作小时"), P_("已超时 {n} 工作日")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A step's limit as pinned when it opened."""

    opened_at: datetime
    due_at: datetime | None
    warn_at: datetime | None = None
    #: the word for why the clock stands still; None while it runs
    paused: str | None = None
    #: working time between two moments on the step's calendar; None: calendar clock
    worked: Callable[[datetime, datetime], timedelta] | None = None
    #: a working day of that calendar
    workday: timedelta = 8 * HOUR


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a ring and the words beside it say."""

    #: ok, warn, late, paused or idle: the ring's shape and the colour's family
    state: str
    #: share of the time used, in percent
    used: int
    #: in a list: 还剩 40 分钟, 今天 17:30, 已超时 2 天
    short: str
    #: beside a task: how much is left
    left: str
    #: for hover and screen reader
    hover: str
    #: the moment itself, for <time datetime>
    at: datetime | None = None
    #: 今天 18:00 前
    before: str = ""


def words(limit: Limit, now: datetime, zone: ZoneInfo) -> Words:
    """Say how a limit stands at a moment, in the words of a project's local time."""
    if limit.paused is not None:
        text = _("已暂停：{reason}", reason=limit.paused)
        return Words(state="paused", used=0, short=text, left=text, hover=text, at=limit.due_at)
    if limit.due_at is None:
        text = _("没有时限")
        return Words(state="idle", used=0, short=text, left=text, hover=text)
    if now > limit.due_at:
        return _late(limit, limit.due_at, now, zone)
    return _running(limit, limit.due_at, now, zone)


def past(moment: datetime, now: datetime, zone: ZoneInfo) -> str:
    """Say when something was: 10:18, 昨天 19:46, 周五 16:40, 11 月 5 日, 2025 年 11 月 5 日."""
    then, today = moment.astimezone(zone), now.astimezone(zone)
    days = (today.date() - then.date()).days
    if days == 0:
        return f"{then:%H:%M}"
    if days == 1:
        return _("昨天 {time}", time=f"{then:%H:%M}")
    if 1 < days < _WEEK:
        return f"{_(_WEEKDAYS[then.weekday()])} {then:%H:%M}"
    return on(then, today)


def day(moment: datetime, now: datetime, zone: ZoneInfo) -> str:
    """Say when something was where there is little room: 10:18, 昨天, 周四, 11 月 5 日."""
    then, today = moment.astimezone(zone), now.astimezone(zone)
    days = (today.date() - then.date()).days
    if days == 0:
        return f"{then:%H:%M}"
    if days == 1:
        return _("昨天")
    return _(_WEEKDAYS[then.weekday()]) if 1 < days < _WEEK else on(then, today)


def future(moment: datetime, now: datetime, zone: ZoneInfo) -> str:
    """Say when something will be: 今天 17:30, 明天 10:00, 周五 16:40, 12 月 5 日 10:00."""
    then, today = moment.astimezone(zone), now.astimezone(zone)
    days, clock = (then.date() - today.date()).days, f"{then:%H:%M}"
    if days == 0:
        return _("今天 {time}", time=clock)
    if days == 1:
        return _("明天 {time}", time=clock)
    if 1 < days < _WEEK:
        return f"{_(_WEEKDAYS[then.weekday()])} {clock}"
    return f"{on(then, today)} {clock}"


def full(moment: datetime, zone: ZoneInfo) -> str:
    """Write the moment itself: 2026-11-23 18:00."""
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def _late(limit: Limit, due: datetime, now: datetime, zone: ZoneInfo) -> Words:
    text = _lateness(limit, due, now)
    return Words(
        state="late",
        used=100,
        short=text,
        left=text,
        hover=_("应于 {moment} 完成", moment=full(due, zone)),
        at=due,
        before=future(due, now, zone) if due.date() >= now.date() else past(due, now, zone),
    )


def _running(limit: Limit, due: datetime, now: datetime, zone: ZoneInfo) -> Words:
    state = "warn" if limit.warn_at is not None and now >= limit.warn_at else "ok"
    left = _left(limit, due, now)
    days = (due.astimezone(zone).date() - now.astimezone(zone).date()).days
    soon = state == "ok" and days <= 1
    moment = _("{moment} 到期", moment=full(due, zone))
    if limit.worked is not None:
        moment = _("{moment} 到期，按工作时间", moment=full(due, zone))
    return Words(
        state=state,
        used=_share(limit, due, now),
        short=future(due, now, zone) if soon else left,
        left=left,
        hover=_("{moment}（{left}）", moment=moment, left=left) if soon else moment,
        at=due,
        before=_("{moment} 前", moment=future(due, now, zone)),
    )


def _left(limit: Limit, due: datetime, now: datetime) -> str:
    left = limit.worked(now, due) if limit.worked else due - now
    return _told(_LEFT, left, limit, days_from=2)


def _lateness(limit: Limit, due: datetime, now: datetime) -> str:
    late = limit.worked(due, now) if limit.worked else now - due
    return _told(_LATE, late, limit, days_from=1)


def _told(table: _Table, span: timedelta, limit: Limit, *, days_from: int) -> str:
    minutes, hours, days = table[limit.worked is not None]
    day = limit.workday if limit.worked else DAY
    if span < HOUR:
        return count(minutes, _whole(span, timedelta(minutes=1)))
    if span < days_from * day:
        return count(hours, _whole(span, HOUR))
    return count(days, _whole(span, day))


def _share(limit: Limit, due: datetime, now: datetime) -> int:
    span = limit.worked or (lambda start, end: end - start)
    whole = span(limit.opened_at, due)
    if whole <= timedelta():
        return 100
    return max(0, min(100, int(100 * (span(limit.opened_at, now) / whole))))


def _whole(span: timedelta, unit: timedelta) -> int:
    return max(0, span // unit)


def on(then: date, today: date) -> str:
    """Say a day: 11 月 5 日, 2025 年 11 月 5 日."""
    parts = {"year": then.year, "month": then.month, "day": then.day, "name": f"{then:%b}"}
    if then.year == today.year:
        return _("{month} 月 {day} 日", **parts)
    return _("{year} 年 {month} 月 {day} 日", **parts)
