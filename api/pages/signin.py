"""Sign in and out."""

from typing import Any

from flask import Response, make_response, redirect, render_template, request, url_for
from sqlalchemy import select

from api import auth
from api.pages import base, words
from api.pages.base import pages
from api.texts import _, of
from engine import identity
from engine.identity import ThrottledError
from engine.models import Membership, User
from processes import demo

#: whom the demo offers, in this order
_DEMO_ROLES = (
    "cs_assistant", "cs_manager", "project_manager", "eng_dispatch", "quality", "leader",
    "publisher", "admin",
)  # fmt: skip


@pages.get("/sign-in")
@auth.anyone
def sign_in() -> str:
    """Show the form."""
    return _form(username=request.args.get("username", ""))


@pages.post("/sign-in")
@auth.anyone
def sign_in_now() -> Response:
    """Check name and password; open a new sign-in under a new secret."""
    username, keep = request.form.get("username", "").strip(), bool(request.form.get("keep"))
    try:
        with base.begin() as session:
            user = identity.authenticate(
                session, username, request.form.get("password", ""), request.remote_addr or ""
            )
            secret = auth.open_sign_in(session, user, keep=keep) if user else None
    except ThrottledError as error:
        return make_response(_form(username=username, error=of(error)), 429)
    if secret is None:
        wrong = _("用户名或密码不对，请核对后再试。忘了密码，请找系统管理员重设。")
        return make_response(_form(username=username, error=wrong, keep=keep), 422)
    wanted = base.safe(request.form.get("next", "")) or url_for("pages.inbox")
    answer = make_response(redirect(wanted, 303))
    return auth.set_cookie(answer, secret, keep=keep)


@pages.post("/sign-out")
def sign_out() -> Response:
    """End this sign-in on the server, and forget it in the browser."""
    with base.begin() as session:
        auth.close_sign_in(session)
    return auth.drop_cookie(base.to("pages.sign_in"))


def _form(*, username: str = "", error: str = "", keep: bool = False) -> str:
    return render_template(
        "signin.html",
        username=username,
        error=error,
        keep=keep,
        next=base.safe(request.values.get("next", "")),
        company=base.settings().company,
        keep_days=base.settings().keep_days,
        demo=_demo() if base.settings().demo else None,
    )


def _demo() -> dict[str, Any]:
    """Return one demo account of each role."""
    with base.read() as session:
        rows = session.execute(
            select(User.username, User.name, Membership.group)
            .join(Membership, Membership.user_key == User.key)
            .where(User.active)
            .order_by(User.key)
        ).all()
    first: dict[str, dict[str, str]] = {}
    for username, name, group in rows:
        shown = {"username": username, "name": name, "role": words.role(group)}
        first.setdefault(group, shown)
    return {"password": demo.PASSWORD, "people": [first[g] for g in _DEMO_ROLES if g in first]}
