"""What a step's properties and the rules of time say, read into a plan: pure, no rows (decision 2).

`timeStandard` is a duration, or FEEL behind `=` that gives one, or a moment, or null for none;
`startFrom` is FEEL for the moment from which it counts; `warnAt` are percents; `escalation` names
a ladder; `clock` is "calendar" (real time, the default) or "working"; `endOfDay` lets a limit end
with its day; `pausable` "false" keeps it running while the case is paused. `claimStandard` and
`openStandard` limit how long a task may stay unclaimed and unopened.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from decisions import feel
from engine import calendars, moments, policies
from engine.errors import N_, EngineError
from engine.models import from_ms, to_ms
from engine.moments import (
    CALENDAR,
    DUE,
    WORKING,
    LimitError,
    State,
    lengthened,
    measure,
    moment,
    stages,
)
from engine.policies import DONE, EMPTY, Book
from engine.working_time import parse, parse_working

__all__ = [
    "CALENDAR", "DUE", "WORKING", "LimitError", "Plan", "check", "lengthened", "measure", "moment",
    "pinned", "plan", "read", "stages", "start",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Limits as they are pinned to a task, and the first moment at which something happens."""

    #: when the work is to be done; None when only claiming or opening has a limit
    due_at: datetime | None
    warn_at: datetime | None
    #: what every later moment follows from: the JSON of `task.limits`
    limits: dict[str, Any] = field(default_factory=dict)
    percent: int = DUE
    of: str = DONE
    next_at: datetime


def read(  # noqa: PLR0913 — a step, its rules and its case
    properties: Mapping[str, str],
    context: Mapping[str, Any],
    clocks: calendars.Clocks,
    now: datetime,
    *,
    book: Book = EMPTY,
    step: tuple[str, str] = ("", ""),
    pauses: Sequence[Sequence[Any]] | None = None,
    held: bool = False,
) -> Plan | None:
    """Read the limits of a step that opens now; None when it has none."""
    rules = book.resolve(properties, *step, context)
    limits: dict[str, Any] = {}
    for of, (given, code) in rules.clocks.items():
        own = pinned(given, context, book, code)
        if own and of == DONE:
            limits |= {"start": to_ms(now), **own} | start(given, context, clocks)
        elif own:
            limits[of] = own
    if not limits:
        return None
    if not rules.pausable:
        limits["fixed"] = True
    elif pauses:
        limits["pauses"] = [list(pause) for pause in pauses]
        limits |= {"paused_for": pauses[-1][2]} if pauses[-1][1] > to_ms(now) else {}
    return plan(limits, clocks, now, State(opened_at=now, held_at=now if held else None))


def plan(
    limits: Mapping[str, Any], clocks: calendars.Clocks, now: datetime, state: State | None = None,
    behind: Mapping[str, int] | None = None,
) -> Plan:  # fmt: skip
    """Work the moments of pinned limits out: again after a calendar, a start or a pause changed."""
    state = state or State(opened_at=now, held_at=now, read=True)
    own, due, warn_at = dict(limits), None, None
    own.pop("provisional", None)
    if "standard" in own:
        if "granted" not in own:
            own["due"] = to_ms(moments.plain_due(own, clocks))
        due = moments.due_at(own, clocks)
        if own["clock"] == WORKING and clocks.provisional(from_ms(own["start"]), due):
            own["provisional"] = True
        warned = moments.warns(own)
        warn_at = moment(own, warned[0], clocks) if warned else None
    coming = moments.coming(own, state, clocks, behind or {}, now)
    at, of, percent = coming or (due or now, DONE, DUE)
    return Plan(due_at=due, warn_at=warn_at, limits=own, percent=percent, of=of, next_at=at)


def check(properties: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return (property, what is wrong with it) of a step, for the linter; nothing is evaluated."""
    try:
        properties = policies.properties(properties)
    except EngineError as error:
        return [("policy", str(error))]
    found = [_wrong(key, properties, test) for key, test in _CHECKS.items()]
    return [problem for problem in found if problem is not None]


def pinned(
    given: Mapping[str, str], context: Mapping[str, Any], book: Book, code: str = ""
) -> dict[str, Any]:
    """Return what of a limit is pinned, its ladder rung by rung; nothing without a standard."""
    standard = text(given.get("timeStandard", ""), context)
    if not standard:
        return {}
    found: dict[str, Any] = {
        "standard": standard, "clock": _clock(text(given.get("clock", ""), context))
    }  # fmt: skip
    ladder = book.ladder(text(given.get("escalation", ""), context))
    if ladder.code:
        found["ladder"] = ladder.code
        found["rungs"] = [[rung.percent, rung.group]
                          + ([] if rung.action == policies.SUPERVISE else [rung.action])
                          for rung in ladder.rungs]  # fmt: skip
        found["warn"] = list(ladder.warn)
    if "warnAt" in given:
        found["warn"] = percents(given["warnAt"])
    if given.get("endOfDay") == "true":
        found["endOfDay"] = True
    if code and book.edition is not None:
        found["policy"] = code
    return found


def start(
    given: Mapping[str, str], context: Mapping[str, Any], clocks: calendars.Clocks
) -> dict[str, Any]:
    source = given.get("startFrom")
    if not source:
        return {}
    start = moments.read_moment(text(f"={source.removeprefix('=')}", context), clocks)
    return {"fallback": True} if start is None else {"start": to_ms(start)}


def text(source: str, context: Mapping[str, Any]) -> str:
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


def percents(text: str) -> list[int]:
    """Read the percents at which a limit warns."""
    parts = [part.strip().removesuffix("%") for part in text.split(",") if part.strip()]
    if not all(part.isdigit() and 0 < int(part) < DUE for part in parts):
        raise LimitError(N_("提醒时点“{text}”应为 1 到 99 之间的百分数，如 50,80"), text=text)
    return sorted({int(part) for part in parts})


def _wrong(key: str, properties: Mapping[str, str], test: Any) -> tuple[str, str] | None:
    given = properties.get(key, "").strip()
    if not given:
        return None
    try:
        if given.startswith("="):
            feel.compile(given[1:])
        else:
            test(given, properties)
    except feel.FeelError as error:
        return key, error.zh
    except EngineError as error:
        return key, str(error)
    return None


def _check_standard(given: str, properties: Mapping[str, str]) -> None:
    working = properties.get("clock", "").strip() == WORKING
    (parse_working if working else parse)(given)


def _clock(given: str) -> str:
    if given not in {"", WORKING, CALENDAR}:
        raise LimitError(N_("计时方式应为 working（工作时间）或 calendar（自然时间）"))
    return given or CALENDAR


_CHECKS = {
    "timeStandard": _check_standard,
    "claimStandard": _check_standard,
    "openStandard": _check_standard,
    "clock": lambda given, _: _clock(given),
    "startFrom": lambda given, _: feel.compile(given),
    "escalation": lambda given, _: policies.ladder(given),
    "warnAt": lambda given, _: percents(given),
}
