"""/v2/process-instances: start, find, look at and cancel cases."""

from collections.abc import Mapping
from typing import Any

from flask import Response
from flask_smorest import Blueprint
from marshmallow import Schema, fields
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from api.auth import actor
from api.v2.base import (
    Input,
    PageOut,
    Searchable,
    SearchIn,
    database,
    key,
    moment,
    once,
    tenant_in,
    tenant_out,
    text,
    to_moment,
)
from api.v2.process_definitions import find as find_definition
from engine import compiled, ids, inbox, instances
from engine.errors import N_, InvalidInputError
from engine.models import Definition, Incident, Instance
from engine.ports import COMPANY

blueprint = Blueprint(
    "v2-process-instances", __name__, url_prefix="/v2/process-instances", description="流程实例"
)

_STATES = {
    "active": "ACTIVE",
    "suspended": "SUSPENDED",
    "completed": "COMPLETED",
    "cancelled": "TERMINATED",
}
_FROM_STATES = {shown: kept for kept, shown in _STATES.items()} | {"CANCELED": "cancelled"}


class CreateIn(Input):
    """What to start: a process by id (the version in force) or by the key of a version."""

    processDefinitionId = fields.String(load_default=None, allow_none=True)
    processDefinitionKey = fields.String(load_default=None, allow_none=True)
    processDefinitionVersion = fields.Integer(load_default=-1)
    variables = fields.Dict(keys=fields.String(), load_default=dict)
    tenantId = fields.String(load_default=None, allow_none=True)
    businessId = fields.String(load_default=None, allow_none=True)
    awaitCompletion = fields.Boolean(load_default=False)
    startInstructions = fields.List(fields.Dict(), load_default=list)


class CreatedOut(Schema):
    """The started instance."""

    processDefinitionId = fields.String()
    processDefinitionVersion = fields.Integer()
    tenantId = fields.String()
    variables = fields.Dict()
    processDefinitionKey = fields.String()
    processInstanceKey = fields.String()
    tags = fields.List(fields.String())
    businessId = fields.String(allow_none=True)


class InstanceOut(Schema):
    """One instance."""

    processDefinitionId = fields.String()
    processDefinitionName = fields.String(allow_none=True)
    processDefinitionVersion = fields.Integer()
    processDefinitionVersionTag = fields.String(allow_none=True)
    startDate = fields.String()
    endDate = fields.String(allow_none=True)
    state = fields.String()
    suspendedDate = fields.String(allow_none=True)
    hasIncident = fields.Boolean()
    tenantId = fields.String()
    processInstanceKey = fields.String()
    processDefinitionKey = fields.String()
    parentProcessInstanceKey = fields.String(allow_none=True)
    parentElementInstanceKey = fields.String(allow_none=True)
    rootProcessInstanceKey = fields.String(allow_none=True)
    tags = fields.List(fields.String())
    businessId = fields.String(allow_none=True)


class InstancesOut(Schema):
    """A page of instances."""

    items = fields.List(fields.Nested(InstanceOut))
    page = fields.Nested(PageOut)


_open_incident = exists().where(
    Incident.instance_key == Instance.key, Incident.resolved_at.is_(None)
)
_rows = Searchable(
    {
        "processInstanceKey": Instance.key, "processDefinitionKey": Instance.definition_key,
        "processDefinitionId": Instance.process_id, "processDefinitionName": Definition.name,
        "processDefinitionVersion": Definition.version,
        "processDefinitionVersionTag": Definition.version_tag,
        "parentProcessInstanceKey": Instance.parent_key, "startDate": Instance.started_at,
        "endDate": Instance.ended_at, "state": Instance.state, "tenantId": Instance.tenant_id,
        "businessId": Instance.business_key, "hasIncident": _open_incident,
    },
    tie=Instance.key,
    convert={
        "processInstanceKey": int, "processDefinitionKey": int, "parentProcessInstanceKey": int,
        "startDate": to_moment, "endDate": to_moment, "state": _FROM_STATES.__getitem__,
    },
)  # fmt: skip


@blueprint.post("")
@blueprint.arguments(CreateIn)
@blueprint.response(200, CreatedOut)
def create(given: Mapping[str, Any]) -> dict[str, Any]:
    """Start an instance in a project."""
    _refuse_unsupported(given)

    def command(session: Session) -> dict[str, Any]:
        tenant_id = tenant_in(actor(), given["tenantId"])
        instance = instances.start_version(
            session, actor(), _version(session, given, tenant_id), tenant_id=tenant_id,
            variables=given["variables"], business_key=given["businessId"],
        )  # fmt: skip
        return _created(session, instance)

    created: dict[str, Any] = once({"create": dict(given)}, command)
    return created


@blueprint.post("/search")
@blueprint.arguments(SearchIn)
@blueprint.response(200, InstancesOut)
def search(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Find instances of the asker's projects."""
    with database().read() as session:
        return _rows.page(session, _query(), asked, _shown)


@blueprint.get("/<instance_key>")
@blueprint.response(200, InstanceOut)
def get(instance_key: str) -> dict[str, Any]:
    """Return one instance."""
    with database().read() as session:
        found = instances.get(session, actor(), key(instance_key, N_("案件")))
        row = session.execute(_query().where(Instance.key == found.key)).one()
        return _shown(row)


@blueprint.post("/<instance_key>/cancellation")
@blueprint.arguments(Input, required=False)
@blueprint.response(204)
def cancel(_given: Mapping[str, Any], instance_key: str) -> Response:
    """End an instance and what it called."""
    with database().begin() as session:
        instances.cancel(session, actor(), key(instance_key, N_("案件")), reason="api")
    return Response(status=204)


def _query() -> Any:
    query = select(
        Instance, Definition.name, Definition.version, Definition.version_tag, _open_incident
    ).join(Definition, Definition.key == Instance.definition_key)
    return query.where(inbox.visible_cases(actor()))


def _refuse_unsupported(given: Mapping[str, Any]) -> None:
    if given["awaitCompletion"] or given["startInstructions"]:
        name = "awaitCompletion" if given["awaitCompletion"] else "startInstructions"
        raise InvalidInputError(
            N_("不支持 {name}。"), name=name, fields={name: [N_("不支持这个字段。")]}
        )


def _version(session: Session, given: Mapping[str, Any], tenant_id: str) -> compiled.Compiled:
    if given["processDefinitionKey"]:
        row = find_definition(session, given["processDefinitionKey"])
        return compiled.compiled(session, row.key)
    process_id = given["processDefinitionId"]
    if not process_id:
        raise InvalidInputError(
            N_("请给出 processDefinitionId 或 processDefinitionKey。"),
            fields={"processDefinitionId": [N_("必填")]},
        )
    if given["processDefinitionVersion"] in (-1, 0, None):
        return compiled.newest(session, process_id, tenant_id)
    query = select(Definition.key).where(
        Definition.process_id == process_id,
        Definition.version == given["processDefinitionVersion"],
        Definition.tenant_id.in_((tenant_id, COMPANY)),
    )
    found = session.scalars(query).first()
    return compiled.compiled(session, 0 if found is None else found)


def _created(session: Session, row: Instance) -> dict[str, Any]:
    which = compiled.compiled(session, row.definition_key)
    return {
        "processDefinitionId": which.process_id,
        "processDefinitionVersion": which.version,
        "tenantId": tenant_out(row.tenant_id),
        "variables": row.variables,
        "processDefinitionKey": str(which.key),
        "processInstanceKey": str(row.key),
        "tags": [],
        "businessId": row.business_key,
    }


def _shown(row: Any) -> dict[str, Any]:
    instance, name, version, version_tag, has_incident = row
    return {
        "processDefinitionId": instance.process_id,
        "processDefinitionName": name,
        "processDefinitionVersion": version,
        "processDefinitionVersionTag": version_tag,
        "startDate": moment(instance.started_at),
        "endDate": moment(instance.ended_at),
        "state": _STATES[instance.state],
        "suspendedDate": moment(instance.suspended_at),
        "hasIncident": bool(has_incident),
        "tenantId": tenant_out(instance.tenant_id),
        "processInstanceKey": str(instance.key),
        "processDefinitionKey": str(instance.definition_key),
        "parentProcessInstanceKey": text(instance.parent_key),
        "parentElementInstanceKey": text(
            None
            if instance.parent_token is None
            else ids.derived(instance.parent_key, instance.parent_token)
        ),
        "rootProcessInstanceKey": str(instance.root_key),
        "tags": [],
        "businessId": instance.business_key,
    }
