"""POST /v2/deployments: put diagrams, forms and decisions in force together."""

from typing import Any

from flask import request
from flask_smorest import Blueprint
from marshmallow import Schema, fields

from api.auth import actor
from api.v2.base import DEFAULT_TENANT, database, tenant_out
from engine import deployments
from engine.deployments import Deployed, Resource
from engine.models import DecisionVersion, Definition, FormVersion
from engine.ports import COMPANY

blueprint = Blueprint("v2-deployments", __name__, url_prefix="/v2", description="部署")


class DeploymentOut(Schema):
    """A deployment and what it put in force."""

    deploymentKey = fields.String()
    tenantId = fields.String()
    deployments = fields.List(fields.Dict())


@blueprint.post("/deployments")
@blueprint.doc(
    requestBody={
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["resources"],
                    "properties": {
                        "resources": {
                            "type": "array",
                            "items": {"type": "string", "format": "binary"},
                        },
                        "tenantId": {"type": "string"},
                    },
                }
            }
        },
    }
)
@blueprint.response(200, DeploymentOut)
def create_deployment() -> dict[str, Any]:
    """Deploy files of the parts `resources`; refused ones are told by element, line and rule."""
    given = request.form.get("tenantId")
    tenant_id = COMPANY if given in (None, "", DEFAULT_TENANT) else given
    resources = [
        Resource(part.filename or "", part.read()) for part in request.files.getlist("resources")
    ]
    with database().begin() as session:
        deployed = deployments.deploy(session, actor(), resources, tenant_id=tenant_id)
        return _shown(deployed)


def _shown(deployed: Deployed) -> dict[str, Any]:
    return {
        "deploymentKey": str(deployed.deployment.key),
        "tenantId": tenant_out(deployed.deployment.tenant_id),
        "deployments": [
            *(_entry(processDefinition=process(row)) for row in deployed.definitions),
            *(_entry(form=form(row)) for row in deployed.forms),
            *(_entry(decisionDefinition=decision(row)) for row in deployed.decisions),
        ],
    }


def _entry(**known: Any) -> dict[str, Any]:
    empty = dict.fromkeys(
        ("processDefinition", "decisionDefinition", "decisionRequirements", "form", "resource")
    )
    return {**empty, **known}


def process(row: Definition) -> dict[str, Any]:
    """Return a deployed process as the API gives it."""
    return {
        "processDefinitionId": row.process_id,
        "processDefinitionVersion": row.version,
        "resourceName": row.resource,
        "tenantId": tenant_out(row.tenant_id),
        "processDefinitionKey": str(row.key),
    }


def form(row: FormVersion) -> dict[str, Any]:
    """Return a deployed form as the API gives it."""
    return {
        "formId": row.form_id,
        "version": row.version,
        "resourceName": row.resource,
        "tenantId": tenant_out(row.tenant_id),
        "formKey": str(row.key),
    }


def decision(row: DecisionVersion) -> dict[str, Any]:
    """Return a deployed decision as the API gives it."""
    return {
        "decisionDefinitionId": row.decision_id,
        "version": row.version,
        "name": row.name or row.decision_id,
        "tenantId": tenant_out(row.tenant_id),
        "decisionRequirementsId": row.requirements_id,
        "decisionDefinitionKey": str(row.key),
        "decisionRequirementsKey": str(row.deployment_key),
    }
