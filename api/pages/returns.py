"""Send a task back to an earlier step 退回, and show there why it came back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response, render_template, request
from sqlalchemy.orm import Session

from api import auth
from api.pages import base
from api.pages.base import pages
from api.texts import _, named
from engine import compiled, identity, restarting, returning, runs, tasks
from engine.errors import N_, ForbiddenError
from engine.models import Task, TaskKind, TaskState
from engine.ports import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Back:
    """Why a task is there again."""

    who: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the task's page says of 退回 and 挂起."""

    #: the person may send it back; where to, the dialog asks when it opens
    send_back: bool
    suspended: bool
    back: Back | None


@pages.get("/tasks/<key>/earlier")
def earlier_steps(key: str) -> str:
    """Give the steps to which a task may go back, for the dialog."""
    actor = auth.actor()
    with base.read() as session:
        row = tasks.get(session, actor, base.key(key))
        if not base.may(actor, "task.return", row):
            raise ForbiddenError(N_("退回由办理人的主管办理。需要退回，请联系客户经理。"))
        steps = returning.earlier(session, row)
        names = identity.names(session, [one.by for one in steps])
        return render_template("parts/earlier.html", steps=steps, names=names)


@pages.post("/tasks/<key>/return")
def send_back(key: str) -> Response:
    """Send a task back to an earlier step, with the reason."""
    given = request.form
    with base.begin() as session:
        effects = returning.send_back(
            session, auth.actor(), base.key(key), element=given.get("element", ""),
            reason=given.get("reason", ""),
        )  # fmt: skip
        names = [task.name for task in effects.tasks if task.element == given.get("element")]
    base.done(_("已退回到“{step}”", step=named(names[0]) if names else ""))
    return base.back("pages.inbox")


def of(session: Session, actor: Actor, task: Task) -> Standing:
    """Return what a task's page says of sending back and of suspension."""
    is_open = task.state == TaskState.OPEN
    told = returning.of(session, task) if is_open else None
    lead = is_open and task.kind == TaskKind.USER and base.may(actor, "task.return", task)
    suspended = is_open and runs.is_suspended(session, task.instance_key)
    back = None
    if told is not None:
        who = identity.names(session, [told.by]).get(told.by, "")
        back = Back(who=who, reason=told.reason, at=told.at)
    return Standing(send_back=lead and not suspended, suspended=suspended, back=back)


def prefill(session: Session, actor: Actor, task: Task) -> Mapping[str, Any]:
    """Return what was filled in before, for a task that came back or a case begun anew."""
    told = returning.of(session, task)
    values = told.values if told is not None else restarting.prefill(session, task)
    if not values or task.form_key is None or base.may(actor, "personal.read", task):
        return values
    personal = compiled.form(session, task.form_key).personal
    return {name: value for name, value in values.items() if name not in personal}
