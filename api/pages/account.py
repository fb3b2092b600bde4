"""My own account: password, language, theme, keyboard."""

from flask import Response, make_response, render_template, request

from api import auth, texts
from api.pages import base, shell, words
from api.pages.base import pages
from api.texts import _
from engine import identity
from engine.errors import InvalidInputError, NotFoundError
from engine.models import User

THEMES = ("auto", "light", "dark")


@pages.get("/account")
def account() -> str:
    """Show who I am and what I may set."""
    return _page({})


@pages.post("/account")
def save_account() -> Response:
    """Keep language and theme."""
    locale, theme = request.form.get("locale", ""), request.form.get("theme", "")
    with base.begin() as session:
        me = session.get(User, auth.actor().key)
        if me is None or locale not in texts.LANGUAGES or theme not in THEMES:
            raise NotFoundError
        me.locale, me.theme = locale, theme
    base.done(_("已保存语言和外观"))
    return base.to("pages.account")


@pages.post("/account/password")
def change_password() -> Response:
    """Take a new password; every other sign-in of mine ends."""
    given = request.form
    with base.begin() as session:
        me = session.get(User, auth.actor().key)
        errors = _wrong(me, given.get("old", ""), given.get("new", ""), given.get("again", ""))
        if me is None or errors:
            return make_response(_page(errors), 422)
        try:
            identity.set_password(session, me, given["new"])
        except InvalidInputError as error:
            return make_response(_page({"new": texts.of(error)}), 422)
        secret = auth.open_sign_in(session, me, keep=False)
    base.done(_("密码已修改，其他设备上的登录已退出"))
    return auth.set_cookie(base.to("pages.account"), secret, keep=False)


def _wrong(me: User | None, old: str, new: str, again: str) -> dict[str, str]:
    if me is None or not identity.check_password(me, old):
        return {"old": _("现在的密码不对。")}
    if new != again:
        return {"again": _("两次输入的新密码不一样。")}
    return {}


def _page(errors: dict[str, str]) -> str:
    actor = auth.actor()
    return render_template(
        "account.html",
        errors=errors,
        actor=actor,
        memberships=_held(),
        languages=texts.LANGUAGES,
        themes={"auto": _("跟随系统"), "light": _("浅色"), "dark": _("深色")},
        min_password=identity.MIN_PASSWORD,
    )


def _held() -> list[tuple[str, str]]:
    with base.read() as session:
        names = shell.tenant_names(session)
    return [
        (words.role(group), names.get(scope, scope))
        for group, scope in sorted(auth.actor().memberships)
    ]
