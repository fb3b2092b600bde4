"""The two clocks of a case: until the customer has a first answer, and until it is solved.

They follow the rules that the case began with, else `firstAnswerStandard` and `solutionStandard`
of its diagram (in working time). One timer a case, under the case's own key; whether an answer was
given is read from its tasks when a moment comes, so that completing a task costs nothing more.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import (
    calendars,
    clock,
    compiled,
    deadlines,
    editions,
    escalation,
    history,
    limits,
    moments,
    notices,
    policies,
    timers,
)
from engine.errors import N_
from engine.history import Chain
from engine.models import (
    Event,
    History,
    Instance,
    InstanceState,
    Task,
    TaskKind,
    TaskState,
    Timer,
    TimerKind,
    to_ms,
)
from engine.moments import DUE, WORKING, Stage
from engine.policies import ANSWER, SOLUTION, Book
from engine.ports import SYSTEM, ports
from engine.runs import Run
from engine.sql import json

_PROPERTIES = {ANSWER: "firstAnswerStandard", SOLUTION: "solutionStandard"}
_WARNS = {
    ANSWER: N_("“{title}”的首次答复时限已用去 {percent}%"),
    SOLUTION: N_("“{title}”的解决时限已用去 {percent}%"),
}
_LATE = {
    ANSWER: N_("“{title}”超过首次答复时限"),
    SOLUTION: N_("“{title}”超过解决时限"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How one of a case's clocks stands."""

    of: str
    limits: Mapping[str, Any]
    due_at: datetime
    #: when it was answered or solved; None while it runs
    done_at: datetime | None

    def late(self, now: datetime) -> bool:
        """Tell whether its limit was missed."""
        return (self.done_at or now) > self.due_at


def begin(session: Session, run: Run, parent: Run | None) -> None:
    """Give a new case the rules in force and arm its clocks; what it calls has those of the case."""
    if parent is not None:
        run.policy_edition, run.pauses = parent.policy_edition, parent.pauses
        return
    run.policy_edition = editions.newest(session)
    book = editions.book(session, run.policy_edition)
    given = run.which.process.properties
    if not book.of_case(run.which.process_id) and not any(map(given.get, _PROPERTIES.values())):
        return
    clocks = calendars.clocks(session, run.tenant_id)
    context = _context(run.variables, run.started_at_ms)
    own = _limits(book, run.which.process_id, given, context, run.started_at_ms, clocks)
    coming = moments.first(own.items(), clocks, {}, clock.now())
    if coming is not None:
        _arm(session, run.key, run.tenant_id, coming, {})


def standing(session: Session, root: Instance) -> list[Standing]:
    """Return how the clocks of a case stand."""
    clocks = calendars.clocks(session, root.tenant_id)
    return [
        Standing(of=of, limits=own, due_at=moments.due_at(own, clocks),
                 done_at=_done_at(session, root, of))
        for of, own in limits_of(session, root).items()
    ]  # fmt: skip


def limits_of(session: Session, root: Instance) -> dict[str, dict[str, Any]]:
    """Return the limits of a case by clock, as its rules and its values make them now."""
    which = compiled.compiled(session, root.definition_key)
    started = to_ms(root.started_at)
    found = _limits(
        editions.book(session, root.policy_edition), root.process_id, which.process.properties,
        _context(root.variables, started), started, calendars.clocks(session, root.tenant_id),
    )  # fmt: skip
    if root.pauses:
        found = {of: {**own, "pauses": root.pauses} for of, own in found.items()}
    return found


def rearm(session: Session, root: Instance) -> None:
    """Bring the timer of a case into line: its pauses or its rules have changed."""
    deadlines.disarm(session, [root.key])
    if root.state != InstanceState.ACTIVE:
        return
    clocks, behind = calendars.clocks(session, root.tenant_id), _fired(session, root.key)
    coming = moments.first(_running(session, root), clocks, behind, clock.now())
    if coming is not None:
        _arm(session, root.key, root.tenant_id, coming, behind)


def on_due(session: Session, timer: Timer) -> None:
    """Do what the moments of a case's clocks ask, and set the next one."""
    root = session.get(Instance, timer.key, populate_existing=True)
    deadlines.disarm(session, [timer.key])
    if root is None or root.ended_at is not None:
        return
    clocks, now = calendars.clocks(session, root.tenant_id), clock.now()
    behind = dict((timer.data or {}).get("behind", {}))
    running = dict(_running(session, root))
    reached = moments.past(running.items(), clocks, behind, now)
    if reached:
        with history.several(session, root.key) as chain:
            for stage in reached:
                _act(session, root, stage, running[stage.of], chain)
                behind[stage.of] = stage.percent
    coming = moments.first(running.items(), clocks, behind, now)
    if coming is not None:
        _arm(session, root.key, root.tenant_id, coming, behind)


def _act(
    session: Session, root: Instance, stage: Stage, own: Mapping[str, Any], chain: Chain
) -> None:
    """Tell who works on the case; when it is late also who supervises them; climb the ladder."""
    waiting = _waiting(session, root.key)
    told = {key for task in waiting for key in notices.receivers(session, task)}
    texts = _WARNS if stage.percent < DUE else _LATE
    if stage.percent >= DUE:
        told |= _supervisors(session, waiting)
    if stage.percent <= DUE:
        params = {"title": root.title or root.business_key or "", "percent": stage.percent}
        kind = "warned" if stage.percent < DUE else "overdue"
        notices.notify(session, told, kind, texts[stage.of], params, tenant_id=root.tenant_id,
                       task=waiting[0] if waiting else None)  # fmt: skip
        event = Event.WARNED if stage.percent < DUE else Event.OVERDUE
        chain.add(
            event, SYSTEM.key, at=clock.now(),
            data={"of": stage.of, "percent": stage.percent, "due": to_ms(stage.at),
                  "told": sorted(told)},
        )  # fmt: skip
    for rung in moments.rungs(own):
        if rung.percent == stage.percent and waiting:
            escalation.climb(session, waiting[0], rung, chain, of=stage.of)


def _running(session: Session, root: Instance) -> Iterator[tuple[str, dict[str, Any]]]:
    for of, own in limits_of(session, root).items():
        if _done_at(session, root, of) is None:
            yield of, own


def _limits(
    book: Book, process_id: str, given: Mapping[str, str], context: Mapping[str, Any],
    started: int, clocks: calendars.Clocks,
) -> dict[str, dict[str, Any]]:  # fmt: skip
    """Return a case's limits by clock: the company's rules, the diagram's, then the shipped."""
    found: dict[str, dict[str, Any]] = {}
    for policy in book.of_case(process_id):
        drawn = policy.source != policies.COMPANY_RULE and given.get(_PROPERTIES[policy.of])
        if policy.of not in found and policy.amount and not drawn and policy.holds(context):
            told = policy.properties()
            own = limits.pinned(told, context, book, policy.code)
            found[policy.of] = {"start": started, **own, **limits.start(told, context, clocks)}
    for of, key in _PROPERTIES.items():
        if of not in found and given.get(key):
            told = {"timeStandard": given[key], "clock": WORKING}
            found[of] = {"start": started, **limits.pinned(told, context, book)}
    answers = [p for p in book.of_case(process_id) if p.of == ANSWER and p.element != policies.ANY]
    steps = sorted({step for policy in answers for step in policies.elements(policy)})
    if ANSWER in found and not steps:
        del found[ANSWER]  # nobody says which step answers the customer
    elif ANSWER in found:
        found[ANSWER]["steps"] = steps
    return {of: own for of, own in found.items() if "standard" in own}


def _context(variables: Mapping[str, Any], started: int) -> dict[str, Any]:
    return {**variables, "now": clock.now(), "instance": {"started_at": started}}


def _done_at(session: Session, root: Instance, of: str) -> datetime | None:
    if of == SOLUTION or root.ended_at is not None:
        return root.ended_at
    steps = limits_of(session, root)[ANSWER]["steps"]
    query = select(func.min(Task.closed_at)).where(
        Task.root_key == root.key, Task.state == TaskState.COMPLETED, Task.element.in_(steps)
    )
    return session.scalars(query).one()


def _waiting(session: Session, root_key: int) -> list[Task]:
    query = select(Task).where(
        Task.root_key == root_key, Task.state == TaskState.OPEN, Task.kind == TaskKind.USER
    )
    return list(session.scalars(query.order_by(Task.instance_key != root_key, Task.key)))


def _supervisors(session: Session, waiting: list[Task]) -> set[int]:
    groups = {(t.tenant_id, ports.supervisors.get(t.group or "")) for t in waiting}
    return {key for tenant, group in groups if group
            for key in notices.members(session, tenant, group)}  # fmt: skip


def _fired(session: Session, root_key: int) -> dict[str, int]:
    query = select(History.kind, History.data).where(
        History.instance_key == root_key,
        History.kind.in_((Event.WARNED, Event.OVERDUE, Event.ESCALATED)),
    )
    behind: dict[str, int] = {}
    for _kind, data in session.execute(query):
        if (of := data.get("of")) in _PROPERTIES:
            behind[of] = max(int(data.get("percent", DUE)), behind.get(of, 0))
    return behind


def _arm(session: Session, key: int, tenant_id: str, stage: Stage,
         behind: Mapping[str, int]) -> None:  # fmt: skip
    row = (key, tenant_id, str(TimerKind.CASE), to_ms(stage.at), key, None, None,
           json({"behind": dict(behind)}), 0)  # fmt: skip
    deadlines.insert(session, [row])
    timers.wake(session, stage.at)
