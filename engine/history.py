"""What happened, once and for all: the hash-chained events of each instance (decision 9).

An event's hash covers the event and the hash before it, so that nobody can change, drop or
insert one unseen. Events hold routed values and keys, never personal ones.
"""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from engine import clock, ids
from engine.errors import N_, NotFoundError
from engine.models import Event, History, Instance, Outbox, to_ms
from engine.ports import COMPANY
from engine.sql import Insert, Statement, json, table

HASH_BYTES = 16
#: the kind of letters that say that a watched event has happened
OCCASION = "occasion"
#: (kind, element) of events that are announced in the outbox; filled at start
watched: set[tuple[str, str | None]] = set()
_insert = Insert(
    History,
    columns=("instance_key", "seq", "at", "kind", "actor", "task_key", "element", "data", "hash"),
    later=True,
)
_put = Insert(Outbox, columns=("key", "tenant_id", "kind", "dedupe_key", "payload", "due_at",
                               "attempts", "instance_key"), later=True)  # fmt: skip
_instance = table(Instance).c
_head = Statement(
    select(_instance.history_seq, _instance.history_hash).where(_instance.key == bindparam("k"))
)
_set_head = Statement(
    update(table(Instance))
    .where(_instance.key == bindparam("k"))
    .values(history_seq=bindparam("seq"), history_hash=bindparam("hash")),
    later=True,
)


@dataclass(slots=True)
class Chain:
    """The end of an instance's chain, and the events of this unit that come after it."""

    instance_key: int
    seq: int
    hash: bytes
    rows: list[tuple[Any, ...]] = field(default_factory=list)

    def add(
        self,
        kind: Event,
        actor: int,
        *,
        at: datetime,
        task_key: int | None = None,
        element: str | None = None,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        """Append one event; it is written by `write`."""
        self.seq += 1
        body = json(data)
        event = (self.instance_key, self.seq, to_ms(at), str(kind), actor, task_key, element, body)
        self.hash = digest(self.hash, event)
        self.rows.append((*event, self.hash))

    def write(self, session: Session) -> None:
        """Write the new events; the caller writes `seq` and `hash` to the instance."""
        _insert(session, self.rows)
        _announce(session, [row for row in self.rows if (row[3], row[6]) in watched])
        self.rows = []


def _announce(session: Session, rows: list[tuple[Any, ...]]) -> None:
    """Put a letter in for each event that somebody waits for: one insert on the steps that tell."""
    _put(session, [
        (ids.new(), COMPANY, OCCASION, f"{OCCASION}:{key}:{seq}", json({"seq": seq}), at, 0, key)
        for key, seq, at, *_others in rows
    ])  # fmt: skip


def digest(before: bytes, event: tuple[Any, ...]) -> bytes:
    """Return the hash of an event: over the hash before it and its columns, in their order."""
    return hashlib.blake2b(before + orjson.dumps(event), digest_size=HASH_BYTES).digest()


def add(  # noqa: PLR0913 — one argument a column
    session: Session,
    instance_key: int,
    kind: Event,
    actor: int,
    *,
    task_key: int | None = None,
    element: str | None = None,
    data: Mapping[str, Any] | None = None,
) -> None:
    """Append one event outside of a step: a claim, a notice, a look at protected data."""
    with several(session, instance_key) as chain:
        chain.add(kind, actor, at=clock.now(), task_key=task_key, element=element, data=data)


@contextmanager
def several(session: Session, instance_key: int) -> Iterator[Chain]:
    """Append events outside of a step in one write; the caller holds the lock of the family."""
    found = _head(session, {"k": instance_key}).fetchone()
    if found is None:
        raise NotFoundError(N_("没有这个案件"))
    chain = Chain(instance_key, found[0], bytes(found[1]))
    yield chain
    carry_on(session, chain)


def carry_on(session: Session, chain: Chain) -> None:
    """Write a chain's new events and where it stands; nothing when it has none."""
    if chain.rows:
        chain.write(session)
        _set_head(session, {"k": chain.instance_key, "seq": chain.seq, "hash": chain.hash})


def of(session: Session, instance_key: int) -> list[History]:
    """Return the events of an instance in their order."""
    query = select(History).where(History.instance_key == instance_key).order_by(History.seq)
    return list(session.scalars(query))


def broken(session: Session, instance_key: int) -> Iterator[int]:
    """Yield the number of each event whose hash does not follow from the one before it."""
    before = b""
    for expected, row in enumerate(of(session, instance_key), 1):
        event = (
            row.instance_key, row.seq, to_ms(row.at), row.kind, row.actor, row.task_key,
            row.element, json(row.data),
        )  # fmt: skip
        if row.seq != expected or digest(before, event) != row.hash:
            yield row.seq
        before = row.hash
