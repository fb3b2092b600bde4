"""The supervisor's list: what is late over all projects, why; several handed on or urged at once."""

from dataclasses import dataclass

from flask import Response, make_response, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from api import auth, texts
from api.pages import absences, base, export, limits, lookups, rows, subjects, words
from api.pages.base import pages
from api.pages.times import Words
from api.texts import _
from engine import clock, monitoring
from engine.errors import N_, ForbiddenError, InvalidInputError
from engine.models import Task, User
from engine.monitoring import Filter
from engine.ports import Actor

PAGE = 50
FREE = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One late task as the page shows it."""

    line: monitoring.Line
    name: str
    place: str
    who: str
    words: Words
    reason: str


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
        lines = monitoring.everything(session, actor, _chosen())
        return export.file(monitoring.table(lines, _), kind, name=_("超时督办"))


@pages.post("/supervise")
def act_on_late() -> Response:
    """Urge or hand over every selected task; say what became of each."""
    actor, given = _reader(), request.form
    keys = [base.key(text) for text in given.getlist("task")]
    if not keys:
        base.done(_("还没有选择任务。先勾选，再操作。"))
        return base.back("pages.supervise")
    before = _holders(keys)
    verb = given.get("verb", "")
    results = _act(actor, verb, keys)
    good = [result.task_key for result in results if result.error is None]
    told = {"urge": _("已催办 {n} 件", n=len(good)), "assign": _("已改派 {n} 件", n=len(good))}[
        verb
    ]
    undo = [f"{key}-{before[key]}" for key in good if verb == "assign" and before.get(key)]
    if good:
        way = url_for("pages.undo_reassigning", tasks=",".join(undo)) if undo else None
        base.done(told, undo=way)
    failed = [result for result in results if result.error is not None]
    if not failed:
        return base.back("pages.supervise")
    with base.read() as session:
        return make_response(_page(session, actor, failed=_told(session, failed)), 409)


@pages.post("/supervise/undo")
def undo_reassigning() -> Response:
    """Give reassigned tasks back to whom they were taken from."""
    actor, good = _reader(), 0
    for pair in request.args.get("tasks", "").split(","):
        key, _sep, holder = pair.partition("-")
        results = monitoring.reassign_many(
            base.database(), actor, [base.key(key)], base.key(holder), reason=_("撤销改派")
        )
        good += sum(result.error is None for result in results)
    base.done(_("已撤销 {n} 件改派", n=good))
    return base.back("pages.supervise")


def _act(actor: Actor, verb: str, keys: list[int]) -> list[monitoring.Result]:
    reason = request.form.get("reason", "").strip() or None
    if verb == "urge":
        return monitoring.urge_many(base.database(), actor, keys, text=reason)
    if verb != "assign":
        raise InvalidInputError(N_("请选择催办或改派。"))
    to = base.key(request.form.get("assignee", ""))
    if to == FREE:
        raise InvalidInputError(N_("请选择改派给谁。"))
    return monitoring.reassign_many(base.database(), actor, keys, to, reason=reason)


def _holders(keys: list[int]) -> dict[int, int | None]:
    with base.read() as session:
        query = select(Task.key, Task.assignee).where(Task.key.in_(keys))
        return {row.key: row.assignee for row in session.execute(query)}


def _told(session: Session, failed: list[monitoring.Result]) -> list[tuple[str, str]]:
    """Name each item that was refused, and why."""
    found = []
    for result in failed:
        task = session.get(Task, result.task_key)
        name = texts.named(task.name) if task is not None else ""
        found.append((name, texts.of(result.error) if result.error is not None else ""))
    return found


def _reader() -> Actor:
    actor = auth.actor()
    if not base.may(actor, "report.read"):
        raise ForbiddenError(N_("超时督办由经理和品质部查看。"))
    return actor


def _chosen() -> Filter:
    """Read the filter that the address carries."""
    given = request.args
    return Filter(
        state=monitoring.SOON if given.get("show") == "soon" else monitoring.LATE,
        tenant_id=given.get("tenant_id") or None,
        assignee=FREE if given.get("show") == "free" else None,
        text=given.get("q", "").strip() or None,
    )


def _page(session: Session, actor: Actor, *, failed: list[tuple[str, str]] | None = None) -> str:
    chosen = _chosen()
    found = monitoring.overdue(session, actor, chosen, after=request.args.get("after"), limit=PAGE)
    lines = _rows(session, actor, found.lines)
    scope = chosen.tenant_id
    return render_template(
        "supervise.html",
        lines=lines,
        after=found.after,
        show=request.args.get("show", "late"),
        q=chosen.text or "",
        tenant_id=scope or "",
        projects=monitoring.scope(session, actor),
        people=_people(session, found.lines),
        away=absences.away_today(session, actor),
        failed=failed or [],
        now=clock.now(),
        may_export=base.may(actor, "report.export"),
        figures={
            "late": monitoring.count(session, actor, Filter(tenant_id=scope)),
            "free": monitoring.count(session, actor, Filter(tenant_id=scope, assignee=FREE)),
            "soon": monitoring.count(
                session, actor, Filter(tenant_id=scope, state=monitoring.SOON)
            ),
        },
    )


def _rows(session: Session, actor: Actor, lines: tuple[monitoring.Line, ...]) -> list[Row]:
    cases = {line.task.root_key: (line.task, line.title) for line in lines}
    about = subjects.of(session, actor, cases)
    return [
        Row(
            line=line,
            name=rows.name_of(line.task, about[line.task.root_key].title),
            place=about[line.task.root_key].place,
            who=line.person or words.role(line.task.group),
            words=limits.words(session, line.task),
            reason=_(line.reason.text, **line.reason.params),
        )
        for line in lines
    ]


def _people(session: Session, lines: tuple[monitoring.Line, ...]) -> list[tuple[User, str]]:
    """Return who could take at least one of the tasks shown."""
    kinds = {(line.task.tenant_id, line.task.group): line.task for line in lines}
    found: dict[int, tuple[User, str]] = {}
    for task in kinds.values():
        found |= {user.key: (user, role) for user, role in lookups.performers(session, task)}
    return sorted(found.values(), key=lambda pair: pair[0].name)
