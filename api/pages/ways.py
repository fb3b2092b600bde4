"""My ways of hearing: which notices go where, quiet hours, one mail a day."""

from typing import Any

from flask import Response, make_response, render_template, request
from sqlalchemy.orm import Session

from api import auth, texts
from api.pages import base
from api.pages.base import pages
from api.texts import _
from engine import mail
from engine.errors import N_, InvalidInputError, NotFoundError
from engine.models import Channel, User
from engine.outward import channels, choices, kinds

_LONGEST_ADDRESS = 200


@pages.get("/account/notices")
def notice_ways() -> str:
    """Show what I hear where."""
    with base.read() as session:
        return _page(session, {})


@pages.post("/account/notices")
def save_notice_ways() -> Response:
    """Keep what I chose; nothing is kept when one field is wrong."""
    given, me = request.form, auth.actor()
    try:
        with base.begin() as session:
            user = session.get(User, me.key)
            if user is None:
                raise NotFoundError
            user.email = _address(given.get("email", ""))
            choices.set_times(
                session, me.key, zone=str(base.here()), digest=given.get("digest_at", ""),
                quiet=(given.get("quiet_from", ""), given.get("quiet_to", "")),
            )  # fmt: skip
            ways = [choices.MAIL, *(str(row.key) for row in _mine(session))]
            choices.choose(session, me.key, {
                (kind.key, way): f"{kind.key}:{way}" in given for kind in kinds.KINDS for way in ways
            })  # fmt: skip
    except InvalidInputError as error:
        wrong = dict.fromkeys(error.fields, texts.of(error))
        with base.read() as session:
            return make_response(_page(session, wrong), 422)
    base.done(_("已保存通知方式"))
    return base.to("pages.notice_ways")


def _mine(session: Session) -> list[Channel]:
    """Return the robots and web hooks that speak about my projects."""
    return channels.of(session, auth.actor().tenants())


def _address(text: str) -> str | None:
    text = text.strip()
    if text and ("@" not in text[1:-1] or len(text) > _LONGEST_ADDRESS or " " in text):
        raise InvalidInputError(
            N_("邮箱地址不对。请写成 name@example.com。"), fields={"email": [N_("请检查邮箱。")]}
        )
    return text or None


def _page(session: Session, errors: dict[str, str]) -> str:
    me = auth.actor().key
    held = choices.of(session, [me])[me]
    user = session.get_one(User, me)
    times = held.times
    shown: dict[str, Any] = {
        "email": user.email or "",
        "quiet_from": choices.clock_of(times.quiet_from if times else None),
        "quiet_to": choices.clock_of(times.quiet_to if times else None),
        "digest_at": choices.clock_of(times.digest_at if times else None),
    }
    mine = _mine(session)
    return render_template(
        "notice_ways.html",
        kinds=[
            (kind, held.mail(kind), [held.channel(kind, row) for row in mine])
            for kind in kinds.KINDS
        ],
        channels=mine,
        channel_kinds=channels.KINDS,
        given=shown | (dict(request.form) if errors else {}),
        errors=errors,
        mail_ready=mail.server() is not None,
        zone=str(base.here()),
    )
