"""What a walk carries along: its clock, its people, its case, and what it found so far."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import calendars, clock, ids
from engine.db import Database
from engine.models import Membership, Task, TaskKind, TaskState, User
from engine.ports import Actor
from engine.testing.passing import DifferenceError, Hands
from engine.working_time import parse


@dataclass(slots=True)
class Walked:
    """Where a scenario led: what it did and passed, and the first difference, if any."""

    title: str
    instance_key: int = 0
    #: (process id, element) of every completed user task, in order
    completed: list[tuple[str, str]] = field(default_factory=list)
    #: (process id, element) of everything that a token passed
    passed: frozenset[tuple[str, str]] = frozenset()
    #: the end event reached last; None while the case runs
    end: str | None = None
    difference: str | None = None


@dataclass(slots=True, kw_only=True)
class Walk(Hands):
    """A scenario under way."""

    database: Database
    tenant_id: str
    names: dict[str, str]
    result: Walked
    #: values of steps by name, where a scenario gives none of its own
    samples: dict[str, Any] = field(default_factory=dict)
    people: dict[str, Actor] = field(default_factory=dict)
    root_key: int = 0
    #: the case of the scenario (""), and the others that it names in `also`
    cases: dict[str, int] = field(default_factory=dict)


def open_tasks(session: Session, held: Walk) -> Iterator[Task]:
    """Yield the open tasks of the case and of what it called, oldest first."""
    query = (
        select(Task)
        .where(Task.root_key == held.root_key, Task.state == TaskState.OPEN)
        .order_by(Task.key)
    )
    yield from session.scalars(query)


def open_task(session: Session, held: Walk, element: str, kind: TaskKind = TaskKind.USER) -> Task:
    """Return the oldest open task of an element: its own, or one that supervises it."""
    found = [task for task in open_tasks(session, held) if task.kind == kind]
    for task in found:
        if task.element == element:
            return task
    raise DifferenceError(f"{element} 没有待办；待办是 {sorted(task.element for task in found)}")


def person(held: Walk, who: str) -> Actor:
    """Return the person of a role, made when first named; `role 2` is a second one."""
    if who not in held.people:
        group = who.split(maxsplit=1)[0]
        username = f"{held.tenant_id}-{who.replace(' ', '-')}"
        with held.database.begin() as session:
            key = session.scalars(select(User.key).where(User.username == username)).first()
            if key is None:
                key = _add_person(session, username, group, held.tenant_id)
        held.people[who] = Actor(
            key=key, username=username, name=who, memberships=frozenset({(group, held.tenant_id)})
        )
    return held.people[who]


def _add_person(session: Session, username: str, group: str, tenant_id: str) -> int:
    """Add somebody who can't sign in: a scenario needs no password."""
    user = User(
        key=ids.new(), username=username, name=username, password_hash="", created_at=clock.now()
    )  # fmt: skip
    session.add(user)
    session.flush()
    session.add(Membership(key=ids.new(), user_key=user.key, group=group, tenant_id=tenant_id))
    return user.key


def compare(what: str, wanted: Any, found: Any) -> None:
    """Raise DifferenceError when a thing is not as the scenario says."""
    if wanted != found:
        raise DifferenceError(f"{what}应为 {wanted!r}，实为 {found!r}")


def moment(value: Any) -> datetime:
    """Read an instant of a scenario; without offset it is the calendar's local time."""
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return moment.replace(tzinfo=moment.tzinfo or calendars.default().statutory.zone).astimezone(
        UTC
    )


def span(text: str) -> timedelta:
    """Read how long a scenario waits: days and less, in real time."""
    read = parse(text)
    return timedelta(days=read.days, milliseconds=read.milliseconds)


def local(moment: datetime | None) -> str | None:
    """Return an instant as forms write it: local time with offset, whole minutes."""
    if moment is None:
        return None
    zone = calendars.default().statutory.zone
    return moment.astimezone(zone).isoformat(timespec="minutes")
