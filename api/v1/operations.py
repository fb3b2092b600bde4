"""/api/v1: what those in charge do and Camunda's API has no name for: skip, fail, send back, restart."""

from collections.abc import Mapping
from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, ValidationError, fields, validate, validates_schema
from sqlalchemy.orm import Session

from api.auth import actor
from api.v1.tasks import OpenedOut
from api.v2.base import database, key, moment
from engine import operating, restarting, returning, standing, tasks
from engine.errors import N_, ForbiddenError
from engine.ports import ports
from engine.records import Effects

blueprint = Blueprint("v1-operations", __name__, url_prefix="/api/v1", description="干预案件")

_REASON = validate.Length(min=1, max=operating.LONGEST_REASON)


class DoneByHandIn(Schema):
    """Why."""

    reason = fields.String(required=True, validate=_REASON)


class SkipIn(DoneByHandIn):
    """A step that waits: by its key, or by the element when one token stands there."""

    elementInstanceKey = fields.String(load_default=None, allow_none=True)
    elementId = fields.String(load_default=None, allow_none=True)
    variables = fields.Dict(keys=fields.String(), load_default=dict)

    @validates_schema
    def names_one(self, data: Mapping[str, Any], **_more: Any) -> None:
        """Refuse a request that says neither which element nor which token."""
        if not (data.get("elementInstanceKey") or data.get("elementId")):
            raise ValidationError({"elementId": [N_("必填")]})


class FailIn(SkipIn):
    """The BPMN error that is thrown there."""

    errorCode = fields.String(required=True, validate=validate.Length(min=1, max=200))


class ReturnIn(DoneByHandIn):
    """The earlier step to go back to."""

    elementId = fields.String(required=True)


class OpenedTasksOut(Schema):
    """What came of it."""

    opened = fields.List(fields.Nested(OpenedOut))


class WaitingTokenOut(Schema):
    """A token that waits."""

    elementInstanceKey = fields.String()
    processInstanceKey = fields.String()
    elementId = fields.String()
    name = fields.String()
    waitsFor = fields.String()
    dueDate = fields.String(allow_none=True)
    targets = fields.List(fields.String())
    errorCodes = fields.List(fields.String())


class WaitingTokensOut(Schema):
    """Where the tokens of a case stand."""

    items = fields.List(fields.Nested(WaitingTokenOut))


class EarlierOut(Schema):
    """A step to which a task may go back."""

    elementId = fields.String()
    name = fields.String()
    userTaskKey = fields.String()


class EarlierStepsOut(Schema):
    """The steps to which a task may go back, the last one first."""

    items = fields.List(fields.Nested(EarlierOut))


class RestartedOut(Schema):
    """The new case."""

    processInstanceKey = fields.String()
    businessId = fields.String(allow_none=True)


@blueprint.get("/process-instances/<instance_key>/tokens")
@blueprint.response(200, WaitingTokensOut)
def tokens(instance_key: str) -> dict[str, Any]:
    """Return where a case and all that it called stands, and where each token may be put."""
    with database().read() as session:
        found = standing.of(session, actor(), key(instance_key, N_("案件")))
    return {"items": [_token(one) for one in found]}


@blueprint.post("/process-instances/<instance_key>/skipping")
@blueprint.arguments(SkipIn)
@blueprint.response(200, OpenedTasksOut)
def skip(given: Mapping[str, Any], instance_key: str) -> dict[str, Any]:
    """Let a waiting step count as done, with the data it would have given."""
    with database().begin() as session:
        wanted, token = _step(session, given, instance_key)
        return _opened(operating.skip(
            session, actor(), wanted, token, variables=given["variables"], reason=given["reason"]
        ))  # fmt: skip


@blueprint.post("/process-instances/<instance_key>/failing")
@blueprint.arguments(FailIn)
@blueprint.response(200, OpenedTasksOut)
def fail(given: Mapping[str, Any], instance_key: str) -> dict[str, Any]:
    """Throw a BPMN error where a step waits."""
    with database().begin() as session:
        wanted, token = _step(session, given, instance_key)
        return _opened(operating.fail_onward(
            session, actor(), wanted, token, code=given["errorCode"],
            variables=given["variables"], reason=given["reason"],
        ))  # fmt: skip


@blueprint.post("/process-instances/<instance_key>/restart")
@blueprint.arguments(DoneByHandIn)
@blueprint.response(200, RestartedOut)
def restart(given: Mapping[str, Any], instance_key: str) -> dict[str, Any]:
    """Begin a case anew from its start data; an open one is cancelled by it."""
    with database().begin() as session:
        wanted = key(instance_key, N_("案件"))
        new = restarting.restart(session, actor(), wanted, reason=given["reason"])
        return {"processInstanceKey": str(new.key), "businessId": new.business_key}


@blueprint.get("/tasks/<task_key>/earlier-steps")
@blueprint.response(200, EarlierStepsOut)
def earlier_steps(task_key: str) -> dict[str, Any]:
    """Return the steps to which a task may be sent back."""
    with database().read() as session:
        task = tasks.get(session, actor(), key(task_key, N_("任务")))
        if not ports.can(actor(), "task.return", task):
            raise ForbiddenError(N_("退回由办理人的主管办理。需要退回，请联系客户经理。"))
        found = returning.earlier(session, task)
    return {
        "items": [
            {"elementId": one.element, "name": one.name, "userTaskKey": str(one.task_key)}
            for one in found
        ]
    }


@blueprint.post("/tasks/<task_key>/returning")
@blueprint.arguments(ReturnIn)
@blueprint.response(200, OpenedTasksOut)
def send_back(given: Mapping[str, Any], task_key: str) -> dict[str, Any]:
    """Send a task back to an earlier step."""
    with database().begin() as session:
        return _opened(returning.send_back(
            session, actor(), key(task_key, N_("任务")), element=given["elementId"],
            reason=given["reason"],
        ))  # fmt: skip


def _step(session: Session, given: Mapping[str, Any], instance_key: str) -> tuple[int, int]:
    wanted = key(instance_key, N_("案件"))
    operating.allowed(session, actor(), wanted)
    named = given["elementInstanceKey"]
    return wanted, standing.token_of(
        session, wanted, key=key(named, N_("令牌")) if named else None, element=given["elementId"]
    )


def _opened(effects: Effects) -> dict[str, Any]:
    return {
        "opened": [
            {
                "userTaskKey": str(task.key),
                "elementId": task.element,
                "name": task.name,
                "candidateGroup": task.group,
                "dueDate": moment(task.due_at),
            }
            for task in effects.tasks
        ]
    }


def _token(one: standing.Standing) -> dict[str, Any]:
    return {
        "elementInstanceKey": str(one.key),
        "processInstanceKey": str(one.instance_key),
        "elementId": one.element,
        "name": one.name,
        "waitsFor": one.kind,
        "dueDate": moment(one.due_at),
        "targets": [element for element, _name in one.targets],
        "errorCodes": list(one.errors),
    }
