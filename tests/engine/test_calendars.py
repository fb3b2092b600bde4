"""Limits count working days and hours as the law and the project's calendars say."""

import logging
import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import calendar_book, calendar_data, calendars
from engine.models import Calendar
from engine.working_time import (
    CalendarError,
    Duration,
    DurationError,
    WorkingTime,
    parse,
    parse_working,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
OFFICE = calendars.default().statutory
CLOCKS = calendars.default()


def local(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("start", "due"),
    [
        ("2026-02-13 16:00", "2026-02-14 16:00"),
        ("2026-02-14 16:00", "2026-02-24 16:00"),
        ("2026-09-18 16:00", "2026-09-20 16:00"),
        ("2026-09-30 16:00", "2026-10-08 16:00"),
        ("2026-10-09 16:00", "2026-10-10 16:00"),
        ("2026-11-24 22:40", "2026-11-26 08:30"),
        ("2026-11-24 12:30", "2026-11-25 13:30"),
        ("2026-04-30 18:00", "2026-05-07 08:30"),
        ("2026-01-31 10:00", "2026-02-03 08:30"),
    ],
    ids=[
        "the next day is a working Saturday",
        "over the spring festival",
        "to a working Sunday",
        "over the national day",
        "to the working Saturday after it",
        "at night the clock starts at the next opening",
        "the lunch break counts as its end",
        "exactly at closing",
        "on an ordinary Saturday",
    ],
)
def test_one_working_day_ends_at_the_same_clock_time_of_the_next_one(start, due):
    assert CLOCKS.due(local(start), "P1D", working=True) == local(due)


@pytest.mark.parametrize(
    ("start", "amount", "due"),
    [
        ("2026-11-23 10:20", "PT8H", "2026-11-24 08:50"),
        ("2026-11-23 07:00", "PT1H", "2026-11-23 09:30"),
        ("2026-11-21 17:30", "PT2H", "2026-11-22 10:00"),
        ("2026-11-23 08:30", "PT9H30M", "2026-11-23 18:00"),
        ("2026-11-20 16:00", "P1DT4H", "2026-11-24 10:30"),
    ],
    ids=[
        "hours",
        "before opening",
        "the service works on Sunday",
        "until closing",
        "days and hours",
    ],
)
def test_working_hours_run_on_the_service_calendar(start, amount, due):
    assert CLOCKS.due(local(start), amount, working=True) == local(due)


@pytest.mark.parametrize(
    ("start", "amount", "due"),
    [
        ("2026-02-13 16:00", "PT24H", "2026-02-14 16:00"),
        ("2026-02-14 23:59", "P3D", "2026-02-17 23:59"),
        ("2026-01-31 10:00", "P1M", "2026-02-28 10:00"),
        ("2028-02-29 10:00", "P1Y", "2029-02-28 10:00"),
        ("2026-11-23 10:00", "P2W", "2026-12-07 10:00"),
    ],
)
def test_the_calendar_clock_is_real_time(start, amount, due):
    assert CLOCKS.due(local(start), amount, working=False) == local(due)


@pytest.mark.parametrize(
    ("start", "amount", "working", "due"),
    [
        ("2026-09-30 09:00", "P1D", True, "2026-10-08 18:00"),
        ("2026-11-23 10:20", "PT2H", True, "2026-11-23 18:00"),
        ("2026-11-23 10:20", "P1D", False, "2026-11-25 00:00"),
    ],
    ids=["working day", "working hours", "calendar"],
)
def test_a_limit_may_end_with_its_day(start, amount, working, due):
    assert CLOCKS.due(local(start), amount, working=working, end_of_day=True) == local(due)


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "P0D", "1D", "P1X", "PT-1H", "P-1D", "P1.5D", "P1DT"]
)
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(DurationError) as refused:
        parse(text)

    assert refused.value.code == "invalid-duration"


@pytest.mark.parametrize("text", ["P1M", "P1Y", "P2W"])
def test_the_working_clock_refuses_weeks_and_months(text):
    with pytest.raises(DurationError):
        parse_working(text)


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_our_data_file_agrees_with_the_package_day_by_day(year):
    kept = {(day.on.strftime("%m-%d"), day.working) for day in calendar_data.days(year)}
    asked = calendar_data.from_package(year)

    assert kept == {(d, False) for d in asked["off"]} | {(d, True) for d in asked["work"]}


@pytest.mark.parametrize(("year", "expected"), [(2024, 251), (2025, 248), (2026, 248)])
def test_a_year_has_its_number_of_working_days(year, expected):
    every = [date(year, 1, 1) + timedelta(days=n) for n in range(366)]

    assert sum(bool(OFFICE.spans(day)) for day in every if day.year == year) == expected


def _days(year: int, *spans: tuple[int, int, int]) -> set[date]:
    return {
        date(year, month, day) for month, first, last in spans for day in range(first, last + 1)
    }


def test_the_days_off_of_2026_are_those_of_the_notice():
    off = _days(2026, (1, 1, 3), (2, 15, 23), (4, 4, 6), (5, 1, 5), (6, 19, 21), (9, 25, 27),
                (10, 1, 7))  # fmt: skip
    work = {date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28), date(2026, 5, 9),
            date(2026, 9, 20), date(2026, 10, 10)}  # fmt: skip
    every = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]

    wrong = [day for day in every
             if bool(OFFICE.spans(day)) != (day in work or (day.weekday() < 5 and day not in off))]  # fmt: skip
    assert wrong == []


def test_a_year_without_a_notice_falls_back_and_says_so_once(caplog, monkeypatch):
    monkeypatch.setattr(calendar_book, "_said", set())
    begin, end = local("2027-10-01 09:00"), local("2027-10-05 09:00")

    with caplog.at_level(logging.WARNING):
        flags = [CLOCKS.provisional(begin, end) for _ in range(3)]

    assert flags == [True, True, True]
    assert CLOCKS.provisional(local("2026-10-01 09:00"), local("2026-10-05 09:00")) is False
    assert [record.getMessage() for record in caplog.records] == [
        "calendar statutory: year 2027 has no official data; limits in it are provisional"
    ]
    assert OFFICE.spans(date(2027, 10, 1)) == ()
    assert OFFICE.spans(date(2040, 5, 1)) == ()
    assert OFFICE.spans(date(2040, 5, 3)) != ()


def test_a_calendar_without_working_time_is_refused():
    never = WorkingTime(zone=SHANGHAI, week=((),) * 7, days={})

    with pytest.raises(CalendarError):
        never.add(local("2026-11-23 10:00"), Duration(days=1))


# -- against a slow oracle that walks minute by minute ---------------------------------------

_span = st.tuples(st.integers(0, 1439), st.integers(1, 1440)).filter(lambda s: s[0] < s[1])
_one_or_two = st.one_of(
    st.just(()),
    _span.map(lambda s: (s,)),
    st.just(((510, 720), (810, 1080))),
    st.just(((0, 360), (1320, 1440))),
)
_week = st.lists(_one_or_two, min_size=7, max_size=7).filter(any).map(tuple)
_exceptions = st.dictionaries(
    st.dates(date(2026, 2, 1), date(2026, 3, 15)), _one_or_two, max_size=5
)
_zones = st.sampled_from(["Asia/Shanghai", "UTC", "America/New_York", "Asia/Kathmandu"])
_starts = st.integers(0, 30 * 24 * 60).map(
    lambda minutes: datetime(2026, 2, 10, tzinfo=UTC) + timedelta(minutes=minutes)
)


@st.composite
def working_times(draw):
    return WorkingTime(zone=ZoneInfo(draw(_zones)), week=draw(_week), days=draw(_exceptions))


def _works(time: WorkingTime, minute: datetime) -> bool:
    """Tell whether the minute that begins here is worked: by the wall clock alone."""
    wall = minute.astimezone(time.zone)
    at = wall.hour * 60 + wall.minute
    return any(begin <= at < end for begin, end in time.spans(wall.date()))


def _slow_add(time: WorkingTime, start: datetime, minutes: int) -> datetime:
    at, left = start, minutes
    while True:
        if _works(time, at):
            if left == 0:
                return at
            left -= 1
            if left == 0:
                return at + timedelta(minutes=1)
        at += timedelta(minutes=1)


def test_work_that_would_begin_in_the_hour_that_summer_time_skips_begins_with_it():
    week = (((130, 614),),) * 7
    time = WorkingTime(zone=ZoneInfo("America/New_York"), week=week, days={})

    opening = time.opening(datetime(2026, 3, 8, 6, 30, tzinfo=UTC))

    assert opening == datetime(2026, 3, 8, 7, 0, tzinfo=UTC)


@settings(max_examples=120, deadline=None)
@given(working_times(), _starts, st.integers(0, 900))
def test_adding_minutes_equals_walking_them_one_by_one(time, start, minutes):
    added = time.add(start, Duration(milliseconds=minutes * 60_000))

    assert added == _slow_add(time, start, minutes)


@settings(max_examples=120, deadline=None)
@given(working_times(), _starts, st.integers(0, 3 * 24 * 60))
def test_the_time_between_equals_counting_its_minutes(time, start, length):
    minutes = [start + timedelta(minutes=n) for n in range(length)]

    counted = sum(_works(time, minute) for minute in minutes)

    assert time.between(start, start + timedelta(minutes=length)) == counted
    assert time.between(start + timedelta(minutes=length), start) == -counted


@settings(max_examples=200, deadline=None)
@given(working_times(), _starts, _starts, st.integers(0, 5), st.integers(0, 1200))
def test_who_starts_later_is_never_due_earlier(time, one, other, days, minutes):
    amount = Duration(days=days, milliseconds=minutes * 60_000)
    early, late = sorted([one, other])

    assert time.add(early, amount) <= time.add(late, amount)
    assert time.add(early, amount) >= early


@settings(max_examples=200, deadline=None)
@given(working_times(), _starts, st.integers(0, 1500), st.integers(1, 1500))
def test_minutes_may_be_added_in_two_parts(time, start, one, other):
    def add(at: datetime, minutes: int) -> datetime:
        return time.add(at, Duration(milliseconds=minutes * 60_000))

    assert add(add(start, one), other) == add(start, one + other)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.booleans(), min_size=7, max_size=7).filter(any), _starts,
       st.integers(1, 9), st.integers(1, 9))  # fmt: skip
def test_days_may_be_added_in_two_parts_where_all_working_days_are_equal(works, start, one, other):
    week = tuple(((510, 720), (810, 1080)) if day else () for day in works)
    time = WorkingTime(zone=SHANGHAI, week=week, days={})

    added = time.add(time.add(start, Duration(days=one)), Duration(days=other))

    assert added == time.add(start, Duration(days=one + other))


_shift = st.tuples(st.integers(0, 1439), st.integers(1, 1440)).map(lambda s: (s[0], s[0] + s[1]))
_night = st.one_of(st.just(()), _shift.map(lambda span: (span,)))


@settings(max_examples=80, deadline=None)
@given(st.lists(_night, min_size=7, max_size=7).filter(any).map(tuple), _starts,
       st.integers(0, 900))  # fmt: skip
def test_shifts_past_midnight_equal_walking_minute_by_minute(week, start, minutes):
    time = WorkingTime(zone=SHANGHAI, week=week, days={})

    def works(minute: datetime) -> bool:
        """Ask the week itself: does a shift of today or of yesterday cover this minute?"""
        wall = minute.astimezone(SHANGHAI)
        at, day = wall.hour * 60 + wall.minute, wall.weekday()
        own, eve = week[day], week[day - 1]
        return any(a <= at < b for a, b in own) or any(a <= at + 1440 < b for a, b in eve)

    # whole weeks are alike: only the rest is walked, else a shift of a minute takes years of minutes
    a_week = sum(works(start + timedelta(minutes=n)) for n in range(7 * 24 * 60))
    weeks, left = divmod(minutes - 1, a_week) if minutes else (0, -1)
    at, left = start, left + 1
    while not works(at):
        at += timedelta(minutes=1)
    while left:
        left -= works(at)
        at += timedelta(minutes=1)

    assert time.add(start, Duration(milliseconds=minutes * 60_000)) == at + timedelta(weeks=weeks)


@settings(max_examples=200, deadline=None)
@given(working_times(), _starts, st.integers(1, 2000))
def test_adding_and_measuring_are_each_others_inverse(time, start, minutes):
    due = time.add(start, Duration(milliseconds=minutes * 60_000))

    assert time.between(start, due) == minutes


@settings(max_examples=100, deadline=None)
@given(_starts, st.integers(1, 6))
def test_working_days_equal_stepping_from_day_to_day(start, days):
    at = start
    while not _works(OFFICE, at):
        at = (at + timedelta(minutes=1)).replace(second=0)
    wall = at.astimezone(SHANGHAI)
    for _ in range(days):
        wall += timedelta(days=1)
        while not OFFICE.spans(wall.date()):
            wall += timedelta(days=1)

    assert OFFICE.add(start, Duration(days=days)) == wall


@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "America/New_York"])
def test_the_zone_of_the_machine_does_not_matter(zone):
    script = (
        "from datetime import datetime, timedelta, timezone\n"
        "from engine import calendars\n"
        "start = datetime(2026, 2, 14, 16, tzinfo=timezone(timedelta(hours=8)))\n"
        "clocks = calendars.default()\n"
        "for amount in ('P1D', 'PT8H'):\n"
        "    print(clocks.due(start, amount, working=True).isoformat())\n"
    )

    said = subprocess.run(
        [sys.executable, "-c", script], env={**os.environ, "TZ": zone}, check=True,
        capture_output=True, text=True,
    )  # fmt: skip

    assert said.stdout.split() == ["2026-02-24T08:00:00+00:00", "2026-02-15T06:30:00+00:00"]


# -- rows ------------------------------------------------------------------------------------


def test_a_database_without_calendars_uses_the_companys(database):
    with database.read() as session:
        found = calendars.clocks(session, "yj")

    assert found.due(local("2026-02-14 16:00"), "P1D", working=True) == local("2026-02-24 16:00")


def test_seeding_twice_changes_nothing_and_keeps_what_was_edited(database):
    with database.begin() as session:
        calendars.seed(session)
        calendars.set_day(session, "statutory", date(2026, 11, 24), working=False, name="停工")
    with database.begin() as session:
        calendars.seed(session)

    with database.read() as session:
        found = calendars.clocks(session, "yj")

    assert found.due(local("2026-11-23 10:00"), "P1D", working=True) == local("2026-11-25 10:00")
    assert found.due(local("2026-02-14 16:00"), "P1D", working=True) == local("2026-02-24 16:00")


def test_a_project_may_have_a_calendar_of_its_own(database):
    duty = [[["00:00", "24:00"]]] * 7
    with database.begin() as session:
        calendars.seed(session)
        own = Calendar(code="yj-duty", name="值班", kind="service", tenant_id="yj",
                       zone="Asia/Shanghai", week=duty, version=1)  # fmt: skip
        calendars.define(session, own)

    with database.read() as session:
        own = calendars.clocks(session, "yj")
        others = calendars.clocks(session, "lh")

    assert own.due(local("2026-11-23 22:00"), "PT4H", working=True) == local("2026-11-24 02:00")
    assert others.due(local("2026-11-23 22:00"), "PT4H", working=True) == local("2026-11-24 12:30")


def test_a_changed_calendar_is_seen_at_once_in_this_process(database):
    with database.begin() as session:
        calendars.seed(session)
        before = calendars.clocks(session, "yj")
    with database.begin() as session:
        calendars.set_day(session, "statutory", date(2026, 11, 24), working=True,
                          spans=[["08:30", "12:00"]])  # fmt: skip

    with database.read() as session:
        after = calendars.clocks(session, "yj")

    start = local("2026-11-23 16:00")
    assert before.due(start, "P1D", working=True) == local("2026-11-24 16:00")
    assert after.due(start, "P1D", working=True) == local("2026-11-25 08:30")


def test_a_change_by_another_process_is_seen_at_the_next_look(database, monkeypatch):
    monkeypatch.setattr(calendars, "RECHECK", 0.0)
    with database.begin() as session:
        calendars.seed(session)
        calendars.clocks(session, "yj")
    with database.begin() as session:  # as another process would: no word to this one
        row = session.get(Calendar, "statutory")
        row.week, row.version = [[["09:00", "17:00"]]] * 7, row.version + 1

    with database.read() as session:
        found = calendars.clocks(session, "yj")

    assert found.due(local("2026-11-21 07:00"), "P1D", working=True) == local("2026-11-22 09:00")


@pytest.mark.parametrize("span", [["18:00", "08:30"], ["8", "9"], ["08:30", "25:00"]])
def test_a_span_that_is_none_is_refused(database, span):
    with database.begin() as session:
        calendars.seed(session)
    with pytest.raises(CalendarError), database.begin() as session:
        calendars.set_day(session, "statutory", date(2026, 11, 24), working=True, spans=[span])


def test_an_official_year_ends_the_provisional_state(database):
    days = [calendar_data.Day(on=date(2027, 1, 1), working=False, name="元旦")]
    with database.begin() as session:
        calendars.seed(session)
        assert calendars.missing_years(session, date(2026, 10, 31)) == []
        lacking = calendars.missing_years(session, date(2026, 11, 1))
        assert [(row.code, year) for row, year in lacking] == [("statutory", 2027)]
        calendars.set_year(session, "statutory", 2027, days, source="import")

    with database.read() as session:
        found = calendars.clocks(session, "yj")
        assert calendars.missing_years(session, date(2026, 11, 1)) == []

    assert found.provisional(local("2027-01-04 09:00"), local("2027-01-05 09:00")) is False
