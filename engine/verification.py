"""A look at all of history: does every chain hold, and does every seal fit what it sealed?"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from itertools import groupby
from typing import Any

from sqlalchemy import Text, select, tuple_, type_coerce
from sqlalchemy.orm import Session

from engine import clock, history, ids, seals
from engine.db import Database
from engine.errors import N_
from engine.models import History, Instance, Key, Seal, Verification
from engine.signing import Keyring

#: cases looked at together, and faults that are kept
BATCH, KEPT = 200, 100
#: between two batches in the background, so that the people at work notice nothing
BREATH = 0.05

FAULTS: Mapping[str, str] = {
    "event": N_("第 {seq} 件事的散列对不上：这里被改动、删除或插入过"),
    "end": N_("案件记着有 {seq} 件事，历史里的结尾与它不同"),
    "lost": N_("历史还在，案件不见了"),
    "root": N_("第 {seal} 号签封之后，历史被整段改写过：第 {seq} 件事不再是当时封的那一件"),
    "signature": N_("第 {seal} 号签封的签名不对，或者签名的密钥不认识"),
    "order": N_("第 {seal} 号签封接不上它前面的一份"),
    "tree": N_("第 {seal} 号签封的根对不上它封的案件"),
    "copy": N_("第 {seal} 号签封与另存的副本不同，或者已被删去"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that does not fit: in a case (its first broken event), or in a seal."""

    kind: str
    instance_key: int | None = None
    business_key: str | None = None
    seq: int | None = None
    element: str | None = None
    seal: int | None = None


@dataclass(slots=True, kw_only=True)
class Report:
    """What was looked at, and everything that does not fit."""

    cases: int = 0
    events: int = 0
    seals: int = 0
    faults: list[Fault] = field(default_factory=list)


def run(
    database: Database,
    keyring: Keyring,
    *,
    copies: Iterable[str] = (),
    rest: Callable[[], None] = lambda: None,
) -> Report:
    """Look at every chain and every seal; `copies` are lines of seals that were kept elsewhere."""
    report = Report()
    after: int | None = 0
    while after is not None:
        with database.read() as session:
            after = _chains(session, report, after)
        rest()
    with database.read() as session:
        _seals(session, keyring, report, {line.split("\t")[0]: line for line in copies})
    return report


class _StoppedError(Exception):
    """Ends a look of a process that stops."""


def in_background(
    database: Database, keyring: Keyring, *, copies: Iterable[str] = (),
    stopping: Callable[[], bool] = lambda: False,
) -> Report | None:  # fmt: skip
    """Look at everything, slowly, and keep what was found; None when the process stops before."""

    def rest() -> None:
        if stopping():
            raise _StoppedError
        time.sleep(BREATH)

    try:
        report = run(database, keyring, copies=copies, rest=rest)
    except _StoppedError:
        return None
    with database.begin() as session:
        keep(session, report)
    return report


def keep(session: Session, report: Report) -> Verification:
    """Keep what a look found."""
    row = Verification(
        key=ids.new(), at=clock.now(), cases=report.cases, events=report.events,
        seals=report.seals, faults=[asdict(fault) for fault in report.faults[:KEPT]],
    )  # fmt: skip
    session.add(row)
    return row


def last(session: Session) -> Verification | None:
    """Return the last look that was kept."""
    return session.scalars(select(Verification).order_by(Verification.key.desc()).limit(1)).first()


def _chains(session: Session, report: Report, after: int) -> int | None:
    """Look at the next batch of cases; return where to go on, None at the end."""
    keys = (
        select(History.instance_key).where(History.instance_key > after).distinct()
        .union(select(Instance.key).where(Instance.key > after))
    )  # fmt: skip
    query = keys.order_by(keys.selected_columns[0]).limit(BATCH)
    batch = list(session.scalars(query))
    events = groupby(session.execute(_events(batch)), key=lambda row: row[0])
    found = {key: list(rows) for key, rows in events}
    for key in batch:
        rows = found.get(key, [])
        report.cases += 1
        report.events += len(rows)
        report.faults += _fault_of(session, key, rows)
    return batch[-1] if len(batch) == BATCH else None


def _events(keys: Iterable[int]) -> Any:
    """Select the columns that the hashes cover, as the rows hold them, with the case's own end."""
    return (
        select(
            History.instance_key, History.seq, type_coerce(History.at, Key),
            History.kind, History.actor, History.task_key, History.element,
            type_coerce(History.data, Text), History.hash, Instance.history_seq,
            Instance.history_hash, Instance.business_key,
        )
        .outerjoin(Instance, Instance.key == History.instance_key)
        .where(History.instance_key.in_(keys))
        .order_by(History.instance_key, History.seq)
    )  # fmt: skip


def _fault_of(session: Session, key: int, rows: list[Any]) -> Iterator[Fault]:
    """Yield the first thing that does not fit in one case."""
    if not rows:
        case = session.get_one(Instance, key)
        if case.history_seq:
            yield Fault(kind="end", instance_key=key, business_key=case.business_key,
                        seq=case.history_seq)  # fmt: skip
        return
    number = rows[0][11]
    before = b""
    for expected, row in enumerate(rows, 1):
        if row[1] != expected or history.digest(before, tuple(row[:8])) != bytes(row[8]):
            yield Fault(kind="event", instance_key=key, business_key=number, seq=expected,
                        element=row[6])  # fmt: skip
            return
        before = bytes(row[8])
    if rows[0][9] is None:
        yield Fault(kind="lost", instance_key=key)
    elif (rows[0][9], bytes(rows[0][10])) != (len(rows), before):
        yield Fault(kind="end", instance_key=key, business_key=number, seq=rows[0][9])


def _seals(session: Session, keyring: Keyring, report: Report, copies: dict[str, str]) -> None:
    before, number = b"", 0
    rewritten: dict[int, Fault] = {}
    query = select(Seal).order_by(Seal.number).execution_options(yield_per=BATCH)
    for seal in session.scalars(query):
        number += 1
        report.seals += 1
        report.faults += _fault_of_seal(keyring, seal, number, before)
        for fault in _rewritten(session, seal):
            rewritten.setdefault(fault.instance_key or 0, fault)
        copy = copies.pop(str(seal.number), None)
        if copy is not None and copy.strip() != seals.line_of(seal):
            report.faults.append(Fault(kind="copy", seal=seal.number))
        before, number = seals.fingerprint(seal), seal.number
    report.faults += rewritten.values()
    report.faults += [Fault(kind="copy", seal=int(gone)) for gone in copies if gone.isdigit()]


def _fault_of_seal(keyring: Keyring, seal: Seal, number: int, before: bytes) -> Iterator[Fault]:
    if (seal.number, seal.before) != (number, before):
        yield Fault(kind="order", seal=seal.number)
    if not keyring.holds(seal.key_id, seals.message(seal), seal.signature):
        yield Fault(kind="signature", seal=seal.number)
    if seals.root_of(seal.ends) != seal.root:
        yield Fault(kind="tree", seal=seal.number)


def _rewritten(session: Session, seal: Seal) -> Iterator[Fault]:
    """Yield the cases whose sealed event is not what it was; the seal before still fitted them."""
    for start in range(0, len(seal.ends), BATCH):
        ends = seal.ends[start : start + BATCH]
        row = tuple_(History.instance_key, History.seq)
        query = select(History.instance_key, History.hash, History.element).where(
            row.in_([(key, seq) for key, seq, _ in ends])
        )
        known = {key: (bytes(end).hex(), element) for key, end, element in session.execute(query)}
        for key, seq, end in ends:
            found, element = known.get(key, ("", None))
            if found != end:
                case = session.get(Instance, key)
                yield Fault(
                    kind="root", seal=seal.number, instance_key=key, seq=seq, element=element,
                    business_key=None if case is None else case.business_key,
                )  # fmt: skip
