"""Timers: due instants from the instant given, exact calendar arithmetic, one firing a command."""

import os
import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from engine import spiff
from engine.spiff import schedule
from engine.spiff.schedule import TimerTextError
from tests.engine.spiff.drawing import draw
from tests.engine.spiff.driving import DIAGRAMS, NOW, Drive, runtime

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture(params=["UTC", "Asia/Shanghai"], autouse=True)
def server_zone(request, monkeypatch):
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield
    monkeypatch.undo()
    os.environ.pop("TZ", None)
    time.tzset()


@pytest.mark.parametrize(
    ("text", "start", "due"),
    [
        ("PT24H", "2026-03-02T09:00+08:00", "2026-03-03T09:00+08:00"),
        ("P1D", "2026-03-02T09:00+08:00", "2026-03-03T09:00+08:00"),
        ("P1W", "2026-03-02T09:00+08:00", "2026-03-09T09:00+08:00"),
        ("P1M", "2026-01-31T09:00+08:00", "2026-02-28T09:00+08:00"),
        ("P1M", "2026-02-01T03:00+08:00", "2026-03-01T03:00+08:00"),
        ("P1Y", "2028-02-29T09:00+08:00", "2029-02-28T09:00+08:00"),
        ("P1Y2M10DT2H30M", "2026-01-01T00:00+08:00", "2027-03-11T02:30+08:00"),
        ("PT0.5S", "2026-01-01T00:00+08:00", "2026-01-01T00:00:00.5+08:00"),
        ("PT0S", "2026-01-01T00:00+08:00", "2026-01-01T00:00+08:00"),
    ],
)  # fmt: skip
def test_a_duration_ends_where_the_calendar_says(text: str, start: str, due: str) -> None:
    begin = datetime.fromisoformat(start)

    assert schedule.duration(text).after(begin, 1, SHANGHAI) == datetime.fromisoformat(due)


def test_a_day_over_a_clock_change_ends_at_the_same_local_time() -> None:
    begin = datetime(2026, 3, 28, 12, tzinfo=BERLIN)

    after_day = schedule.duration("P1D").after(begin, 1, BERLIN)
    after_hours = schedule.duration("PT24H").after(begin, 1, BERLIN)

    assert after_day.astimezone(BERLIN).hour == 12
    assert after_hours.astimezone(BERLIN).hour == 13


@pytest.mark.parametrize(
    "text",
    ["-PT1H", "P", "PT", "P-1D", "1 hour", "PT1H ago", "P1H", "", "P99999999999D", "PT1.5H"],
)
def test_a_wrong_duration_is_refused(text: str) -> None:
    with pytest.raises(TimerTextError):
        schedule.duration(text)


@pytest.mark.parametrize("text", ["R0/PT1H", "R3/PT0S", "R/P", "0 0 9 * * *", "R-1/PT1H", "PT1H"])
def test_a_wrong_cycle_is_refused(text: str) -> None:
    with pytest.raises(TimerTextError):
        schedule.cycle(text, SHANGHAI)


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("2026-07-01T09:00", "2026-07-01T09:00+08:00"),
        ("2026-07-01", "2026-07-01T00:00+08:00"),
        ("2026-07-01T09:00Z", "2026-07-01T09:00+00:00"),
        ("2026-07-01T09:00:00+02:00", "2026-07-01T09:00+02:00"),
        ("2026-07-01T09:00:00@Europe/Berlin", "2026-07-01T09:00+02:00"),
        ("2026-07-01T09:00:00+02:00[Europe/Berlin]", "2026-07-01T09:00+02:00"),
    ],
)
def test_a_moment_without_offset_is_local_to_the_product_not_to_the_server(text, due) -> None:
    assert schedule.instant(text, SHANGHAI) == datetime.fromisoformat(due)


@pytest.mark.parametrize("text", ["tomorrow", "2026-13-01", "2026-02-30T00:00", "20", "PT1H"])
def test_a_wrong_moment_is_refused(text: str) -> None:
    with pytest.raises(TimerTextError):
        schedule.instant(text, SHANGHAI)


def test_month_ends_do_not_drift_in_a_monthly_cycle() -> None:
    begin = datetime(2026, 1, 31, 9, tzinfo=SHANGHAI)
    alarm = schedule.first("cycle", "R/P1M", begin, SHANGHAI)
    days = []
    for _ in range(4):
        days.append(alarm.due_at.astimezone(SHANGHAI).strftime("%m-%d"))
        alarm, _missed = schedule.following(alarm, alarm.due_at, SHANGHAI)

    assert days == ["02-28", "03-31", "04-30", "05-31"]


def test_missed_cycles_are_one_firing_that_counts_them() -> None:
    drive = Drive((DIAGRAMS / "boundary_timers.bpmn").read_bytes(), process="boundary_timers")

    drive.fire("warn", late=timedelta(hours=9))

    assert drive.open == ["a", "give_up", "w", "warn"]
    assert drive.missed == 1
    assert drive.wait("warn").due_at == NOW + timedelta(hours=24)


def test_a_year_of_missed_minutes_is_skipped_at_once() -> None:
    alarm = schedule.first("cycle", "R/PT1M", NOW, SHANGHAI)

    after, missed = schedule.following(alarm, NOW + timedelta(days=365), SHANGHAI)

    assert missed == 365 * 24 * 60 - 1
    assert after.due_at == NOW + timedelta(days=365, minutes=1)


def test_a_counted_cycle_ends_even_when_its_last_firings_were_missed() -> None:
    drive = Drive((DIAGRAMS / "boundary_timers.bpmn").read_bytes(), process="boundary_timers")

    drive.fire("warn", late=timedelta(days=2))

    assert drive.open == ["a", "give_up", "w"]
    assert drive.missed == 2


def test_only_the_named_timer_fires() -> None:
    drive = Drive((DIAGRAMS / "event_gateway.bpmn").read_bytes(), process="event_gateway", no="C1")
    due = {wait.element: wait.due_at for wait in drive.waits}
    assert due["late"] - due["soon"] == timedelta(hours=47)

    drive.fire("late")

    assert drive.path[-2:] == ["late", "e2"]
    assert drive.step.completed


def test_the_due_instant_comes_from_the_instant_given() -> None:
    model = spiff.parse(draw("start s -> t\ncatch t timer=PT1H -> e\nend e"))

    step = spiff.start(model, "p", runtime=runtime(datetime(2031, 5, 1, tzinfo=UTC)))

    assert step.opened[0].due_at == datetime(2031, 5, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("timer", "due"),
    [
        ('timer==duration("PT"+string(hours)+"H")', NOW + timedelta(hours=5)),
        ("timer==wait", NOW + timedelta(minutes=30)),
        ("date==soon(hours)", NOW + timedelta(hours=5)),
        ('date==date~and~time("2026-05-01T09:00:00+08:00")', datetime(2026, 5, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_timer_may_be_computed(timer: str, due: datetime) -> None:
    model = spiff.parse(draw(f"start s -> t\ncatch t {timer} -> e\nend e"))

    step = spiff.start(
        model, "p", variables={"hours": 5, "wait": "PT30M"},
        runtime=runtime(soon=lambda n: NOW + timedelta(hours=int(n))),
    )  # fmt: skip

    assert step.failure is None
    assert step.opened[0].due_at == due


def test_a_timer_that_computes_nonsense_fails_the_step_and_loses_nothing() -> None:
    drive = Drive(draw("start s -> u\nuser u -> t\ncatch t timer==missing -> e\nend e"))

    drive.complete("u", note="kept nowhere")

    assert drive.failure.code == "timer-invalid"
    assert drive.failure.element == "t"
    assert drive.open == ["u"]
