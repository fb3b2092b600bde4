"""A batch of households that is ready to be opened, for tests and for loads."""

from collections.abc import Mapping, Sequence
from typing import Any

import yaml
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import ids, tasks
from engine.db import Database
from engine.models import Task
from engine.ports import SYSTEM, Actor
from engine.testing import walk
from processes.archive import Building, Room
from tests.processes.conftest import ROOT
from tests.processes.doing import filled

READY = {"ready": ["fees", "fund", "docs", "bags", "public", "clean"], "redo": "none"}
#: the steps of a move-in up to its inspection
_STEPS = ("M0_arrive", "M1_verify", "M2_sign", "M3_fees", "M4_inspect")
_MOVE_IN: dict[str, Any] = yaml.safe_load(
    (ROOT / "move_in" / "scenarios" / "_samples.yaml").read_text("utf-8")
)
_SCENARIO = ROOT / "move_in_prep" / "scenarios" / "01_one_thing_again.yaml"


def rooms(session: Session, count: int) -> list[str]:
    """Put a new building with so many rooms into the archive of `yj`; return their keys."""
    number = str(1001 + (session.scalar(select(func.count()).select_from(Building)) or 0))
    building = Building(
        key=ids.new(), tenant_id="yj", number=number, name=f"{number}栋", floors=30, has_lift=True
    )
    session.add(building)
    session.flush()
    keys = [ids.new() for _ in range(count)]
    session.add_all(
        Room(
            key=key, tenant_id="yj", building_key=building.key, unit="1", floor=n // 8 + 1,
            number=f"{number}-1-{n // 8 + 1:02}{n % 8 + 1:02}", area=9_000, use="live",
        ) for n, key in enumerate(keys)
    )  # fmt: skip
    return [str(key) for key in keys]


def ready(database: Database, households: Sequence[str]) -> int:
    """Prepare a batch and confirm it; return its case, whose job then waits."""
    case = prepared(database, households)
    confirmed(database, case)
    return case


def confirmed(database: Database, case: int) -> None:
    """Do the last confirmation of a batch: its households may be opened."""
    with database.begin() as session:
        query = select(Task.key).where(Task.instance_key == case, Task.state == "open")
        tasks.complete(session, SYSTEM, session.scalars(query).one(), READY)


def steps(
    who: Mapping[str, Actor], room: str, photo: str, *, defects: int
) -> dict[str, dict[str, Any]]:
    """Return what a household's steps are told, up to an inspection that finds defects."""
    found: dict[str, dict[str, Any]] = {
        element: filled(_MOVE_IN[element], who, room) for element in _STEPS
    }
    for values in found.values():
        if "customer_sign" in values:
            values["customer_sign"] = photo
    found["M4_inspect"] |= {"accepted": "fail", "item_rows": [
        {"part": "wall", "check": "平整", "state": "bad", "problem": f"第 {n} 处开裂",
         "severity": "normal", "photos": [photo]} for n in range(defects)
    ]}  # fmt: skip
    return found


def prepared(database: Database, households: Sequence[str]) -> int:
    """Walk a batch of these rooms to the confirmation that opens them; return its case."""
    read: dict[str, Any] = yaml.safe_load(_SCENARIO.read_text("utf-8"))
    samples = yaml.safe_load(_SCENARIO.with_name("_samples.yaml").read_text("utf-8"))
    samples["P0_batch"]["households"] = [
        {"room": room, "owner": f"业主{n}", "phone": "13800000001", "day": "2026-12-26"}
        for n, room in enumerate(households)
    ]
    steps = [{**step, "expect": None} for step in read["steps"][:-1]]
    names = {"room": households[0]}
    walked = walk({**read, "steps": steps, "samples": samples}, database, names=names)
    if walked.difference is not None:
        raise AssertionError(walked.difference)
    return walked.instance_key
