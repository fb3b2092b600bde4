"""The same command twice gives the same answer once: Idempotency-Key.

Of a request only a hash is kept. It is made with a secret of the installation and for one person
and key alone: who reads the rows can't try telephone numbers until one fits, nor see who sent the
same. All processes of an installation are given the same secret.
"""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import bindparam, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from engine import clock
from engine.db import Database
from engine.errors import N_, ConflictError, InvalidInputError, KeyReusedError
from engine.models import Idempotency, to_ms
from engine.sql import Statement, dialect, json, table

LONGEST_KEY = 200
_c = table(Idempotency).c
_find = Statement(
    select(_c.request_hash, _c.status, _c.answer).where(
        _c.actor == bindparam("who"), _c.idempotency_key == bindparam("key")
    )
)


def _keep(module: type[postgresql.Insert] | type[sqlite.Insert]) -> Statement:
    return Statement(
        module(table(Idempotency))
        .values(
            actor=bindparam("who"),
            idempotency_key=bindparam("key"),
            request_hash=bindparam("request"),
            status=bindparam("status"),
            answer=bindparam("answer"),
            at=bindparam("at"),
        )
        .on_conflict_do_nothing()
    )


_keep_one = {"sqlite": _keep(sqlite.Insert), "postgresql": _keep(postgresql.Insert)}


#: the key that requests are hashed with; until `use`, one of this process alone: for sandboxes,
#: scenarios and tests
_secret = [secrets.token_bytes(32)]


def use(secret: str) -> None:
    """Say what the hashes of requests are made with; done once at start."""
    _secret[:] = [hashlib.blake2b(secret.encode(), digest_size=32, person=b"requests").digest()]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command answered: an HTTP status and a JSON body."""

    status: int
    body: Any
    #: whether this answer was given before
    repeated: bool = False


class _TakenError(ConflictError):
    """Another unit kept an answer under the same key meanwhile."""


def run(
    database: Database,
    *,
    actor_key: int,
    key: str | None,
    request: Any,
    command: Callable[[Session], Answer],
) -> Answer:
    """Run a command in one unit; under a key used before, give the answer of that time.

    Raises KeyReusedError when the key came with another request before. A refused command leaves
    nothing behind, so its key may be used again.
    """
    if key is None:
        with database.begin() as session:
            return command(session)
    if not key or len(key) > LONGEST_KEY:
        raise InvalidInputError(N_("Idempotency-Key 须为 1 到 {count} 个字符。"), count=LONGEST_KEY)
    digest = _hash(actor_key, key, request)
    try:
        with database.begin() as session:
            found = _before(session, actor_key, key, digest)
            if found is not None:
                return found
            answer = command(session)
            _remember(session, actor_key, key, digest, answer)
            return answer
    except ConflictError:
        # The other one of a pair may have been first: its answer is ours.
        with database.begin() as session:
            found = _before(session, actor_key, key, digest)
        if found is None:
            raise
        return found


def _hash(who: int, key: str, request: Any) -> bytes:
    said = orjson.dumps([who, key, request], option=orjson.OPT_SORT_KEYS, default=str)
    return hashlib.blake2b(said, digest_size=16, key=_secret[0]).digest()


def _before(session: Session, who: int, key: str, digest: bytes) -> Answer | None:
    row = _find(session, {"who": who, "key": key}).fetchone()
    if row is None:
        return None
    if bytes(row[0]) != digest:
        raise KeyReusedError(N_("这个 Idempotency-Key 已用于另一个请求。"))
    return Answer(row[1], None if row[2] is None else orjson.loads(row[2]), repeated=True)


def _remember(session: Session, who: int, key: str, digest: bytes, answer: Answer) -> None:
    kept = _keep_one[dialect(session)](
        session,
        {
            "who": who,
            "key": key,
            "request": digest,
            "status": answer.status,
            "answer": json(answer.body),
            "at": to_ms(clock.now()),
        },
    )
    if kept.rowcount != 1:
        raise _TakenError(N_("相同的请求正在处理。"))
