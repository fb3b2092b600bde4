"""Send back 退回: a step goes to an earlier one again, with what was filled in there to begin with.

Nothing is undone: history and submissions stay, the earlier step opens anew for whoever did it
before, and what follows it is done again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import (
    clock,
    history,
    identity,
    operating,
    runs,
    segregation,
    spiff,
    submissions,
    tasks,
    ways_back,
)
from engine.errors import N_, ConflictError, ForbiddenError, InvalidInputError
from engine.held import Held
from engine.models import Event, History, Task, TaskKind, TaskState
from engine.ports import Actor, ports
from engine.records import Effects, Opened


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """A step to which a task may go back: who did it last, and when."""

    element: str
    name: str
    by: int | None
    at: datetime | None
    task_key: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """Why a task is there again, and what was filled in the time before."""

    reason: str
    by: int
    at: datetime
    #: the step that was sent back
    element: str | None
    values: Mapping[str, Any]


def earlier(session: Session, task: Task) -> list[Earlier]:
    """Return the steps of its instance to which an open task may go back, the last one first."""
    if task.kind != TaskKind.USER or task.token is None or task.state != TaskState.OPEN:
        return []
    run = runs.load(session, task.instance_key)
    places = spiff.places(run.which.model, run.blob)
    return [
        Earlier(element=one.element, name=one.name, by=one.closed_by, at=one.closed_at,
                task_key=one.key)
        for one in _done(session, task).values()
        if ways_back.way(run.which.process, places, task.token, one.element) is not None
    ]  # fmt: skip


def send_back(
    session: Session, actor: Actor, task_key: int, *, element: str, reason: str
) -> Effects:
    """Send a task back to an earlier step, with a reason that its performer reads there."""
    runs.lock_of_task(session, task_key)
    task = tasks.get(session, actor, task_key)
    session.refresh(task)
    if not ports.can(actor, "task.return", task):
        raise ForbiddenError(N_("退回由办理人的主管办理。需要退回，请联系客户经理。"))
    if task.state != TaskState.OPEN or task.token is None:
        raise ConflictError(N_("“{task}”不能退回：它已经办结，或者是督办。"), task=task.name)
    reason = operating.given_reason(reason)
    run = runs.lock_moving(session, task.instance_key)
    done = _done(session, task).get(element)
    places = spiff.places(run.which.model, run.blob)
    way = ways_back.way(run.which.process, places, task.token, element)
    if done is None or way is None:
        raise InvalidInputError(
            N_("“{task}”不能退回到这一步。"), task=task.name,
            fields={"element": [N_("请从能退回的步骤里选一个。")]},
        )  # fmt: skip
    change = spiff.Change(moves=[(way.token, element)], cancel=way.taken)
    effects = operating.change_by(session, run, actor, change, reason=reason, kind=Event.SENT_BACK)
    for opened in effects.tasks:
        if opened.element == element:
            _hand_to(session, actor, opened, done.closed_by, reason)
    return effects


def of(session: Session, task: Task) -> Returned | None:
    """Return why a task was sent back to its step; None for one that came by the diagram."""
    query = (
        select(History)
        .where(History.instance_key == task.instance_key, History.kind == Event.SENT_BACK)
        .where(History.at <= task.opened_at)
        .order_by(History.seq.desc())
        .limit(1)
    )
    event = session.scalars(query).first()
    data = {} if event is None else event.data or {}
    moved = data.get("moved", [["", ""]])[0]
    if event is None or event.at != task.opened_at or moved[1] != task.element:
        return None
    before = [
        row for row in submissions.latest(session, [task.instance_key])
        if row.element == task.element and row.task_key < task.key
    ]  # fmt: skip
    return Returned(
        reason=str(data.get("reason", "")), by=event.actor, at=event.at, element=event.element,
        values=dict(before[-1].data) if before else {},
    )  # fmt: skip


def _done(session: Session, task: Task) -> dict[str, Task]:
    """Return the last completed task of each other step of the same instance, newest first."""
    query = (
        select(Task)
        .where(
            Task.instance_key == task.instance_key,
            Task.state == TaskState.COMPLETED,
            Task.kind == TaskKind.USER,
            Task.element != task.element,
        )
        .order_by(Task.closed_at.desc(), Task.key.desc())
    )
    found: dict[str, Task] = {}
    for one in session.scalars(query):
        found.setdefault(one.element, one)
    return found


def _hand_to(
    session: Session, actor: Actor, opened: Opened, performer: int | None, reason: str
) -> None:
    """Give the step back to whoever did it before, if they still may do it."""
    task = session.get_one(Task, opened.key)
    if performer is None or task.assignee is not None:
        return
    person = identity.actor(session, performer)
    held = Held.of(task)
    if segregation.is_barred(session, performer, held) or not ports.can(person, "task.work", held):
        return
    task.assignee, task.claimed_at = performer, clock.now()
    session.flush()
    history.add(
        session, task.instance_key, Event.TASK_OFFERED, actor.key, task_key=task.key,
        element=task.element, data={"assignee": [None, performer], "reason": reason},
    )  # fmt: skip
