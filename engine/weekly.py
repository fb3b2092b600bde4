"""周结: the figures of each team's week, kept as they were when the week was closed."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import calendars, clock, ids
from engine.models import FactStep, Summary, Task, TaskKind, TaskState

WEEK = "week"
#: what a team's figures are called, in the order of the page: the columns of requirements §6
FIGURES = ("carried", "new", "done", "late", "open", "overdue", "month")
_MONTH = timedelta(days=30)


def make(session: Session, tenant_id: str, on: date) -> Summary | None:
    """Close the week of a day in a project; a week that is closed already stays as it is."""
    monday = on - timedelta(days=on.weekday())
    same = select(Summary.key).where(
        Summary.tenant_id == tenant_id, Summary.kind == WEEK, Summary.begins_on == monday
    )
    if session.scalars(same).first() is not None:
        return None
    zone = calendars.clocks(session, tenant_id).statutory.zone
    begin = datetime.combine(monday, datetime.min.time(), zone)
    row = Summary(
        key=ids.new(), tenant_id=tenant_id, kind=WEEK, begins_on=monday, ends_on=on,
        made_at=clock.now(), teams=figures(session, tenant_id, begin, clock.now()),
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def figures(
    session: Session, tenant_id: str, begin: datetime, end: datetime
) -> dict[str, dict[str, int]]:
    """Return each team's figures between two moments; "" stands for tasks of no team."""
    teams: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(FIGURES, 0))
    late = FactStep.due_at.is_not(None) & (FactStep.closed_at > FactStep.due_at)
    done = select(FactStep.group, late, func.count()).where(
        FactStep.tenant_id == tenant_id, FactStep.completed,
        FactStep.closed_at >= begin, FactStep.closed_at < end,
    )  # fmt: skip
    for group, was_late, count in session.execute(done.group_by(FactStep.group, late)):
        teams[group or ""]["done"] += count
        teams[group or ""]["late"] += count if was_late else 0
    user_tasks = (Task.tenant_id == tenant_id, Task.kind == TaskKind.USER)
    opened = select(Task.group, func.count()).where(
        *user_tasks, Task.opened_at >= begin, Task.opened_at < end
    )
    for group, count in session.execute(opened.group_by(Task.group)):
        teams[group or ""]["new"] += count
    carried = select(Task.group, func.count()).where(
        *user_tasks, Task.opened_at < begin, (Task.closed_at.is_(None)) | (Task.closed_at >= begin)
    )
    for group, count in session.execute(carried.group_by(Task.group)):
        teams[group or ""]["carried"] += count
    for name, more in _open(end).items():
        query = select(Task.group, func.count()).where(
            *user_tasks, Task.state == TaskState.OPEN, *more
        )
        for group, count in session.execute(query.group_by(Task.group)):
            teams[group or ""][name] += count
    return dict(teams)


def search(session: Session, tenant_ids: list[str], *, limit: int = 40) -> list[Summary]:
    """Return the closed weeks of some projects, the newest first."""
    query = select(Summary).where(Summary.tenant_id.in_(tenant_ids), Summary.kind == WEEK)
    return list(session.scalars(
        query.order_by(Summary.begins_on.desc(), Summary.tenant_id).limit(limit)
    ))  # fmt: skip


def _open(end: datetime) -> dict[str, tuple[Any, ...]]:
    return {
        "open": (),
        "overdue": (Task.due_at < end,),
        "month": (Task.opened_at < end - _MONTH,),
    }
