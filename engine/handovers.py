"""Hands over what somebody has in hand: they leave, are ill, or have another role from today."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import tasks
from engine.db import Database
from engine.errors import N_, EngineError, ForbiddenError
from engine.models import Task, TaskState
from engine.ports import Actor, ports


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one task: handed over, or why not."""

    task_key: int
    name: str
    error: EngineError | None = None


def in_hand(session: Session, user_key: int) -> Sequence[Task]:
    """Return the open tasks that wait for a person, the most urgent first."""
    query = select(Task).where(Task.assignee == user_key, Task.state == TaskState.OPEN)
    return session.scalars(query.order_by(Task.due_at.is_(None), Task.due_at, Task.key)).all()


def hand_over(
    database: Database, actor: Actor, user_key: int, to: int | None, *, reason: str
) -> list[Outcome]:
    """Hand every open task of a person to another, or back to its group; one outcome a task.

    Whoever keeps the users may do this in every project; the rights of the new performer are
    asked for each task, and each is a unit of its own.
    """
    if not ports.can(actor, "user.manage", None):
        raise ForbiddenError(N_("人员和角色由系统管理员维护。需要调整，请联系系统管理员。"))
    with database.read() as session:
        waiting = [(task.key, task.name) for task in in_hand(session, user_key)]
    return [_one(database, actor, task, to, reason) for task in waiting]


def _one(
    database: Database, actor: Actor, task: tuple[int, str], to: int | None, reason: str
) -> Outcome:
    key, name = task
    acting = replace(actor, kind="system")  # in the administrator's name, over all projects
    try:
        with database.begin() as session:
            if to is None:
                tasks.unclaim(session, acting, key)
            else:
                tasks.assign(session, acting, key, to, reason=reason)
    except EngineError as error:
        return Outcome(task_key=key, name=name, error=error)
    return Outcome(task_key=key, name=name)
