"""More time for a task: asked with a reason, granted or refused by who supervises; kept in history."""

from datetime import datetime

from sqlalchemy.orm import Session

from engine import clock, deadlines, history, runs, time_requests
from engine.errors import (
    N_,
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    TaskClosedError,
)
from engine.models import Event, Instance, RequestState, Task, TaskState, TimeRequest, to_ms
from engine.ports import Actor, ports
from engine.time_requests import EXTENSION


def ask(
    session: Session, actor: Actor, task_key: int, *, until: datetime | None, text: str
) -> TimeRequest:
    """Ask for more time for a task; who may grant it to others gives it at once."""
    runs.lock_of_task(session, task_key)
    task = session.get(Task, task_key, populate_existing=True)
    if task is None or not ports.can(actor, "task.read", task):
        raise NotFoundError(N_("没有这项任务，或者它不在您负责的范围里。"))
    root = session.get_one(Instance, task.root_key)
    if not ports.can(actor, "limit.extend", task):
        raise ForbiddenError(N_("延期由经办人或经理申请。"))
    _refuse_closed(task)
    if task.due_at is None:
        raise ConflictError(N_("“{task}”没有时限，不需要延期。"), task=task.name)
    if until is None:
        raise InvalidInputError(N_("请选择新的时限。"), fields={"until": [N_("必填")]})
    if until <= task.due_at:
        raise InvalidInputError(
            N_("新的时限应晚于现在的时限。"), fields={"until": [N_("应晚于现在的时限")]}
        )
    if any(one.task_key == task.key
           for one in time_requests.open_requests(session, actor, root.key)):  # fmt: skip
        raise ConflictError(N_("“{task}”已有一项延期申请在等批准。"), task=task.name)
    request = time_requests.add(
        session, actor, root, kind=EXTENSION, text=text, until=until, task=task
    )
    if task.assignee != actor.key and ports.can(actor, "limit.grant", root):
        request.decided_by, request.decided_at = actor.key, clock.now()
        grant(session, actor, request)
    else:
        _note(session, task, request, actor, state=RequestState.ASKED)
        time_requests.ask(session, actor, request, N_("{by} 申请延长“{task}”的时限：{text}"))
    return request


def grant(session: Session, actor: Actor, request: TimeRequest) -> None:
    """Move a task's limit to the moment asked for; what has happened to it stays."""
    task = session.get_one(Task, request.task_key, populate_existing=True)
    _refuse_closed(task)
    now = clock.now()
    if task.due_at is None or request.until <= max(now, task.due_at):
        raise ConflictError(N_("申请的时间已经过去，请重新申请。"))
    request.state = RequestState.GRANTED
    limits = {**(task.limits or {}), "due": to_ms(request.until), "granted": to_ms(now)}
    before = deadlines.move(session, task, deadlines.worked_out(session, task, limits))
    _note(session, task, request, actor, state=RequestState.GRANTED, before=before)


def refuse(session: Session, actor: Actor, request: TimeRequest) -> None:
    """Leave the limit where it is."""
    request.state = RequestState.REFUSED
    task = session.get_one(Task, request.task_key)
    _note(session, task, request, actor, state=RequestState.REFUSED)


def _refuse_closed(task: Task) -> None:
    if task.state != TaskState.OPEN:
        raise TaskClosedError(N_("“{task}”已经办结或取消。"), task=task.name)


def _note(
    session: Session, task: Task, request: TimeRequest, actor: Actor, *, state: RequestState,
    before: datetime | None = None,
) -> None:  # fmt: skip
    data = {
        "state": str(state), "request": request.key, "asked_by": request.asked_by,
        "reason": request.answer if state == RequestState.REFUSED else request.text,
        "until": to_ms(request.until),
    }  # fmt: skip
    if before is not None and task.due_at is not None:
        data["due"] = [to_ms(before), to_ms(task.due_at)]
    history.add(
        session, task.instance_key, Event.EXTENDED, actor.key, task_key=task.key,
        element=task.element, data=data,
    )  # fmt: skip
