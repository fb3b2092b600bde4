"""The API in the names and payloads of the Camunda 8 Orchestration Cluster REST API (decision 16).

What this product has and Camunda's API has not lies under /api/v1. Unknown keys are ignored here,
as that API does; keys are strings of 63-bit integers.
"""

from typing import Any

from flask_smorest import Api

from api.v2 import (
    deployments,
    forms,
    incidents,
    jobs,
    messages,
    migrations,
    operations,
    process_definitions,
    process_instances,
    system,
    user_tasks,
    variables,
)

BLUEPRINTS = (
    system.blueprint,
    deployments.blueprint,
    process_definitions.blueprint,
    process_instances.blueprint,
    migrations.blueprint,
    operations.blueprint,
    incidents.blueprint,
    user_tasks.blueprint,
    variables.blueprint,
    forms.blueprint,
    jobs.blueprint,
    messages.blueprint,
)


def init(api: Api) -> None:
    """Open the endpoints under /v2."""
    for blueprint in BLUEPRINTS:
        api.register_blueprint(blueprint)


def problem_schema() -> dict[str, Any]:
    """Return the schema of an RFC 9457 problem, for the description of the API."""
    text = {"type": "string"}
    return {
        "type": "object",
        "required": ["type", "title", "status"],
        "properties": {
            "type": text,
            "title": text,
            "status": {"type": "integer"},
            "code": text,
            "detail": text,
            "instance": text,
            "errors": {"type": "object", "additionalProperties": True},
            "problems": {"type": "array", "items": {"type": "object"}},
        },
    }
