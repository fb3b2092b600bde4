"""/api/v1/process-definitions/…: take the instances of a version to another one, in small units.

Each call looks at or moves a bounded number of instances; `after` leads to the next ones.
"""

from collections.abc import Mapping
from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from api.auth import actor
from api.v1.models import ProblemOut, shown
from api.v2.base import database, key, tenant_out, text
from api.v2.migrations import mapping
from engine import migrating
from engine.errors import N_, ForbiddenError
from engine.ports import ports

blueprint = Blueprint(
    "v1-migrations", __name__, url_prefix="/api/v1/process-definitions", description="换版"
)


class RenamedIn(Schema):
    """How an element is called in the new version."""

    sourceElementId = fields.String(required=True)
    targetElementId = fields.String(required=True)


class PlanIn(Schema):
    """Where to, and which instances next."""

    targetProcessDefinitionKey = fields.String(required=True)
    mappingInstructions = fields.List(fields.Nested(RenamedIn), load_default=list)
    after = fields.String(load_default=None, allow_none=True)
    limit = fields.Integer(
        load_default=migrating.MOST, validate=validate.Range(1, migrating.MOST)
    )  # fmt: skip


class VerdictOut(Schema):
    """What is said of one instance."""

    processInstanceKey = fields.String()
    businessId = fields.String(allow_none=True)
    tenantId = fields.String()
    steps = fields.List(fields.String())
    movable = fields.Boolean()
    problems = fields.List(fields.Nested(ProblemOut))


class VerdictsOut(Schema):
    """Some instances; `after` is null at the end."""

    running = fields.Integer()
    instances = fields.List(fields.Nested(VerdictOut))
    after = fields.String(allow_none=True)


@blueprint.post("/<definition_key>/migration-plan")
@blueprint.arguments(PlanIn)
@blueprint.response(200, VerdictsOut)
def check(given: Mapping[str, Any], definition_key: str) -> dict[str, Any]:
    """Say for each instance whether it can move and why not; nothing changes."""
    _require()
    source = key(definition_key, N_("流程版本"))
    with database().read() as session:
        plan = migrating.plan(session, source, _target(given), mapping(given))
        page = migrating.dry_run(
            session, actor(), plan, after=_after(given), limit=given["limit"]
        )  # fmt: skip
        return _shown(page, migrating.running(session, actor(), source))


@blueprint.post("/<definition_key>/migration")
@blueprint.arguments(PlanIn)
@blueprint.response(200, VerdictsOut)
def move(given: Mapping[str, Any], definition_key: str) -> dict[str, Any]:
    """Move the next instances, each on its own; who can't go is told why and stays."""
    _require()
    source = key(definition_key, N_("流程版本"))
    with database().read() as session:
        plan = migrating.plan(session, source, _target(given), mapping(given))
    page = migrating.move_some(
        database(), actor(), plan, after=_after(given), limit=given["limit"]
    )  # fmt: skip
    with database().read() as session:
        return _shown(page, migrating.running(session, actor(), source))


def _require() -> None:
    if not ports.can(actor(), "instance.migrate", None):
        raise ForbiddenError(N_("换版由项目经理、品质部或系统管理员办理。"))


def _target(given: Mapping[str, Any]) -> int:
    return key(given["targetProcessDefinitionKey"], N_("流程版本"))


def _after(given: Mapping[str, Any]) -> int:
    return 0 if given["after"] is None else key(given["after"], N_("案件"))


def _shown(page: migrating.Page, running: int) -> dict[str, Any]:
    return {
        "running": running,
        "after": text(page.after),
        "instances": [
            {
                "processInstanceKey": str(one.instance_key),
                "businessId": one.business_key,
                "tenantId": tenant_out(one.tenant_id),
                "steps": list(one.steps),
                "movable": one.movable,
                "problems": [shown(problem) for problem in one.problems],
            }
            for one in page.verdicts
        ],
    }
