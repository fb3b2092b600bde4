"""/api/v1: why a limit was missed, pauses and extensions."""

from collections.abc import Mapping
from typing import Any

from flask import Response
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from api.auth import actor
from api.v2.base import database, key, moment
from engine import (
    accounts,
    extensions,
    instances,
    pauses,
    tasks,
    time_requests,
)
from engine.errors import N_, ConflictError, ForbiddenError
from engine.models import TimeRequest
from engine.policies import DONE
from engine.ports import ports

blueprint = Blueprint("v1-time", __name__, url_prefix="/api/v1", description="时限")

_TEXT = validate.Length(min=1, max=200)


class PauseIn(Schema):
    """Why a case is to stand still, and until when."""

    code = fields.String(required=True)
    text = fields.String(required=True, validate=_TEXT)
    until = fields.AwareDateTime(load_default=None, allow_none=True)


class ExtensionIn(Schema):
    """How much time a task needs, and why."""

    until = fields.AwareDateTime(required=True)
    text = fields.String(required=True, validate=_TEXT)


class DecisionIn(Schema):
    """The answer to a request."""

    grant = fields.Boolean(required=True)
    answer = fields.String(load_default="", validate=validate.Length(max=200))


class RequestOut(Schema):
    """A request for time."""

    timeRequestKey = fields.String()
    processInstanceKey = fields.String()
    userTaskKey = fields.String(allow_none=True)
    kind = fields.String()
    state = fields.String()
    code = fields.String(allow_none=True)
    text = fields.String()
    until = fields.String()


class RequestsOut(Schema):
    """Requests that wait for a decision."""

    items = fields.List(fields.Nested(RequestOut))


class AccountOut(Schema):
    """A limit told span by span, with the rows of history on the way."""

    start = fields.String()
    due = fields.String()
    end = fields.String()
    late = fields.Boolean()
    agrees = fields.Boolean()
    allowedMinutes = fields.Integer()
    usedMinutes = fields.Integer()
    spans = fields.List(fields.Dict())
    events = fields.List(fields.Dict())


@blueprint.get("/tasks/<task_key>/account")
@blueprint.response(200, AccountOut)
def account(task_key: str) -> dict[str, Any]:
    """Tell how a task's limit came to be used up."""
    with database().read() as session:
        task = tasks.get(session, actor(), key(task_key, N_("任务")))
        told = accounts.of_task(session, task, DONE)
        if told is None:
            raise ConflictError(N_("“{task}”没有时限。"), task=task.name)
        return {
            "start": moment(told.start), "due": moment(told.due), "end": moment(told.end),
            "late": told.late, "agrees": told.agrees,
            "allowedMinutes": told.allowed.total_seconds() // 60,
            "usedMinutes": told.used.total_seconds() // 60,
            "spans": [{"begin": moment(s.begin), "end": moment(s.end), "counted": s.counted,
                       "reason": s.reason, "word": s.word} for s in told.spans],
            "events": [{"sequence": m.seq, "at": moment(m.at), "kind": m.kind,
                        "percent": m.percent,
                        "usedMinutes": m.used.total_seconds() // 60} for m in told.marks],
        }  # fmt: skip


@blueprint.post("/tasks/<task_key>/extension")
@blueprint.arguments(ExtensionIn)
@blueprint.response(200, RequestOut)
def extend(given: Mapping[str, Any], task_key: str) -> dict[str, Any]:
    """Ask for more time for a task."""
    with database().begin() as session:
        return _request(extensions.ask(
            session, actor(), key(task_key, N_("任务")), until=given["until"], text=given["text"]
        ))  # fmt: skip


@blueprint.post("/cases/<instance_key>/pause")
@blueprint.arguments(PauseIn)
@blueprint.response(200, RequestOut)
def pause(given: Mapping[str, Any], instance_key: str) -> dict[str, Any]:
    """Pause a case's clocks, or ask for it."""
    with database().begin() as session:
        found = instances.get(session, actor(), key(instance_key, N_("案件")))
        return _request(pauses.ask(
            session, actor(), found.key, code=given["code"], until=given["until"],
            text=given["text"],
        ))  # fmt: skip


@blueprint.post("/cases/<instance_key>/resumption")
@blueprint.response(204)
def resume(instance_key: str) -> Response:
    """Let a case's clocks run on."""
    with database().begin() as session:
        found = instances.get(session, actor(), key(instance_key, N_("案件")))
        pauses.resume(session, actor(), found.key)
    return Response(status=204)


@blueprint.get("/time-requests")
@blueprint.response(200, RequestsOut)
def requests() -> dict[str, Any]:
    """List what waits for this person's decision."""
    if not ports.can(actor(), "limit.grant", None):
        raise ForbiddenError(N_("暂停和延期由经理批准，不能批准自己的申请。"))
    with database().read() as session:
        return {"items": [_request(r) for r in time_requests.open_requests(session, actor())]}


@blueprint.post("/time-requests/<request_key>/decision")
@blueprint.arguments(DecisionIn)
@blueprint.response(200, RequestOut)
def decide(given: Mapping[str, Any], request_key: str) -> dict[str, Any]:
    """Grant or refuse a request."""
    with database().begin() as session:
        return _request(time_requests.decide(
            session, actor(), key(request_key, N_("申请")), grant=given["grant"],
            answer=given["answer"],
        ))  # fmt: skip


def _request(row: TimeRequest) -> dict[str, Any]:
    return {
        "timeRequestKey": str(row.key), "processInstanceKey": str(row.root_key),
        "userTaskKey": None if row.task_key is None else str(row.task_key), "kind": row.kind,
        "state": str(row.state), "code": row.code, "text": row.text, "until": moment(row.until),
    }  # fmt: skip
