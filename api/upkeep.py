"""What whoever keeps an installation does from a terminal: look at history, add projects, tokens."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

import processes
from api import keys, tokens
from api.settings import Settings
from engine import clock, encryption, identity, verification, vouching
from engine.db import Database
from engine.errors import N_, NotFoundError
from engine.models import Token, User
from processes import rekeying


def verify(settings: Settings, copies: Path | None) -> verification.Report:
    """Look at every chain and every seal, and keep what was found.

    Seals are compared with `copies`, else with those that were written down beside the database.
    """
    folder = copies if copies is not None else settings.seals
    with _open(settings) as database:
        report = verification.run(
            database, keys.keyring(settings.folder, settings.history_key),
            copies=vouching.lines(folder) if folder.exists() else (),
        )  # fmt: skip
        with database.begin() as session:
            verification.keep(session, report)
    return report


def add_project(settings: Settings, code: str, name: str, zone: str | None) -> None:
    """Add a project, or change the name and zone of one."""
    with _open(settings) as database, database.begin() as session:
        identity.save_project(session, code, name=name, zone=zone or settings.zone)


def issue_token(settings: Settings, username: str, *, name: str, days: int | None) -> str:
    """Make a bearer token that acts with a person's memberships; return the secret."""
    with _open(settings) as database, database.begin() as session:
        user = _user(session, username)
        until = None if days is None else clock.now() + timedelta(days=days)
        return tokens.issue(session, user, name=name, expires_at=until)[1]


def tokens_of(settings: Settings, username: str) -> list[Token]:
    """Return a person's tokens, the newest last."""
    with _open(settings) as database, database.read() as session:
        found = tokens.of(session, _user(session, username).key)
        session.expunge_all()
        return found


def revoke_tokens(settings: Settings, username: str, name: str) -> int:
    """Take back a person's tokens of a name; return how many there were."""
    with _open(settings) as database, database.begin() as session:
        found = [
            one for one in tokens.of(session, _user(session, username).key) if one.name == name
        ]
        if not found:
            raise NotFoundError(N_("{user} 没有名为“{name}”的令牌。"), user=username, name=name)
        for one in found:
            tokens.revoke(session, one)
        return len(found)


def rotate_keys(settings: Settings, *, forget: bool) -> tuple[int, int]:
    """Encrypt ID numbers under a new key; return how many, and how many old keys were dropped.

    Keys given in the settings are changed there; here everything is encrypted under the first.
    """
    if not settings.number_key:
        keys.rotate(settings.folder)
    encryption.use(keys.numbers(settings.folder, settings.number_key))
    with _open(settings) as database:
        done = rekeying.run(database)
    dropped = keys.forget(settings.folder) if forget and not settings.number_key else 0
    return done, dropped


@contextmanager
def _open(settings: Settings) -> Iterator[Database]:
    processes.register()
    database = Database(settings.database_url)
    try:
        yield database
    finally:
        database.close()


def _user(session: Session, username: str) -> User:
    user = session.scalars(select(User).filter_by(username=username)).first()
    if user is None:
        raise NotFoundError(N_("没有用户 {name}。"), name=username)
    return user
