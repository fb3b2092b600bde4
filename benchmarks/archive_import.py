"""How long 5,000 rooms take from a workbook into the archive, and 50 faulty cells to be found.

Goal: checking a workbook of 5,000 rooms with 50 faulty rows answers within ten seconds.
"""

import io
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from api.database import metadata
from benchmarks._figure import figure
from engine.db import Database, sqlite_url
from engine.models import Tenant
from engine.ports import SYSTEM
from processes.archive import importing, undoing
from processes.archive.columns import COLUMNS

ROOMS, FAULTY, GOAL = 5_000, 50, 10


def workbook(rooms: int = ROOMS, faulty: int = 0) -> bytes:
    """Return a workbook of rooms with an owner each; every so many rows one area is no number."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append([column.zh for column in COLUMNS])
    every = rooms // faulty if faulty else 0
    for n in range(rooms):
        wrong = every and n % every == every - 1
        sheet.append([
            n // 500 + 1, n // 100 % 5 + 1, n // 4 % 25 + 1, f"{n // 4 % 25 + 1}0{n % 4 + 1}",
            "不详" if wrong else 89.5, "住宅", "自住", f"业主{n}", f"139{n:08d}", "业主",
            "2021-03-01", None, "否",
        ])  # fmt: skip
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def figures() -> Iterator[dict[str, Any]]:
    """Yield what checking, applying and undoing take, on the embedded database."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(sqlite_url(Path(folder) / "archive.db"))
        metadata().create_all(database.writer_engine)
        with database.begin() as session:
            session.add(Tenant(tenant_id="yj", name="云景花园"))
        wrong, right = workbook(faulty=FAULTY), workbook()
        for name, work in (
            (f"check {ROOMS} rooms, {FAULTY} faulty", partial(_upload, database, wrong)),
            (f"check {ROOMS} rooms", partial(_upload, database, right)),
            (f"apply {ROOMS} rooms", partial(_apply, database)),
            (f"undo {ROOMS} rooms", partial(_undo, database)),
        ):
            begin = time.perf_counter()
            work()
            seconds = time.perf_counter() - begin
            yield figure(name, seconds, "s", goal=f"<= {GOAL:.0f}", met=seconds <= GOAL)
        database.close()


def _upload(database: Database, body: bytes) -> None:
    sent = importing.read("rooms.xlsx", body)
    with database.begin() as session:
        importing.keep(session, SYSTEM, "yj", sent)


def _apply(database: Database) -> None:
    with database.read() as session:
        key = importing.recent(session, "yj")[0].key
        sent = importing.waiting(session, SYSTEM, key)
    with database.begin() as session:
        importing.apply(session, SYSTEM, key, sent)


def _undo(database: Database) -> None:
    with database.begin() as session:
        undoing.undo(session, SYSTEM, importing.recent(session, "yj")[0].key)
