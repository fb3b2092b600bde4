"""How machines say who they are: a bearer token, or Basic with user name and password."""

import hashlib
import secrets
import threading
import time
from datetime import datetime, timedelta

from flask import current_app, request
from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from api import auth
from engine import clock, identity, ids
from engine.db import Database
from engine.models import Token, User
from engine.ports import Actor

#: seconds for which an accepted credential is not asked for again; a revoked one lives on so long
_REMEMBERED = 10.0
_PREFIX = "wf_"
#: how often the last use of a token is written down
_NOTED = timedelta(minutes=1)
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


def of(session: Session, user_key: int) -> list[Token]:
    """Return a person's tokens, the newest last."""
    return list(session.scalars(select(Token).filter_by(user_key=user_key).order_by(Token.key)))


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
            found = identity.token_actor(session, _hash(given.token))
        if found is not None:
            _note_use(database, given.token)
        return found
    if given.type == "basic" and given.username and given.password:
        address = request.remote_addr or ""
        with database.begin() as session:
            user = identity.authenticate(session, given.username, given.password, address)
            return None if user is None else identity.actor(session, user.key, kind="token")
    return None


def _note_use(database: Database, secret: str) -> None:
    """Write down that a token was used, once a minute and process at most."""
    now = clock.now()
    stale = or_(Token.used_at.is_(None), Token.used_at < now - _NOTED)
    where = (Token.hash == _hash(secret), stale)
    with database.read() as session:
        old = session.scalar(select(Token.key).where(*where))
    if old is not None:
        with database.begin() as session:
            session.execute(update(Token).where(*where).values(used_at=now))


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
