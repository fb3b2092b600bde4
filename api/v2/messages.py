"""/v2/messages and /v2/signals: what others tell the processes, in the payloads of Camunda 8."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate
from sqlalchemy.orm import Session

from api.auth import actor
from api.v2.base import Input, once, tenant_in, tenant_out
from engine import correlation, messages, signals

blueprint = Blueprint("v2-messages", __name__, url_prefix="/v2", description="消息和信号")

_NAME = validate.Length(min=1)


class CorrelationIn(Input):
    """A message for who waits for it now."""

    name = fields.String(required=True, validate=_NAME)
    correlationKey = fields.String(load_default="", allow_none=True)
    variables = fields.Dict(keys=fields.String(), load_default=dict, allow_none=True)
    tenantId = fields.String(load_default=None, allow_none=True)


class PublicationIn(CorrelationIn):
    """A message that is kept for some time (milliseconds)."""

    timeToLive = fields.Integer(load_default=0, allow_none=True)
    messageId = fields.String(load_default=None, allow_none=True)


class PublicationOut(Schema):
    """The key of the message."""

    tenantId = fields.String()
    messageKey = fields.String()


class CorrelationOut(PublicationOut):
    """The message, and the first instance that had it."""

    processInstanceKey = fields.String()


class SignalIn(Input):
    """A signal for everybody who waits for it now."""

    signalName = fields.String(required=True, validate=_NAME)
    variables = fields.Dict(keys=fields.String(), load_default=dict, allow_none=True)
    tenantId = fields.String(load_default=None, allow_none=True)


class SignalOut(Schema):
    """The key of the signal."""

    tenantId = fields.String()
    signalKey = fields.String()


@blueprint.post("/messages/publication")
@blueprint.arguments(PublicationIn)
@blueprint.response(200, PublicationOut)
def publish(given: Mapping[str, Any]) -> Any:
    """Publish a message; it is delivered a moment later, or when somebody begins to wait."""

    def command(session: Session) -> dict[str, str]:
        tenant_id = tenant_in(actor(), given["tenantId"])
        key = messages.publish(
            session, actor(), given["name"], given["correlationKey"], given["variables"] or {},
            tenant_id=tenant_id, message_id=given["messageId"] or None,
            time_to_live=timedelta(milliseconds=given["timeToLive"] or 0),
        )  # fmt: skip
        return {"tenantId": tenant_out(tenant_id), "messageKey": str(key)}

    return once({"publish": dict(given)}, command)


@blueprint.post("/messages/correlation")
@blueprint.arguments(CorrelationIn)
@blueprint.response(200, CorrelationOut)
def correlate(given: Mapping[str, Any]) -> Any:
    """Give a message to who waits for it now; 404 when nobody does."""

    def command(session: Session) -> dict[str, str]:
        tenant_id = tenant_in(actor(), given["tenantId"])
        done = correlation.correlate(
            session, actor(), given["name"], given["correlationKey"], given["variables"] or {},
            tenant_id=tenant_id,
        )  # fmt: skip
        return {
            "tenantId": tenant_out(tenant_id), "messageKey": str(done.message_key),
            "processInstanceKey": str(done.instance_key),
        }  # fmt: skip

    return once({"correlate": dict(given)}, command)


@blueprint.post("/signals/broadcast")
@blueprint.arguments(SignalIn)
@blueprint.response(200, SignalOut)
def broadcast(given: Mapping[str, Any]) -> Any:
    """Give a signal to all who wait for it at this moment."""

    def command(session: Session) -> dict[str, str]:
        tenant_id = tenant_in(actor(), given["tenantId"])
        key = signals.broadcast(
            session, actor(), given["signalName"], given["variables"] or {}, tenant_id=tenant_id
        )
        return {"tenantId": tenant_out(tenant_id), "signalKey": str(key)}

    return once({"broadcast": dict(given)}, command)
