"""A correction shows what it would move, moves it, and stands in the log; files fail by the row."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from engine import calendar_changes, calendar_files, calendars, history, recounting, timers
from engine.calendar_changes import DayEdit, Edit
from engine.errors import EngineError, ForbiddenError, InvalidInputError
from engine.models import Calendar, CalendarChange, CalendarDay, Event, Task, Timer
from engine.ports import SYSTEM, Actor
from tests.engine import cases_in_rows as rows
from tests.engine.test_timers import drained

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = {"timeStandard": "P1D", "clock": "working"}
CLOSED = Edit(code="statutory", days={date(2026, 11, 24): DayEdit(working=False, name="停电")})


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.fixture
def people(database, hands, monkeypatch) -> dict[str, int]:
    with database.begin() as session:
        return rows.company(session, monkeypatch)


def settle(database, hands) -> None:
    """Let as much time pass as other processes need to see a changed calendar."""
    with database.read() as session:
        hands.moment += calendars.patience(session)
    drained(database)


def test_a_preview_names_the_limits_that_would_move_and_writes_nothing(database, people, hands):
    with database.begin() as session:
        case = rows.case(session)
        day = rows.step(session, case, DAY).key
        rows.step(session, case, {"timeStandard": "PT24H"})

    with database.read() as session:
        found = calendar_changes.preview(session, CLOSED)

    assert found.moved == 1
    (move,) = found.moves
    assert (move.task_key, move.number, move.name) == (day, "TS-1", "答复业主")
    assert (move.before, move.after) == (local("2026-11-24 10:20"), local("2026-11-25 10:20"))
    assert [(c.what, c.before, c.after["working"]) for c in found.changes] == [
        ("2026-11-24", None, False)
    ]
    with database.read() as session:
        assert session.get(Task, day).due_at == local("2026-11-24 10:20")
        assert session.get(CalendarDay, ("statutory", date(2026, 11, 24))) is None


def test_an_edit_moves_what_its_preview_said_and_is_logged(database, people, hands):
    with database.begin() as session:
        case = rows.case(session)
        keys = [rows.step(session, case, DAY).key for _ in range(45)]

    with database.begin() as session:
        before = calendar_changes.preview(session, CLOSED)
        calendar_changes.apply(session, SYSTEM, CLOSED, reason="小区停电")
    settle(database, hands)

    with database.read() as session:
        (change,) = calendar_changes.log(session, "statutory")
        dues = set(session.scalars(select(Task.due_at).where(Task.key.in_(keys))))
        events = [row for row in history.of(session, case.key) if row.kind == Event.TASK_CHANGED]
        waiting = session.scalars(select(Timer.kind).where(Timer.kind == "recount")).all()
    assert before.moved == change.moved == len(change.moves) == len(events) == 45
    assert dues == {local("2026-11-25 10:20")}
    assert (change.by, change.reason) == (0, "小区停电")
    assert change.changes[0]["after"] == {"working": False, "spans": None, "name": "停电"}
    assert change.recounted_at is not None
    assert waiting == []


def test_a_recount_that_was_broken_off_goes_on_where_it_stood(database, people, hands, monkeypatch):
    with database.begin() as session:
        case = rows.case(session)
        keys = [rows.step(session, case, DAY).key for _ in range(30)]
    with database.begin() as session:
        calendar_changes.apply(session, SYSTEM, CLOSED, reason=None)
        hands.moment += calendars.patience(session)
    monkeypatch.setattr(recounting, "UNIT_SECONDS", 0.0)
    monkeypatch.setattr(timers, "UNIT_SECONDS", 0.0)
    timers.run_due(database)
    with database.read() as session:
        after_one = session.scalars(select(CalendarChange)).one()
        assert (after_one.moved, after_one.recounted_at) == (1, None)

    drained(database)

    with database.read() as session:
        change = session.scalars(select(CalendarChange)).one()
        assert change.moved == 30
        assert change.recounted_at is not None
        dues = set(session.scalars(select(Task.due_at).where(Task.key.in_(keys))))
        assert dues == {local("2026-11-25 10:20")}


def test_an_official_year_takes_the_provisional_mark_away_even_if_no_date_moves(
    database, people, hands
):
    hands.moment = local("2027-01-04 10:20")
    with database.begin() as session:
        key = rows.step(session, rows.case(session), DAY).key
        assert session.get(Task, key).limits["provisional"] is True
    days = {date(2027, 1, 1): DayEdit(working=False, name="元旦")}
    with database.begin() as session:
        calendar_changes.apply(
            session, SYSTEM,
            Edit(code="statutory", days=days, official=frozenset({2027}), source="import"),
            reason="国务院通知",
        )  # fmt: skip
    settle(database, hands)

    with database.read() as session:
        task = session.get(Task, key)
        assert "provisional" not in task.limits
        assert task.due_at == local("2027-01-05 10:20")


def test_an_edit_without_a_change_is_refused_and_so_is_who_may_not(
    database, people, hands, monkeypatch
):
    with database.begin() as session:
        calendar_changes.apply(session, SYSTEM, CLOSED, reason=None)
    with pytest.raises(InvalidInputError), database.begin() as session:
        calendar_changes.apply(session, SYSTEM, CLOSED, reason=None)
    somebody = Actor(key=9, username="x", name="x")
    monkeypatch.setattr("engine.ports.ports.can", lambda actor, _action, _thing: actor is SYSTEM)
    with pytest.raises(ForbiddenError), database.begin() as session:
        calendar_changes.apply(session, somebody, CLOSED, reason=None)


def test_a_teams_own_calendar_counts_for_its_tasks_only(database, people, hands):
    with database.begin() as session:
        calendar_changes.add(session, SYSTEM, Calendar(
            code="yj-night", name="夜班", kind="service", tenant_id="yj", group="security",
            zone="Asia/Shanghai", week=[[["22:00", "+06:00"]]] * 7, version=1))  # fmt: skip
        clocks = calendars.read(session)

    night, day = clocks.clocks("yj", "security"), clocks.clocks("yj", "cs_assistant")
    start = local("2026-11-23 20:00")
    assert night.due(start, "PT4H", working=True) == local("2026-11-24 02:00")
    assert night.due(local("2026-11-23 03:00"), "PT4H", working=True) == local("2026-11-23 23:00")
    assert day.due(start, "PT4H", working=True) == local("2026-11-24 12:30")
    assert clocks.clocks("lh", "security") == day


def test_a_projects_statutory_calendar_stands_on_the_companys_holidays(database, people, hands):
    six_days = [[["09:00", "17:00"]]] * 6 + [[]]
    with database.begin() as session:
        calendars.define(session, Calendar(
            code="yj-statutory", name="六天制", kind="statutory", tenant_id="yj",
            zone="Asia/Shanghai", week=six_days, version=1))  # fmt: skip
        found = calendars.read(session).clocks("yj")

    assert found.due(local("2026-11-20 10:00"), "P1D", working=True) == local("2026-11-21 10:00")
    assert found.due(local("2026-09-30 10:00"), "P1D", working=True) == local("2026-10-08 10:00")
    assert found.unofficial(local("2026-01-01 00:00"), local("2026-12-31 00:00")) == ()


# -- files -------------------------------------------------------------------------------------

CSV = """日期,上班或放假,时间段,名称
2027-01-01,放假,,元旦
2027/2/6,上班,,调休
2027年10月9日,上班,08:30-12:00 22:00-次日06:00,
"""
ICS = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//x//x//
BEGIN:VEVENT
UID:1
SUMMARY:春节（休）
DTSTART;VALUE=DATE:20270206
DTEND;VALUE=DATE:20270209
END:VEVENT
BEGIN:VEVENT
UID:2
SUMMARY:国庆节 班
DTSTART;VALUE=DATE:20271009
END:VEVENT
BEGIN:VEVENT
UID:3
SUMMARY:元旦
X-APPLE-SPECIAL-DAY:WORK-HOLIDAY
DTSTART;VALUE=DATE:20270101
DTEND;VALUE=DATE:20270102
END:VEVENT
BEGIN:VEVENT
UID:4
SUMMARY:早班
DTSTART;TZID=Asia/Shanghai:20271010T080000
DTEND;TZID=Asia/Shanghai:20271010T120000
END:VEVENT
BEGIN:VEVENT
UID:5
SUMMARY:夜班
DTSTART:20271010T140000Z
DTEND:20271010T220000Z
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_table_is_read_in_the_encodings_of_spreadsheets(encoding):
    found = calendar_files.read("2027.csv", CSV.encode(encoding), SHANGHAI)

    assert found.problems == ()
    assert found.days == {
        date(2027, 1, 1): DayEdit(working=False, name="元旦"),
        date(2027, 2, 6): DayEdit(working=True, name="调休"),
        date(2027, 10, 9): DayEdit(working=True, spans=[["08:30", "12:00"], ["22:00", "+06:00"]]),
    }
    again = calendar_files.read("x.csv", calendar_files.text(found.days).encode(), SHANGHAI)
    assert again.days == found.days


def test_an_icalendar_file_gives_days_off_working_days_and_shifts():
    found = calendar_files.read("节假日.ICS", ICS.encode(), SHANGHAI)

    assert found.problems == ()
    spring = DayEdit(working=False, name="春节")
    assert found.days == {
        **{date(2027, 2, day): spring for day in (6, 7, 8)},
        date(2027, 10, 9): DayEdit(working=True, name="国庆节"),
        date(2027, 1, 1): DayEdit(working=False, name="元旦"),
        date(2027, 10, 10): DayEdit(
            working=True, spans=[["08:00", "12:00"], ["22:00", "+06:00"]], name="早班"
        ),
    }


@pytest.mark.parametrize(
    ("name", "body", "wrong"),
    [
        ("a.csv", "2027-01-01,放假\n2027-13-01,放假\n2027-01-02,也许\n", [2, 3]),
        ("a.csv", "2027-01-01,上班,18:00-08:30\n2027-01-02,放假,08:30-12:00\n", [1, 2]),
        ("a.csv", "2027-01-01,上班,08:00-12:00 11:00-14:00\n", [1]),
        ("a.csv", "2027-01-01,放假\n2027-01-01,上班\n", [2]),
        ("a.ics", ICS.replace("春节（休）", "立冬"), [1]),
        ("a.ics", ICS.replace("SUMMARY:早班", "SUMMARY:早班\r\nRRULE:FREQ=DAILY"), [4]),
        ("a.ics", ICS.replace("20270209", "20270206"), [1]),
    ],
    ids=["no date, no kind", "no span", "overlap", "contradiction", "neither", "recurring",
         "ends before it begins"],
)  # fmt: skip
def test_bad_rows_are_named_and_nothing_is_imported(name, body, wrong):
    found = calendar_files.read(name, body.encode(), SHANGHAI)

    assert [problem.row for problem in found.problems] == wrong
    with pytest.raises(EngineError):
        calendar_files.edit("statutory", found, {}, whole_years=True)


@pytest.mark.parametrize(
    ("name", "body"), [("a.xlsx", b"x"), ("a.ics", b"hello"), ("a.csv", b""), ("a.ics", b"\xff")]
)
def test_what_is_no_calendar_is_refused(name, body):
    with pytest.raises(InvalidInputError):
        calendar_files.read(name, body, SHANGHAI)


def test_an_imported_year_replaces_the_year_and_is_official(database, people, hands):
    with database.begin() as session:
        calendars.set_day(session, "statutory", date(2027, 3, 1), working=False, name="误录")
    given = calendar_files.read("2027.csv", CSV.encode(), SHANGHAI)
    with database.begin() as session:
        known = calendars.read(session).sheets["statutory"].days
        edit = calendar_files.edit("statutory", given, known, whole_years=True)
        calendar_changes.apply(session, SYSTEM, edit, reason="国务院通知")

    with database.read() as session:
        sheet = calendars.read(session).sheets["statutory"]
        assert 2027 in sheet.official
        assert {on for on in sheet.days if on.year == 2027} == set(given.days)
        assert len([on for on in sheet.days if on.year == 2026]) == 28
        sources = set(session.scalars(
            select(CalendarDay.source).where(CalendarDay.on >= date(2027, 1, 1))
        ))  # fmt: skip
        assert sources == {"import"}


def test_a_closed_task_keeps_its_date(database, people, hands):
    with database.begin() as session:
        key = rows.step(session, rows.case(session), DAY).key
        session.execute(update(Task).where(Task.key == key).values(state="completed"))
    with database.begin() as session:
        calendar_changes.apply(session, SYSTEM, CLOSED, reason=None)
    settle(database, hands)

    with database.read() as session:
        assert session.get(Task, key).due_at == local("2026-11-24 10:20")
