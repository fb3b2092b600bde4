"""/api/v1/lint and /api/v1/deployments: what the editor asks after each change, and to publish."""

from collections.abc import Mapping
from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from api.auth import actor
from api.texts import language
from api.v2.base import database
from engine import deployments, lint
from engine.deployments import Resource
from engine.errors import N_, ForbiddenError, Problem
from engine.ports import ports

blueprint = Blueprint("v1-models", __name__, url_prefix="/api/v1", description="流程设计")


class DiagramIn(Schema):
    """A diagram as BPMN XML."""

    xml = fields.String(required=True, validate=validate.Length(max=4_000_000))


class DeploymentIn(DiagramIn):
    """A diagram to publish as the next version of its process."""

    name = fields.String(required=True, validate=validate.Regexp(r"^[\w.-]+\.bpmn$"))
    comment = fields.String(load_default=None, allow_none=True)


class ProblemOut(Schema):
    """One thing wrong, at an element."""

    rule = fields.String()
    severity = fields.String()
    element = fields.String(allow_none=True)
    line = fields.Integer(allow_none=True)
    zh = fields.String()
    en = fields.String()
    message = fields.String()


class LintOut(Schema):
    """Everything wrong with a diagram."""

    problems = fields.List(fields.Nested(ProblemOut))


class DeployedOut(Schema):
    """The versions now in force."""

    deploymentKey = fields.String()
    definitions = fields.List(fields.Dict())
    processDefinitionKey = fields.String(allow_none=True)
    version = fields.Integer(allow_none=True)


@blueprint.post("/lint")
@blueprint.arguments(DiagramIn)
@blueprint.response(200, LintOut)
def check(given: Mapping[str, Any]) -> dict[str, Any]:
    """Check a diagram against everything that is in force; nothing is stored."""
    if not ports.can(actor(), "definition.read", None):
        raise ForbiddenError(N_("您不能查看流程定义。"))
    with database().read() as session:
        world = deployments.world(session)
    problems = lint.check(given["xml"].encode(), world=world)
    return {"problems": [shown(problem) for problem in problems]}


@blueprint.post("/deployments")
@blueprint.arguments(DeploymentIn)
@blueprint.response(200, DeployedOut)
def deploy(given: Mapping[str, Any]) -> dict[str, Any]:
    """Publish a diagram: with the forms and decisions that are in force."""
    resource = Resource(given["name"], given["xml"].encode())
    with database().begin() as session:
        deployed = deployments.deploy(session, actor(), [resource], name=given["comment"])
        rows = [
            {"processDefinitionId": row.process_id, "version": row.version,
             "processDefinitionKey": str(row.key)}
            for row in deployed.definitions
        ]  # fmt: skip
        first: Mapping[str, Any] = rows[0] if rows else {}
        return {
            "deploymentKey": str(deployed.deployment.key),
            "definitions": rows,
            "processDefinitionKey": first.get("processDefinitionKey"),
            "version": first.get("version"),
        }


def shown(problem: Problem) -> dict[str, Any]:
    """Return a problem with its sentence in the asker's language."""
    return {
        "rule": problem.rule, "severity": problem.severity, "element": problem.element,
        "line": problem.line, "zh": problem.zh, "en": problem.en,
        "message": problem.zh if language() == "zh" else problem.en,
    }  # fmt: skip
