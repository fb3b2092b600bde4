"""Start a case: choose the project, open the first step at once."""

from flask import Response, render_template, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from api import auth
from api.pages import alike, base, desk
from api.pages.base import pages
from api.texts import _, named
from engine import compiled, instances, submissions, tasks
from engine.errors import N_, ForbiddenError
from engine.models import Definition, Task, TaskState, Tenant
from engine.ports import Actor
from processes import lookups as archive

#: started by another case, never by hand
_CALLED = frozenset({"callback", "payment_at_desk", "rectification"})
#: what the desk starts most, first of all
_OFTEN = ("complaint", "repair", "inquiry")


@pages.get("/start")
def start() -> str:
    """Show what this person may start, and where."""
    actor = auth.actor()
    with base.read() as session:
        projects = _projects(session, actor)
        if not projects:
            raise ForbiddenError(N_("登记由客户助理和经理办理。需要登记，请联系客户助理。"))
        chosen = request.args.get("tenant_id") or projects[0].tenant_id
        return render_template(
            "start.html", projects=projects, chosen=chosen, processes=_processes(session),
            alike=alike.of_request(session, actor, chosen),
        )  # fmt: skip


@pages.post("/start")
def start_now() -> Response:
    """Start the case and go to its first task, linked as chosen and its room filled in."""
    actor, given = auth.actor(), request.form
    with base.begin() as session:
        case = instances.start(
            session, actor, given.get("process_id", ""), tenant_id=given.get("tenant_id", "")
        )
        first = session.scalars(
            select(Task).where(Task.instance_key == case.key, Task.state == TaskState.OPEN)
        ).first()
        if first is not None and first.assignee is None and base.may(actor, "task.work", first):
            tasks.claim(session, actor, first.key)
        if given.get("link"):
            alike.link(session, actor, case, given["link"])
        if first is not None and (begin := desk.prefill(session, actor, case.process_id)):
            submissions.save_draft(session, first.key, actor.key, begin)
        number, case_key = case.business_key, case.key
        task_key = first.key if first is not None else None
    base.done(_("已立案 {number}，请填写第一步", number=number or ""))
    if task_key is None:
        return base.to("pages.case", key=case_key)
    return base.to("pages.task", key=task_key)


def _projects(session: Session, actor: Actor) -> list[Tenant]:
    return [
        tenant
        for tenant in archive.projects(session, actor)
        if base.may(actor, "instance.start", tenant.tenant_id)
    ]


def _rank(process_id: str) -> tuple[int, str]:
    return (_OFTEN.index(process_id) if process_id in _OFTEN else len(_OFTEN), process_id)


def _processes(session: Session) -> list[tuple[str, str, str]]:
    """Return id, name and promise of every process that people start."""
    ids = session.scalars(select(Definition.process_id).distinct().order_by(Definition.process_id))
    found = []
    for process_id in sorted(ids, key=_rank):
        if process_id not in _CALLED:
            which = compiled.newest(session, process_id)
            promise = which.process.properties.get("serviceStandard", "")
            found.append((process_id, named(which.name), promise))
    return found
