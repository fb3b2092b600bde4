"""/v2: operate an instance — suspend, resume, modify, set variables — as Camunda 8 names it.

That API has no reasons; ours takes one as `reason`, and writes "api" into the history without.
"""

from collections.abc import Mapping
from typing import Any

from flask import Response
from flask_smorest import Blueprint
from marshmallow import fields, validate
from sqlalchemy.orm import Session

from api.auth import actor
from api.v2.base import Input, database, key
from engine import operating, standing
from engine.errors import N_, InvalidInputError, NotFoundError
from engine.models import Instance
from engine.spiff import Change

blueprint = Blueprint("v2-operations", __name__, url_prefix="/v2", description="干预案件")

#: what stands for "inside the scope that runs"
_ANY_SCOPE = {None, "-1", -1}


class OperationIn(Input):
    """Why."""

    reason = fields.String(load_default="api", validate=validate.Length(min=1, max=500))


class ScopedVariablesIn(Input):
    """Variables of the process; those of inner scopes are not set from outside."""

    variables = fields.Dict(keys=fields.String(), required=True)
    scopeId = fields.String(load_default="", allow_none=True)


class ActivateIn(Input):
    """An element that gets a new token."""

    elementId = fields.String(required=True)
    ancestorElementInstanceKey = fields.Raw(load_default=None, allow_none=True)
    variableInstructions = fields.List(fields.Nested(ScopedVariablesIn), load_default=list)


class SourceIn(Input):
    """Which tokens: all on an element, or one by its key."""

    sourceElementId = fields.String(load_default=None, allow_none=True)
    sourceElementInstanceKey = fields.String(load_default=None, allow_none=True)


class MoveIn(Input):
    """Tokens that go to another element."""

    sourceElementInstruction = fields.Nested(SourceIn, required=True)
    targetElementId = fields.String(required=True)
    variableInstructions = fields.List(fields.Nested(ScopedVariablesIn), load_default=list)


class TerminateIn(Input):
    """Tokens that are taken away."""

    elementId = fields.String(load_default=None, allow_none=True)
    elementInstanceKey = fields.String(load_default=None, allow_none=True)


class ModificationIn(OperationIn):
    """What is to be done, all of it or nothing."""

    activateInstructions = fields.List(fields.Nested(ActivateIn), load_default=list)
    moveInstructions = fields.List(fields.Nested(MoveIn), load_default=list)
    terminateInstructions = fields.List(fields.Nested(TerminateIn), load_default=list)


class SetVariablesIn(OperationIn):
    """Variables of the process."""

    variables = fields.Dict(keys=fields.String(), required=True)


@blueprint.post("/process-instances/<instance_key>/suspension")
@blueprint.arguments(OperationIn, required=False)
@blueprint.response(204)
def suspend(given: Mapping[str, Any], instance_key: str) -> Response:
    """Hold an instance with all that it called."""
    with database().begin() as session:
        wanted = key(instance_key, N_("案件"))
        operating.suspend(session, actor(), wanted, reason=given.get("reason", "api"))
    return Response(status=204)


@blueprint.post("/process-instances/<instance_key>/resumption")
@blueprint.arguments(OperationIn, required=False)
@blueprint.response(204)
def resume(given: Mapping[str, Any], instance_key: str) -> Response:
    """Let a suspended instance go on."""
    with database().begin() as session:
        wanted = key(instance_key, N_("案件"))
        operating.resume(session, actor(), wanted, reason=given.get("reason", ""))
    return Response(status=204)


@blueprint.post("/process-instances/<instance_key>/modification")
@blueprint.arguments(ModificationIn)
@blueprint.response(204)
def modify(given: Mapping[str, Any], instance_key: str) -> Response:
    """Move tokens, put them on elements, take them away."""
    with database().begin() as session:
        wanted = key(instance_key, N_("案件"))
        operating.allowed(session, actor(), wanted)
        change = _change(session, wanted, given)
        operating.modify(session, actor(), wanted, change, reason=given["reason"])
    return Response(status=204)


@blueprint.put("/element-instances/<element_instance_key>/variables")
@blueprint.arguments(SetVariablesIn)
@blueprint.response(204)
def set_variables(given: Mapping[str, Any], element_instance_key: str) -> Response:
    """Set variables of the process; the key is the instance's own."""
    with database().begin() as session:
        wanted = key(element_instance_key, N_("案件"))
        if session.get(Instance, wanted) is None:
            raise NotFoundError(N_("只能改动整个流程的数据：请给出实例的编号。"))
        operating.set_variables(
            session, actor(), wanted, given["variables"], reason=given["reason"]
        )
    return Response(status=204)


def _change(session: Session, instance_key: int, given: Mapping[str, Any]) -> Change:
    moves, cancel, enter = [], [], []
    variables: dict[str, Any] = {}
    for one in given["moveInstructions"]:
        source = one["sourceElementInstruction"]
        tokens = _tokens(
            session, instance_key, source["sourceElementInstanceKey"], source["sourceElementId"]
        )
        moves += [(token, one["targetElementId"]) for token in tokens]
        variables |= _variables(one)
    for one in given["activateInstructions"]:
        if one["ancestorElementInstanceKey"] not in _ANY_SCOPE:
            raise InvalidInputError(
                N_("不支持 {name}。"), name="ancestorElementInstanceKey",
                fields={"ancestorElementInstanceKey": [N_("不支持这个字段。")]},
            )  # fmt: skip
        enter.append(one["elementId"])
        variables |= _variables(one)
    for one in given["terminateInstructions"]:
        cancel += _tokens(session, instance_key, one["elementInstanceKey"], one["elementId"])
    return Change(moves=moves, enter=enter, cancel=cancel, variables=variables)


def _tokens(
    session: Session, instance_key: int, given: str | None, element: str | None
) -> list[int]:
    if given:
        wanted = key(given, N_("令牌"))
        return [standing.token_of(session, instance_key, key=wanted, element=None)]
    found = standing.tokens_on(session, instance_key, element or "")
    if not found:
        raise InvalidInputError(
            N_("“{element}”上没有等待的令牌。"), element=element or "",
            fields={"elementId": [N_("这里没有等待的令牌。")]},
        )  # fmt: skip
    return found


def _variables(given: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in given["variableInstructions"]:
        if one["scopeId"]:
            raise InvalidInputError(
                N_("不支持 {name}。"), name="scopeId", fields={"scopeId": [N_("不支持这个字段。")]}
            )
        found |= one["variables"]
    return found
