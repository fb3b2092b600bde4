"""/api/v1: why a limit was missed, pauses and extensions, and the rules of time."""

from collections.abc import Mapping
from typing import Any

from flask import Response
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from api.auth import actor
from api.v2.base import database, key, moment, once
from engine import (
    accounts,
    editions,
    extensions,
    instances,
    pauses,
    reapplying,
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


class RuleOut(Schema):
    """A rule of time in force."""

    kind = fields.String()
    code = fields.String()
    rule = fields.Dict()


class RulesOut(Schema):
    """The rules of an edition."""

    edition = fields.Integer(allow_none=True)
    items = fields.List(fields.Nested(RuleOut))


class ChangesOut(Schema):
    """Who changed what."""

    items = fields.List(fields.Dict())


class RuleIn(Schema):
    """A rule as it shall read; null takes it out of force."""

    kind = fields.String(required=True, validate=validate.OneOf(editions.KINDS))
    code = fields.String(required=True)
    rule = fields.Dict(required=True, allow_none=True)


class RulesIn(Schema):
    """Changes of rules."""

    changes = fields.List(fields.Nested(RuleIn), required=True)
    reason = fields.String(load_default="")


class PreviewOut(Schema):
    """Open limits that would change if the rules were applied to running cases."""

    moves = fields.List(fields.Dict())


class EditionOut(Schema):
    """The edition now in force."""

    edition = fields.Integer()


class ReappliedOut(Schema):
    """How many open limits changed."""

    changed = fields.Integer()


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


@blueprint.get("/policies")
@blueprint.response(200, RulesOut)
def rules() -> dict[str, Any]:
    """Return the rules of time in force."""
    _reader()
    with database().read() as session:
        edition = editions.newest(session)
        found = editions.rows(session, edition)
    items = [{"kind": kind, "code": code, "rule": row} for (kind, code), row in found.items()]
    return {"edition": edition, "items": items}


@blueprint.get("/policies/changes")
@blueprint.response(200, ChangesOut)
def changes() -> dict[str, Any]:
    """Return who changed which rule, the newest first."""
    _reader()
    with database().read() as session:
        found = editions.log(session)
    return {"items": [
        {"edition": c.edition, "at": moment(c.at), "by": str(c.by), "reason": c.reason,
         "kind": c.kind, "code": c.code, "before": c.before, "after": c.after}
        for c in found
    ]}  # fmt: skip


@blueprint.post("/policies/preview")
@blueprint.arguments(RulesIn)
@blueprint.response(200, PreviewOut)
def preview(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return which open limits a change would move; nothing is stored."""
    _keeper()
    with database().read() as session:
        wanted = _changes(given)
        editions.check(session, wanted)
        moves = reapplying.preview(session, editions.drafted(session, wanted))
    return {"moves": [
        {"userTaskKey": str(m.task_key), "name": m.name, "from": moment(m.before),
         "to": moment(m.after)}
        for m in moves
    ]}  # fmt: skip


@blueprint.post("/policies")
@blueprint.arguments(RulesIn)
@blueprint.response(200, EditionOut)
def change(given: Mapping[str, Any]) -> Any:
    """Put changed rules in force for cases that begin from now on."""
    wanted = _changes(given)
    return once({"policies": dict(given)}, lambda session: {
        "edition": editions.change(session, actor(), wanted, reason=given["reason"])
    })  # fmt: skip


@blueprint.post("/policies/reapplication")
@blueprint.response(200, ReappliedOut)
def reapply() -> dict[str, Any]:
    """Bring running cases to the rules in force."""
    return {"changed": reapplying.run(database(), actor())}


def _reader() -> None:
    if not ports.can(actor(), "policy.read", None):
        raise ForbiddenError(N_("时限规则由经理和品质部查看。"))


def _keeper() -> None:
    if not ports.can(actor(), "policy.manage", None):
        raise ForbiddenError(N_("时限规则由品质部或系统管理员维护。需要调整，请联系品质部。"))


def _changes(given: Mapping[str, Any]) -> editions.Changes:
    return {(one["kind"], one["code"]): one["rule"] for one in given["changes"]}


def _request(row: TimeRequest) -> dict[str, Any]:
    return {
        "timeRequestKey": str(row.key), "processInstanceKey": str(row.root_key),
        "userTaskKey": None if row.task_key is None else str(row.task_key), "kind": row.kind,
        "state": str(row.state), "code": row.code, "text": row.text, "until": moment(row.until),
    }  # fmt: skip
