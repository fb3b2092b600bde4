"""Leak repairs that wait for rain, for tests and for loads."""

from datetime import datetime, timedelta
from typing import Any

import yaml
from sqlalchemy import select

from engine import clock, ids, instances, jobs
from engine.db import Database
from processes.archive import Building, Room
from tests.processes.conftest import ROOT
from tests.processes.doing import done, filled, people

_SAMPLES: dict[str, Any] = yaml.safe_load(
    (ROOT / "repair" / "scenarios" / "_samples.yaml").read_text("utf-8")
)
#: who does the steps up to the wait for rain, and what is told beside the samples
_STEPS: dict[str, tuple[str, dict[str, Any]]] = {
    "R1_intake": ("cs_assistant", {"repair_item": "leak", "is_leak": True,
                                   "description": "阳台顶板渗水。"}),
    "R2_dispatch": ("eng_dispatch", {}),
    "R3_accept": ("eng_worker", {}),
    "R4_arrive": ("eng_worker", {}),
    "R5_quote": ("eng_worker", {"payable": "free"}),
    "R7_finish": ("eng_worker", {}),
}  # fmt: skip


def leak(database: Database, tenant_id: str, at: datetime) -> int:
    """Repair a leak in a project from a moment on; return the case, which waits for rain."""
    roles = sorted({role for role, _ in _STEPS.values()})
    with clock.at(lambda: at):
        who = people(database, roles, tenant_id)
        where = str(room(database, tenant_id))
        with database.begin() as session:
            case = instances.start(session, who["cs_assistant"], "repair", tenant_id=tenant_id).key
    for element, (role, told) in _STEPS.items():
        moment = at + timedelta(hours=2) if element == "R7_finish" else at
        with clock.at(lambda moment=moment: moment):
            values = filled(_SAMPLES[element], who, where) | told
            done(database, who[role], case, element, values)
            while jobs.run_due(database):
                pass
    return case


def room(database: Database, tenant_id: str) -> int:
    """Return a room of a project; one that has none gets a building with one."""
    with database.begin() as session:
        found = session.scalars(select(Room.key).where(Room.tenant_id == tenant_id)).first()
        if found is not None:
            return found
        building = Building(
            key=ids.new(), tenant_id=tenant_id, number="1", name="1栋", floors=18, has_lift=True
        )
        session.add(building)
        session.flush()
        made = Room(
            key=ids.new(), tenant_id=tenant_id, building_key=building.key, number="1-1-101",
            unit="1", floor=1, area=8_000, use="live",
        )  # fmt: skip
        session.add(made)
        return made.key
