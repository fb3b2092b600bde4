"""What people do with their tasks: claim, complete, hand over, urge, correct."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

import forms
from engine import (
    assigning,
    clock,
    compiled,
    deadlines,
    history,
    identity,
    instances,
    notices,
    outlook,
    owner_access,
    records,
    runs,
    search,
    secret_fields,
    segregation,
    stepping,
    submissions,
)
from engine.assigning import open_task
from engine.checking import Files, checked, no_file
from engine.errors import (
    N_,
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    SuspendedError,
    TaskClosedError,
)
from engine.held import Held, close, load
from engine.models import Event, Submission, Task, TaskKind, TaskState
from engine.ports import Actor, ports
from engine.records import Effects, Opened

#: how long a performer may correct an own submission; afterwards a manager may
CORRECTION_TIME = timedelta(hours=24)


assign = assigning.assign


@dataclass(frozen=True, slots=True)
class Completed:
    """What completing a task brought about."""

    task_key: int
    instance_key: int
    opened: tuple[Opened, ...]
    #: whether the task's own case has ended
    ended: bool


def get(session: Session, actor: Actor, task_key: int) -> Task:
    """Return a task that this person may see."""
    task = session.get(Task, task_key)
    if task is None or not ports.can(actor, "task.read", task):
        raise NotFoundError(N_("没有这项任务，或者它不在您负责的范围里。"))
    return task


def complete(
    session: Session,
    actor: Actor,
    task_key: int,
    submitted: Mapping[str, Any],
    *,
    files: Files = no_file,
) -> Completed:
    """Complete a task with what its form was filled in with; unclaimed work is claimed by it.

    Raises InvalidVariablesError (keyed by field id), TaskClosedError, ForbiddenError; nothing is
    changed then and a draft stays.
    """
    held, run = load(session, task_key)
    _refuse_foreign(actor, held)
    runs.refuse_suspended(run)
    now = clock.now()
    form = None if held.form_key is None else compiled.form(session, held.form_key)
    clean = {} if form is None else checked(session, actor, held, run, form=form,
                                            submitted=submitted, files=files)  # fmt: skip
    effects = Effects()
    close(session, held, actor, now)
    segregation.note(run, actor, held, now)
    submissions.keep(session, held, clean, actor, now)
    records.insert_fact_step(session, [held.fact(actor, now, completed=True)])
    if held.token is not None or held.due_ms is not None:
        deadlines.disarm(session, [held.key])
    if held.kind == TaskKind.USER and held.token is not None:
        given = _routed(run, form, clean)
        search.note(session, run, held.element, clean)
        step = stepping.complete(session, run, held.token, given, now)
        if step.failure is not None:
            raise outlook.failed(step.failure, (run.key, held.token))
        run.chain.add(
            Event.TASK_COMPLETED, actor.key, at=now, task_key=held.key, element=held.element,
            data=outlook.account(step, given) | held.account(actor),
        )  # fmt: skip
        instances.record(session, run, step, actor, now=now, effects=effects)
    else:
        run.chain.add(
            Event.TASK_COMPLETED, actor.key, at=now, task_key=held.key, element=held.element,
            data=held.account(actor),
        )  # fmt: skip
        run.save(session)
    notices.opened(session, run, effects.tasks, actor)
    return Completed(held.key, run.key, tuple(effects.tasks), run.root_key in effects.ended)


def claim(session: Session, actor: Actor, task_key: int) -> Task:
    """Take a task of one's group; claiming one's own task again changes nothing."""
    task = open_task(session, actor, task_key)
    if task.assignee == actor.key:
        return task
    if task.assignee is not None:
        name = identity.names(session, [task.assignee]).get(task.assignee, "")
        raise ConflictError(N_("这项任务已由 {name} 签收。"), name=name)
    _refuse_foreign(actor, Held.of(task))
    if runs.is_suspended(session, task.instance_key):
        raise SuspendedError(N_("这个案件已挂起，恢复办理后再继续。"))
    task.assignee, task.claimed_at = actor.key, clock.now()
    deadlines.rearm(session, task)
    history.add(
        session, task.instance_key, Event.TASK_CLAIMED, actor.key, task_key=task.key,
        element=task.element,
    )  # fmt: skip
    return task


def unclaim(session: Session, actor: Actor, task_key: int) -> Task:
    """Give a task back to its group."""
    task = open_task(session, actor, task_key)
    if task.assignee is None:
        return task
    if task.assignee != actor.key and not ports.can(actor, "task.assign", task):
        raise ForbiddenError(N_("只有签收人或主管可以退回签收。"))
    if task.group is None:
        raise ConflictError(N_("这项任务是直接指派的，没有可退回的小组。"))
    before, task.assignee, task.claimed_at, task.read_at = task.assignee, None, None, None
    deadlines.rearm(session, task, restart="claim")
    history.add(
        session, task.instance_key, Event.TASK_CHANGED, actor.key, task_key=task.key,
        element=task.element, data={"assignee": [before, None]},
    )  # fmt: skip
    return task


def urge(session: Session, actor: Actor, task_key: int, *, text: str | None = None) -> Task:
    """Urge the person or group that a task waits for; counted, and said to them."""
    task = open_task(session, actor, task_key)
    if not ports.can(actor, "task.urge", task):
        raise ForbiddenError(N_("催办由主管或案件的受理人办理。"))
    task.urged += 1
    history.add(
        session, task.instance_key, Event.URGED, actor.key, task_key=task.key,
        element=task.element, data={"text": text} if text else None,
    )  # fmt: skip
    notices.notify(
        session, notices.receivers(session, task), "urged", N_("{by} 催办“{task}”：{text}"),
        {"by": actor.name, "task": task.name, "text": text or N_("请尽快办理")}, task=task,
    )  # fmt: skip
    return task


def read(session: Session, actor: Actor, task_key: int) -> Task:
    """Note the first time that its performer opened a task."""
    task = get(session, actor, task_key)
    performer = task.assignee == actor.key
    if performer and task.state == TaskState.OPEN and task.read_at is None:
        task.read_at = clock.now()
        history.add(
            session, task.instance_key, Event.TASK_READ, actor.key, task_key=task.key,
            element=task.element,
        )  # fmt: skip
    return task


def may_correct(actor: Actor, task: Task) -> bool:
    """Tell whether this person may correct a completed task's submission now."""
    if task.state != TaskState.COMPLETED or task.closed_at is None:
        return False
    own = task.closed_by == actor.key and clock.now() - task.closed_at <= CORRECTION_TIME
    return own or ports.can(actor, "task.correct", task)


def correct(
    session: Session, actor: Actor, task_key: int, submitted: Mapping[str, Any], *, reason: str,
    files: Files = no_file,
) -> Submission:  # fmt: skip
    """Correct a submission by a new version; routing is not done again, history shows both."""
    task = get(session, actor, task_key)
    if not may_correct(actor, task):
        raise ForbiddenError(N_("提交后 24 小时内由办理人更正，之后由客户经理更正。"))
    if not reason.strip():
        raise InvalidInputError(N_("请写明更正原因。"), fields={"reason": [N_("必填")]})
    if task.form_key is None:
        raise ConflictError(N_("这项任务没有表单，没有可更正的内容。"))
    owner_access.refuse_sealed(session, task)
    run = runs.lock(session, task.instance_key)
    form = compiled.form(session, task.form_key)
    clean = checked(session, actor, Held.of(task), run, form=form, submitted=submitted, files=files)
    search.correct(session, task, clean)
    latest = select(func.max(Submission.version)).where(
        Submission.instance_key == task.instance_key, Submission.task_key == task.key
    )
    row = Submission(
        instance_key=task.instance_key, task_key=task.key, element=task.element,
        version=(session.scalars(latest).one() or 0) + 1, form_key=task.form_key, data=clean,
        by=actor.key, at=clock.now(), reason=reason.strip(),
    )  # fmt: skip
    session.add(row)
    history.add(
        session, task.instance_key, Event.CORRECTED, actor.key, task_key=task.key,
        element=task.element, data={"version": row.version},
    )  # fmt: skip
    assigning.take_back(session, actor, task.root_key)
    return row


def save_draft(session: Session, actor: Actor, task_key: int, data: Mapping[str, Any]) -> None:
    """Keep what a person has typed so far; the last save counts."""
    task = open_task(session, actor, task_key)
    kept = secret_fields.drafted(session, actor, task, data)
    submissions.save_draft(session, task.key, actor.key, kept)


def draft(session: Session, actor: Actor, task_key: int) -> dict[str, Any] | None:
    """Return what this person has typed into a task and not submitted."""
    return submissions.draft(session, task_key, actor.key)


def _refuse_foreign(actor: Actor, held: Held) -> None:
    """Refuse what is not this person's work, saying why."""
    if not ports.can(actor, "task.read", held):
        raise NotFoundError(N_("没有这项任务，或者它不在您负责的范围里。"))
    if held.state != TaskState.OPEN:
        raise TaskClosedError(N_("“{task}”已经办结或取消。"), task=held.name)
    if segregation.is_barred(held.session, actor.key, held):
        raise ForbiddenError(N_("办理过前一步的人不能办理“{task}”，请由同事办理。"), task=held.name)
    if not ports.can(actor, "task.work", held):
        raise ForbiddenError(N_("“{task}”不由您办理。"), task=held.name)


def _routed(run: runs.Run, form: forms.Form | None, clean: Mapping[str, Any]) -> dict[str, Any]:
    """Return the submitted values that the process reads; personal ones never (decision 8)."""
    personal = frozenset() if form is None else form.personal
    return {k: v for k, v in instances.route(run.which, clean).items() if k not in personal}
