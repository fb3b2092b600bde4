"""The ledger of who was asked first 首问登记: who took it up, who was to answer, who accepted, when.

Kept for every inquiry, repair and complaint (requirements I17, I12); read from the cases' own rows.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.models import Instance, InstanceState, Submission, Task, TaskState
from engine.ports import Actor
from processes import rights

#: process -> the step that records it, and the field that names who was asked first
ASKED: Mapping[str, tuple[str, str]] = {
    "inquiry": ("Q1_intake", "first_asked"),
    "repair": ("R1_intake", "first_asked"),
    "complaint": ("T1_record", "receiver"),
}
_ACCEPT, _TELL = "Q4_accept", "Q6_tell"
#: lines that a page shows, newest first
PAGE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Forward:
    """One forward to a department: when, to which group, and whether somebody took it."""

    group: str | None
    at: datetime
    by: int | None
    #: when somebody said yes or no; None: nobody has yet, or it came back
    answered_at: datetime | None
    accepted: bool
    #: nobody took it within the limit, so that it came back to who was asked first
    returned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the ledger."""

    case: Instance
    #: who was asked first, by key; the one who recorded it when nobody is named
    asked: int | None
    forwards: Sequence[Forward]
    told_at: datetime | None


def entries(
    session: Session, actor: Actor, *, tenants: Sequence[str], since: datetime,
    running: bool | None = None, limit: int | None = PAGE,
) -> list[Entry]:  # fmt: skip
    """Return the lines of these projects since a moment, newest first, that the reader may see."""
    query = (
        select(Instance)
        .where(
            Instance.tenant_id.in_(tenants),
            Instance.parent_key.is_(None),
            Instance.process_id.in_(ASKED),
            Instance.started_at >= since,
        )
        .order_by(Instance.key.desc())
        .limit(limit)
    )
    if running is not None:
        active = Instance.state == InstanceState.ACTIVE
        query = query.where(active if running else ~active)
    cases = [one for one in session.scalars(query) if rights.can(actor, "instance.read", one)]
    asked = _asked(session, cases)
    tasks = _tasks(session, [one.key for one in cases if one.process_id == "inquiry"])
    return [
        Entry(
            case=one, asked=asked.get(one.key, one.started_by),
            forwards=_forwards(tasks.get(one.key, ())), told_at=_told(tasks.get(one.key, ())),
        )
        for one in cases
    ]  # fmt: skip


def _asked(session: Session, cases: Iterable[Instance]) -> dict[int, int]:
    """Return who the first form names, in the version in force."""
    steps = dict(ASKED.values())
    query = (
        select(Submission.instance_key, Submission.element, Submission.data)
        .where(
            Submission.instance_key.in_([one.key for one in cases]), Submission.element.in_(steps)
        )
        .order_by(Submission.version)
    )
    named = {key: str(data.get(steps[step]) or "") for key, step, data in session.execute(query)}
    return {key: int(person) for key, person in named.items() if person.isdigit()}


def _tasks(session: Session, roots: Sequence[int]) -> dict[int, list[tuple[Task, Any]]]:
    """Return the tasks of forwarding and telling, each with what was filled in."""
    query = (
        select(Task, Submission.data)
        .outerjoin(
            Submission,
            (Submission.task_key == Task.key) & (Submission.instance_key == Task.instance_key),
        )
        .where(Task.root_key.in_(roots), Task.element.in_((_ACCEPT, _TELL)), Task.kind == "user")
        .order_by(Task.key, Submission.version)
    )
    newest = {task.key: (task, data) for task, data in session.execute(query)}
    found: dict[int, list[tuple[Task, Any]]] = {}
    for task, data in newest.values():
        found.setdefault(task.root_key, []).append((task, data or {}))
    return found


def _forwards(tasks: Iterable[tuple[Task, Mapping[str, Any]]]) -> tuple[Forward, ...]:
    return tuple(
        Forward(
            group=task.group, at=task.opened_at, by=task.closed_by,
            answered_at=task.closed_at if task.state == TaskState.COMPLETED else None,
            accepted=data.get("accepted") == "yes",
            returned=task.state not in (TaskState.OPEN, TaskState.COMPLETED),
        )
        for task, data in tasks
        if task.element == _ACCEPT
    )  # fmt: skip


def _told(tasks: Iterable[tuple[Task, Any]]) -> datetime | None:
    done = (task.closed_at for task, _ in tasks
            if task.element == _TELL and task.state == TaskState.COMPLETED)  # fmt: skip
    return next(done, None)
