"""What a step's properties say about time, read into a plan: pure, no rows (decision 2).

`timeStandard` is a duration, or FEEL behind `=` that gives one, or a moment, or null for none;
`startFrom` is FEEL for the moment from which it counts; `warnAt` are percents; `escalation` names
a ladder; `clock` is "calendar" (real time, the default) or "working"; `endOfDay` lets a limit end
with its day; `pausable` is kept for who pauses.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from decisions import feel
from engine import calendars, policies
from engine.errors import N_, EngineError, InvalidInputError
from engine.models import from_ms, to_ms
from engine.working_time import Duration, WorkingTime, parse, parse_working

#: the limit itself among the percents of a plan
DUE = 100
WORKING, CALENDAR = "working", "calendar"
_DAY = timedelta(days=1)


class LimitError(InvalidInputError):
    """A step's limit can't be read; the diagram is to be corrected."""

    code = "invalid-limit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A limit as it is pinned to a task, and the first moment at which something happens."""

    due_at: datetime
    warn_at: datetime | None
    #: what every later moment follows from: the JSON of `task.limits`
    limits: dict[str, Any] = field(default_factory=dict)
    percent: int = DUE
    next_at: datetime


def read(
    properties: Mapping[str, str],
    context: Mapping[str, Any],
    clocks: calendars.Clocks,
    now: datetime,
) -> Plan | None:
    """Read the limit of a step that opens now; None when it has none."""
    properties = policies.properties(properties)
    standard = _text(properties.get("timeStandard", ""), context)
    if not standard:
        return None
    limits: dict[str, Any] = {
        "standard": standard,
        "clock": _clock(_text(properties.get("clock", ""), context)),
        "start": to_ms(now),
    }
    if source := properties.get("startFrom"):
        start = _moment(_text(f"={source.removeprefix('=')}", context), clocks)
        limits |= {"fallback": True} if start is None else {"start": to_ms(start)}
    if ladder := _text(properties.get("escalation", ""), context):
        limits["ladder"] = policies.ladder(ladder).code
    if "warnAt" in properties:
        limits["warn"] = _percents(properties["warnAt"])
    for key in ("endOfDay", "pausable"):
        if properties.get(key) == "true":
            limits[key] = True
    return plan(limits, clocks, now)


def plan(limits: Mapping[str, Any], clocks: calendars.Clocks, now: datetime) -> Plan:
    """Work the moments of a pinned limit out: again after a calendar or a start has changed."""
    start = from_ms(limits["start"])
    due = _due(limits, start, clocks)
    pinned = dict(limits)
    if limits["clock"] == WORKING and clocks.provisional(start, due):
        pinned["provisional"] = True
    coming = following(limits, due, clocks, now=now) or (DUE, due)
    warns = _warns(limits)
    warn_at = moment(limits, due, warns[0], clocks) if warns else None
    return Plan(due_at=due, warn_at=warn_at, limits=pinned, percent=coming[0], next_at=coming[1])


def following(
    limits: Mapping[str, Any],
    due: datetime,
    clocks: calendars.Clocks,
    *,
    now: datetime,
    behind: int = 0,
) -> tuple[int, datetime] | None:
    """Return the next (percent, moment) behind a percent; a warning that is past is left out."""
    for percent in stages(limits):
        if percent <= behind:
            continue
        at = moment(limits, due, percent, clocks)
        if percent >= DUE or at > now:
            return percent, at
    return None


def stages(limits: Mapping[str, Any]) -> list[int]:
    """Return the percents at which something happens, in their order."""
    rungs = policies.ladder(limits.get("ladder")).rungs
    return sorted({*_warns(limits), DUE, *(rung.percent for rung in rungs)})


def moment(
    limits: Mapping[str, Any], due: datetime, percent: int, clocks: calendars.Clocks
) -> datetime:
    """Return when a percent of a limit has passed, in the limit's own clock."""
    counted = measure(limits, clocks)
    start = from_ms(limits["start"])
    if percent == DUE or start < due:
        return calendars.share(start, due, percent, counted)
    # a limit that was over before it began: its ladder counts in days
    if percent < DUE:
        return due
    day = timedelta(minutes=counted.day_minutes()) if counted else _DAY
    extra = day * (percent - DUE) / DUE
    if counted is None:
        return due + extra
    return counted.add(due, Duration(milliseconds=int(extra / timedelta(milliseconds=1))))


def measure(limits: Mapping[str, Any], clocks: calendars.Clocks) -> WorkingTime | None:
    """Return the calendar in which a limit counts; None is real elapsed time."""
    return clocks.measure(str(limits["standard"]), working=limits["clock"] == WORKING)


def check(properties: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return (property, what is wrong with it) of a step, for the linter; nothing is evaluated."""
    try:
        properties = policies.properties(properties)
    except EngineError as error:
        return [("policy", str(error))]
    found = [_wrong(key, properties, test) for key, test in _CHECKS.items()]
    return [problem for problem in found if problem is not None]


def _wrong(key: str, properties: Mapping[str, str], test: Any) -> tuple[str, str] | None:
    text = properties.get(key, "").strip()
    if not text:
        return None
    try:
        if text.startswith("="):
            feel.compile(text[1:])
        else:
            test(text, properties)
    except feel.FeelError as error:
        return key, error.zh
    except EngineError as error:
        return key, str(error)
    return None


def _check_standard(text: str, properties: Mapping[str, str]) -> None:
    working = properties.get("clock", "").strip() == WORKING
    (parse_working if working else parse)(text)


_CHECKS = {
    "timeStandard": _check_standard,
    "clock": lambda text, _: _clock(text),
    "startFrom": lambda text, _: feel.compile(text),
    "escalation": lambda text, _: policies.ladder(text),
    "warnAt": lambda text, _: _percents(text),
}


def _warns(limits: Mapping[str, Any]) -> list[int]:
    return sorted(limits.get("warn", policies.ladder(limits.get("ladder")).warn))


def _due(limits: Mapping[str, Any], start: datetime, clocks: calendars.Clocks) -> datetime:
    standard = str(limits["standard"])
    if standard.startswith("P"):
        return clocks.due(
            start, standard, working=limits["clock"] == WORKING,
            end_of_day=limits.get("endOfDay", False),
        )  # fmt: skip
    due = _moment(standard, clocks)
    if due is None:
        raise LimitError(N_("“{text}”不是时限，也不是时刻"), text=standard)
    return clocks.service.closing(due) if len(standard) == len("2026-11-23") else due


def _text(source: str, context: Mapping[str, Any]) -> str:
    """Return a property's text, or what its FEEL gives."""
    if not source.startswith("="):
        return source.strip()
    try:
        value = feel.compile(source[1:]).evaluate(context)
    except feel.FeelError as error:
        raise LimitError(
            N_("时限的表达式“{text}”有误：{why}"), text=source, why=error.zh
        ) from error
    return "" if value is None else feel.text_of(value)


def _clock(text: str) -> str:
    if text not in {"", WORKING, CALENDAR}:
        raise LimitError(N_("计时方式应为 working（工作时间）或 calendar（自然时间）"))
    return text or CALENDAR


def _percents(text: str) -> list[int]:
    parts = [part.strip().removesuffix("%") for part in text.split(",") if part.strip()]
    if not all(part.isdigit() and 0 < int(part) < DUE for part in parts):
        raise LimitError(N_("提醒时点“{text}”应为 1 到 99 之间的百分数，如 50,80"), text=text)
    return sorted({int(part) for part in parts})


def _moment(text: str, clocks: calendars.Clocks) -> datetime | None:
    """Read an ISO moment or day; local time is the project's."""
    try:
        found = datetime.fromisoformat(text.partition("@")[0])
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=clocks.statutory.zone)
