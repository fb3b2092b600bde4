"""What holds of every limit: over random calendars, zones, pauses and extensions."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from engine import moments
from engine.calendars import Clocks
from engine.models import from_ms, to_ms
from engine.moments import DUE, State
from engine.policies import CLAIM, DONE, OPEN
from engine.working_time import Duration, WorkingTime

_MINUTE = timedelta(minutes=1)
_BEGIN = datetime(2026, 2, 1, tzinfo=UTC)
_starts = st.integers(0, 60 * 24 * 60).map(lambda n: _BEGIN + n * _MINUTE)
_zones = st.sampled_from(["Asia/Shanghai", "America/New_York", "Europe/Berlin", "UTC"])
#: two spans of work, the second maybe past midnight
_day = st.tuples(st.integers(0, 9), st.integers(1, 6), st.integers(1, 4), st.integers(1, 8)).map(
    lambda t: ((60 * t[0], 60 * (t[0] + t[1])),
               (60 * (t[0] + t[1] + t[2]), 60 * min(24, t[0] + t[1] + t[2] + t[3])))
)  # fmt: skip
_RUNGS = [[100, "a"], [150, "b"], [300, "c"]]


@st.composite
def calendars(draw, *, equal=False):
    usual = draw(_day)
    days = [usual if equal else draw(_day) for _ in range(5)]
    off = draw(st.sets(st.integers(0, 80), max_size=12))
    return WorkingTime(
        zone=ZoneInfo(draw(_zones)), week=(*days, (), ()),
        days={(_BEGIN + timedelta(days=n)).date(): () for n in off},
    )  # fmt: skip


@st.composite
def pauses(draw):
    """Pauses that do not overlap, in order, as a case keeps them."""
    found, at = [], draw(_starts)
    for wait, length in draw(st.lists(st.tuples(st.integers(1, 3000), st.integers(1, 3000)),
                                      max_size=4)):  # fmt: skip
        begin = at + wait * _MINUTE
        at = begin + length * _MINUTE
        found.append([to_ms(begin), to_ms(at), "待配件"])
    return found


@st.composite
def limits(draw):
    working = draw(st.booleans())
    standard = draw(st.sampled_from(["P1D", "P3D", "PT90M", "PT8H", "PT24H"]))
    return {"standard": standard, "clock": "working" if working else "calendar",
            "start": to_ms(draw(_starts)), "warn": [50, 80], "rungs": _RUNGS}  # fmt: skip


def clocks(time: WorkingTime) -> Clocks:
    return Clocks(statutory=time, service=time)


def works(time: WorkingTime, minute: datetime) -> bool:
    """Tell whether a minute is worked: by the wall clock alone."""
    wall = minute.astimezone(time.zone)
    at = wall.hour * 60 + wall.minute
    return any(begin <= at < end for begin, end in time.spans(wall.date()))


@settings(max_examples=150, deadline=None)
@given(calendars(), _starts, st.integers(1, 900), st.integers(1, 900))
def test_minutes_may_be_added_one_after_the_other_or_at_once(time, start, one, other):
    def add(at, minutes):
        return time.add(at, Duration(milliseconds=minutes * 60_000))

    assert add(add(start, one), other) == add(start, one + other)


@settings(max_examples=150, deadline=None)
@given(calendars(equal=True), _starts, st.integers(1, 6), st.integers(1, 6))
def test_days_may_be_added_one_after_the_other_where_days_are_equal(time, start, one, other):
    def add(at, days):
        return time.add(at, Duration(days=days))

    assert add(add(start, one), other) == add(start, one + other)


@settings(max_examples=200, deadline=None)
@given(calendars(), limits(), pauses())
def test_a_pause_never_shortens_a_limit(time, limit, stood):
    paused = {**limit, "pauses": stood}
    plain = [moments.moment(limit, percent, clocks(time)) for percent in (50, 80, 100, 150, 300)]

    longer = [moments.moment(paused, percent, clocks(time)) for percent in (50, 80, 100, 150, 300)]

    assert all(late >= soon for soon, late in zip(plain, longer, strict=True))
    assert longer == sorted(longer)


@settings(max_examples=150, deadline=None)
@given(calendars(), limits(), pauses(), st.integers(1, 2999))
def test_who_resumes_earlier_is_not_due_later(time, limit, stood, minutes):
    if not stood:
        return
    begin, end, why = stood[-1]
    earlier = [*stood[:-1], [begin, max(begin, end - minutes * 60_000), why]]

    assert moments.due_at({**limit, "pauses": earlier}, clocks(time)) <= moments.due_at(
        {**limit, "pauses": stood}, clocks(time)
    )


@settings(max_examples=60, deadline=None)
@given(calendars(), _starts, st.integers(1, 600), pauses())
def test_a_limit_with_pauses_equals_counting_its_minutes(time, start, minutes, stood):
    limit = {"standard": f"PT{minutes}M", "clock": "working", "start": to_ms(start),
             "pauses": stood}  # fmt: skip

    due = moments.due_at(limit, clocks(time))

    at, left = start, minutes
    while left:
        held = any(from_ms(begin) <= at < from_ms(end) for begin, end, _ in stood)
        left -= works(time, at) and not held
        at += _MINUTE
    assert due == at


@settings(max_examples=100, deadline=None)
@given(
    calendars(), limits(), pauses(),
    st.lists(st.integers(1, 4000), max_size=25), st.integers(0, 24), st.integers(0, 5000),
)  # fmt: skip
def test_each_rung_comes_exactly_once_whatever_happens_between(
    time, limit, stood, looks, extended, more
):
    own = {**limit, CLAIM: {"standard": "PT2H", "clock": "calendar", "rungs": _RUNGS},
           OPEN: {"standard": "PT4H", "clock": "working", "rungs": _RUNGS}}  # fmt: skip
    now, behind, seen = from_ms(limit["start"]), {}, []
    state = State(opened_at=now, held_at=None)

    def look() -> None:
        for stage in moments.reached(own, state, clocks(time), behind, now):
            assert stage.at <= now
            behind[stage.of] = stage.percent
            seen.append((stage.of, stage.percent))

    for number, wait in enumerate(looks):
        now += wait * _MINUTE
        own["pauses"] = [pause for pause in stood if from_ms(pause[0]) <= now]
        if number == extended:
            due = moments.due_at(own, clocks(time)) + more * _MINUTE
            own |= {"due": to_ms(max(due, now)), "granted": to_ms(now)}
        if number == 3:
            state = State(opened_at=state.opened_at, held_at=now)
        look()
    own["pauses"] = stood
    now += timedelta(days=400)
    look()

    assert len(seen) == len(set(seen))
    assert [percent for of, percent in seen if of == DONE and percent >= DUE] == [100, 150, 300]
    ended = OPEN if state.held_at is not None else CLAIM
    assert [percent for of, percent in seen if of == ended and percent >= DUE] == [100, 150, 300]
