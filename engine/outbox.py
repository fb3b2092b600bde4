"""Messages to the world: put in a unit of work, delivered after it is durable.

What stays in the database (a step that owners hear of) is delivered in one unit with its mark:
once. What goes out (mail, web hooks) is sent while no lock is held: at least once, with the
letter's key for the receiver. A crash between sending and marking sends again when the lease is
over. A letter that fails comes again, later each time; at last it is given up, said, and waits for
`retry`.
"""

import logging
import random
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from engine import clock, ids
from engine.db import Database
from engine.errors import N_
from engine.models import Instance, Outbox
from engine.ports import COMPANY

log = logging.getLogger(__name__)

FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=2)
#: after so many failures nothing is tried any more until somebody calls `retry`
PATIENCE = 8
#: a wait is up to so much longer, so that letters that failed together come back one by one
JITTER = 0.2
#: how long a batch of sendings may take before another process may try
LEASE = timedelta(minutes=2)
#: letters that are sent at the same time: a channel that does not answer holds up few others
HANDS = 4
#: a unit of work hands the write lock back after this many seconds
UNIT_SECONDS = 0.05
#: more failures than a column of attempts can count
_ENDLESS = 2**31 - 1
#: asks without the write lock whether any letter of some kinds is to be looked after
_ANY = (
    select(Outbox.key)
    .where(
        Outbox.sent_at.is_(None), Outbox.due_at <= bindparam("now"),
        Outbox.attempts < bindparam("patience"), Outbox.kind.in_(bindparam("kinds", expanding=True)),
    )
    .limit(1)
)  # fmt: skip


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
    #: what the sender learned, for the outcome
    learned: dict[str, Any] = field(default_factory=dict)


class RefusedError(Exception):
    """What is sent will never be taken: trying again is of no use."""


#: kind -> sends to the world, outside of any unit of work; raises when it did not work
senders: dict[str, Callable[[Letter], None]] = {}
#: kind -> looks up what the sender needs now (addresses, secrets), in the unit that leases
preparers: dict[str, Callable[[Session, Letter], Mapping[str, Any]]] = {}
#: kind -> does its work in the database, in one unit with the mark: exactly once
deliverers: dict[str, Callable[[Session, Letter], None]] = {}
#: kind -> hears what became of a letter, in the unit that marks it; None: it was sent
outcomes: dict[str, Callable[[Session, Letter, str | None], None]] = {}
#: hear of letters that are given up, in the unit that gives them up
mourners: list[Callable[[Session, Letter, str], None]] = []


def sender(kind: str) -> Callable[[Callable[[Letter], None]], Callable[[Letter], None]]:
    """Register what sends letters of a kind."""

    def register(function: Callable[[Letter], None]) -> Callable[[Letter], None]:
        senders[kind] = function
        return function

    return register


def put(  # noqa: PLR0913 — a column each
    session: Session,
    kind: str,
    dedupe_key: str,
    payload: Mapping[str, Any],
    *,
    tenant_id: str = COMPANY,
    instance_key: int | None = None,
    due_at: datetime | None = None,
) -> bool:
    """Put a letter in; one with the same dedupe key is there already and stays the only one."""
    known = select(Outbox.key).where(Outbox.dedupe_key == dedupe_key)
    if session.scalars(known).first() is not None:
        return False
    session.add(
        Outbox(
            key=ids.new(), tenant_id=tenant_id, kind=kind, dedupe_key=dedupe_key,
            payload=dict(payload), due_at=due_at or clock.now(), attempts=0,
            instance_key=instance_key,
        )
    )  # fmt: skip
    session.flush()
    return True


def run_due(database: Database, limit: int = 20) -> int:
    """Deliver and send what is due; return how many letters were looked after."""
    return deliver_due(database, limit) + send_due(database, limit)


def deliver_due(database: Database, limit: int = 20) -> int:
    """Deliver what stays in the database: a savepoint each, marked in the same unit."""
    until = time.perf_counter() + UNIT_SECONDS
    done = 0
    if not _waiting(database, deliverers):
        return 0
    with database.begin() as session:
        due = _due(session, tuple(deliverers), limit)
        # cases are locked in one order, whoever delivers: nobody waits in a circle
        for row in sorted(due, key=lambda one: (one.instance_key or 0, one.key)):
            letter = _letter(row)
            try:
                with session.begin_nested():
                    deliverers[letter.kind](session, letter)
                    _set(session, letter, sent_at=clock.now(), error=None)
            except Exception as error:  # one undeliverable message must not stop the others
                log.exception("message %s was not delivered", letter.key)
                _failed(session, letter, error)
            done += 1
            if time.perf_counter() > until:
                break
    return done


def send_due(database: Database, limit: int = 16) -> int:
    """Send letters to the world, while no lock is held."""
    kinds = tuple(senders)
    letters = _lease(database, limit) if _waiting(database, kinds, PATIENCE) else []
    if len(letters) > 1:
        with ThreadPoolExecutor(HANDS) as hands:
            sent = [hands.submit(copy_context().run, _send, database, one) for one in letters]
        for one in sent:
            one.result()
    elif letters:
        _send(database, letters[0])
    return len(letters)


def given_up(session: Session, limit: int = 50) -> list[Outbox]:
    """Return the letters that nobody tries to send any more, newest first."""
    query = select(Outbox).where(Outbox.sent_at.is_(None), Outbox.attempts >= PATIENCE)
    query = query.where(Outbox.kind.in_(tuple(senders)))
    return list(session.scalars(query.order_by(Outbox.key.desc()).limit(limit)))


def troubled(session: Session) -> int:
    """Return how many letters failed and are still tried."""
    query = select(func.count()).where(
        Outbox.sent_at.is_(None), Outbox.attempts > 0, Outbox.attempts < PATIENCE,
        Outbox.kind.in_(tuple(senders)),
    )  # fmt: skip
    return session.scalars(query).one()


def retry(session: Session, key: int) -> bool:
    """Try a letter that was given up again; tell whether there is such a letter."""
    done = session.execute(
        update(Outbox)
        .where(Outbox.key == key, Outbox.sent_at.is_(None))
        .values(attempts=0, due_at=clock.now())
    )
    return bool(done.rowcount)  # type: ignore[attr-defined] # an UPDATE's result has it


def _waiting(database: Database, kinds: Iterable[str], patience: int = _ENDLESS) -> bool:
    """Look without the write lock whether there is anything to do."""
    with database.read() as session:
        asked = {"now": clock.now(), "kinds": tuple(kinds), "patience": patience}
        return session.scalars(_ANY, asked).first() is not None


def _lease(database: Database, limit: int) -> list[Letter]:
    """Take letters to the world for a while, so that no other process sends them meanwhile."""
    with database.begin() as session:
        found = []
        for row in _due(session, tuple(senders), limit, PATIENCE):
            letter = _letter(row)
            _set(session, letter, due_at=clock.now() + LEASE)
            try:
                prepare = preparers.get(letter.kind)
                more = {} if prepare is None else prepare(session, letter)
            except RefusedError as error:
                _failed(session, letter, error)
            else:
                found.append(replace(letter, payload={**letter.payload, **more}))
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
            _tell(session, letter, None)


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
    attempts = PATIENCE if isinstance(error, RefusedError) else letter.attempts + 1
    wait = min(FIRST_WAIT * 2 ** min(letter.attempts, 12), LONGEST_WAIT) * _spread(letter)
    text = f"{type(error).__name__}: {error}"[:500]
    _set(session, letter, attempts=attempts, due_at=clock.now() + wait, error=text)
    if attempts == PATIENCE:
        _give_up(session, letter, text)


def _spread(letter: Letter) -> float:
    """Return how much longer a letter waits: seeded, so that the same failure waits as long."""
    return 1 + JITTER * random.Random(letter.key * 100 + letter.attempts).random()  # noqa: S311


def _give_up(session: Session, letter: Letter, text: str) -> None:
    from engine import incidents

    _tell(session, letter, text)
    instance = session.get(Instance, letter.instance_key) if letter.instance_key else None
    if instance is not None:
        incidents.raise_(
            session, instance, element=f"outbox:{letter.kind}", code=incidents.UNSENT,
            message=N_("消息多次发送没有成功，已停止重试。"),
        )  # fmt: skip
    for mourner in mourners:
        mourner(session, letter, text)


def _tell(session: Session, letter: Letter, error: str | None) -> None:
    if letter.kind in outcomes:
        outcomes[letter.kind](session, letter, error)


def _set(session: Session, letter: Letter, **values: Any) -> None:
    session.execute(update(Outbox).where(Outbox.key == letter.key).values(**values))
