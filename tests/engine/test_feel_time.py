"""FEEL counts working time on the calendars of the project whose step runs."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from decisions import feel
from engine import calendars, feel_time
from engine.models import Calendar
from engine.ports import ports


def text(expression: str, context: dict | None = None) -> str:
    return feel.text_of(feel.compile(expression).evaluate(context or {}))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("working days(2)", "2026-11-25T10:20:00+08:00"),
        ('working days(1, "2026-02-14T16:00:00")', "2026-02-24T16:00:00+08:00"),
        (
            'working days(n: 1, start: date and time("2026-02-14T08:00:00Z"))',
            "2026-02-24T16:00:00+08:00",
        ),
        ("working hours(8)", "2026-11-24T08:50:00+08:00"),
        ("working hours(1.5)", "2026-11-23T11:50:00+08:00"),
        ('working hours between("2026-11-23T17:00:00", "2026-11-24T09:00:00")', "1.5"),
        ('is working day(date("2026-10-10"))', "true"),
        ('is working day("2026-10-11")', "false"),
        ("day of week(working days(5))", "Monday"),
    ],
)
def test_working_time_in_feel(hands, expression, expected):
    assert text(expression) == expected


@pytest.mark.parametrize(
    "expression",
    ["working days(0)", "working days(-1)", "working days(1.5)", "working days(true)",
     'working days("2")', "working days(99999)", "working days(null)",
     'working days(1, "gestern")', "working hours(0)", "working hours between(null, null)",
     'is working day("nie")'],
)  # fmt: skip
def test_nonsense_is_null(hands, expression):
    assert feel.compile(expression).evaluate({}) is None


def test_a_step_counts_on_its_projects_calendars(database, hands):
    with database.begin() as session:
        calendars.seed(session)
        calendars.set_day(session, "statutory", date(2026, 11, 24), working=False)
        calendars.define(session, Calendar(
            code="yj-duty", name="值班", kind="service", tenant_id="yj", zone="Asia/Shanghai",
            week=[[["00:00", "24:00"]]] * 7, version=1,
        ))  # fmt: skip
    with database.read() as session:
        own = calendars.clocks(session, "yj")

    with feel_time.within(own):
        inside = text("working days(1)"), text("working hours(10)")
    outside = text("working days(1)"), text("working hours(10)")

    assert inside == ("2026-11-25T10:20:00+08:00", "2026-11-23T20:20:00+08:00")
    assert outside == ("2026-11-24T10:20:00+08:00", "2026-11-24T10:50:00+08:00")


def test_the_functions_are_registered_for_diagrams():
    assert set(feel_time.FUNCTIONS) <= set(ports.feel_functions)
    assert feel_time.working_hours_between(
        datetime(2026, 11, 23, 2, tzinfo=UTC), datetime(2026, 11, 23, 2, tzinfo=UTC) + timedelta(hours=2)
    ) == Decimal(2)  # fmt: skip
