"""/v2/process-definitions: the versions of processes in force and before."""

from collections.abc import Mapping
from typing import Any

from flask import Response
from flask_smorest import Blueprint
from marshmallow import Schema, fields
from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from api.auth import actor
from api.v2.base import PageOut, Searchable, SearchIn, database, key, tenant_out
from api.v2.forms import shown as shown_form
from engine import compiled
from engine.errors import N_, ForbiddenError, NotFoundError
from engine.models import Content, Definition, FormVersion
from engine.ports import COMPANY, ports

blueprint = Blueprint(
    "v2-process-definitions", __name__, url_prefix="/v2/process-definitions", description="流程定义"
)


class DefinitionOut(Schema):
    """One version of a process."""

    name = fields.String(allow_none=True)
    resourceName = fields.String()
    version = fields.Integer()
    versionTag = fields.String(allow_none=True)
    processDefinitionId = fields.String()
    tenantId = fields.String()
    processDefinitionKey = fields.String()
    hasStartForm = fields.Boolean()
    state = fields.String()


class DefinitionsOut(Schema):
    """A page of versions."""

    items = fields.List(fields.Nested(DefinitionOut))
    page = fields.Nested(PageOut)


_rows = Searchable(
    {
        "name": Definition.name, "resourceName": Definition.resource,
        "version": Definition.version, "versionTag": Definition.version_tag,
        "processDefinitionId": Definition.process_id, "tenantId": Definition.tenant_id,
        "processDefinitionKey": Definition.key,
    },
    tie=Definition.key,
    convert={"processDefinitionKey": int, "tenantId": lambda t: COMPANY if t == "<default>" else t},
)  # fmt: skip


@blueprint.post("/search")
@blueprint.arguments(SearchIn)
@blueprint.response(200, DefinitionsOut)
def search(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Find versions; `isLatestVersion` keeps the newest of each process."""
    wanted = dict(asked["filter"])
    query = select(Definition).where(Definition.tenant_id.in_({COMPANY, *actor().tenants()}))
    if wanted.pop("isLatestVersion", False):
        other = aliased(Definition)
        newest = (
            select(func.max(other.version))
            .where(
                other.process_id == Definition.process_id, other.tenant_id == Definition.tenant_id
            )
            .scalar_subquery()
        )
        query = query.where(Definition.version == newest)
    with database().read() as session:
        _check()
        return _rows.page(
            session, query, {**asked, "filter": wanted}, lambda row: _shown(session, row[0])
        )


@blueprint.get("/<definition_key>")
@blueprint.response(200, DefinitionOut)
def get(definition_key: str) -> dict[str, Any]:
    """Return one version."""
    with database().read() as session:
        return _shown(session, find(session, definition_key))


@blueprint.get("/<definition_key>/xml")
@blueprint.response(200, content_type="text/xml")
def xml(definition_key: str) -> Response:
    """Return the diagram of one version, as it was deployed."""
    with database().read() as session:
        row = find(session, definition_key)
        body = session.get_one(Content, row.hash).body
    return Response(body, mimetype="text/xml")


@blueprint.get("/<definition_key>/form")
@blueprint.response(200)
def start_form(definition_key: str) -> Any:
    """Return the form of the start event; 204 when there is none."""
    with database().read() as session:
        which = compiled.compiled(session, find(session, definition_key).key)
        start = next((e for e in which.process.elements.values() if e.type == "startEvent"), None)
        if start is None or start.form is None:
            return Response(status=204)
        form_key = compiled.form_key(session, which, start.form)
        return shown_form(session, session.get_one(FormVersion, form_key))


def find(session: Session, definition_key: str) -> Definition:
    """Return a version that the asker may see."""
    _check()
    row = session.get(Definition, key(definition_key, N_("流程版本")))
    if row is None or row.tenant_id not in {COMPANY, *actor().tenants()}:
        raise NotFoundError(N_("没有编号为 {key} 的流程版本"), key=definition_key)
    return row


def _check() -> None:
    if not ports.can(actor(), "definition.read", None):
        raise ForbiddenError(N_("您不能查看流程定义。"))


def _shown(session: Session, row: Definition) -> dict[str, Any]:
    elements = compiled.compiled(session, row.key).process.elements.values()
    return {
        "name": row.name,
        "resourceName": row.resource,
        "version": row.version,
        "versionTag": row.version_tag,
        "processDefinitionId": row.process_id,
        "tenantId": tenant_out(row.tenant_id),
        "processDefinitionKey": str(row.key),
        "hasStartForm": any(e.type == "startEvent" and e.form is not None for e in elements),
        "state": "ACTIVE",
    }
