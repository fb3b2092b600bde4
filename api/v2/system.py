"""/v2/topology, /v2/status, /v2/authentication/me: what a client asks before it starts."""

from typing import Any

from flask import Response
from flask_smorest import Blueprint
from marshmallow import Schema, fields

from api.auth import actor, anyone
from api.v2.base import tenant_out

blueprint = Blueprint("v2-system", __name__, url_prefix="/v2", description="系统")


class TopologyOut(Schema):
    """One process that answers for everything."""

    brokers = fields.List(fields.Dict())
    clusterId = fields.String(allow_none=True)
    clusterSize = fields.Integer()
    partitionsCount = fields.Integer()
    replicationFactor = fields.Integer()
    gatewayVersion = fields.String()
    lastCompletedChangeId = fields.String()


class MeOut(Schema):
    """Who is asking."""

    username = fields.String()
    displayName = fields.String()
    email = fields.String(allow_none=True)
    authorizedComponents = fields.List(fields.String())
    tenants = fields.List(fields.Dict())
    groups = fields.List(fields.String())
    roles = fields.List(fields.String())
    salesPlanType = fields.String(allow_none=True)
    c8Links = fields.Dict()
    canLogout = fields.Boolean()


@blueprint.get("/topology")
@blueprint.response(200, TopologyOut)
def topology() -> dict[str, Any]:
    """Say that one node answers for everything."""
    return {
        "brokers": [], "clusterId": "wuyeflow", "clusterSize": 1, "partitionsCount": 1,
        "replicationFactor": 1, "gatewayVersion": "8.9.0", "lastCompletedChangeId": "-1",
    }  # fmt: skip


@blueprint.get("/status")
@blueprint.response(204)
@anyone
def status() -> Response:
    """Say that the server answers."""
    return Response(status=204)


@blueprint.get("/authentication/me")
@blueprint.response(200, MeOut)
def me() -> dict[str, Any]:
    """Say who is asking, with groups and projects."""
    asker = actor()
    groups = sorted({group for group, _ in asker.memberships})
    return {
        "username": asker.username, "displayName": asker.name, "email": None,
        "authorizedComponents": ["*"], "groups": groups, "roles": groups,
        "tenants": [
            {"tenantId": tenant_out(tenant), "name": tenant_out(tenant), "description": None}
            for tenant in sorted(asker.tenants())
        ],
        "salesPlanType": None, "c8Links": {}, "canLogout": True,
    }  # fmt: skip
