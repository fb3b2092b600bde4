"""Keeps history vouched for: what grew is sealed each minute, all of it looked at once a day."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from engine import clock, notices, seals, verification
from engine.db import Database
from engine.errors import N_
from engine.signing import Keyring

log = logging.getLogger(__name__)

#: how often everything is looked at
LOOK = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Voucher:
    """What signs, where each seal is written down, and whom a fault is told to."""

    keyring: Keyring
    copies: Path
    #: groups, in every project
    tell: tuple[str, ...] = ()


def each_minute(database: Database, voucher: Voucher) -> None:
    """Seal what grew."""
    seals.run(database, voucher.keyring, copies=voucher.copies)


def each_hour(
    database: Database, voucher: Voucher, *, stopping: Callable[[], bool] = lambda: False
) -> None:
    """Seal also what was added to ended cases; once a day look at everything, unless we stop."""
    seals.run(database, voucher.keyring, copies=voucher.copies, everything=True)
    with database.read() as session:
        last = verification.last(session)
    if last is None or clock.now() - last.at >= LOOK:
        _look(database, voucher, stopping)


def lines(folder: Path) -> list[str]:
    """Return the lines of all seals that were written down in a folder."""
    files = sorted(folder.glob("*.tsv")) if folder.is_dir() else [folder]
    return [line for file in files for line in file.read_text("ascii").splitlines()]


def _look(database: Database, voucher: Voucher, stopping: Callable[[], bool]) -> None:
    copies = lines(voucher.copies) if voucher.copies.is_dir() else []
    report = verification.in_background(database, voucher.keyring, copies=copies, stopping=stopping)
    if report is None or not report.faults:
        return
    log.error("history does not hold in %s places: %s", len(report.faults), report.faults[0])
    with database.begin() as session:
        people = {key for group in voucher.tell for key in notices.everywhere(session, group)}
        notices.notify(
            session, people, "history",
            N_("历史校验发现 {count} 处对不上，请在“历史校验”里查看"), {"count": len(report.faults)},
        )  # fmt: skip
