"""After a calendar was corrected: works the open working-time limits out again, and logs it."""

import logging

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import deadlines, runs
from engine.db import Database
from engine.models import Task, TaskState

log = logging.getLogger(__name__)
BATCH = 20


def run(database: Database, tenant_id: str | None = None) -> int:
    """Recount the open limits of a project, or of all; return how many moved.

    Each limit that moves leaves an event with the due moment before and after. Safe to repeat.
    """
    moved, behind = 0, 0
    while keys := _keys(database, tenant_id, behind):
        with database.begin() as session:
            moved += sum(_recount(session, key) for key in keys)
        behind = keys[-1]
    log.info("%s limits moved with their calendar", moved)
    return moved


def _keys(database: Database, tenant_id: str | None, behind: int) -> list[int]:
    query = select(Task.key).where(
        Task.key > behind, Task.state == TaskState.OPEN, Task.due_at.is_not(None)
    )
    if tenant_id is not None:
        query = query.where(Task.tenant_id == tenant_id)
    with database.read() as session:
        return list(session.scalars(query.order_by(Task.key).limit(BATCH)))


def _recount(session: Session, key: int) -> bool:
    runs.lock_of_task(session, key)
    task = session.get(Task, key, populate_existing=True)
    if task is None or task.state != TaskState.OPEN:
        return False
    return deadlines.recount(session, task)
