"""A weather source is asked without holding anything up, again until it answers, and only recorded."""

import base64
import hashlib
import hmac
import json
import logging
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from api import outside
from api.settings import Settings
from engine import outbox, rain
from engine.errors import InvalidInputError
from engine.models import Notice, Outbox, Rain, Timer
from engine.outward import posting, robots, weather, world
from engine.ports import SYSTEM
from engine.schedules import Turn
from processes import routines
from tests.engine import cases_in_rows as rows
from tests.engine import sinks

DAY = date(2026, 11, 23)
SECRET = "whsec_" + base64.b64encode(b"rain or shine").decode()
HEAVY = {"date": "2026-11-23", "level": "heavy", "note": "32 毫米"}
REFUSED_ADDRESSES = ["http://weather.example.org/x", "https://10.0.0.5/x", "weather"]


@pytest.fixture
def people(database, hands, monkeypatch):
    monkeypatch.setattr(rain, "sources", {})
    hands.moment = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    with database.begin() as session:
        return rows.company(session, monkeypatch)


@pytest.fixture
def service(people, monkeypatch):
    monkeypatch.setattr(posting, "TIMEOUT", 0.3)
    before = world.current()
    with sinks.hooks() as opened:
        world.use(world.World(allowed=frozenset({opened.host}), keepers="cs_manager"))
        weather.use(weather.WeatherService(opened.url, SECRET))
        opened.answer = HEAVY
        yield opened
    world.use(before)


def turn(tenant_id: str = "yj", hour: int = 12) -> Turn:
    at = datetime(2026, 11, 23, hour, tzinfo=UTC)
    return Turn(schedule_key=1, tenant_id=tenant_id, at=at, on=DAY)


def ask(database, **more) -> None:
    """Let the schedule come round and the clockwork send what there is."""
    with database.begin() as session:
        routines._rain(session, turn(**more))
    outbox.send_due(database)


def recorded(database) -> list[Rain]:
    with database.read() as session:
        return list(session.scalars(select(Rain)))


def test_what_the_service_says_is_recorded_once_and_may_be_taken_back(database, service):
    ask(database)
    ask(database)

    (row,) = recorded(database)
    assert (row.tenant_id, row.on, row.level) == ("yj", DAY, "heavy")
    assert (row.source, row.note) == ("weather", "32 毫米")
    assert len(service.calls) == 1
    with database.begin() as session:
        assert session.get(Timer, row.key) is not None
        rain.withdraw(session, SYSTEM, row.key)
    ask(database, hour=13)
    (row,) = recorded(database)
    assert len(service.calls) == 2
    assert row.withdrawn_at is not None


def test_the_question_is_signed_and_names_project_and_day(database, service):
    ask(database)

    (_path, headers, body) = service.calls[0]
    assert json.loads(body)["data"] == {"project": "yj", "date": "2026-11-23"}
    assert json.loads(body)["type"] == "weather.asked"
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    sign = base64.b64encode(hmac.digest(b"rain or shine", signed, hashlib.sha256)).decode()
    assert headers["webhook-signature"] == f"v1,{sign}"


@pytest.mark.parametrize("mood", [sinks.REFUSE, sinks.SLOW, sinks.DROP, "redirect"])
def test_a_service_that_is_out_is_asked_again_later(database, hands, service, mood):
    logging.disable(logging.WARNING)
    service.mood = mood
    ask(database)
    outbox.send_due(database)
    before = recorded(database)
    service.mood = sinks.OK
    hands.moment += timedelta(minutes=1)
    outbox.send_due(database)
    logging.disable(logging.NOTSET)

    assert before == []
    assert [row.level for row in recorded(database)] == ["heavy"]


@pytest.mark.parametrize(
    "answer",
    [{**HEAVY, "date": "2026-11-22"}, {**HEAVY, "level": "wet"}, {"date": "2026-11-23"}, [HEAVY],
     {**HEAVY, "level": ["heavy"]}],
    ids=["another day", "no such level", "no level", "a list", "levels"],
)  # fmt: skip
def test_an_answer_that_says_nothing_certain_records_nothing_and_is_told(
    database, hands, service, people, answer
):
    logging.disable(logging.WARNING)
    service.answer = answer
    ask(database)
    for _ in range(outbox.PATIENCE + 2):
        hands.moment += timedelta(hours=3)
        outbox.send_due(database)
    logging.disable(logging.NOTSET)

    assert recorded(database) == []
    assert len(service.calls) == outbox.PATIENCE
    with database.read() as session:
        (letter,) = outbox.given_up(session)
        assert "NotAcceptedError" in letter.error
        (told,) = session.scalars(select(Notice))
        assert (told.user_key, told.kind) == (people["ma"], "undelivered")


@pytest.mark.parametrize("answer", [b"{", b"rain", b"\xff"], ids=["cut off", "words", "no text"])
def test_what_is_no_json_is_no_answer(answer):
    with pytest.raises(robots.NotAcceptedError):
        weather.read(answer, DAY)


def test_a_dry_day_is_asked_about_and_not_recorded(database, service):
    service.answer = {"date": "2026-11-23", "level": "none"}
    ask(database)

    assert recorded(database) == []
    assert len(service.calls) == 1
    with database.read() as session:
        assert session.scalars(select(Outbox)).one().sent_at is not None


def test_a_day_too_long_ago_is_not_asked_about_any_more(database, hands, service):
    with database.begin() as session:
        routines._rain(session, turn())
    hands.moment += timedelta(days=20)
    outbox.send_due(database)

    assert service.calls == []
    with database.read() as session:
        assert len(outbox.given_up(session)) == 1


def test_what_people_recorded_stands_beside_a_weaker_word_of_the_service(database, service):
    service.answer = {**HEAVY, "level": "light"}
    with database.begin() as session:
        rain.record(session, SYSTEM, "yj", DAY, level="medium", note="14:00")
    ask(database)

    (row,) = recorded(database)
    assert (row.level, row.source, row.note) == ("medium", rain.DUTY, "14:00")


def test_nobody_is_asked_where_there_is_no_source(database, people):
    with database.begin() as session:
        assert weather.ask(session, turn()) is False
        assert session.scalars(select(Outbox)).all() == []


def test_a_source_of_the_companys_own_is_asked_and_named(database, people):
    def station(tenant_id: str, on: date) -> rain.Weather | None:
        return rain.Weather(level="heavy", note="32 毫米") if tenant_id == "yj" else None

    rain.sources["站点"] = station
    ask(database)
    ask(database, tenant_id="lh")

    (row,) = recorded(database)
    assert (row.tenant_id, row.source, row.note) == ("yj", "站点", "32 毫米")


@pytest.mark.parametrize("url", REFUSED_ADDRESSES)
def test_settings_that_lead_inside_are_refused_at_start(tmp_path, url):
    given = Settings(database_url="sqlite://", folder=tmp_path, weather_url=url,
                     weather_secret=SECRET)  # fmt: skip

    with pytest.raises(InvalidInputError):
        outside.weather_service(given)


@pytest.mark.parametrize("secret", ["", " ", "whsec_%%"])
def test_a_service_without_a_key_to_sign_with_is_refused_at_start(tmp_path, secret):
    given = Settings(database_url="sqlite://", folder=tmp_path, weather_secret=secret,
                     weather_url="https://weather.example.org/x")  # fmt: skip

    with pytest.raises(InvalidInputError):
        outside.weather_service(given)


def test_no_service_is_asked_unless_it_is_set(tmp_path):
    assert outside.weather_service(Settings(database_url="sqlite://", folder=tmp_path)) is None
