"""Why a limit was missed; a case paused and resumed; more time asked, granted or refused."""

from datetime import datetime
from typing import Any

from flask import Response, g, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from api import auth
from api.pages import base, subjects, time_words
from api.pages.base import pages
from api.texts import _, named
from engine import (
    accounts,
    case_clocks,
    cases,
    clock,
    extensions,
    identity,
    instances,
    pauses,
    tasks,
    time_requests,
)
from engine.errors import N_, ForbiddenError, InvalidInputError
from engine.models import Instance, Task, TaskKind, TaskState, TimeRequest
from engine.policies import CLAIM, DONE, OPEN
from engine.ports import Actor


@pages.get("/tasks/<key>/time")
def task_time(key: str) -> Any:
    """Tell how a task's limits came to be used up."""
    actor = auth.actor()
    with base.read() as session:
        task = tasks.get(session, actor, base.key(key))
        if not request.headers.get("HX-Request"):
            return redirect(url_for("pages.case", key=task.root_key) + "#time")
        root = session.get_one(Instance, task.root_key)
        return render_template(
            "parts/time.html", inside=True, **_shown(session, actor, root, [task])
        )


@pages.get("/cases/<key>/time")
def case_time(key: str) -> str:
    """Tell how the limits of a case and of its open steps came to be used up."""
    actor = auth.actor()
    with base.read() as session:
        found = instances.get(session, actor, base.key(key))
        root = session.get_one(Instance, found.root_key)
        waiting = time_requests.open_tasks(session, root.key)
        return render_template("parts/time.html", **_shown(session, actor, root, waiting))


@pages.post("/cases/<key>/pause")
def pause_case(key: str) -> Response:
    """Pause a case's clocks, or ask for it."""
    given = request.form
    with base.begin() as session:
        root = instances.get(session, auth.actor(), base.key(key))
        asked = pauses.ask(
            session, auth.actor(), root.key, code=given.get("code", ""),
            text=given.get("text", ""), until=_moment(session, root, given.get("until", "")),
        )  # fmt: skip
        waits = asked.state == "asked"
    base.done(_("已申请暂停，等待批准") if waits else _("计时已暂停"))
    return base.back("pages.case", key=key)


@pages.post("/cases/<key>/resume")
def resume_case(key: str) -> Response:
    """Let a case's clocks run on."""
    with base.begin() as session:
        pauses.resume(session, auth.actor(), base.key(key))
    base.done(_("计时已恢复"))
    return base.back("pages.case", key=key)


@pages.post("/tasks/<key>/extension")
def extend_task(key: str) -> Response:
    """Ask for more time for a task."""
    given = request.form
    with base.begin() as session:
        task = tasks.get(session, auth.actor(), base.key(key))
        until = _moment(session, task, given.get("until", ""))
        asked = extensions.ask(session, auth.actor(), task.key, until=until,
                               text=given.get("text", ""))  # fmt: skip
        waits, root_key = asked.state == "asked", task.root_key
    base.done(_("已申请延期，等待批准") if waits else _("时限已延长"))
    return base.back("pages.case", key=root_key)


@pages.get("/time-requests")
def time_request_list() -> str:
    """List what waits for this person's decision."""
    actor = auth.actor()
    if not base.may(actor, "limit.grant"):
        raise ForbiddenError(N_("暂停和延期由经理批准，不能批准自己的申请。"))
    with base.read() as session:
        asked = time_requests.open_requests(session, actor)
        return render_template("time_requests.html", requests=_requests(session, actor, asked))


@pages.post("/time-requests/<key>")
def decide_time_request(key: str) -> Response:
    """Grant or refuse a request."""
    grant = request.form.get("verdict") == "grant"
    with base.begin() as session:
        time_requests.decide(session, auth.actor(), base.key(key), grant=grant,
                             answer=request.form.get("answer", ""))  # fmt: skip
    base.done(_("已批准") if grant else _("已答复不批准"))
    return base.back("pages.time_request_list")


def _shown(session: Session, actor: Actor, root: Instance, found: list[Task]) -> dict[str, Any]:
    zone = g.zone = base.zone(session, root.tenant_id)
    told = [(task, time_words.told(session, one, zone, root.policy_edition))
            for task in found for of in (DONE, CLAIM, OPEN)
            if (one := accounts.of_task(session, task, of)) is not None
            and (of == DONE or one.late)]  # fmt: skip
    whole = [(None, time_words.told(session, accounts.of_case(session, root, one), zone,
                                    root.policy_edition))
             for one in case_clocks.standing(session, root)]  # fmt: skip
    stood = pauses.running(root)
    mine = [task for task in found if task.state == TaskState.OPEN]
    active = root.ended_at is None
    may_pause = active and (base.may(actor, "limit.pause", root)
                            or any(base.may(actor, "limit.pause", t) for t in mine))  # fmt: skip
    return {
        "root": root, "told": told + whole, "done": _done(session, root), "paused": stood, "may_pause": may_pause,
        "paused_for": (root.pauses or [["", "", ""]])[-1][2],
        "reasons": [(one, *pauses.latest(session, root, one)) for one in pauses.reasons(session)]
        if may_pause and stood is None else [],
        "extendable": [t for t in mine if t.due_at and base.may(actor, "limit.extend", t)]
        if active else [],
        "requests": _requests(session, actor,
                              time_requests.open_requests(session, actor, root.key)),
        "zone": zone, "now": clock.now(),
    }  # fmt: skip


def _done(session: Session, root: Instance) -> list[time_words.StepTime]:
    """Return what each step of a case that has a limit took of it."""
    steps = (
        task
        for task in cases.tasks_of(session, root.key, reader=auth.actor())
        if task.kind == TaskKind.USER
    )
    return [time_words.step(named(task.name), one) for task in steps
            if (one := accounts.of_task(session, task, DONE)) is not None]  # fmt: skip


def _requests(session: Session, actor: Actor, asked: list[TimeRequest]) -> list[dict[str, Any]]:
    names = identity.names(session, [one.asked_by for one in asked])
    reasons = {one.code: one.name for one in pauses.reasons(session)}
    found = []
    for one in asked:
        root = session.get_one(Instance, one.root_key)
        task = None if one.task_key is None else session.get(Task, one.task_key)
        found.append({
            "key": one.key, "root": root, "task": task, "kind": one.kind, "text": one.text,
            "by": names.get(one.asked_by, ""), "at": one.asked_at, "until": one.until,
            "reason": reasons.get(one.code or "", ""),
            "title": subjects.one(session, actor, root).title,
            "may": time_requests.may_decide(session, actor, one),
        })  # fmt: skip
    return found


def _moment(session: Session, thing: Any, text: str) -> datetime | None:
    """Read a local moment of a form in the project's zone."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInputError(
            N_("时间请写成 2026-11-23 10:00 的形式。"), fields={"until": [N_("读不懂这个时间")]}
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=base.zone(session, thing.tenant_id))
