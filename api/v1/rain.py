"""/api/v1/rain: rainy days of projects, for who is on duty and for machines that watch the weather."""

from collections.abc import Mapping
from typing import Any

from flask import Response
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from api.auth import actor
from api.v2.base import database, key, moment
from engine import rain
from engine.errors import N_, ForbiddenError
from engine.models import Rain
from engine.ports import ports
from processes import lookups

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


class RainyDayOut(RainOut):
    """A rainy day with how far it has come."""

    told = fields.Boolean()
    withdrawableUntil = fields.String(allow_none=True)


class RainyDaysOut(Schema):
    """Rainy days, newest first."""

    items = fields.List(fields.Nested(RainyDayOut))


@blueprint.get("")
@blueprint.response(200, RainyDaysOut)
def listed() -> dict[str, Any]:
    """List the rainy days of my projects, and until when each may be taken back."""
    who = actor()
    if not ports.can(who, "rain.record", None):
        raise ForbiddenError(N_("雨天由当班的客服、秩序或工程人员登记。"))
    with database().read() as session:
        mine = lookups.allowed(session, who, "rain.record")
        rows = rain.days(session, [one.tenant_id for one in mine])
        until = rain.open_until(session, rows)
    return {"items": [
        {**_shown(row), "told": row.signal_key is not None,
         "withdrawableUntil": moment(until.get(row.key))}
        for row in rows
    ]}  # fmt: skip


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
