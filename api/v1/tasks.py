"""/api/v1/tasks: the verbs that Camunda's API lacks, and a completion that says what came of it."""

from collections.abc import Mapping
from typing import Any

import orjson
from flask import Response, request
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate
from sqlalchemy.orm import Session

from api.auth import actor
from api.pages import files
from api.v2.base import database, key, moment, once
from engine import tasks
from engine.errors import N_, InvalidInputError

blueprint = Blueprint("v1-tasks", __name__, url_prefix="/api/v1/tasks", description="任务办理")


class CompletionIn(Schema):
    """The values of the form."""

    variables = fields.Dict(keys=fields.String(), load_default=dict)


class OpenedOut(Schema):
    """A task that came of it."""

    userTaskKey = fields.String()
    elementId = fields.String()
    name = fields.String()
    candidateGroup = fields.String(allow_none=True)
    dueDate = fields.String(allow_none=True)


class CompletionOut(Schema):
    """What a completion brought about."""

    opened = fields.List(fields.Nested(OpenedOut))
    ended = fields.Boolean()


class UrgeIn(Schema):
    """What to say."""

    text = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=200))


@blueprint.post("/<task_key>/completion")
@blueprint.doc(
    requestBody={"required": True, "content": {"application/json": {"schema": CompletionIn}}}
)
@blueprint.alt_response(200, schema=CompletionOut, success=True)
def complete(task_key: str) -> Response:
    """Complete a task; the answer names the tasks that opened."""
    wanted, values, who = key(task_key, N_("任务")), _variables(), actor()

    def command(session: Session) -> dict[str, Any]:
        done = tasks.complete(
            session, who, wanted, values, files=files.finder(session, who, task_key=wanted)
        )
        files.keep(session, who, done.instance_key, values)
        return _shown(done)

    answer = once({"complete": wanted, "variables": values}, command)
    return Response(orjson.dumps(answer), mimetype="application/json")


@blueprint.post("/<task_key>/urging")
@blueprint.arguments(UrgeIn)
@blueprint.response(204)
def urge(given: Mapping[str, Any], task_key: str) -> Response:
    """Urge whoever a task waits for."""
    with database().begin() as session:
        tasks.urge(session, actor(), key(task_key, N_("任务")), text=given["text"])
    return Response(status=204)


def _variables() -> dict[str, Any]:
    """Read the body by hand: the one request that a busy day is made of."""
    try:
        body = orjson.loads(request.get_data())
    except orjson.JSONDecodeError as error:
        raise InvalidInputError(
            N_("请求不是有效的 JSON。"), fields={"body": [str(error)]}
        ) from error
    if not isinstance(body, dict) or not isinstance(body.get("variables", {}), dict):
        raise InvalidInputError(
            N_("variables 须是一个对象。"), fields={"variables": [N_("须是一个对象。")]}
        )
    if unknown := sorted(set(body) - {"variables"}):
        raise InvalidInputError(
            N_("不认识 {names}。"), names=", ".join(unknown),
            fields={name: [N_("不认识这个字段。")] for name in unknown},
        )  # fmt: skip
    values: dict[str, Any] = body.get("variables", {})
    return values


def _shown(done: tasks.Completed) -> dict[str, Any]:
    return {
        "ended": done.ended,
        "opened": [
            {
                "userTaskKey": str(task.key),
                "elementId": task.element,
                "name": task.name,
                "candidateGroup": task.group,
                "dueDate": moment(task.due_at),
            }
            for task in done.opened
        ],
    }
