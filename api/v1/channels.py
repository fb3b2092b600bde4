"""/api/v1/channels: robots, web hooks and gateways; letters that could not be sent.

Addresses and secrets go in and never come out.
"""

from collections.abc import Mapping
from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate
from sqlalchemy.orm import Session

from api.auth import actor
from api.v2.base import database, fields_named, key, moment, once
from engine import mail, outbox
from engine.errors import N_, ForbiddenError, InvalidInputError, NotFoundError
from engine.models import Channel, Outbox
from engine.outward import channels, kinds, world
from engine.ports import COMPANY, ports

blueprint = Blueprint("v1-channels", __name__, url_prefix="/api/v1", description="通知通道")

_NAME = validate.Length(min=1, max=100)
_ADDRESS, _SECRET = validate.Length(max=2000), validate.Length(max=500)
_KIND = validate.OneOf([kind.key for kind in kinds.KINDS])
#: names of the API -> those of the engine
_COLUMNS = {"tenantId": "tenant_id", "kinds": "wanted"}


class ChannelChangeIn(Schema):
    """What a channel shall be; what is left out stays, an empty secret too."""

    name = fields.String(validate=_NAME)
    url = fields.String(validate=_ADDRESS)
    secret = fields.String(validate=_SECRET)
    tenantId = fields.String()
    kinds = fields.List(fields.String(validate=_KIND))
    active = fields.Boolean()


class ChannelIn(Schema):
    """A new channel; `tenantId` `*`: for the notices of every project."""

    kind = fields.String(required=True, validate=validate.OneOf(list(channels.KINDS)))
    name = fields.String(required=True, validate=_NAME)
    url = fields.String(required=True, validate=_ADDRESS)
    secret = fields.String(load_default="", validate=_SECRET)
    tenantId = fields.String(load_default=COMPANY)
    kinds = fields.List(fields.String(validate=_KIND), load_default=lambda: list(kinds.LOUD))


class ChannelOut(Schema):
    """A channel; of its address only what tells it apart."""

    channelKey = fields.String()
    kind = fields.String()
    name = fields.String()
    tenantId = fields.String()
    address = fields.String()
    kinds = fields.List(fields.String())
    active = fields.Boolean()
    createdAt = fields.String()
    error = fields.String(allow_none=True)


class ChannelsOut(Schema):
    """All channels, also those switched off."""

    items = fields.List(fields.Nested(ChannelOut))


class MailTestIn(Schema):
    """Where a test mail goes."""

    address = fields.String(required=True, validate=validate.Length(max=200))


class TestedOut(Schema):
    """The other side took it."""

    delivered = fields.Boolean()


class LetterOut(Schema):
    """A letter that nobody tries to send any more."""

    letterKey = fields.String()
    kind = fields.String()
    tenantId = fields.String()
    attempts = fields.Integer()
    error = fields.String(allow_none=True)


class LettersOut(Schema):
    """Letters that were given up, and how many failed and are still tried."""

    items = fields.List(fields.Nested(LetterOut))
    retrying = fields.Integer()


class RetriedOut(Schema):
    """The letter is tried again now."""

    letterKey = fields.String()


@blueprint.get("/channels")
@blueprint.response(200, ChannelsOut)
def listed() -> dict[str, Any]:
    """List the channels."""
    _require()
    with database().read() as session:
        return {"items": [_shown(row) for row in channels.every(session)]}


@blueprint.post("/channels")
@blueprint.arguments(ChannelIn)
@blueprint.response(200, ChannelOut)
def add(given: Mapping[str, Any]) -> Any:
    """Set a channel up; who adds one here knows its secret, none is made and shown."""
    _require()
    if given["kind"] in channels.SIGNED and not given["secret"].strip():
        text = N_("请给出签名密钥：接口从不给出密钥。")
        raise InvalidInputError(text, fields={"secret": [text]})
    with fields_named(tenant_id="tenantId"):
        return once({"channel": _told(given)}, lambda session: _shown(
            channels.create(session, **_columns(given))
        ))  # fmt: skip


@blueprint.patch("/channels/<channel_key>")
@blueprint.arguments(ChannelChangeIn)
@blueprint.response(200, ChannelOut)
def change(given: Mapping[str, Any], channel_key: str) -> Any:
    """Change a channel, or switch it on or off."""
    _require()
    wanted = key(channel_key, N_("通道"))
    with fields_named(tenant_id="tenantId"):
        return once({"channel": wanted, "change": _told(given)}, lambda session: _shown(
            channels.amend(session, wanted, _columns(given))
        ))  # fmt: skip


@blueprint.post("/channels/<channel_key>/test")
@blueprint.response(200, TestedOut)
def test(channel_key: str) -> dict[str, Any]:
    """Send a test message at once; 409 says what came back."""
    _require()
    with database().read() as session:
        row = channels.get(session, key(channel_key, N_("通道")))
        kind, sealed = row.kind, row.sealed
    channels.test(kind, sealed)
    return {"delivered": True}


@blueprint.post("/channels/mail-test")
@blueprint.arguments(MailTestIn)
@blueprint.response(200, TestedOut)
def test_mail(given: Mapping[str, Any]) -> dict[str, Any]:
    """Send a test mail at once; 409 says what the server answered."""
    _require()
    mail.test(given["address"].strip())
    return {"delivered": True}


@blueprint.get("/letters")
@blueprint.response(200, LettersOut)
def letters() -> dict[str, Any]:
    """List the letters that were given up, newest first."""
    _require()
    with database().read() as session:
        items = [_letter(row) for row in outbox.given_up(session)]
        return {"items": items, "retrying": outbox.troubled(session)}


@blueprint.post("/letters/<letter_key>/retry")
@blueprint.response(200, RetriedOut)
def retry(letter_key: str) -> Any:
    """Try a letter again that was given up."""
    _require()
    wanted = key(letter_key, N_("信件"))

    def command(session: Session) -> dict[str, str]:
        if not outbox.retry(session, wanted):
            raise NotFoundError(N_("没有这条消息，可能已经发出。"))
        return {"letterKey": str(wanted)}

    return once({"retry": wanted}, command)


def _require() -> None:
    if not ports.can(actor(), "channel.manage", None):
        raise ForbiddenError(N_("通知通道由系统管理员设置。需要调整，请联系系统管理员。"))


def _columns(given: Mapping[str, Any]) -> dict[str, Any]:
    return {_COLUMNS.get(name, name): value for name, value in given.items()}


def _told(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a repeated request is known by: nothing secret, not even its plain hash."""
    hidden = {
        name: world.keyed("idempotency", given[name]).hex()
        for name in ("url", "secret") if name in given
    }  # fmt: skip
    return {**given, **hidden}


def _shown(row: Channel) -> dict[str, Any]:
    return {
        "channelKey": str(row.key), "kind": row.kind, "name": row.name, "tenantId": row.tenant_id,
        "address": row.shown, "kinds": row.kinds, "active": row.active,
        "createdAt": moment(row.created_at), "error": row.error,
    }  # fmt: skip


def _letter(row: Outbox) -> dict[str, Any]:
    return {
        "letterKey": str(row.key), "kind": row.kind, "tenantId": row.tenant_id,
        "attempts": row.attempts, "error": row.error,
    }  # fmt: skip
