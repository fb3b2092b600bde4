"""/api/v1/rain: rainy days of projects, for who is on duty and for machines that watch the weather."""

from collections.abc import Mapping
from typing import Any

from flask import Response
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from api.auth import actor
from api.v2.base import database, key, moment
from engine import rain
from engine.errors import N_
from engine.models import Rain

blueprint = Blueprint("v1-rain", __name__, url_prefix="/api/v1/rain", description="雨天登记")


class RainIn(Schema):
    """A rainy day."""

    tenantId = fields.String(required=True)
    date = fields.Date(required=True)
    level = fields.String(required=True, validate=validate.OneOf(list(rain.LEVELS)))
    note = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=100))


class RainOut(Schema):
    """A rainy day as it stands."""

    rainKey = fields.String()
    tenantId = fields.String()
    date = fields.String()
    level = fields.String()
    source = fields.String()
    note = fields.String(allow_none=True)
    withdrawnAt = fields.String(allow_none=True)


@blueprint.post("")
@blueprint.arguments(RainIn)
@blueprint.response(200, RainOut)
def record_day(given: Mapping[str, Any]) -> dict[str, Any]:
    """Record a rainy day; the same day again gives the same record."""
    with database().begin() as session:
        row = rain.record(session, actor(), given["tenantId"], given["date"],
                          level=given["level"], note=given["note"])  # fmt: skip
        return _shown(row)


@blueprint.post("/<rain_key>/withdrawal")
@blueprint.response(204)
def withdraw_day(rain_key: str) -> Response:
    """Take a record back while it has not been told."""
    with database().begin() as session:
        rain.withdraw(session, actor(), key(rain_key, N_("雨天记录")))
    return Response(status=204)


def _shown(row: Rain) -> dict[str, Any]:
    return {
        "rainKey": str(row.key), "tenantId": row.tenant_id, "date": row.on.isoformat(),
        "level": row.level, "source": row.source, "note": row.note,
        "withdrawnAt": moment(row.withdrawn_at),
    }  # fmt: skip
