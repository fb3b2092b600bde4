"""Seals over history: each minute a signed Merkle root binds the chains that grew (decision 9).

A chain shows that nobody changed one case unseen who could not rewrite its end. A seal fixes the
ends of all chains under a signature, and each seal names the one before: whoever rewrites history
needs the key, and whoever cuts the newest part off is caught by a copy of the seals kept elsewhere.
"""

import hashlib
import logging
from collections.abc import Iterator, Sequence
from pathlib import Path

import orjson
from sqlalchemy import Select, delete, insert, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from engine import clock
from engine.db import Database
from engine.models import Instance, InstanceState, Seal, Sealed, to_ms
from engine.signing import Keyring

log = logging.getLogger(__name__)

#: the most cases under one seal; more go under several
MOST = 2_000
#: (instance key, number of its last event, that event's hash, whether it still runs)
End = tuple[int, int, bytes, bool]


def run(
    database: Database, keyring: Keyring, *, copies: Path | None = None, everything: bool = False
) -> int:
    """Seal what grew; return how many seals. `copies` is the folder where each is written down.

    Each run looks at cases that ran when last looked at; `everything` looks at the ended ones too,
    where a correction or a look at protected data may have been added.
    """
    made = 0
    while ends := _grown(database, everything=everything):
        line = _seal(database, keyring, ends)
        if line is None:
            return made
        if copies is not None:
            _write_down(copies, line)
        made += 1
        if len(ends) < MOST:
            break
    return made


def root_of(ends: Sequence[Sequence[int | str]]) -> bytes:
    """Return the Merkle root (RFC 9162, section 2.1.1, SHA-256) over the ends of chains."""
    return _tree([_hash(b"\x00", orjson.dumps(end)) for end in ends])


def message(seal: Seal) -> bytes:
    """Return what is signed of a seal."""
    return orjson.dumps([
        "wuyeflow seal 1", seal.number, to_ms(seal.at), len(seal.ends), seal.root.hex(),
        seal.before.hex(), seal.key_id,
    ])  # fmt: skip


def fingerprint(seal: Seal) -> bytes:
    """Return what the next seal names this one by."""
    return _hash(message(seal), seal.signature)


def line_of(seal: Seal) -> str:
    """Return the line that stands for a seal in the copies kept elsewhere."""
    return f"{seal.number}\t{to_ms(seal.at)}\t{seal.root.hex()}\t{fingerprint(seal).hex()}"


def newest(session: Session) -> Seal | None:
    """Return the last seal."""
    return session.scalars(select(Seal).order_by(Seal.number.desc()).limit(1)).first()


def _grown(database: Database, *, everything: bool) -> list[End]:
    """Return chains with events behind what is sealed; a durable end stays true for ever."""
    ends: dict[int, End] = {}
    with database.read() as session:
        for query in _queries(everything=everything):
            for key, seq, last, state in session.execute(query.limit(MOST)):
                ends[key] = (key, seq, bytes(last), state == InstanceState.ACTIVE)
    return sorted(ends.values())[:MOST]


def _queries(*, everything: bool) -> Iterator[Select[int, int, bytes, str]]:
    ends = select(Instance.key, Instance.history_seq, Instance.history_hash, Instance.state)
    outer = ends.outerjoin(Sealed, Sealed.instance_key == Instance.key).where(
        Sealed.seq.is_(None) | (Sealed.seq < Instance.history_seq)
    )
    if everything:
        yield outer
        return
    yield outer.where(text("instance.state = 'active'"))
    ended = ends.join(Sealed, Sealed.instance_key == Instance.key)
    yield ended.where(text("sealed.running"), Instance.state != InstanceState.ACTIVE)


def _seal(database: Database, keyring: Keyring, ends: Sequence[End]) -> str | None:
    """Write one seal and return its line; None when another process sealed at the same time."""
    try:
        with database.begin() as session:
            last = newest(session)
            leaves = [(key, seq, end.hex()) for key, seq, end, _ in ends]
            seal = Seal(
                number=1 if last is None else last.number + 1, at=clock.now(), ends=leaves,
                root=root_of(leaves), before=b"" if last is None else fingerprint(last), key_id=keyring.key_id,
            )  # fmt: skip
            seal.signature = keyring.sign(message(seal))
            session.add(seal)
            session.flush()
            session.execute(
                delete(Sealed).where(Sealed.instance_key.in_([key for key, *_ in ends]))
            )
            session.execute(insert(Sealed), [
                {"instance_key": key, "seq": seq, "running": running}
                for key, seq, _, running in ends
            ])  # fmt: skip
            return line_of(seal)
    except IntegrityError:
        log.info("another process sealed history at the same time")
        return None


def _write_down(folder: Path, line: str) -> None:
    """Append the seal to the file of its month, for a copy out of the database's reach."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{clock.now():%Y-%m}.tsv").open("a", encoding="ascii") as file:
        file.write(f"{line}\n")


def _tree(leaves: Sequence[bytes]) -> bytes:
    if not leaves:
        return _hash()
    if len(leaves) == 1:
        return leaves[0]
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return _hash(b"\x01", _tree(leaves[:half]), _tree(leaves[half:]))


def _hash(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()
