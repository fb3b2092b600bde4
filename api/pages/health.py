"""For machines that watch over this one: /healthz and /metrics."""

import hmac

from flask import Response, current_app, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy import text

from api import auth
from api.pages import base
from api.pages.base import pages
from engine import metrics as figures
from engine import scheduler
from engine.errors import N_, NotFoundError

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
    with base.read() as session:
        body = figures.render(session, commits=base.database().commits)
    return Response(body, content_type=CONTENT_TYPE_LATEST)


def _database() -> bool:
    try:
        with base.read() as session:
            session.execute(text("select 1"))
    except Exception:  # whatever it is, the answer is "not well"
        current_app.logger.exception("the database does not answer")
        return False
    return True


def _clockwork() -> bool:
    """Ask this process's clockwork; where it has none by choice, any other's heartbeat."""
    own = current_app.extensions.get("scheduler")
    if own is not None:
        return bool(own.alive())
    if base.settings().scheduler:
        return True  # not started by the server: a test, a command
    with base.read() as session:
        return scheduler.alive(session)
