"""Tokens of machines: mine, made and taken back by myself; anybody's, taken back by who keeps users."""

from datetime import timedelta

from flask import Response, make_response, render_template, request
from sqlalchemy.orm import Session

from api import auth, tokens
from api.pages import base
from api.pages.base import pages
from api.texts import _
from engine import clock
from engine.errors import N_, ForbiddenError, NotFoundError
from engine.models import Token, User

#: days a token may be good for; 0 for ever
DAYS = (30, 90, 365, 0)


@pages.get("/account/tokens")
def my_tokens() -> Response:
    """List my tokens."""
    return _page()


@pages.post("/account/tokens")
def issue_token() -> Response:
    """Make a token and show it this once."""
    name = request.form.get("name", "").strip()
    days = request.form.get("days", 90, type=int)
    if not name or days not in DAYS:
        return _page(error=_("请写明用途。"), status=422)
    with base.begin() as session:
        me = session.get_one(User, auth.actor().key)
        until = clock.now() + timedelta(days=days) if days else None
        secret = tokens.issue(session, me, name=name, expires_at=until)[1]
    return _page(secret=secret)


@pages.post("/account/tokens/<key>/revoke")
def revoke_my_token(key: str) -> Response:
    """Take one of my tokens back."""
    with base.begin() as session:
        _revoke(session, base.key(key), auth.actor().key)
    return base.to("pages.my_tokens")


@pages.post("/people/<key>/tokens/<token>/revoke")
def revoke_token(key: str, token: str) -> Response:
    """Take a token of somebody back."""
    if not base.may(auth.actor(), "user.manage"):
        raise ForbiddenError(N_("人员和角色由系统管理员维护。需要调整，请联系系统管理员。"))
    with base.begin() as session:
        _revoke(session, base.key(token), base.key(key))
    return base.to("pages.person", key=key)


def _revoke(session: Session, key: int, user_key: int) -> None:
    row = session.get(Token, key)
    if row is None or row.user_key != user_key:
        raise NotFoundError(N_("没有这个令牌，可能已经收回。"))
    tokens.revoke(session, row)
    base.done(_("已收回令牌“{name}”，十秒内失效", name=row.name))


def _page(*, secret: str = "", error: str = "", status: int = 200) -> Response:
    with base.read() as session:
        rows = tokens.of(session, auth.actor().key)
        answer = make_response(
            render_template(
                "tokens.html", rows=rows, secret=secret, error=error, days=DAYS, now=clock.now()
            ),
            status,
        )
    answer.headers["Cache-Control"] = "no-store"
    return answer
