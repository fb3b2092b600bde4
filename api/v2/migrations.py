"""/v2/process-instances/{key}/migration: take one case to another version of its process."""

from collections.abc import Mapping
from typing import Any

from flask import Response
from flask_smorest import Blueprint
from marshmallow import fields

from api.auth import actor
from api.v2.base import Input, database, key
from engine import migrating
from engine.errors import N_

blueprint = Blueprint(
    "v2-migrations", __name__, url_prefix="/v2/process-instances", description="换版"
)


class MappingInstructionIn(Input):
    """How an element is called in the new version; what keeps its id need not be named."""

    sourceElementId = fields.String(required=True)
    targetElementId = fields.String(required=True)


class MigrationIn(Input):
    """Where to."""

    targetProcessDefinitionKey = fields.String(required=True)
    mappingInstructions = fields.List(fields.Nested(MappingInstructionIn), load_default=list)


@blueprint.post("/<instance_key>/migration")
@blueprint.arguments(MigrationIn)
@blueprint.response(204)
def migrate(given: Mapping[str, Any], instance_key: str) -> Response:
    """Move one instance; it stays as it is when it can't go, and the problems say why."""
    wanted = key(instance_key, N_("案件"))
    target = key(given["targetProcessDefinitionKey"], N_("流程版本"))
    with database().begin() as session:
        source = migrating.version_of(session, actor(), wanted)
        plan = migrating.plan(session, source, target, mapping(given))
        migrating.move(session, actor(), plan, wanted)
    return Response(status=204)


def mapping(given: Mapping[str, Any]) -> dict[str, str]:
    """Return the instructions as a mapping."""
    return {one["sourceElementId"]: one["targetElementId"] for one in given["mappingInstructions"]}
