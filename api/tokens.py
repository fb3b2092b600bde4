"""How machines say who they are: a bearer token, or Basic with user name and password."""

import hashlib
import secrets
import threading
import time
from datetime import datetime

from flask import current_app, request
from sqlalchemy.orm import Session

from api import auth
from engine import clock, identity, ids
from engine.models import Token, User
from engine.ports import Actor

#: seconds for which an accepted credential is not asked for again; a revoked one lives on so long
_REMEMBERED = 10.0
_PREFIX = "wf_"
_lock = threading.Lock()
_known: dict[str, tuple[float, Actor]] = {}


def init() -> None:
    """Let the guard of every endpoint know these two ways."""
    if _from_header not in auth.identifiers:
        auth.identifiers.append(_from_header)


def issue(
    session: Session, user: User, *, name: str, expires_at: datetime | None = None
) -> tuple[Token, str]:
    """Make a bearer token for a person's machine; the secret is shown this once."""
    secret = _PREFIX + secrets.token_urlsafe(32)
    token = Token(
        key=ids.new(), hash=_hash(secret), user_key=user.key, name=name, created_at=clock.now(),
        expires_at=expires_at,
    )  # fmt: skip
    session.add(token)
    return token, secret


def revoke(session: Session, token: Token) -> None:
    """Take a token back; within ten seconds no process accepts it any more."""
    session.delete(token)
    forget()


def forget() -> None:
    """Ask the database again about every credential."""
    with _lock:
        _known.clear()


def _from_header() -> Actor | None:
    digest = _hash(f"{id(current_app.extensions['database'])} {request.headers['Authorization']}")
    with _lock:
        until, actor = _known.get(digest, (0.0, None))
    if actor is not None and time.monotonic() < until:
        return actor
    found = _ask()
    if found is not None:
        with _lock:
            if len(_known) > 10_000:  # noqa: PLR2004 — more than any company has machines
                _known.clear()
            _known[digest] = (time.monotonic() + _REMEMBERED, found)
    return found


def _ask() -> Actor | None:
    given = request.authorization
    database = current_app.extensions["database"]
    if given is None:
        return None
    if given.type == "bearer" and given.token:
        with database.read() as session:
            return identity.token_actor(session, _hash(given.token))
    if given.type == "basic" and given.username and given.password:
        address = request.remote_addr or ""
        with database.begin() as session:
            user = identity.authenticate(session, given.username, given.password, address)
            return None if user is None else identity.actor(session, user.key, kind="token")
    return None


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
