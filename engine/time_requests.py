"""Requests for more time: who may grant one is told, and decides with a word.

A pause stops the clocks of a case (`pauses`), an extension moves the limit of a task (`extensions`).
Nobody decides about what they have asked for themselves.
"""

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from engine import clock, ids, notices, runs
from engine.errors import N_, ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from engine.models import (
    Instance,
    InstanceState,
    RequestState,
    Task,
    TaskKind,
    TaskState,
    TimeRequest,
)
from engine.ports import Actor, ports

PAUSE, EXTENSION = "pause", "extension"
_LONGEST_TEXT = 200


def open_requests(session: Session, actor: Actor, root_key: int | None = None) -> list[TimeRequest]:
    """Return what waits for a decision, of a case or of all that this person may decide about."""
    query = (
        select(TimeRequest)
        .join(Instance, Instance.key == TimeRequest.root_key)
        .outerjoin(Task, Task.key == TimeRequest.task_key)
        .where(
            TimeRequest.state == RequestState.ASKED,
            Instance.state == InstanceState.ACTIVE,
            or_(TimeRequest.task_key.is_(None), Task.state == TaskState.OPEN),
        )
    )
    if root_key is not None:
        query = query.where(TimeRequest.root_key == root_key)
    found = list(session.scalars(query.order_by(TimeRequest.asked_at)))
    if root_key is not None:
        return found
    return [one for one in found if may_decide(session, actor, one)]


def may_decide(session: Session, actor: Actor, request: TimeRequest) -> bool:
    """Tell whether this person may grant or refuse a request."""
    root = session.get_one(Instance, request.root_key)
    task = None if request.task_key is None else session.get(Task, request.task_key)
    own = actor.key == request.asked_by or (task is not None and task.assignee == actor.key)
    return not own and ports.can(actor, "limit.grant", root)


def decide(
    session: Session, actor: Actor, key: int, *, grant: bool, answer: str = ""
) -> TimeRequest:
    """Grant or refuse a request; who asked for it is told."""
    from engine import extensions, pauses  # both of them ask here

    request = session.get(TimeRequest, key)
    if request is None:
        raise NotFoundError(N_("没有这项申请"))
    runs.lock(session, request.root_key)
    session.refresh(request)
    if request.state != RequestState.ASKED:
        raise ConflictError(N_("这项申请已经处理过了。"))
    if not may_decide(session, actor, request):
        raise ForbiddenError(N_("暂停和延期由经理批准，不能批准自己的申请。"))
    if not grant and not answer.strip():
        raise InvalidInputError(N_("请写明不批准的原因。"), fields={"answer": [N_("必填")]})
    request.decided_by, request.decided_at = actor.key, clock.now()
    request.answer = answer.strip() or None
    owner = pauses if request.kind == PAUSE else extensions
    (owner.grant if grant else owner.refuse)(session, actor, request)
    session.flush()
    _answer(session, actor, request, grant=grant)
    return request


def add(  # noqa: PLR0913 — one argument a column
    session: Session,
    actor: Actor,
    root: Instance,
    *,
    kind: str,
    text: str,
    until: datetime,
    code: str | None = None,
    task: Task | None = None,
) -> TimeRequest:
    """Write a request; it is decided at once or by somebody else."""
    text = text.strip()
    if not text:
        raise InvalidInputError(N_("请写明原因。"), fields={"text": [N_("必填")]})
    if len(text) > _LONGEST_TEXT:
        raise InvalidInputError(
            N_("原因最多 {n} 个字。"), n=_LONGEST_TEXT, fields={"text": [N_("太长")]}
        )
    if until <= clock.now():
        raise InvalidInputError(N_("时间应在现在之后。"), fields={"until": [N_("应在现在之后")]})
    request = TimeRequest(
        key=ids.new(), tenant_id=root.tenant_id, root_key=root.key, kind=kind, code=code,
        task_key=None if task is None else task.key, state=RequestState.ASKED, text=text,
        asked_by=actor.key, asked_at=clock.now(), until=until,
    )  # fmt: skip
    session.add(request)
    session.flush()
    return request


def ask(session: Session, actor: Actor, request: TimeRequest, text: str) -> None:
    """Tell those who supervise the case's open work that a request waits for them."""
    waiting = open_tasks(session, request.root_key)
    told: set[int] = set()
    for task in waiting:
        group = ports.supervisors.get(task.group or "")
        while group is not None:
            found = {key for key in notices.members(session, task.tenant_id, group)
                     if key != actor.key}  # fmt: skip
            told |= found
            group = None if found else ports.supervisors.get(group)
    about = next((t for t in waiting if t.key == request.task_key), waiting[0] if waiting else None)
    params = {"by": actor.name, "task": about.name if about else "", "text": request.text}
    notices.notify(session, told, "request", text, params, task=about, tenant_id=request.tenant_id)


def open_tasks(session: Session, root_key: int) -> list[Task]:
    """Return the open steps of a case and of what it called."""
    query = select(Task).where(
        Task.root_key == root_key, Task.state == TaskState.OPEN, Task.kind == TaskKind.USER
    )
    return list(session.scalars(query.order_by(Task.key).execution_options(populate_existing=True)))


def _answer(session: Session, actor: Actor, request: TimeRequest, *, grant: bool) -> None:
    task = None if request.task_key is None else session.get(Task, request.task_key)
    about = task or next(iter(open_tasks(session, request.root_key)), None)
    text = N_("{by} 批准了您的申请：{text}") if grant else N_("{by} 没有批准您的申请：{text}")
    params = {"by": actor.name, "text": request.answer or request.text}
    notices.notify(session, [request.asked_by], "request", text, params, task=about,
                   tenant_id=request.tenant_id)  # fmt: skip
