"""/v2/incidents: steps that could not be run, and trying them again."""

from collections.abc import Mapping
from typing import Any

from flask import Response
from flask_smorest import Blueprint
from marshmallow import Schema, fields
from sqlalchemy import select

from api import texts
from api.auth import actor
from api.v2.base import (
    Input,
    PageOut,
    Searchable,
    SearchIn,
    database,
    key,
    moment,
    tenant_out,
    text,
    to_moment,
)
from engine import ids, incidents, instances
from engine.errors import N_
from engine.models import Definition, Incident, Instance

blueprint = Blueprint("v2-incidents", __name__, url_prefix="/v2", description="异常")

#: our codes -> Camunda's types; a job without retries is told by its job
_TYPES = {
    incidents.STEP_FAILED: "EXTRACT_VALUE_ERROR",
    incidents.TIMER_FAILED: "UNSPECIFIED",
    incidents.STUCK: "UNKNOWN",
    "error-uncaught": "UNHANDLED_ERROR_EVENT",
}


class IncidentOut(Schema):
    """One incident."""

    processDefinitionId = fields.String()
    errorType = fields.String()
    errorMessage = fields.String()
    elementId = fields.String()
    creationTime = fields.String()
    state = fields.String()
    tenantId = fields.String()
    incidentKey = fields.String()
    processDefinitionKey = fields.String()
    processInstanceKey = fields.String()
    rootProcessInstanceKey = fields.String(allow_none=True)
    elementInstanceKey = fields.String()
    jobKey = fields.String(allow_none=True)


class IncidentsOut(Schema):
    """A page of incidents."""

    items = fields.List(fields.Nested(IncidentOut))
    page = fields.Nested(PageOut)


def _state(wanted: Any) -> bool:
    """Read a state of the API as: is it resolved?"""
    if wanted not in {"ACTIVE", "RESOLVED"}:
        raise ValueError(wanted)
    return bool(wanted == "RESOLVED")


_rows = Searchable(
    {
        "incidentKey": Incident.key, "processInstanceKey": Incident.instance_key,
        "elementId": Incident.element, "tenantId": Incident.tenant_id,
        "creationTime": Incident.raised_at, "jobKey": Incident.job_key,
        "processDefinitionId": Instance.process_id,
        "processDefinitionKey": Instance.definition_key,
        "rootProcessInstanceKey": Instance.root_key, "state": Incident.resolved_at.is_not(None),
    },
    tie=Incident.key,
    convert={
        "incidentKey": int, "processInstanceKey": int, "jobKey": int, "processDefinitionKey": int,
        "rootProcessInstanceKey": int, "creationTime": to_moment, "state": _state,
    },
)  # fmt: skip


@blueprint.post("/incidents/search")
@blueprint.arguments(SearchIn)
@blueprint.response(200, IncidentsOut)
def search(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Find incidents of the projects that the asker looks after."""
    with database().read() as session:
        return _rows.page(session, _query(), asked, _shown)


@blueprint.post("/process-instances/<instance_key>/incidents/search")
@blueprint.arguments(SearchIn)
@blueprint.response(200, IncidentsOut)
def search_of_instance(asked: Mapping[str, Any], instance_key: str) -> dict[str, Any]:
    """Find the incidents of one instance."""
    with database().read() as session:
        found = instances.get(session, actor(), key(instance_key, N_("案件")))
        return _rows.page(session, _query().where(Instance.key == found.key), asked, _shown)


@blueprint.get("/incidents/<incident_key>")
@blueprint.response(200, IncidentOut)
def get(incident_key: str) -> dict[str, Any]:
    """Return one incident."""
    with database().read() as session:
        found = incidents.get(session, actor(), key(incident_key, N_("异常")))
        return _shown(session.execute(_query().where(Incident.key == found.key)).one())


@blueprint.post("/incidents/<incident_key>/resolution")
@blueprint.arguments(Input, required=False)
@blueprint.response(204)
def resolve(_given: Mapping[str, Any], incident_key: str) -> Response:
    """Try again what failed, and mark the incident as resolved."""
    with database().begin() as session:
        incidents.resolve(session, actor(), key(incident_key, N_("异常")))
    return Response(status=204)


def _query() -> Any:
    return (
        select(Incident, Instance, Definition.process_id)
        .join(Instance, Instance.key == Incident.instance_key)
        .join(Definition, Definition.key == Instance.definition_key)
        .where(incidents.visible(actor()))
    )


def _shown(row: Any) -> dict[str, Any]:
    incident, instance, process_id = row
    kind = _TYPES.get(incident.code, "JOB_NO_RETRIES" if incident.job_key else "UNSPECIFIED")
    return {
        "processDefinitionId": process_id,
        "errorType": kind,
        "errorMessage": " ".join(filter(None, [texts._(incident.message), incident.detail])),
        "elementId": incident.element,
        "creationTime": moment(incident.raised_at),
        "state": "ACTIVE" if incident.resolved_at is None else "RESOLVED",
        "tenantId": tenant_out(incident.tenant_id),
        "incidentKey": str(incident.key),
        "processDefinitionKey": str(instance.definition_key),
        "processInstanceKey": str(instance.key),
        "rootProcessInstanceKey": str(instance.root_key),
        "elementInstanceKey": str(ids.derived(instance.key, incident.token or incident.element)),
        "jobKey": text(incident.job_key),
    }
