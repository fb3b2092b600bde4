"""For machines that watch over this one: /healthz and /metrics."""

import hmac
from typing import Any

from flask import Response, current_app, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from api import auth
from api.pages import base
from api.pages.base import pages
from engine import clock
from engine.errors import N_, NotFoundError
from engine.models import Incident, Instance, Job, Outbox, Task, TaskState, Timer

_HOME = ("127.0.0.1", "::1")


@pages.get("/healthz")
@auth.anyone
def healthz() -> Response:
    """Say whether this process answers, reaches its database and keeps its clockwork going."""
    checks = {"database": _database(), "clockwork": _clockwork()}
    answer = jsonify({"status": "ok" if all(checks.values()) else "failing", "checks": checks})
    answer.status_code = 200 if all(checks.values()) else 503
    answer.headers["Cache-Control"] = "no-store"
    return answer


@pages.get("/metrics")
@auth.anyone
def metrics() -> Response:
    """Give the figures in Prometheus' text format, to this machine or with the token."""
    token = base.settings().metrics_token
    sent = request.headers.get("Authorization", "").removeprefix("Bearer ")
    known = bool(token) and hmac.compare_digest(sent.encode(), token.encode())
    if not known and (token or request.remote_addr not in _HOME):
        raise NotFoundError(N_("没有找到。可能已经办结，或者地址写错了。"))
    registry = CollectorRegistry()
    with base.read() as session:
        for name, words, value in _figures(session):
            Gauge(f"wuyeflow_{name}", words, registry=registry).set(value)
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _database() -> bool:
    try:
        with base.read() as session:
            session.execute(text("select 1"))
    except Exception:
        current_app.logger.exception("the database does not answer")
        return False
    return True


def _clockwork() -> bool:
    scheduler = current_app.extensions.get("scheduler")
    return scheduler is None or bool(scheduler.alive())


def _figures(session: Session) -> list[tuple[str, str, float]]:
    now = clock.now()

    def number(*where: Any) -> float:
        return float(session.scalar(select(func.count()).where(*where)) or 0)

    is_open = Task.state == TaskState.OPEN
    oldest = session.scalar(select(func.min(Timer.due_at)))
    return [
        ("open_tasks", "Tasks that wait for a person", number(is_open)),
        ("late_tasks", "Open tasks past their limit", number(is_open, Task.due_at <= now)),
        ("active_instances", "Cases under way", number(Instance.state == "active")),
        ("open_incidents", "Steps that could not be run", number(Incident.resolved_at.is_(None))),
        ("jobs", "Jobs that wait for a handler or worker", number(Job.key > 0)),
        ("outbox", "Messages to the world that are not sent", number(Outbox.sent_at.is_(None))),
        ("timer_lag_seconds", "How long the most overdue timer has been due",
         max(0.0, (now - oldest).total_seconds()) if oldest is not None else 0.0),
        ("commits", "Commits since start", float(base.database().commits)),
    ]  # fmt: skip
