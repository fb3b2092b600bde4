"""What reports read: one line a case, one a step, written with the events, rebuildable from rows."""

from datetime import datetime

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from engine.models import FactCase, FactStep, Instance, Task, TaskState, to_ms
from engine.runs import Run
from engine.sql import Insert, Statement, json, table

_insert = Insert(
    FactCase,
    columns=("instance_key", "tenant_id", "process_id", "started_at", "late_steps"),
)
_end = Statement(
    update(table(FactCase))
    .where(table(FactCase).c.instance_key == bindparam("k"))
    .values(
        ended_at=bindparam("ended_at"),
        end_element=bindparam("end_element"),
        codes=bindparam("codes"),
        late_steps=select(func.count())
        .select_from(table(Task))
        .where(table(Task).c.instance_key == bindparam("k"), table(Task).c.late_at.is_not(None))
        .scalar_subquery(),
    )
)


def case_started(session: Session, run: Run, now: datetime) -> None:
    """Open the line of a case."""
    _insert(session, [(run.key, run.tenant_id, run.which.process_id, to_ms(now), 0)])


def case_ended(session: Session, run: Run, now: datetime) -> None:
    """Close the line of a case with the codes that it ended with."""
    _end(
        session,
        {
            "k": run.key,
            "ended_at": to_ms(now),
            "end_element": run.end_element,
            "codes": json(run.variables),
        },
    )


def rebuild(session: Session, instance_key: int) -> None:
    """Write the lines of a case anew from its rows."""
    instance = session.get_one(Instance, instance_key)
    tasks = session.scalars(select(Task).where(Task.instance_key == instance_key)).all()
    session.merge(
        FactCase(
            instance_key=instance.key,
            tenant_id=instance.tenant_id,
            process_id=instance.process_id,
            started_at=instance.started_at,
            ended_at=instance.ended_at,
            end_element=instance.end_element,
            codes=instance.variables if instance.ended_at else None,
            late_steps=sum(task.late_at is not None for task in tasks),
        )
    )
    for task in tasks:
        if task.closed_at is not None and task.token is not None:
            session.merge(
                FactStep(
                    task_key=task.key,
                    instance_key=instance_key,
                    tenant_id=task.tenant_id,
                    element=task.element,
                    group=task.group,
                    by=task.closed_by,
                    opened_at=task.opened_at,
                    claimed_at=task.claimed_at,
                    closed_at=task.closed_at,
                    due_at=task.due_at,
                    completed=task.state == TaskState.COMPLETED,
                )
            )
