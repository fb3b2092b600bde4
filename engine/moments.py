"""When something happens to a task by time: the moments of its pinned limits, pure, no rows.

A task has up to three clocks: until somebody claims it, until they open it, until it is done. Each
counts from its own start; pauses of the case lengthen every one that may pause. A percent of a
limit is handled once: `behind` says, by clock, up to which percent that is so.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from engine import calendars, policies
from engine.errors import N_, InvalidInputError
from engine.models import Task, from_ms, to_ms
from engine.policies import CLAIM, DONE, OPEN

if TYPE_CHECKING:  # slices let limits run out
    from engine.slices import Late
from engine.working_time import Duration, WorkingTime

#: the limit itself among the percents of a plan
DUE = 100
WORKING, CALENDAR = "working", "calendar"
_DAY = timedelta(days=1)
_MS = timedelta(milliseconds=1)
Limits = Mapping[str, Any]


class LimitError(InvalidInputError):
    """A step's limit can't be read; the diagram is to be corrected."""

    code = "invalid-limit"


class Stage(NamedTuple):
    """Something that happens at a moment: a percent of one of a task's clocks."""

    at: datetime
    of: str
    percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What decides which clocks of a task run."""

    opened_at: datetime
    #: since when somebody holds it; None while nobody does
    held_at: datetime | None
    read: bool = False

    @classmethod
    def of(cls, task: "Task | Late") -> "State":
        """Return the state of a task's row."""
        held = None if task.assignee is None else task.claimed_at or task.opened_at
        return cls(opened_at=task.opened_at, held_at=held, read=task.read_at is not None)


def running(limits: Limits, state: State) -> Iterator[tuple[str, Limits]]:
    """Yield each clock that runs with its own limit."""
    if "standard" in limits:
        yield DONE, limits
    if CLAIM in limits and state.held_at is None:
        yield CLAIM, part(limits, CLAIM, state)
    if OPEN in limits and state.held_at is not None and not state.read:
        yield OPEN, part(limits, OPEN, state)


def part(limits: Limits, of: str, state: State) -> Limits:
    """Return the limit of one of a task's clocks by itself."""
    if of == DONE:
        return limits
    start = state.opened_at if of == CLAIM else state.held_at or state.opened_at
    shared = {key: limits[key] for key in ("pauses", "fixed") if key in limits}
    return {"start": to_ms(start), **shared, **limits[of]}


def coming(
    limits: Limits, state: State, clocks: calendars.Clocks, behind: Mapping[str, int], now: datetime
) -> Stage | None:
    """Return what happens next; a warning that is past is left out."""
    return first(running(limits, state), clocks, behind, now)


def reached(
    limits: Limits, state: State, clocks: calendars.Clocks, behind: Mapping[str, int], now: datetime
) -> list[Stage]:
    """Return what is to happen by now, in order; a warning that its limit has overtaken is left."""
    return past(running(limits, state), clocks, behind, now)


def first(
    running: Iterable[tuple[str, Limits]], clocks: calendars.Clocks, behind: Mapping[str, int],
    now: datetime,
) -> Stage | None:  # fmt: skip
    """Return the next stage of several clocks."""
    found: list[Stage] = []
    for of, own in running:
        for percent in stages(own):
            if percent <= behind.get(of, 0):
                continue
            at = moment(own, percent, clocks)
            if at > now or percent >= DUE:
                found.append(Stage(at, of, percent))
                break
    return min(found, default=None)


def past(
    running: Iterable[tuple[str, Limits]], clocks: calendars.Clocks, behind: Mapping[str, int],
    now: datetime,
) -> list[Stage]:  # fmt: skip
    """Return the stages of several clocks that have come and were not handled."""
    found: list[Stage] = []
    for of, own in running:
        there: list[Stage] = []
        for percent in stages(own):
            if percent <= behind.get(of, 0):
                continue
            at = moment(own, percent, clocks)
            if at > now:
                break
            there.append(Stage(at, of, percent))
        found += [stage for stage in there if stage.percent >= DUE or stage is there[-1]]
    return sorted(found)


def stages(limits: Limits) -> list[int]:
    """Return the percents at which something happens to a limit, in their order."""
    return sorted({*warns(limits), DUE, *(rung.percent for rung in rungs(limits))})


def warns(limits: Limits) -> list[int]:
    """Return the percents at which a limit warns."""
    return sorted(limits.get("warn", policies.ladder(limits.get("ladder")).warn))


def rungs(limits: Limits) -> tuple[policies.Rung, ...]:
    """Return the rungs of a limit: pinned with it, else those of the ladder that it names."""
    if "rungs" not in limits:
        return policies.ladder(limits.get("ladder")).rungs
    return tuple(
        policies.Rung(percent=rung[0], group=rung[1],
                      action=rung[2] if len(rung) > 2 else policies.SUPERVISE)  # noqa: PLR2004
        for rung in limits["rungs"]
    )  # fmt: skip


def due_at(limits: Limits, clocks: calendars.Clocks) -> datetime:
    """Return when a limit ends, pauses included."""
    return moment(limits, DUE, clocks)


def moment(limits: Limits, percent: int, clocks: calendars.Clocks) -> datetime:
    """Return when a percent of a limit has passed, in its own clock, pauses included."""
    counted = measure(limits, clocks)
    return lengthened(limits, _plain(limits, percent, clocks, counted), counted)


def lengthened(limits: Limits, at: datetime, counted: WorkingTime | None) -> datetime:
    """Move a moment by the counted time of the pauses before it; a pause never shortens."""
    if "pauses" not in limits or limits.get("fixed"):
        return at
    floor = from_ms(limits.get("granted", limits["start"]))
    for begin, end in ((from_ms(pair[0]), from_ms(pair[1])) for pair in limits["pauses"]):
        begin = max(begin, floor)  # noqa: PLW2901 — what lies before the start does not count
        if begin >= at or end <= begin:
            continue
        if counted is None:
            at += end - begin
        elif extra := counted.elapsed(begin, end):
            at = counted.add(at, Duration(milliseconds=extra // _MS))
    return at


def measure(limits: Limits, clocks: calendars.Clocks) -> WorkingTime | None:
    """Return the calendar in which a limit counts; None is real elapsed time."""
    return clocks.measure(str(limits.get("standard", "")), working=limits.get("clock") == WORKING)


def plain_due(limits: Limits, clocks: calendars.Clocks) -> datetime:
    """Work a limit's end out from its standard, without pauses and extensions."""
    start, standard = from_ms(limits["start"]), str(limits["standard"])
    if standard.startswith("P"):
        return clocks.due(
            start, standard, working=limits["clock"] == WORKING,
            end_of_day=limits.get("endOfDay", False),
        )  # fmt: skip
    due = read_moment(standard, clocks)
    if due is None:
        raise LimitError(N_("“{text}”不是时限，也不是时刻"), text=standard)
    return clocks.service.closing(due) if len(standard) == len("2026-11-23") else due


def read_moment(text: str, clocks: calendars.Clocks) -> datetime | None:
    """Read an ISO moment or day; local time is the project's."""
    try:
        found = datetime.fromisoformat(text.partition("@")[0])
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=clocks.statutory.zone)


def _plain(
    limits: Limits, percent: int, clocks: calendars.Clocks, counted: WorkingTime | None
) -> datetime:
    """Return a percent's moment without pauses; the end is as pinned, until it is worked out anew."""
    due = from_ms(limits["due"]) if "due" in limits else plain_due(limits, clocks)
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
    return counted.add(due, Duration(milliseconds=int(extra / _MS)))
