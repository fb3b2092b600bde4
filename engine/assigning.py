"""Hand a task to a person by name; while they are away, to who stands in for them."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock, deadlines, history, identity, memberships, notices, runs, segregation
from engine.errors import N_, ForbiddenError, InvalidInputError, NotFoundError, TaskClosedError
from engine.held import Held
from engine.models import Event, Task, TaskState
from engine.ports import Actor, ports


def assign(
    session: Session,
    actor: Actor,
    task_key: int,
    assignee: int,
    *,
    reason: str | None = None,
    instead_of: int | None = None,
) -> Task:
    """Hand a task to a person who may do it; its performer or a supervisor may hand it over.

    Whoever is away is stood in for by their deputy, and the case's history says so.
    """
    task = open_task(session, actor, task_key)
    if task.assignee != actor.key and not ports.can(actor, "task.assign", task):
        raise ForbiddenError(N_("转办由签收人或主管办理。需要转办，请联系客户经理。"))
    deputy = memberships.stand_ins(session).get(assignee)
    if deputy is not None and assignee != actor.key:
        assignee, instead_of = deputy, assignee
    _refuse_unfit(session, task, assignee)
    if task.assignee == assignee:
        return task
    before, task.assignee, task.claimed_at = task.assignee, assignee, clock.now()
    task.read_at = None
    deadlines.rearm(session, task)
    said = {"reason": reason, "instead_of": instead_of}
    history.add(
        session, task.instance_key, Event.TASK_OFFERED, actor.key, task_key=task.key,
        element=task.element,
        data={"assignee": [before, assignee]} | {name: one for name, one in said.items() if one},
    )  # fmt: skip
    if assignee != actor.key:
        _tell(session, actor, task, assignee, instead_of)
    return task


def performer(
    session: Session, assignee: int | None, *, group: str | None, case: Any,
    excluded: frozenset[int],
) -> tuple[int | None, int | None]:  # fmt: skip
    """Return who is given a task that is meant for a person, and who it was meant for if away.

    A deputy who may not do it leaves it to the group; without one it waits for the person. Nobody
    is given a task of a case that stays closed to them.
    """
    if assignee is not None and ports.closed(session, assignee, case):
        return None, None
    deputy = None if assignee is None else memberships.stand_ins(session).get(assignee)
    if deputy is None:
        return assignee, None
    fit = group is None or group in identity.actor(session, deputy).groups(case.tenant_id)
    if fit and deputy not in excluded and not ports.closed(session, deputy, case):
        return deputy, assignee
    return (assignee, None) if group is None else (None, assignee)


def take_back(session: Session, actor: Actor, root_key: int) -> None:
    """Give open tasks of a case back to their groups whose performers it is closed to by now."""
    query = select(Task).where(
        Task.root_key == root_key, Task.state == TaskState.OPEN, Task.assignee.is_not(None)
    )
    for task in session.scalars(query).all():
        if task.assignee is None or not ports.closed(session, task.assignee, task):
            continue
        before, task.assignee, task.claimed_at, task.read_at = task.assignee, None, None, None
        deadlines.rearm(session, task, restart="claim")
        history.add(
            session, task.instance_key, Event.TASK_CHANGED, actor.key, task_key=task.key,
            element=task.element, data={"assignee": [before, None]},
        )  # fmt: skip


def open_task(session: Session, actor: Actor, task_key: int) -> Task:
    """Return an open task with its family locked, so that nobody closes it meanwhile."""
    runs.lock_of_task(session, task_key)
    task = session.get(Task, task_key, populate_existing=True)
    if task is None or not ports.can(actor, "task.read", task):
        raise NotFoundError(N_("没有这项任务，或者它不在您负责的范围里。"))
    if task.state != TaskState.OPEN:
        raise TaskClosedError(N_("“{task}”已经办结或取消。"), task=task.name)
    return task


def _refuse_unfit(session: Session, task: Task, assignee: int) -> None:
    person = identity.actor(session, assignee)
    free = Held.of(task)
    free.assignee = None
    if segregation.is_barred(session, assignee, free) or not ports.can(person, "task.work", free):
        raise InvalidInputError(
            N_("{name} 不能办理“{task}”，请另选一人。"), name=person.name, task=task.name,
            fields={"assignee": [N_("这个人不能办理这项任务。")]},
        )  # fmt: skip


def _tell(
    session: Session, actor: Actor, task: Task, assignee: int, instead_of: int | None
) -> None:
    if instead_of is None:
        notices.notify(
            session, [assignee], "assigned", N_("{by} 把“{task}”转给您办理"),
            {"by": actor.name, "task": task.name}, task=task,
        )  # fmt: skip
        return
    who = identity.names(session, [instead_of]).get(instead_of, "")
    notices.notify(
        session, [assignee], "assigned", N_("{who} 不在，“{task}”由您代办"),
        {"who": who, "task": task.name}, task=task,
    )  # fmt: skip
