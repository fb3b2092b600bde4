"""How long people wait for a list or a search among 100,000 cases, on the embedded database."""

import random
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

import processes
from api.database import migrate
from benchmarks._figure import figure
from engine import inbox, search
from engine.db import Database, sqlite_url
from engine.models import Definition, Deployment, Instance, Task, Tenant, User, from_ms
from engine.ports import COMPANY, Actor
from processes import callers, searching
from processes.archive import Building, Occupancy, Resident, Room

CASES, OPEN, STEPS, PROJECTS, ROUNDS = 100_000, 5_000, 3, 10, 200
HOMES = 50_000
_START = 1_700_000_000_000
_WORDS = "楼上卫生间漏水电梯停运噪音扰民垃圾清运停车占位门禁失灵路灯不亮管道堵塞绿化修剪装修敲打"
_CLERK = Actor(key=101, username="clerk", name="林晓雯",
               memberships=frozenset({("cs_assistant", "p3")}))  # fmt: skip


def figures() -> Iterator[dict[str, Any]]:
    """The 95th percentile of each way to find work, and what a case's words weigh."""
    processes.register()
    with tempfile.TemporaryDirectory() as folder:
        database = Database(sqlite_url(Path(folder) / "finding.db"))
        migrate(database)
        _fill(database)
        for name, look in _LOOKS.items():
            milliseconds = _p95(database, look)
            yield figure(
                f"{name}, {CASES} cases, p95", milliseconds, "ms", goal="<= 100",
                met=milliseconds <= 100,
            )  # fmt: skip
        with database.read() as session:
            rows = session.execute(text("select count(*) from word")).scalar_one()
        yield figure("words of a case", rows / CASES, "rows")
        database.close()


def _mine(session: Session, _dice: random.Random) -> None:
    inbox.search(session, _CLERK, view="mine")
    inbox.counts(session, _CLERK)


def _found_in(view: str) -> Callable[[Session, random.Random], None]:
    def look(session: Session, dice: random.Random) -> None:
        typed = _typed(dice)
        found = searching.find(session, _CLERK, typed)
        inbox.search(session, _CLERK, view=view, text=typed, cases=found)

    return look


def _cases(session: Session, _dice: random.Random) -> None:
    query = select(Instance).where(inbox.visible_cases(_CLERK)).order_by(Instance.key.desc())
    session.scalars(query.limit(50)).all()


def _found_cases(session: Session, dice: random.Random) -> None:
    found = searching.find(session, _CLERK, _typed(dice))
    query = select(Instance).where(inbox.visible_cases(_CLERK), Instance.key.in_(found))
    session.scalars(query.order_by(Instance.key.desc()).limit(50)).all()


def _caller(session: Session, dice: random.Random) -> None:
    number = dice.randrange(HOMES)
    callers.find(session, _CLERK, dice.choice([
        f"{number:04}"[-4:], f"{number % 30 + 1}-1-{number % 900 + 101}", "周建国", "漏水",
        f"1390{number:07}", f"{number % 30 + 1}栋{number % 900 + 101}",
    ]))  # fmt: skip


_LOOKS: dict[str, Callable[[Session, random.Random], None]] = {
    "inbox with its counts": _mine,
    "inbox of the groups, searched": _found_in("groups"),
    "tasks done, searched": _found_in("done"),
    "newest cases": _cases,
    "cases, searched": _found_cases,
    "caller found at the front desk": _caller,
}


def _typed(dice: random.Random) -> str:
    at = dice.randrange(len(_WORDS) - 2)
    return dice.choice([
        _WORDS[at : at + 2], f"138{dice.randrange(10**8):08}"[:7], f"TS-2026{dice.randrange(1000):04}",
        f"{_WORDS[at : at + 2]} 138", "周建国",
    ])  # fmt: skip


def _p95(database: Database, look: Callable[[Session, random.Random], None]) -> float:
    dice, times = random.Random(7), []
    for _ in range(ROUNDS):
        with database.read() as session:
            begin = time.perf_counter()
            look(session, dice)
            times.append((time.perf_counter() - begin) * 1000)
    return sorted(times)[int(len(times) * 0.95)]


def _fill(database: Database) -> None:
    dice = random.Random(1)
    with database.begin() as session:
        session.add_all(Tenant(tenant_id=f"p{n}", name=f"项目 {n}") for n in range(PROJECTS))
        session.add(Deployment(key=1, tenant_id=COMPANY, deployed_by=0, deployed_at=_moment(0)))
        session.add(User(key=_CLERK.key, username="clerk", name="林晓雯", password_hash="-",
                         created_at=_moment(0)))  # fmt: skip
        session.flush()
        session.add(Definition(key=2, tenant_id=COMPANY, version=1, resource="x", hash="0",
                               process_id="complaint", deployment_key=1, routed=[], bindings={},
                               name="投诉处理", deployed_at=_moment(0)))  # fmt: skip
        session.flush()
        _homes(session, dice)
        session.execute(text("create temp table w (word, root_key, tenant_id, personal)"))
        for first in range(0, CASES, 5_000):
            _some_cases(session, dice, range(first, first + 5_000))
        session.execute(text(
            "insert or ignore into word select * from w order by word, root_key"
        ))  # fmt: skip
        session.execute(text("analyze"))


def _homes(session: Session, dice: random.Random) -> None:
    """Add rooms and who lives there, as many as ten large projects have."""
    homes = range(HOMES)
    place = {n: (f"p{n % PROJECTS}", 500_000 + n, 700_000 + n) for n in homes}
    for at in range(PROJECTS):
        session.add(Building(key=900 + at, tenant_id=f"p{at}", number="1", name="1栋", floors=30,
                             has_lift=True))  # fmt: skip
    session.flush()
    session.execute(insert(Room), [
        {"key": room, "tenant_id": tenant, "building_key": 900 + n % PROJECTS,
         "number": f"{n % 30 + 1}-{n // 27_000 + 1}-{n // 30 % 900 + 101}-{n}", "unit": "1",
         "floor": 1, "area": 9_000, "use": "live"}
        for n, (tenant, room, _) in place.items()
    ])  # fmt: skip
    session.execute(insert(Resident), [
        {"key": person, "tenant_id": tenant, "name": dice.choice("王李张刘陈周") + "建国",
         "phone": f"1390{n:07}", "vulnerable": False}
        for n, (tenant, _, person) in place.items()
    ])  # fmt: skip
    session.execute(insert(Occupancy), [
        {"key": 900_000 + n, "tenant_id": tenant, "room_key": room, "resident_key": person,
         "kind": "owner"}
        for n, (tenant, room, person) in place.items()
    ])  # fmt: skip


def _some_cases(session: Session, dice: random.Random, numbers: range) -> None:
    cases, tasks, words = [], [], []
    for n in numbers:
        key, tenant, running = 10_000 + n, f"p{n % PROJECTS}", n >= CASES - OPEN
        number = f"TS-2026{n % 1000:04}-{n:06}"
        cases.append({
            "key": key, "tenant_id": tenant, "definition_key": 2, "process_id": "complaint",
            "root_key": key, "business_key": number, "title": "漏水 · 报修",
            "state": "active" if running else "completed", "blob": b"", "variables": {},
            "started_by": 102 + n % 40, "started_at": _moment(n),
            "ended_at": None if running else _moment(n + 1),
        })  # fmt: skip
        tasks += [_task(dice, n, key, tenant, step, running=running) for step in range(STEPS)]
        at = dice.randrange(len(_WORDS) - 12)
        texts = search.Texts(personal=(_WORDS[at : at + 12], f"138{dice.randrange(10**8):08}", "周建国"),
                             exact=(f"room:{n % 6000}",))  # fmt: skip
        words += search._rows(key, tenant, texts, ("漏水 · 报修", number))  # noqa: SLF001 — its rows
    session.execute(insert(Instance), cases)
    session.execute(insert(Task), tasks)
    session.execute(text("insert into w values (:word, :root_key, :tenant_id, :personal)"), words)


def _task(
    dice: random.Random, n: int, case: int, tenant: str, step: int, *, running: bool
) -> dict[str, Any]:
    is_open = running and step == STEPS - 1
    who = None if is_open and n % 2 else 101 + dice.randrange(40)
    return {
        "key": case * 10 + 1_000_000 + step, "tenant_id": tenant, "instance_key": case,
        "root_key": case, "definition_key": 2, "kind": "user", "token": 1, "element": f"T{step}",
        "name": "答复业主", "state": "open" if is_open else "completed", "group": "cs_assistant",
        "assignee": who, "opened_at": _moment(n), "due_at": _moment(n + 2),
        "closed_at": None if is_open else _moment(n + 1), "closed_by": None if is_open else who,
    }  # fmt: skip


def _moment(minutes: int) -> Any:

    return from_ms(_START + minutes * 60_000)
