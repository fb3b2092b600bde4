"""Robots, web hooks and gateways, the mail server, and what could not be sent: for administrators."""

from typing import Any

from flask import Response, make_response, render_template, request
from sqlalchemy.orm import Session

from api import auth, texts
from api.pages import base, shell
from api.pages.base import pages
from api.texts import _
from engine import mail, outbox
from engine.errors import N_, EngineError, ForbiddenError, InvalidInputError, NotFoundError
from engine.models import Channel
from engine.outward import channels, kinds
from engine.ports import COMPANY

#: what goes to whom, for people who look at letters that were given up
_LETTERS = {"mail": N_("邮件"), "channel": N_("群机器人或网络钩子"), "owner": N_("给业主的消息"),
            "weather": N_("询问天气")}  # fmt: skip


@pages.get("/channels")
def channel_list() -> str:
    """Show the mail server, every channel and the letters that were given up."""
    _require()
    return _list()


@pages.post("/channels/mail-test")
def test_mail() -> Response:
    """Send a test mail and say what the server answered."""
    _require()
    to = request.form.get("address", "").strip()
    try:
        mail.test(to)
    except EngineError as error:
        return make_response(_list(mail_error=texts.of(error), address=to), 422)
    base.done(_("测试邮件已交给邮件服务器，请到 {address} 查收", address=to))
    return base.to("pages.channel_list")


@pages.get("/channels/new")
def new_channel() -> str:
    """Show the form for a new channel."""
    _require()
    kind = request.args.get("kind", "")
    if kind not in channels.KINDS:
        raise NotFoundError(N_("没有这种通道。"))
    with base.read() as session:
        return _form(session, kind, None, {})


@pages.post("/channels")
def add_channel() -> Response:
    """Set a channel up; a secret made for it is shown this once."""
    _require()
    given = request.form
    kind = given.get("kind", "")
    try:
        with base.begin() as session:
            row = channels.create(
                session, kind=kind, name=given.get("name", ""), url=given.get("url", ""),
                secret=given.get("secret", ""), tenant_id=given.get("tenant_id", COMPANY),
                wanted=given.getlist("kinds"),
            )  # fmt: skip
            key, made = row.key, "" if given.get("secret", "").strip() else channels.reveal(row)
    except InvalidInputError as error:
        with base.read() as session:
            return make_response(_form(session, kind, None, _wrong(error)), 422)
    base.done(_("已添加通道“{name}”，请发一条测试消息", name=given["name"].strip()))
    if not made:
        return base.to("pages.channel", key=key)
    with base.read() as session:
        return make_response(_form(session, kind, channels.get(session, key), {}, secret=made))


@pages.get("/channels/<key>")
def channel(key: str) -> str:
    """Show one channel; its address and secret are never shown again."""
    _require()
    with base.read() as session:
        row = channels.get(session, base.key(key))
        return _form(session, row.kind, row, {})


@pages.post("/channels/<key>")
def change_channel(key: str) -> Response:
    """Change a channel; empty secrets stay as they are."""
    _require()
    given = request.form
    try:
        with base.begin() as session:
            channels.change(
                session, base.key(key), name=given.get("name", ""), url=given.get("url", ""),
                secret=given.get("secret", ""), tenant_id=given.get("tenant_id", COMPANY),
                wanted=given.getlist("kinds"), active="active" in given,
            )  # fmt: skip
    except InvalidInputError as error:
        with base.read() as session:
            row = channels.get(session, base.key(key))
            return make_response(_form(session, row.kind, row, _wrong(error)), 422)
    base.done(_("已保存通道"))
    return base.to("pages.channel", key=key)


@pages.post("/channels/<key>/test")
def test_channel(key: str) -> Response:
    """Send a test message and say what came back."""
    _require()
    with base.read() as session:
        row = channels.get(session, base.key(key))
        kind, sealed = row.kind, row.sealed
    try:
        channels.test(kind, sealed)
    except EngineError as error:
        with base.read() as session:
            row = channels.get(session, base.key(key))
            return make_response(_form(session, kind, row, {"test": texts.of(error)}), 422)
    base.done(_("测试消息已送到"))
    return base.to("pages.channel", key=key)


@pages.post("/letters/<key>/retry")
def retry_letter(key: str) -> Response:
    """Try to send a letter again that was given up."""
    _require()
    with base.begin() as session:
        if not outbox.retry(session, base.key(key)):
            raise NotFoundError(N_("没有这条消息，可能已经发出。"))
    base.done(_("马上再试一次"))
    return base.to("pages.channel_list")


def _require() -> None:
    if not base.may(auth.actor(), "channel.manage"):
        raise ForbiddenError(N_("通知通道由系统管理员设置。需要调整，请联系系统管理员。"))


def _wrong(error: InvalidInputError) -> dict[str, str]:
    return dict.fromkeys(error.fields, texts.of(error)) or {"name": texts.of(error)}


def _list(*, mail_error: str = "", address: str = "") -> str:
    with base.read() as session:
        return render_template(
            "channels.html",
            server=mail.server(),
            mail_error=mail_error,
            address=address,
            channels=channels.every(session),
            names=channels.KINDS,
            robots=channels.ROBOTS,
            gateways=channels.GATEWAYS,
            tenants=shell.tenant_names(session),
            letters=outbox.given_up(session),
            troubled=outbox.troubled(session),
            letter_names=_LETTERS,
        )


def _form(
    session: Session, kind: str, row: Channel | None, errors: dict[str, str], *, secret: str = ""
) -> str:
    given: dict[str, Any] = {
        "name": row.name if row else "", "tenant_id": row.tenant_id if row else COMPANY, "url": "",
        "kinds": row.kinds if row else list(kinds.LOUD), "active": row.active if row else True,
    }  # fmt: skip
    if errors and "test" not in errors:
        given |= {name: request.form.get(name, "") for name in ("name", "tenant_id", "url")}
        given["kinds"] = request.form.getlist("kinds")
    return render_template(
        "channel.html",
        kind=kind,
        kind_name=_(channels.KINDS[kind]) if kind in channels.KINDS else "",
        row=row,
        given=given,
        errors=errors,
        secret=secret,
        tenants=shell.tenant_names(session),
        kinds=kinds.KINDS,
        gateway=kind in channels.GATEWAYS,
    )
