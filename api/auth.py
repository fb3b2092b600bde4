"""Who is asking: sign-ins of people, the CSRF token with each, and the guard of every endpoint.

A sign-in is a row; the cookie holds a secret of which only the hash is kept. Default deny: an
endpoint without `@anyone` is closed to whoever is not signed in. Machines' tokens register an
identifier of their own (api.tokens).
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

import flask
from flask import Flask, Request, Response, current_app, g, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from sqlalchemy import delete, update
from sqlalchemy.orm import Session
from typing_extensions import override

from api import errors
from api.settings import Settings
from engine import clock, identity
from engine.db import Database
from engine.errors import N_
from engine.models import SignIn, User
from engine.ports import Actor

View = TypeVar("View", bound=Callable[..., object])

_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
#: how often a sign-in's last use is written down
_TOUCH = timedelta(minutes=1)
#: further ways to say who asks, tried when a request carries an Authorization header
identifiers: list[Callable[[], Actor | None]] = []


def init(app: Flask) -> None:
    """Know the asker before any view runs, and send away who may not come in."""
    app.session_interface = _PageSessions()
    app.before_request(_identify)
    app.before_request(_guard)
    app.jinja_env.globals["csrf_token"] = csrf_token


class _PageSessions(SecureCookieSessionInterface):
    """The small signed cookie of pages; a machine brings its credential and keeps none."""

    @override
    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if by_machine():
            return SecureCookieSession()
        return super().open_session(app, request)

    @override
    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if not by_machine():
            super().save_session(app, session, response)


def by_machine() -> bool:
    """Tell whether this request carries a credential of its own: it needs no cookie and no page."""
    return "HTTP_AUTHORIZATION" in request.environ


def anyone(view: View) -> View:
    """Mark a view that needs no sign-in."""
    view.anyone = True  # type: ignore[attr-defined]  # a mark on the function is the whole point
    return view


def actor() -> Actor:
    """Return who is asking; the guard has let only known people through."""
    found: Actor | None = g.get("actor")
    if found is None:
        raise errors.NotSignedInError(N_("登录已过期，请重新登录。"))
    return found


def open_sign_in(session: Session, user: User, *, keep: bool) -> str:
    """Start a sign-in under a new secret, which is returned for the cookie."""
    secret, now = secrets.token_urlsafe(32), clock.now()
    session.add(
        SignIn(
            hash=_hash(secret),
            user_key=user.key,
            csrf=secrets.token_urlsafe(24),
            created_at=now,
            seen_at=now,
            expires_at=now + (_kept() if keep else _idle()),
        )
    )
    return secret


def close_sign_in(session: Session) -> None:
    """End the sign-in of this request."""
    if g.get("sign_in") is not None:
        session.execute(delete(SignIn).where(SignIn.hash == g.sign_in.hash))


def close_others(session: Session, user_key: int) -> None:
    """End a person's other sign-ins: after a new password nobody stays in under the old one."""
    mine = g.sign_in.hash if g.get("sign_in") is not None else ""
    session.execute(delete(SignIn).where(SignIn.user_key == user_key, SignIn.hash != mine))


def set_cookie(response: Response, secret: str, *, keep: bool) -> Response:
    """Hand the secret to the browser; without `keep` it forgets it when it is closed."""
    response.set_cookie(
        cookie_name(),
        secret,
        max_age=_kept() if keep else None,
        httponly=True,
        samesite="Lax",
        secure=_settings().https,
        path="/",
    )
    return response


def drop_cookie(response: Response) -> Response:
    """Take the secret back from the browser."""
    response.delete_cookie(cookie_name(), path="/", secure=_settings().https, httponly=True)
    return response


def cookie_name() -> str:
    """Return the cookie's name; under HTTPS one that no other host can set."""
    return "__Host-wuyeflow" if _settings().https else "wuyeflow"


def csrf_token() -> str:
    """Return the token that an unsafe request of this page has to send back."""
    if g.get("sign_in") is not None:
        return str(g.sign_in.csrf)
    return str(flask.session.setdefault("csrf", secrets.token_urlsafe(24)))


def _identify() -> None:
    g.actor = g.user = g.sign_in = None
    if request.endpoint == "static":
        return
    if by_machine():
        g.actor = next((found for ask in identifiers if (found := ask()) is not None), None)
        return
    secret = request.cookies.get(cookie_name())
    if secret:
        _from_cookie(_hash(secret))


def _from_cookie(digest: str) -> None:
    database: Database = current_app.extensions["database"]
    with database.read() as session:
        found = session.get(SignIn, digest)
        if found is None or found.expires_at <= clock.now():
            return
        user = session.get(User, found.user_key)
        if user is None or not user.active:
            return
        g.actor = identity.actor(session, user.key)
        session.expunge_all()
    g.user, g.sign_in = user, found
    if clock.now() - found.seen_at > _TOUCH:
        _touch(database, found)


def _touch(database: Database, found: SignIn) -> None:
    """Write down the last use; a sign-in that is used goes on, but not beyond the longest stay."""
    now = clock.now()
    until = max(found.expires_at, min(now + _idle(), found.created_at + _kept()))
    with database.begin() as session:
        session.execute(
            update(SignIn).where(SignIn.hash == found.hash).values(seen_at=now, expires_at=until)
        )


def _guard() -> None:
    asked = request.endpoint
    if asked is None or asked == "static":
        return
    if g.actor is None and not getattr(current_app.view_functions[asked], "anyone", False):
        raise errors.NotSignedInError(N_("登录已过期，请重新登录。"))
    if not by_machine() and request.method not in _SAFE:
        _check_token()


def _check_token() -> None:
    sent = request.headers.get("X-CSRFToken") or request.form.get("csrf_token", "")
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    expected = csrf_token()
    if site not in ("same-origin", "none") or not hmac.compare_digest(
        sent.encode(), expected.encode()
    ):
        raise errors.StalePageError(N_("这个页面放得太久了。请刷新页面再提交，内容已存成草稿。"))


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _settings() -> Settings:
    found: Settings = current_app.config["SETTINGS"]
    return found


def _idle() -> timedelta:
    return timedelta(hours=_settings().idle_hours)


def _kept() -> timedelta:
    return timedelta(days=_settings().keep_days)
