"""What comes round by itself starts the processes that are in force."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from engine import clock, jobs
from engine.models import Instance, Task
from engine.schedules import Turn
from processes import routines


@pytest.mark.parametrize(
    ("on", "periods"),
    [(date(2026, 12, 1), ["2026-11"]), (date(2027, 1, 4), ["2026-12", "2026-Q4"]),
     (date(2026, 4, 1), ["2026-03", "2026-Q1"])],
)  # fmt: skip
def test_the_first_working_day_starts_the_reviews_of_what_ended(project, on, periods):
    at = datetime(on.year, on.month, on.day, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
    with clock.at(lambda: at):
        with project.begin() as session:
            routines._monthly(session, Turn(schedule_key=1, tenant_id="yj", at=at, on=on))
        jobs.run_due(project)

    with project.read() as session:
        found = session.scalars(select(Instance).where(Instance.process_id == routines.REVIEW))
        assert sorted(row.variables["period"] for row in found) == periods
        waiting = session.scalars(select(Task.element)).all()
    assert waiting == ["V2_file"] * len(periods)
