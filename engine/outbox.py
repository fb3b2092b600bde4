"""Messages to the world and between cases: put in a unit of work, delivered after it is durable.

What stays in the database (BPMN messages) is delivered in one unit with its mark: once. What goes
out (mail, web hooks) is sent while no lock is held: at least once, with the dedupe key for the
receiver. A crash between sending and marking sends again when the lease is over.
"""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine import clock, ids
from engine.db import Database
from engine.errors import N_
from engine.models import Instance, Outbox
from engine.ports import COMPANY, SYSTEM

log = logging.getLogger(__name__)

FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=2)
#: after so many failures nothing is tried any more until somebody calls `retry`
PATIENCE = 8
#: how long one sending may take before another process may try
LEASE = timedelta(minutes=2)
#: how often a BPMN message looks for a token that wants it: about a day
LOOKS = 20
#: a unit of work hands the write lock back after this many seconds
UNIT_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A row of the outbox as its sender sees it."""

    key: int
    tenant_id: str
    kind: str
    dedupe_key: str
    payload: Mapping[str, Any]
    instance_key: int | None
    attempts: int


#: kind -> sends to the world, outside of any unit of work; raises when it did not work
senders: dict[str, Callable[[Letter], None]] = {}


def sender(kind: str) -> Callable[[Callable[[Letter], None]], Callable[[Letter], None]]:
    """Register what sends letters of a kind."""

    def register(function: Callable[[Letter], None]) -> Callable[[Letter], None]:
        senders[kind] = function
        return function

    return register


def put(
    session: Session,
    kind: str,
    dedupe_key: str,
    payload: Mapping[str, Any],
    *,
    tenant_id: str = COMPANY,
    instance_key: int | None = None,
) -> bool:
    """Put a letter in; one with the same dedupe key is there already and stays the only one."""
    known = select(Outbox.key).where(Outbox.dedupe_key == dedupe_key)
    if session.scalars(known).first() is not None:
        return False
    session.add(
        Outbox(
            key=ids.new(), tenant_id=tenant_id, kind=kind, dedupe_key=dedupe_key,
            payload=dict(payload), due_at=clock.now(), attempts=0, instance_key=instance_key,
        )
    )  # fmt: skip
    session.flush()
    return True


def run_due(database: Database, limit: int = 20) -> int:
    """Deliver and send what is due; return how many letters were looked after."""
    return deliver_due(database, limit) + send_due(database, limit)


def deliver_due(database: Database, limit: int = 20) -> int:
    """Deliver messages and signals to waiting tokens: a savepoint each, marked in the same unit."""
    from engine import messages

    kinds = (messages.MESSAGE, messages.SIGNAL)
    until = time.perf_counter() + UNIT_SECONDS
    done = 0
    if not _waiting(database, kinds):
        return 0
    with database.begin() as session:
        for row in _due(session, kinds, limit):
            letter = _letter(row)
            try:
                with session.begin_nested():
                    _deliver(session, row, letter)
            except Exception as error:  # one undeliverable message must not stop the others
                log.exception("message %s was not delivered", letter.key)
                _failed(session, letter, error)
            done += 1
            if time.perf_counter() > until:
                break
    return done


def send_due(database: Database, limit: int = 20) -> int:
    """Send letters to the world, while no lock is held."""
    letters = _lease(database, limit) if _waiting(database, tuple(senders)) else []
    for letter in letters:
        _send(database, letter)
    return len(letters)


def retry(session: Session, key: int) -> None:
    """Try a letter that was given up again."""
    session.execute(
        update(Outbox)
        .where(Outbox.key == key, Outbox.sent_at.is_(None))
        .values(attempts=0, due_at=clock.now())
    )


def _waiting(database: Database, kinds: tuple[str, ...]) -> bool:
    """Look without the write lock whether there is anything to do."""
    with database.read() as session:
        query = select(Outbox.key).where(
            Outbox.sent_at.is_(None), Outbox.due_at <= clock.now(), Outbox.kind.in_(kinds)
        )
        return session.scalars(query.limit(1)).first() is not None


def _deliver(session: Session, row: Outbox, letter: Letter) -> None:
    from engine import instances, messages

    waiting = messages.receivers(session, row)
    now = clock.now()
    if not waiting and letter.kind == messages.MESSAGE and letter.attempts < LOOKS:
        wait = min(FIRST_WAIT * 2 ** min(letter.attempts, 12), LONGEST_WAIT)
        _set(session, letter, attempts=letter.attempts + 1, due_at=now + wait)
        return
    for subscription in waiting:
        instances.deliver(session, subscription, letter.payload["variables"], SYSTEM)
    _set(session, letter, sent_at=now, error=None if waiting else "nobody waited")


def _lease(database: Database, limit: int) -> list[Letter]:
    """Take letters to the world for a while, so that no other process sends them meanwhile."""
    with database.begin() as session:
        found = [_letter(row) for row in _due(session, tuple(senders), limit, PATIENCE)]
        for letter in found:
            _set(session, letter, due_at=clock.now() + LEASE)
    return found


def _send(database: Database, letter: Letter) -> None:
    try:
        senders[letter.kind](letter)
    except Exception as error:  # noqa: BLE001 — the world fails in any way; the letter comes again
        log.warning("letter %s was not sent: %s", letter.key, type(error).__name__)
        with database.begin() as session:
            _failed(session, letter, error)
    else:
        with database.begin() as session:
            _set(session, letter, sent_at=clock.now(), error=None)


def _due(
    session: Session, kinds: tuple[str, ...], limit: int, patience: int | None = None
) -> list[Outbox]:
    query = (
        select(Outbox)
        .where(Outbox.sent_at.is_(None), Outbox.due_at <= clock.now(), Outbox.kind.in_(kinds))
        .order_by(Outbox.due_at, Outbox.key)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    if patience is not None:
        query = query.where(Outbox.attempts < patience)
    rows = list(session.scalars(query))
    for row in rows:
        session.expunge(row)
    return rows


def _letter(row: Outbox) -> Letter:
    return Letter(
        key=row.key, tenant_id=row.tenant_id, kind=row.kind, dedupe_key=row.dedupe_key,
        payload=row.payload, instance_key=row.instance_key, attempts=row.attempts,
    )  # fmt: skip


def _failed(session: Session, letter: Letter, error: Exception) -> None:
    """Try again later, each time later; then leave it to a person."""
    attempts = letter.attempts + 1
    wait = min(FIRST_WAIT * 2 ** min(attempts - 1, 12), LONGEST_WAIT)
    text = f"{type(error).__name__}: {error}"[:500]
    _set(session, letter, attempts=attempts, due_at=clock.now() + wait, error=text)
    if attempts == PATIENCE and letter.instance_key is not None:
        _raise(session, letter)


def _raise(session: Session, letter: Letter) -> None:
    from engine import incidents

    instance = session.get(Instance, letter.instance_key)
    if instance is not None:
        incidents.raise_(
            session, instance, element=f"outbox:{letter.kind}", code="message-not-sent",
            message=N_("消息多次发送没有成功，已停止重试。"),
        )  # fmt: skip


def _set(session: Session, letter: Letter, **values: Any) -> None:
    session.execute(update(Outbox).where(Outbox.key == letter.key).values(**values))
