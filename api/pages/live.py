"""What changed for me: one cheap answer that an open page asks for again and again (ADR 0009)."""

import hashlib

from flask import Response, make_response, render_template, request
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api import auth
from api.pages import base, shell
from api.pages.base import pages
from engine import inbox, notices
from engine.models import Notice, Task, TaskState
from engine.ports import COMPANY, Actor


@pages.get("/live")
def live() -> Response:
    """Answer 304 while nothing changed for this person, else the new counts."""
    actor = auth.actor()
    with base.read() as session:
        tag = _tag(session, actor)
        answer = make_response("", 304)
        if tag not in request.if_none_match:
            unread = notices.unread_count(session, actor.key)
            answer = make_response({
                "counts": inbox.counts(session, actor), "unread": unread, "tag": tag,
                "bell": shell.bell(unread),
            })  # fmt: skip
    answer.set_etag(tag)
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


@pages.get("/counts")
def counts() -> str:
    """Give the rail's views with their counts anew."""
    with base.read() as session:
        return render_template("parts/counts.html", rail=shell.rail_of(session))


def _tag(session: Session, actor: Actor) -> str:
    """Return a word that differs as soon as a task or a notice of this person does."""
    tenants = actor.tenants()
    seen = select(
        func.count(), func.max(Task.key), func.sum(Task.priority),
        func.count(Task.assignee), func.sum(Task.assignee % 1_000_003), func.count(Task.late_at),
        func.sum(Task.urged), func.count(Task.read_at),
    ).where(Task.state == TaskState.OPEN)  # fmt: skip
    if COMPANY not in tenants:
        seen = seen.where(Task.tenant_id.in_(sorted(tenants)) | (Task.assignee == actor.key))
    unread = select(func.count(), func.max(Notice.key)).where(
        Notice.user_key == actor.key, Notice.read_at.is_(None)
    )
    parts = [*session.execute(seen).one(), *session.execute(unread).one()]
    counts = inbox.counts(session, actor)
    parts.append(counts["overdue"])
    return hashlib.blake2b(repr(parts).encode(), digest_size=8).hexdigest()
