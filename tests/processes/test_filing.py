"""A case that the front desk passed on is filed as what it became, under its own room."""

from sqlalchemy import select

from engine.db import Database
from engine.testing import walk
from processes.archive import Record
from tests.processes.conftest import ROOT

PASSED_ON = ROOT / "inquiry" / "scenarios" / "06_becomes_a_complaint.yaml"


def test_a_complaint_from_the_front_desk_is_filed_with_its_room(project: Database) -> None:
    result = walk(PASSED_ON, project, names={"room": "1201", "new_room": "301"})

    assert result.difference is None
    with project.read() as session:
        record = session.scalars(select(Record)).one()
    assert (record.process_id, record.room_key) == ("complaint", 1201)
