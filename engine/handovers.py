"""Hands over what somebody has in hand: they leave, are ill, or have another role from today."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from engine import calendars, clock, history, inbox, tasks
from engine.db import Database
from engine.errors import N_, EngineError, ForbiddenError, InvalidInputError
from engine.models import Event, Membership, Task, TaskState
from engine.models.identity import Absence
from engine.ports import SYSTEM, Actor, ports


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one task: handed over, or why not."""

    task_key: int
    name: str
    error: EngineError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What became of all that waited for somebody who leaves."""

    tasks: tuple[Outcome, ...]
    #: tasks that were offered to them by name
    offers: int
    memberships: int
    absences: int


def in_hand(session: Session, user_key: int) -> Sequence[Task]:
    """Return the open tasks that wait for a person, the most urgent first."""
    query = select(Task).where(Task.assignee == user_key, Task.state == TaskState.OPEN)
    return session.scalars(query.order_by(Task.due_at.is_(None), Task.due_at, Task.key)).all()


def hand_over(
    database: Database,
    actor: Actor,
    user_key: int,
    to: int | None,
    *,
    reason: str,
    instead_of: int | None = None,
) -> list[Outcome]:
    """Hand every open task of a person to another, or back to its group; one outcome a task.

    Whoever keeps the users may do this in every project; the rights of the new performer are
    asked for each task, and each is a unit of its own. What a deputy (`instead_of` is given) may
    not do goes back to the group.
    """
    _require(actor)
    with database.read() as session:
        waiting = [(task.key, task.name) for task in in_hand(session, user_key)]
    return [_one(database, actor, task, to, (reason, instead_of)) for task in waiting]


def leave(
    database: Database, actor: Actor, user_key: int, to: int | None, *, reason: str, last_day: date
) -> Left:
    """Let a person go 离职转办: tasks and offers to another, roles end, nobody waits for them.

    Roles hold until `last_day`, the day included; tasks are handed over now. Where they would have
    stood in for others, `to` does, or nobody.
    """
    _require(actor)
    if to == user_key:
        raise InvalidInputError(N_("请另选一人。"), fields={"to": [N_("请另选一人。")]})
    outcomes = hand_over(database, actor, user_key, to, reason=reason)
    with database.begin() as session:
        return Left(
            tasks=tuple(outcomes),
            offers=_pass_offers(session, user_key, to),
            memberships=_end_memberships(session, user_key, last_day),
            absences=_end_absences(session, user_key, to),
        )


def _pass_offers(session: Session, user_key: int, to: int | None) -> int:
    """Offer tasks that name the person as a candidate to another instead."""
    query = select(Task).where(Task.state == TaskState.OPEN, inbox.offered_by_name(user_key))
    rows = session.scalars(query).all()
    for task in rows:
        users = [one for one in (task.candidates or {}).get("users", ()) if one != user_key]
        users += [to] if to is not None and to not in users else []
        task.candidates = {**({"users": users} if users else {}), **_others(task)}
        history.add(
            session, task.instance_key, Event.TASK_CHANGED, SYSTEM.key, task_key=task.key,
            element=task.element, data={"users": users},
        )  # fmt: skip
    return len(rows)


def _others(task: Task) -> dict[str, Any]:
    return {name: value for name, value in (task.candidates or {}).items() if name != "users"}


def _end_memberships(session: Session, user_key: int, last_day: date) -> int:
    rows = session.scalars(select(Membership).where(Membership.user_key == user_key)).all()
    ending = [row for row in rows if row.to_on is None or row.to_on > last_day]
    for row in ending:
        if row.from_on is not None and row.from_on > last_day:
            session.delete(row)
        else:
            row.to_on = last_day
    return len(ending)


def _end_absences(session: Session, user_key: int, to: int | None) -> int:
    """End the person's absences; where they stand in, another does, or the absence has nobody."""
    mine = or_(Absence.user_key == user_key, Absence.deputy_key == user_key)
    query = select(Absence).where(
        mine, Absence.ended_at.is_(None), Absence.to_on >= calendars.today()
    )
    rows = session.scalars(query).all()
    for row in rows:
        if row.user_key == user_key or to is None or to == row.user_key:
            row.ended_at = clock.now()
        else:
            row.deputy_key = to
    return len(rows)


def _require(actor: Actor) -> None:
    if not ports.can(actor, "user.manage", None):
        raise ForbiddenError(N_("人员和角色由系统管理员维护。需要调整，请联系系统管理员。"))


def _one(
    database: Database,
    actor: Actor,
    task: tuple[int, str],
    to: int | None,
    why: tuple[str, int | None],
) -> Outcome:
    key, name = task
    reason, instead_of = why
    acting = replace(actor, kind="system")  # in the administrator's name, over all projects
    try:
        with database.begin() as session:
            if to is None:
                tasks.unclaim(session, acting, key)
            else:
                tasks.assign(session, acting, key, to, reason=reason, instead_of=instead_of)
    except InvalidInputError as error:
        if instead_of is not None and to is not None:
            return _one(database, actor, task, None, why)
        return Outcome(task_key=key, name=name, error=error)
    except EngineError as error:
        return Outcome(task_key=key, name=name, error=error)
    return Outcome(task_key=key, name=name)
