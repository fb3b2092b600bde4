"""Why is it overdue: a limit's time told span by span, from history and calendars alone.

Each span counted or did not: night, break, day off, pause. The marks are the rows of history in
their order; the limit is worked out anew from them and compared with what the row says.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from engine import calendars, clock, moments
from engine.case_clocks import Standing
from engine.models import CalendarDay, Event, History, Instance, Task, from_ms, to_ms
from engine.moments import State
from engine.policies import CLAIM, DONE, OPEN
from engine.working_time import WorkingTime

#: why a span counts or does not
WORK, REAL, CLOSED, BREAK, OFF, PAUSED = "work", "real", "closed", "break", "off", "pause"
_COUNTED = frozenset({WORK, REAL})
_OF_CASE = (Event.PAUSED, Event.RESUMED)
_FIRED = frozenset({Event.WARNED, Event.OVERDUE, Event.ESCALATED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of time and whether it counted."""

    begin: datetime
    end: datetime
    reason: str
    #: the holiday's name, or why the case was paused
    word: str = ""

    @property
    def counted(self) -> bool:
        """Tell whether the limit ran."""
        return self.reason in _COUNTED

    @property
    def length(self) -> timedelta:
        """Return how long it was in real time."""
        return self.end - self.begin


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A row of history on the way, and how much had counted by then."""

    at: datetime
    kind: str
    instance_key: int
    seq: int
    actor: int
    data: Mapping[str, Any]
    used: timedelta

    @property
    def percent(self) -> int | None:
        """Return the percent of the limit that it stands for."""
        found = self.data.get("percent")
        return 100 if found is None and self.kind == Event.OVERDUE else found


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """How a limit came to be used up."""

    of: str
    limits: Mapping[str, Any]
    start: datetime
    due: datetime
    #: when it was done, else now
    end: datetime
    done: bool
    spans: tuple[Span, ...]
    marks: tuple[Mark, ...]
    #: what may count until the limit, and what has counted until the end
    allowed: timedelta
    used: timedelta
    #: the limit that follows from history alone is the one that the row shows
    agrees: bool

    @property
    def late(self) -> bool:
        """Tell whether the limit was missed."""
        return self.end > self.due


def of_task(session: Session, task: Task, of: str = DONE) -> Account | None:
    """Tell the account of one of a task's clocks; None when that clock has no limit."""
    if not task.limits or (of == DONE and "standard" not in task.limits):
        return None
    state = State.of(task)
    if of != DONE and (of not in task.limits or (of == OPEN and state.held_at is None)):
        return None
    rows = _rows(session, task.root_key, task.instance_key, task.key)
    if of != DONE:
        rows = [r for r in rows if r.kind not in _FIRED or (r.data or {}).get("of") == of]
    clocks = calendars.clocks(session, task.tenant_id, task.group)
    own = _from_history(moments.part(task.limits, of, state), rows)
    due = moments.due_at(own, clocks)
    stops = {CLAIM: task.claimed_at, OPEN: task.read_at}
    end = stops.get(of) or task.closed_at
    agrees = of != DONE or (due == task.due_at and _last_due(rows, task.key) == task.due_at)
    made = _told(session, own, clocks, rows, due=due, end=end)
    return replace(made, of=of, agrees=agrees)


def of_case(session: Session, root: Instance, standing: Standing) -> Account:
    """Tell the account of one of a case's own clocks."""
    rows = [row for row in _rows(session, root.key, root.key, None)
            if row.kind in _OF_CASE or (row.data or {}).get("of") == standing.of]  # fmt: skip
    clocks = calendars.clocks(session, root.tenant_id)
    own = _from_history(standing.limits, rows)
    due = moments.due_at(own, clocks)
    made = _told(session, own, clocks, rows, due=due, end=standing.done_at)
    return replace(made, of=standing.of, agrees=due == standing.due_at)


def pauses_of(rows: Iterable[History]) -> list[list[Any]]:
    """Return [from, to, why] of a case's pauses, as its history tells them."""
    found: list[list[Any]] = []
    for row in rows:
        data = row.data or {}
        if row.kind == Event.PAUSED and data.get("state") == "granted":
            found.append([to_ms(row.at), data["until"], data.get("for", "")])
        elif row.kind == Event.RESUMED and found:
            found[-1][1] = data["to"]
    return found


def _from_history(limits: Mapping[str, Any], rows: Sequence[History]) -> dict[str, Any]:
    """Return pinned limits with the pauses and the extension that history tells."""
    own = {key: value for key, value in limits.items() if key not in {"pauses", "granted"}}
    if pauses := pauses_of(rows):
        own["pauses"] = pauses
    for row in rows:
        data = row.data or {}
        if row.kind == Event.EXTENDED and data.get("state") == "granted":
            own |= {"due": data["until"], "granted": to_ms(row.at)}
    return own


def _last_due(rows: Iterable[History], task_key: int) -> datetime | None:
    """Return the due moment of the last row that tells one."""
    found: int | None = None
    for row in rows:
        told = (row.data or {}).get("due")
        if row.kind == Event.TASK_OPENED:
            found = told
        elif row.kind in {Event.TASK_CHANGED, Event.EXTENDED} and told:
            found = told[1]
        elif row.kind in _OF_CASE:
            found = next((after for key, _, after in told or () if key == task_key), found)
    return None if found is None else from_ms(found)


def _rows(
    session: Session, root_key: int, instance_key: int, task_key: int | None
) -> list[History]:
    """Return what history says of a task and of its case's pauses, in order."""
    mine = (History.instance_key == instance_key) & (
        History.task_key.is_(None) if task_key is None else History.task_key == task_key
    )
    case = (History.instance_key == root_key) & History.kind.in_(_OF_CASE)
    query = select(History).where(or_(mine, case)).order_by(
        History.at, History.instance_key, History.seq
    )  # fmt: skip
    return list(session.scalars(query))


def _told(
    session: Session, own: Mapping[str, Any], clocks: calendars.Clocks, rows: Sequence[History], *,
    due: datetime, end: datetime | None,
) -> Account:  # fmt: skip
    start, counted = from_ms(own["start"]), moments.measure(own, clocks)
    last = max(end or clock.now(), start)
    pauses = [] if own.get("fixed") else own.get("pauses", [])
    zone = clocks.statutory.zone
    names = _holidays(session, start, max(last, due), zone)
    spans = list(_cut(_plain(start, max(last, due), counted, names), pauses))
    return Account(
        of=DONE, limits=own, start=start, due=due, end=last, done=end is not None,
        spans=tuple(_until(spans, last)), agrees=True,
        marks=tuple(
            Mark(at=row.at, kind=row.kind, instance_key=row.instance_key, seq=row.seq,
                 actor=row.actor, data=row.data or {}, used=_sum(spans, row.at))
            for row in rows
        ),
        allowed=_sum(spans, due), used=_sum(spans, last),
    )  # fmt: skip


def _plain(
    start: datetime, end: datetime, counted: WorkingTime | None, names: Mapping[date, str]
) -> Iterator[Span]:
    """Yield the spans between two instants as the calendar has them."""
    if counted is None:
        yield Span(begin=start, end=end, reason=REAL)
        return
    day = start.astimezone(counted.zone).date() - timedelta(days=1)
    at = start
    while at < end:
        for begin, close, reason in _day(counted, day):
            low, high = max(begin, at), min(close, end)
            if low < high:
                yield Span(begin=low, end=high, reason=reason,
                           word=names.get(day, "") if reason == OFF else "")  # fmt: skip
                at = high
        day += timedelta(days=1)


def _day(counted: WorkingTime, day: date) -> Iterator[tuple[datetime, datetime, str]]:
    """Yield a local day's stretches: before work, work, breaks, after work; or the whole day off."""
    midnight = datetime.combine(day, datetime.min.time(), counted.zone)
    close_of_day = datetime.combine(day + timedelta(days=1), datetime.min.time(), counted.zone)
    spans = counted.spans(day)
    if not spans:
        yield midnight, close_of_day, OFF
        return
    at, reason = midnight, CLOSED
    for opening, closing in spans:
        begin, end = _local(midnight, opening), _local(midnight, closing)
        yield at, begin, reason
        yield begin, end, WORK
        at, reason = end, BREAK
    yield at, close_of_day, CLOSED


def _local(midnight: datetime, minutes: int) -> datetime:
    days, rest = divmod(minutes, 24 * 60)
    return (midnight + timedelta(days=days)).replace(hour=rest // 60, minute=rest % 60)


def _cut(spans: Iterable[Span], pauses: Sequence[Sequence[Any]]) -> Iterator[Span]:
    """Yield the spans with what lies in a pause taken out of the count; equal neighbours joined."""
    last: Span | None = None
    for span in spans:
        for piece in _pieces(span, pauses):
            if last and (last.reason, last.word) == (piece.reason, piece.word):
                last = replace(last, end=piece.end)
                continue
            if last:
                yield last
            last = piece
    if last:
        yield last


def _pieces(span: Span, pauses: Sequence[Sequence[Any]]) -> Iterator[Span]:
    at = span.begin
    for pause in pauses:
        begin, end = max(from_ms(pause[0]), at), min(from_ms(pause[1]), span.end)
        if begin >= end:
            continue
        if at < begin:
            yield replace(span, begin=at, end=begin)
        yield Span(begin=begin, end=end, reason=PAUSED, word=str(pause[2]))
        at = end
    if at < span.end:
        yield replace(span, begin=at)


def _until(spans: Iterable[Span], end: datetime) -> Iterator[Span]:
    for span in spans:
        if span.begin < end:
            yield replace(span, end=min(span.end, end))


def _sum(spans: Iterable[Span], until: datetime) -> timedelta:
    """Return what had counted by a moment."""
    parts = (min(s.end, until) - s.begin for s in spans if s.counted and s.begin < until)
    return sum(parts, timedelta())


def _holidays(session: Session, start: datetime, end: datetime, zone: Any) -> Mapping[date, str]:
    """Return the names of the days off between two instants, where the calendar has them."""
    first, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    query = select(CalendarDay.on, CalendarDay.name).where(
        CalendarDay.on >= first, CalendarDay.on <= last, CalendarDay.name.is_not(None)
    )
    return {on: name or "" for on, name in session.execute(query)}
