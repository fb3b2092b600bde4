"""What happens as a limit runs out: the warning, the overdue mark, supervising tasks 督办."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from engine import clock, history, ids, limits, notices, policies
from engine.errors import N_
from engine.models import Event, FactCase, FormVersion, Task, TaskKind, TaskState, to_ms
from engine.ports import COMPANY, SYSTEM, ports

#: supervising work goes before ordinary work in every list
_PRIORITY = 90
#: a ladder of supervisors that leads in a circle is left after this many steps
_LONGEST_CLIMB = 6


def act(session: Session, task: Task, percent: int) -> None:
    """Do what a task's limit asks at a percent; the caller holds the lock of its family."""
    if percent < limits.DUE:
        _warn(session, task, percent)
        return
    if percent == limits.DUE:
        _overdue(session, task)
    for rung in policies.ladder((task.limits or {}).get("ladder")).rungs:
        if rung.percent == percent:
            _supervise(session, task, rung)


def _warn(session: Session, task: Task, percent: int) -> None:
    told = notices.receivers(session, task)
    notices.notify(
        session, told, "warned", N_("“{task}”的时限已用去 {percent}%，请尽快办理"),
        {"task": task.name, "percent": percent}, task=task,
    )  # fmt: skip
    _note(session, task, Event.WARNED, percent=percent, due=_due(task), told=told)


def _overdue(session: Session, task: Task) -> None:
    """Mark the task late once and for all; tell its performers and who supervises them."""
    performers = notices.receivers(session, task)
    group = ports.supervisors.get(task.group or "")
    supervisors = set(notices.members(session, task.tenant_id, group) if group else ())
    supervisors -= set(performers)
    task.late_at = task.late_at or clock.now()
    session.flush()
    session.execute(
        update(FactCase)
        .where(FactCase.instance_key == task.instance_key)
        .values(late_steps=FactCase.late_steps + 1)
    )
    params = {"task": task.name}
    notices.notify(session, performers, "overdue", N_("您的“{task}”已超时，请立即办理"), params,
                   task=task)  # fmt: skip
    notices.notify(session, supervisors, "overdue", N_("“{task}”已超时，请关注"), params, task=task)
    _note(session, task, Event.OVERDUE, due=_due(task), told=[*performers, *sorted(supervisors)])


def _supervise(session: Session, late: Task, rung: policies.Rung) -> None:
    """Open a supervising task for a rung's group; the same group is not asked twice."""
    group = _staffed(session, late, rung.group)
    same = select(Task.key).where(
        Task.instance_key == late.instance_key, Task.cause_key == late.key, Task.group == group
    )
    if session.scalars(same).first() is not None:
        return
    task = _task(session, late, group)
    session.add(task)
    session.flush()
    told = notices.members(session, late.tenant_id, group)
    notices.notify(
        session, told, "supervise", N_("请督办“{task}”：时限已用去 {percent}%"),
        {"task": late.name, "percent": rung.percent}, task=task,
    )  # fmt: skip
    history.add(
        session, task.instance_key, Event.TASK_OPENED, SYSTEM.key, task_key=task.key,
        element=task.element, data={"group": group, "cause": late.key},
    )  # fmt: skip
    _note(session, late, Event.ESCALATED, percent=rung.percent, group=group, task=task.key,
          told=told)  # fmt: skip


def _task(session: Session, late: Task, group: str) -> Task:
    return Task(
        key=ids.new(), tenant_id=late.tenant_id, instance_key=late.instance_key,
        root_key=late.root_key, definition_key=late.definition_key, kind=TaskKind.SUPERVISE,
        element=late.element, name=f"督办：{late.name}", state=TaskState.OPEN, group=group,
        form_key=_form_key(session, late.tenant_id), priority=max(late.priority, _PRIORITY),
        opened_at=clock.now(), urged=0, cause_key=late.key,
    )  # fmt: skip


def _form_key(session: Session, tenant_id: str) -> int | None:
    form_id = policies.supervising_form()
    if form_id is None:
        return None
    query = (
        select(FormVersion.key)
        .where(
            FormVersion.form_id == form_id,
            or_(FormVersion.tenant_id == tenant_id, FormVersion.tenant_id == COMPANY),
        )
        .order_by(FormVersion.tenant_id == COMPANY, FormVersion.version.desc())
        .limit(1)
    )
    return session.scalars(query).first()


def _staffed(session: Session, late: Task, group: str) -> str:
    """Return the group, or who supervises it: when it is late itself, or nobody holds it here."""
    found: str | None = group
    for _ in range(_LONGEST_CLIMB):
        if found is None:
            break
        if found != late.group and notices.members(session, late.tenant_id, found):
            return found
        found = ports.supervisors.get(found)
    return group


def _note(
    session: Session, task: Task, kind: Event, /, *, told: Iterable[int], **data: Any
) -> None:
    history.add(
        session, task.instance_key, kind, SYSTEM.key, task_key=task.key, element=task.element,
        data={**data, "told": list(told)},
    )  # fmt: skip


def _due(task: Task) -> int | None:
    return None if task.due_at is None else to_ms(task.due_at)
