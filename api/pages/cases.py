"""Cases: find one, read it whole, print it, end it."""

from dataclasses import dataclass
from typing import Any

from flask import Response, g, render_template, request
from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from api import auth
from api.pages import (
    base,
    case_loads,
    case_view,
    files,
    limits,
    occurrences,
    owner_messages,
    rows,
    sheets,
    shell,
    steps,
    subjects,
    words,
)
from api.pages.base import pages
from api.texts import _, named
from engine import cases as engine_cases
from engine import clock, disclosures, identity, incidents, instances
from engine.errors import N_, InvalidInputError
from engine.models import Instance, InstanceState, Task, TaskKind, TaskState
from engine.ports import COMPANY, Actor
from processes import id_numbers, searching

PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A case as the list shows it."""

    case: Instance
    subject: subjects.Subject
    state: str
    at: str
    supervised: bool
    urgent: Any


@pages.get("/cases")
def cases() -> str:
    """List the cases of my projects, newest first; search by number, room, name."""
    actor, text = auth.actor(), request.args.get("q", "").strip()
    state, before = request.args.get("state", ""), request.args.get("before", "")
    with base.read() as session:
        found = _search(session, actor, text, state, before)
        lines = _lines(session, actor, found[:PAGE])
        return render_template(
            "cases.html", lines=lines, more=found[PAGE:], q=text, state=state,
            states={"": _("全部"), **{code: words.state(code) for code in InstanceState}},
            tenants=shell.tenant_names(session),
        )  # fmt: skip


@pages.get("/cases/<key>")
def case(key: str) -> str:
    """Show a case whole: for reading, and for printing."""
    actor = auth.actor()
    with base.read() as session:
        found = instances.get(session, actor, base.key(key))
        root = session.get_one(Instance, found.root_key)
        g.zone = base.zone(session, root.tenant_id)
        return render_template("case.html", **_page(session, actor, root))


@pages.post("/cases/<key>/cancel")
def cancel_case(key: str) -> Response:
    """End a case that should not go on; the reason stays in its history."""
    reason = request.form.get("reason", "").strip()
    if not reason:
        raise InvalidInputError(N_("请写明作废原因。"), fields={"reason": [N_("必填")]})
    with base.begin() as session:
        instances.cancel(session, auth.actor(), base.key(key), reason=reason)
    base.done(_("案件已作废，案卷仍可查阅"))
    return base.to("pages.case", key=key)


@pages.post("/incidents/<key>/resolve")
def resolve_incident(key: str) -> Response:
    """Let a step that could not be run try again."""
    with base.begin() as session:
        row = incidents.resolve(session, auth.actor(), base.key(key))
        case_key = row.instance_key
    base.done(_("异常已解除，这一步会再试一次"))
    return base.back("pages.case", key=case_key)


def _search(session: Session, actor: Actor, text: str, state: str, before: str) -> list[Instance]:
    query = select(Instance).where(Instance.parent_key.is_(None))
    if COMPANY not in actor.tenants():
        query = query.where(Instance.tenant_id.in_(sorted(actor.tenants())))
    if state in list(InstanceState):
        query = query.where(Instance.state == state)
    if before:
        query = query.where(Instance.key < base.key(before))
    if text:
        query = query.where(Instance.key.in_(searching.find(session, actor, text)))
    found: list[Instance] = []
    looked_at, last = 0, None
    while len(found) <= PAGE and looked_at < PAGE * 4:
        further = query if last is None else query.where(Instance.key < last)
        # what a case stands at is not shown, and is most of its row
        further = further.options(defer(Instance.blob)).order_by(Instance.key.desc())
        rows = session.scalars(further.limit(PAGE + 1)).all()
        found += [row for row in rows if base.may(actor, "instance.read", row)]
        if len(rows) <= PAGE:
            break
        looked_at, last = looked_at + len(rows), rows[-1].key
    return found[: PAGE + 1]


def _lines(session: Session, actor: Actor, found: list[Instance]) -> list[Line]:
    about = subjects.of(session, actor, {row.key: (row, row.title) for row in found})
    waiting = _waiting(session, [row.key for row in found])
    urgent = _urgent(session, waiting)
    return [
        Line(
            case=row,
            subject=about[row.key],
            state=occurrences.outcome(session, row),
            at=_at(waiting.get(row.key, [])),
            supervised=any(t.kind == TaskKind.SUPERVISE for t in waiting.get(row.key, [])),
            urgent=urgent.get(row.key),
        )
        for row in found
    ]


def _waiting(session: Session, keys: list[int]) -> dict[int, list[Any]]:
    """Return the open tasks of cases, soonest first: key, kind and name, for a case may have many."""
    query = (
        select(Task.root_key, Task.key, Task.kind, Task.name)
        .where(Task.root_key.in_(keys), Task.state == TaskState.OPEN)
        .order_by(Task.due_at.is_(None), Task.due_at, Task.key)
    )
    found: dict[int, list[Any]] = {}
    for row in session.execute(query):
        found.setdefault(row.root_key, []).append(row)
    return found


def _at(waiting: list[Any]) -> str:
    """Return the steps that wait; a supervising task is a mark of its own."""
    return _("、").join(dict.fromkeys(named(t.name) for t in waiting if t.kind == TaskKind.USER))


def _urgent(session: Session, waiting: dict[int, list[Any]]) -> dict[int, Any]:
    """Say of each case how its most urgent task stands."""
    query = select(Task).where(Task.key.in_([tasks[0].key for tasks in waiting.values()]))
    return {task.root_key: limits.words(session, task) for task in session.scalars(query)}


def _page(session: Session, actor: Actor, root: Instance) -> dict[str, Any]:
    family = engine_cases.tasks_of(session, root.key, reader=actor)
    waiting = sorted(
        (task for task in family if task.state == TaskState.OPEN),
        key=lambda task: (task.kind == TaskKind.SUPERVISE, task.key),
    )
    names = identity.names(
        session, [t.assignee for t in family] + [t.closed_by for t in family] + [root.started_by]
    )
    now = clock.now()
    said = {task.key: limits.words(session, task, now) for task in waiting}
    keys = [one.key for one in instances.family(session, root.key)]
    about = subjects.one(session, actor, root)
    actions = occurrences.actions(session, actor, root)
    return {
        "root": root,
        "subject": about,
        "state": occurrences.outcome(session, root),
        "actions": actions,
        "linked": occurrences.linked(session, actor, root),
        "loads": case_loads.of(session, root),
        "priority": words.priority(max((t.priority for t in family if t.kind == TaskKind.USER), default=root.priority)),
        "steps": steps.bar(root.process_id, family, names, said, now, base.here()),
        "waiting": [_open_task(actor, task, said, names) for task in waiting],
        "submissions": case_view.submissions(session, actor, root),
        "events": case_view.events(session, actor, root),
        "diagrams": case_view.diagrams(session, root),
        "files": files.of_case(session, root),
        "sheets": sheets.of_case(session, root),
        "owner": owner_messages.summary(session, actor, root),
        "incidents": incidents.open_of(session, keys)
        if base.may(actor, "incident.read", root) else [],
        "may_resolve": base.may(actor, "incident.resolve", root),
        "may_operate": base.may(actor, "instance.operate", root),
        "may_disclose": disclosures.may_ask(actor, root)
        and not disclosures.is_open(session, actor, root.key),
        "may_show_numbers": id_numbers.may_show(session, actor, root),
        "may_cancel": root.ended_at is None and base.may(actor, "instance.cancel", root),
        "tenant": shell.tenant_names(session).get(root.tenant_id, ""),
        "started_by": names.get(root.started_by, ""),
        "next": next((t for t in waiting if base.may(actor, "task.work", t)), None),
        # urging the case counts more than urging one of its tasks
        "urge": None if any(one.name == "urge" for one in actions) else next(
            (t for t in waiting if t.assignee != actor.key and base.may(actor, "task.urge", t)),
            None),
        "printed_by": actor.name,
        "printed_at": now,
    }  # fmt: skip


def _open_task(
    actor: Actor, task: Task, said: dict[int, Any], names: dict[int, str]
) -> dict[str, Any]:
    return {
        "task": task,
        "name": rows.name_of(task, ""),
        "words": said[task.key],
        "who": names.get(task.assignee, "") if task.assignee else words.role(task.group),
        "readable": base.may(actor, "task.read", task),
    }
