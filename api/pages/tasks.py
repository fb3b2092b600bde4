"""One task: read it, fill it in, take it, hand it on, urge, correct."""

from typing import Any

from flask import Response, jsonify, make_response, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from api import auth
from api.pages import base, files, inbox, lookups, occurrences, shell, task_view
from api.pages.base import pages
from api.texts import _, named
from engine import cases, idempotency, identity, tasks
from engine.errors import N_, InvalidInputError
from engine.idempotency import Answer
from engine.models import Task
from engine.ports import Actor


@pages.get("/tasks/<key>")
def task(key: str) -> str:
    """Show a task: alone for a script that asks for the pane, else beside its list."""
    number, actor = base.key(key), auth.actor()
    _note_reading(actor, number)
    with base.read() as session:
        shown = task_view.of(session, actor, number)
        if request.headers.get("HX-Request"):
            return render_template("parts/task.html", task=shown)
        return render_template(
            "inbox.html",
            pane=inbox.listed(session, actor),
            task=shown,
            rail=shell.rail_of(session),
        )


@pages.get("/tasks/<key>/<any(case, timeline, diagram, files):tab>")
def task_tab(key: str, tab: str) -> Any:
    """Give one further tab of a task; without a script the address shows the whole case."""
    with base.read() as session:
        row = tasks.get(session, auth.actor(), base.key(key))
        if not request.headers.get("HX-Request"):
            return redirect(url_for("pages.case", key=row.root_key) + f"#{tab}")
        shown = task_view.tab(session, auth.actor(), row, tab)
        return render_template(f"parts/tab_{tab}.html", **shown)


@pages.put("/tasks/<key>/draft")
def save_draft(key: str) -> Response:
    """Keep what has been typed so far."""
    with base.begin() as session:
        tasks.save_draft(session, auth.actor(), base.key(key), _object("data"))
    return jsonify({})


@pages.post("/tasks/<key>/complete")
def complete(key: str) -> Response:
    """Submit a task's form once under its Idempotency-Key; say where to go next."""
    actor, number, submitted = auth.actor(), base.key(key), _object("variables")

    def command(session: Session) -> Answer:
        found = tasks.complete(
            session, actor, number, submitted, files=files.finder(session, actor, task_key=number)
        )
        files.keep(session, actor, found.instance_key, submitted)
        return Answer(200, {"ended": found.ended, "next": _next(session, actor, found)})

    answer = idempotency.run(
        base.database(),
        actor_key=actor.key,
        key=request.headers.get("Idempotency-Key"),
        request={"complete": number, "variables": submitted},
        command=command,
    )
    if not answer.repeated:
        _say_completed(number)
    return jsonify(answer.body)


@pages.post("/tasks/<key>/done")
def complete_plain(key: str) -> Response:
    """Complete a task that asks for nothing."""
    with base.begin() as session:
        found = tasks.complete(session, auth.actor(), base.key(key), {})
        following = _next(session, auth.actor(), found)
    _say_completed(found.task_key)
    return make_response(redirect(following, 303))


@pages.post("/tasks/<key>/correct")
def correct(key: str) -> Response:
    """Correct a submission by a new version, with the reason."""
    number, submitted = base.key(key), _object("variables")
    reason = str(request.get_json().get("reason", ""))
    with base.begin() as session:
        tasks.correct(
            session,
            auth.actor(),
            number,
            submitted,
            reason=reason,
            files=files.finder(session, auth.actor(), task_key=number),
        )
    base.tell(_("已更正，原来的内容仍可在经过里查到"))
    return jsonify({"next": url_for("pages.task", key=number)})


@pages.get("/tasks/<key>/correct")
def correct_form(key: str) -> str:
    """Show a completed task's form for correcting."""
    with base.read() as session:
        shown = task_view.of(session, auth.actor(), base.key(key), correcting=True)
        return render_template(
            "inbox.html",
            pane=inbox.listed(session, auth.actor()),
            task=shown,
            rail=shell.rail_of(session),
        )


@pages.post("/tasks/<key>/claim")
def claim(key: str) -> Response:
    """Take a task of one's group."""
    with base.begin() as session:
        row = tasks.claim(session, auth.actor(), base.key(key))
        name = row.name
    base.done(_("已签收“{task}”", task=named(name)), undo=url_for("pages.unclaim", key=key))
    return base.back("pages.task", key=key)


@pages.post("/tasks/<key>/unclaim")
def unclaim(key: str) -> Response:
    """Give a task back to its group."""
    with base.begin() as session:
        name = tasks.unclaim(session, auth.actor(), base.key(key)).name
    base.done(
        _("已退回“{task}”，同组的人可以签收", task=named(name)),
        undo=url_for("pages.claim", key=key),
    )
    return base.back("pages.task", key=key)


@pages.post("/tasks/<key>/assign")
def assign(key: str) -> Response:
    """Hand a task to somebody who may do it."""
    to, reason = request.values.get("assignee", ""), request.values.get("reason", "").strip()
    with base.begin() as session:
        before = tasks.get(session, auth.actor(), base.key(key)).assignee
        row = tasks.assign(
            session, auth.actor(), base.key(key), base.key(to), reason=reason or None
        )
        name = identity.names(session, [row.assignee]).get(row.assignee or 0, "")
        mine = row.assignee == auth.actor().key
    undo = url_for("pages.assign", key=key, assignee=before) if before and mine else None
    base.done(_("已转办给{name}", name=name), undo=undo)
    return base.back("pages.inbox")


@pages.post("/tasks/<key>/urge")
def urge(key: str) -> Response:
    """Urge whom a task waits for."""
    text = request.form.get("text", "").strip()
    with base.begin() as session:
        row = tasks.urge(session, auth.actor(), base.key(key), text=text or None)
        name = row.name
    base.done(_("已催办“{task}”", task=named(name)))
    return base.back("pages.task", key=key)


@pages.get("/tasks/<key>/people")
def task_people(key: str) -> str:
    """Give the people to whom a task may be handed, for the dialog."""
    with base.read() as session:
        row = tasks.get(session, auth.actor(), base.key(key))
        return render_template("parts/people.html", people=lookups.performers(session, row))


def _object(name: str) -> dict[str, Any]:
    """Read a JSON object out of the request."""
    body = request.get_json(silent=True)
    given = body.get(name) if isinstance(body, dict) else None
    if not isinstance(given, dict):
        raise InvalidInputError(N_("请求里缺少 {name}。"), name=name)
    return given


def _note_reading(actor: Actor, number: int) -> None:
    """Note that its performer opened a task for the first time."""
    with base.read() as session:
        row = tasks.get(session, actor, number)
        fresh = row.assignee == actor.key and row.read_at is None and row.closed_at is None
    if fresh:
        with base.begin() as session:
            tasks.read(session, actor, number)


def _next(session: Session, actor: Actor, found: tasks.Completed) -> str:
    """Say where to go: the next task of the same case if it is mine, else the list."""
    if merge := occurrences.intended(session, actor, found.instance_key):
        return merge
    keys = [opened.key for opened in found.opened if opened.assignee == actor.key]
    if not keys:
        offered = session.scalars(select(Task).where(Task.key.in_([o.key for o in found.opened])))
        keys = [row.key for row in offered if base.may(actor, "task.work", row)]
    return url_for("pages.task", key=keys[0]) if keys else url_for("pages.inbox")


def _say_completed(number: int) -> None:
    with base.read() as session:
        row = session.get(Task, number)
        if row is None:
            return
        known = cases.tasks_of(session, row.root_key, reader=auth.actor())
        waiting = [one for one in known if one.closed_at is None]
        name, next_one = row.name, waiting[0].name if waiting else ""
    if next_one:
        base.tell(_("已办完“{task}”，下一步：{next}", task=named(name), next=named(next_one)))
    else:
        base.tell(_("已办完“{task}”，案件办结", task=named(name)))
