"""Time in words is what the interface guide says, case by case."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import flask_babel
import pytest
from flask import Flask

from api import texts
from api.pages import times
from api.pages.times import Limit
from engine import calendars

SHANGHAI = ZoneInfo("Asia/Shanghai")
OFFICE = calendars.default().statutory


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


NOW = at("2026-11-23T10:20")


@pytest.fixture(autouse=True, params=["zh_CN"])
def reader(request: pytest.FixtureRequest) -> Iterator[Flask]:
    app = Flask("reader")
    texts.init(app)
    with app.test_request_context(), flask_babel.force_locale(request.param):
        yield app


def calendar(due: str, *, opened: str = "2026-11-23T09:00", warn: str | None = None) -> Limit:
    return Limit(opened_at=at(opened), due_at=at(due), warn_at=at(warn) if warn else None)


def working(due: str, *, opened: str = "2026-11-23T08:30", warn: str | None = None) -> Limit:
    return Limit(
        opened_at=at(opened), due_at=at(due), warn_at=at(warn) if warn else None,
        worked=OFFICE.elapsed, workday=timedelta(minutes=OFFICE.day_minutes()),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("limit", "state", "left"),
    [
        (calendar("2026-11-23T11:00"), "ok", "还剩 40 分钟"),
        (calendar("2026-11-23T16:59"), "ok", "还剩 6 小时"),
        (calendar("2026-11-25T10:19"), "ok", "还剩 47 小时"),
        (calendar("2026-11-25T10:20"), "ok", "还剩 2 天"),
        (working("2026-11-23T18:00"), "ok", "还剩 6 工作小时"),
        (working("2026-11-25T10:19"), "ok", "还剩 15 工作小时"),
        (working("2026-11-26T10:20"), "ok", "还剩 3 工作日"),
        (calendar("2026-11-23T11:00", warn="2026-11-23T10:20"), "warn", "还剩 40 分钟"),
        (calendar("2026-11-23T10:20"), "ok", "还剩 0 分钟"),
        (calendar("2026-11-23T09:40"), "late", "已超时 40 分钟"),
        (calendar("2026-11-22T22:20"), "late", "已超时 12 小时"),
        (calendar("2026-11-21T10:20"), "late", "已超时 2 天"),
        (working("2026-11-20T10:20"), "late", "已超时 1 工作日"),
        (working("2026-11-20T17:30"), "late", "已超时 2 工作小时"),
    ],
)  # fmt: skip
def test_left_and_late_are_rounded_down_in_their_own_clock(limit: Limit, state: str, left: str):
    said = times.words(limit, NOW, SHANGHAI)

    assert (said.state, said.left) == (state, left)


@pytest.mark.parametrize(
    ("limit", "short"),
    [
        (calendar("2026-11-23T17:30"), "今天 17:30"),
        (calendar("2026-11-24T10:00"), "明天 10:00"),
        (calendar("2026-11-26T10:20"), "还剩 3 天"),
        (calendar("2026-11-23T17:30", warn="2026-11-23T10:00"), "还剩 7 小时"),
    ],
)
def test_a_list_names_the_moment_while_it_is_near_and_not_urgent(limit: Limit, short: str):
    assert times.words(limit, NOW, SHANGHAI).short == short


def test_hover_says_the_moment_and_the_clock():
    assert times.words(calendar("2026-11-26T11:00"), NOW, SHANGHAI).hover == "2026-11-26 11:00 到期"
    assert times.words(working("2026-11-26T18:00"), NOW, SHANGHAI).hover == (
        "2026-11-26 18:00 到期，按工作时间"
    )
    assert times.words(calendar("2026-11-20T10:20"), NOW, SHANGHAI).hover == (
        "应于 2026-11-20 10:20 完成"
    )


def test_a_stopped_clock_names_its_reason_and_no_limit_says_so():
    paused = Limit(opened_at=NOW, due_at=NOW, paused="待业主回复")
    none = Limit(opened_at=NOW, due_at=None)

    assert times.words(paused, NOW, SHANGHAI).short == "已暂停：待业主回复"
    assert times.words(none, NOW, SHANGHAI).short == "没有时限"


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        ("2026-11-23T10:18", "10:18"),
        ("2026-11-22T19:46", "昨天 19:46"),
        ("2026-11-20T16:40", "周五 16:40"),
        ("2026-11-17T08:00", "周二 08:00"),
        ("2026-11-16T08:00", "11 月 16 日"),
        ("2026-11-05T08:00", "11 月 5 日"),
        ("2025-11-05T08:00", "2025 年 11 月 5 日"),
    ],
)
def test_the_past_is_told_by_clock_weekday_and_date(moment: str, said: str):
    assert times.past(at(moment), NOW, SHANGHAI) == said


def test_a_day_ends_at_midnight_of_the_project(reader: Flask):
    late_evening = at("2026-11-22T23:59")

    assert times.past(late_evening, at("2026-11-23T00:01"), SHANGHAI) == "昨天 23:59"
    assert times.past(late_evening, at("2026-11-23T00:01"), ZoneInfo("UTC")) == "15:59"


@pytest.mark.parametrize("reader", ["en"], indirect=True)
def test_english_counts_one_day_and_two_days(reader: Flask):
    assert times.words(working("2026-11-23T18:00"), NOW, SHANGHAI).left == "6 working h left"
    assert times.words(calendar("2026-11-21T10:20"), NOW, SHANGHAI).left == "2 days late"
    assert times.words(calendar("2026-11-22T10:20"), NOW, SHANGHAI).left == "1 day late"
    assert times.past(at("2026-11-05T08:00"), NOW, SHANGHAI) == "5 Nov"
