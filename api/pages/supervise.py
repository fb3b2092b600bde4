"""The supervisor's list: what is late over all projects, why; several handed on or urged at once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Response, render_template, request
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from api import auth, texts
from api.pages import base, export, lookups, rows, shell
from api.pages.base import pages
from api.texts import _
from engine import clock, inbox, tasks
from engine.errors import N_, EngineError, ForbiddenError
from engine.models import Event, History, Instance, Task, TaskKind, TaskState, User
from engine.ports import COMPANY, Actor
from processes import lookups as archive

PAGE = 100
EXPORT = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of one item of a bulk action."""

    name: str
    number: str
    error: str


@pages.get("/supervise")
def supervise() -> str:
    """Show what is late, over the projects of this person."""
    with base.read() as session:
        return _page(session, _reader())


@pages.get("/supervise.<any(csv, xlsx):kind>")
def export_late(kind: str) -> Response:
    """Give the list as it is shown, as a file."""
    actor = _reader()
    if not base.may(actor, "report.export"):
        raise ForbiddenError(N_("导出由经理办理。需要导出，请联系客户经理。"))
    with base.read() as session:
        lines = _late(session, actor, limit=EXPORT)
        tenants = shell.tenant_names(session)
        reasons = _reasons(session, lines)
        table = [_HEAD, *(_cells(row, tenants, reasons) for row in lines)]
    titles = [[_(text) for text in table[0]], *table[1:]]
    return export.file(titles, kind, name=_("超时督办"))


@pages.post("/supervise")
def act_on_late() -> Response | str:
    """Urge or hand over every selected task, each in a unit of its own; say what became of each."""
    actor, given = _reader(), request.form
    verb, reason = given.get("verb", ""), given.get("reason", "").strip()
    keys = [base.key(text) for text in given.getlist("task")]
    if not keys:
        base.done(_("还没有选择任务。先勾选，再操作。"))
        return base.back("pages.supervise")
    act: dict[str, Callable[[Session, int], Any]] = {
        "urge": lambda s, k: tasks.urge(s, actor, k, text=reason or None),
        "assign": lambda s, k: tasks.assign(
            s, actor, k, base.key(given.get("assignee", "")), reason=reason or None
        ),
    }
    results = [_one(act[verb], key) for key in keys if verb in act]
    failed = [result for result in results if result.error]
    good = len(results) - len(failed)
    words_for = {"urge": _("已催办 {n} 件", n=good), "assign": _("已改派 {n} 件", n=good)}
    if not failed:
        base.done(words_for.get(verb, ""))
        return base.back("pages.supervise")
    with base.read() as session:
        return _page(session, actor, failed=failed, good=words_for.get(verb, "") if good else "")


def _one(act: Callable[[Session, int], Any], key: int) -> Result:
    """Do one item; what is refused is told by name and stops no other."""
    error = ""
    try:
        with base.begin() as session:
            act(session, key)
    except EngineError as refused:
        error = texts.of(refused)
    with base.read() as session:
        task = session.get(Task, key)
        root = session.get(Instance, task.root_key) if task is not None else None
    return Result(
        name=task.name if task else "", number=root.business_key or "" if root else "", error=error
    )


def _reader() -> Actor:
    actor = auth.actor()
    if not base.may(actor, "report.read"):
        raise ForbiddenError(N_("超时督办由经理和品质部查看。"))
    return actor


def _page(
    session: Session, actor: Actor, *, failed: list[Result] | None = None, good: str = ""
) -> str:
    lines = _late(session, actor, limit=PAGE + 1)
    chosen = request.args.get("by", "time")
    if chosen == "who":
        lines = sorted(lines[:PAGE], key=lambda row: row.who)
    elif chosen == "tenant":
        lines = sorted(lines[:PAGE], key=lambda row: row.task.tenant_id)
    return render_template(
        "supervise.html",
        lines=lines[:PAGE],
        more=len(lines) > PAGE,
        by=chosen,
        tenant_id=request.args.get("tenant_id", ""),
        tenants=shell.tenant_names(session),
        projects=archive.projects(session, actor),
        reasons=_reasons(session, lines),
        people=_people(session, lines[:PAGE]),
        failed=failed or [],
        good=good,
        now=clock.now(),
        may_export=base.may(actor, "report.export"),
        figures=_figures(session, actor),
    )


def _in_reach(actor: Actor) -> ColumnElement[bool]:
    """Only projects in which this person may read reports."""
    tenants = actor.tenants()
    if COMPANY in tenants and base.may(actor, "report.read", COMPANY):
        return Task.tenant_id.is_not(None)
    readable = [t for t in tenants if base.may(actor, "report.read", t)]
    return Task.tenant_id.in_(sorted(readable))


def _late(session: Session, actor: Actor, *, limit: int) -> list[rows.Row]:
    query = (
        select(Task, Instance.business_key, Instance.title, Instance.process_id, User.name)
        .join(Instance, Instance.key == Task.instance_key)
        .outerjoin(User, User.key == Task.assignee)
        .where(
            Task.state == TaskState.OPEN,
            Task.kind == TaskKind.USER,
            Task.due_at <= clock.now(),
            _in_reach(actor),
        )
        .order_by(Task.due_at, Task.priority.desc(), Task.key)
        .limit(limit)
    )
    tenant = request.args.get("tenant_id", "")
    if tenant:
        query = query.where(Task.tenant_id == tenant)
    found = [inbox.Row(*row) for row in session.execute(query)]
    return rows.rows(
        session, actor, [row for row in found if base.may(actor, "task.read", row.task)]
    )


def _figures(session: Session, actor: Actor) -> dict[str, int]:
    """Return the figures above the list; each opens the list it counts."""
    reach = _in_reach(actor)
    is_open = (Task.state == TaskState.OPEN) & (Task.kind == TaskKind.USER) & reach
    now = clock.now()
    keys = session.execute(select(Task.due_at, Task.assignee, Task.warn_at).where(is_open)).all()
    late = [row for row in keys if row[0] is not None and row[0] <= now]
    soon = [row for row in keys if row[0] is not None and row[0] > now and row[2] and row[2] <= now]
    return {"late": len(late), "soon": len(soon), "free": sum(row[1] is None for row in keys),
            "open": len(keys)}  # fmt: skip


def _reasons(session: Session, lines: list[rows.Row]) -> dict[int, str]:
    """Return the last word said about each late task: when it was urged, handed on, extended."""
    query = (
        select(History.task_key, History.data)
        .where(
            History.instance_key.in_({row.task.instance_key for row in lines}),
            History.task_key.in_([row.key for row in lines]),
            History.kind.in_((Event.URGED, Event.TASK_OFFERED, Event.EXTENDED, Event.PAUSED)),
        )
        .order_by(History.at)
    )
    found: dict[int, str] = {}
    for key, data in session.execute(query):
        said = (data or {}).get("reason") or (data or {}).get("text")
        if said:
            found[key] = str(said)
    return found


def _people(session: Session, lines: list[rows.Row]) -> list[tuple[User, str]]:
    """Return who could take at least one of the tasks shown."""
    kinds = {(row.task.tenant_id, row.task.group): row.task for row in lines}
    found: dict[int, tuple[User, str]] = {}
    for task in kinds.values():
        found |= {user.key: (user, role) for user, role in lookups.performers(session, task)}
    return sorted(found.values(), key=lambda pair: pair[0].name)


_HEAD = [
    N_("项目"), N_("编号"), N_("步骤"), N_("事项"), N_("房号"), N_("责任人"), N_("应完成"),
    N_("已超时"), N_("原因"), N_("催办次数"), N_("优先级"),
]  # fmt: skip


def _cells(row: rows.Row, tenants: dict[str, str], reasons: dict[int, str]) -> list[Any]:
    due = row.task.due_at
    return [
        tenants.get(row.task.tenant_id, row.task.tenant_id), row.number, row.task.name, row.name,
        row.place, row.who, due.astimezone(base.here()).strftime("%Y-%m-%d %H:%M") if due else "",
        row.words.left, reasons.get(row.key, ""), row.urged, row.priority[0],
    ]  # fmt: skip
