"""Sweeps away what has served its time: old answers, ended sign-ins, drafts, lonely uploads.

Every unit deletes a few hundred rows at most, so that none holds the write lock for long.
"""

import logging
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from engine import calendars, clock, leftovers, notices, watchdog
from engine.db import Database
from engine.errors import N_
from engine.models import (
    Attempt,
    Draft,
    File,
    Heartbeat,
    Idempotency,
    Notice,
    Outbox,
    SignIn,
    Task,
    TaskState,
)
from engine.sql import json

log = logging.getLogger(__name__)

#: how long things are kept; the answers of commands as long as architecture decision 16 promises
ANSWERS, UPLOADS, LETTERS, BEATS = (
    timedelta(days=1), timedelta(days=2), timedelta(days=30), timedelta(days=1)
)  # fmt: skip
BATCH = 300


def run(database: Database, *, files: Path | None = None, keepers: str | None = None) -> int:
    """Sweep once; `files` is the folder of uploads, `keepers` the group that keeps calendars."""
    swept = 0
    for sweep in _SWEEPS:
        while count := _unit(database, sweep):
            swept += count
            if count < BATCH:
                break
    swept += _sweep_uploads(database, files)
    watchdog.run(database)
    if keepers is not None:
        with database.begin() as session:
            ask_for_years(session, keepers)
    return swept


def ask_for_years(session: Session, group: str) -> None:
    """Tell who keeps the calendars, once a person, calendar and year, that official data lacks."""
    for calendar, year in calendars.missing_years(session, calendars.today()):
        kind = f"calendar-{calendar.code}-{year}"
        told = set(session.scalars(select(Notice.user_key).where(Notice.kind == kind)))
        notices.notify(
            session, set(notices.everywhere(session, group)) - told, kind,
            N_("“{calendar}”还没有 {year} 年的放假调休安排，工作时限按推算的工作日计算，标为暂定"),
            {"calendar": calendar.name, "year": year},
        )  # fmt: skip


def _unit(database: Database, sweep: Callable[[Session], int]) -> int:
    with database.begin() as session:
        return sweep(session)


def _answers(session: Session) -> int:
    old = (
        select(Idempotency.actor, Idempotency.idempotency_key)
        .where(Idempotency.at < clock.now() - ANSWERS)
        .limit(BATCH)
    )
    for actor, key in (found := session.execute(old).all()):
        session.execute(
            delete(Idempotency).where(
                Idempotency.actor == actor, Idempotency.idempotency_key == key
            )
        )
    return len(found)


def _sign_ins(session: Session) -> int:
    old = select(SignIn.hash).where(SignIn.expires_at < clock.now()).limit(BATCH)
    keys = list(session.scalars(old))
    session.execute(delete(SignIn).where(SignIn.hash.in_(keys)))
    return len(keys)


def _attempts(session: Session) -> int:
    old = select(Attempt.subject).where(Attempt.until_at < clock.now() - ANSWERS).limit(BATCH)
    keys = list(session.scalars(old))
    session.execute(delete(Attempt).where(Attempt.subject.in_(keys)))
    return len(keys)


def _drafts(session: Session) -> int:
    old = (
        select(Draft.task_key, Draft.user_key)
        .join(Task, Task.key == Draft.task_key)
        .where(Task.state != TaskState.OPEN)
        .limit(BATCH)
    )
    for task_key, user_key in (found := session.execute(old).all()):
        session.execute(delete(Draft).where(Draft.task_key == task_key, Draft.user_key == user_key))
    return len(found)


def _letters(session: Session) -> int:
    old = select(Outbox.key).where(Outbox.sent_at < clock.now() - LETTERS).limit(BATCH)
    keys = list(session.scalars(old))
    session.execute(delete(Outbox).where(Outbox.key.in_(keys)))
    return len(keys)


def _beats(session: Session) -> int:
    old = select(Heartbeat.name).where(Heartbeat.at < clock.now() - BEATS).limit(BATCH)
    keys = list(session.scalars(old))
    session.execute(delete(Heartbeat).where(Heartbeat.name.in_(keys)))
    return len(keys)


_SWEEPS = (_answers, _sign_ins, _attempts, _drafts, _letters, _beats, *leftovers.SWEEPS)


def _sweep_uploads(database: Database, folder: Path | None) -> int:
    """Delete uploads that no submission took over and no draft names, row first, bytes after."""
    with database.begin() as session:
        old = select(File).where(File.instance_key.is_(None), File.at < clock.now() - UPLOADS)
        lonely = [row for row in session.scalars(old.limit(BATCH)) if not _drafted(session, row)]
        session.execute(delete(File).where(File.key.in_([row.key for row in lonely])))
        hashes = {row.hash for row in lonely}
        known = set(session.scalars(select(File.hash).where(File.hash.in_(hashes))))
    if folder is not None:
        for digest in hashes - known:
            _unlink(folder / digest[:2] / digest)
    return len(lonely)


def _drafted(session: Session, file: File) -> bool:
    drafts = session.scalars(select(Draft.data).where(Draft.user_key == file.by))
    return any(str(file.key) in (json(data) or "") for data in drafts)


def _unlink(path: Path) -> None:
    """Delete the bytes, unless somebody has just uploaded the same again."""
    try:
        age = clock.now().timestamp() - path.stat().st_mtime
        if age > UPLOADS.total_seconds():
            path.unlink()
            path.with_name(f"{path.name}.thumb").unlink(missing_ok=True)
    except FileNotFoundError:
        log.info("upload %s was gone before it was swept", path.name)
