"""A step that is watched is told to the owner once, in the unit's own words, on both databases."""

from dataclasses import dataclass

import pytest
from sqlalchemy import func, select

from engine import history, inbox, instances, outbox, tasks
from engine.errors import ConflictError
from engine.models import Event, MessageState, Outbox, OwnerLink, OwnerMessage
from engine.outward import adapters, consents, links, owners, ratings, templates
from engine.ports import SYSTEM, ports
from tests.engine import stage

PHONE = "13812346721"
PLACE = templates.Place(name="number", zh="编号", en="Number", sample={"zh": "1", "en": "1"})
KIND = templates.Kind(
    key="noted", zh="已记录", en="Noted", places=(PLACE,), needed=frozenset(),
    texts={"zh": "{number} 已记录", "en": "{number} noted"},
)  # fmt: skip


@dataclass
class TwoSteps:
    """A process that tells its owner when the first step is done."""

    rules = {(Event.TASK_COMPLETED, "a"): "noted"}  # noqa: RUF012 — never changed

    def facts(self, _session, instance, _kind, _event):
        values = {"number": instance.business_key or ""}
        return owners.Facts(phone=PHONE, values={"zh": values, "en": values})

    def by_hand(self, _instance):
        return ()


class Phone:
    real = True

    def __init__(self) -> None:
        self.texts: list[str] = []

    def send(self, message: adapters.Outgoing) -> str:
        self.texts.append(message.text)
        return "r"


@pytest.fixture
def phone(monkeypatch):
    connected = Phone()
    monkeypatch.setitem(adapters.registry, "sms", lambda: connected)
    monkeypatch.setattr(history, "watched", set())
    templates.register([KIND])
    owners.register("two_steps", TwoSteps())
    yield connected
    owners._businesses.pop("two_steps")
    templates._kinds.pop("noted")


@pytest.fixture
def people(database, hands, monkeypatch):
    return stage.open_company(database, monkeypatch)


@pytest.fixture
def case(database, people, phone, monkeypatch):
    """A case whose first step has just been done."""
    stage.deploy(database, "two_steps")
    with database.begin() as session:
        key = instances.start(session, people["he"], "two_steps", tenant_id="yj", business_key="TS-7").key  # fmt: skip
    with database.read() as session:
        (row,) = inbox.search(session, people["he"], view="groups").rows
    with database.begin() as session:
        tasks.complete(session, people["he"], row.task.key, {"note": "x"})
    return key


def send(database) -> None:
    while outbox.run_due(database):
        pass


def allow(database, monkeypatch, language: str = "zh") -> None:
    monkeypatch.setattr(ports, "can", lambda *_: True)
    with database.begin() as session:
        consents.note(session, SYSTEM, tenant_id="yj", phone=PHONE, channel="sms", given=True,
                      source="call", language=language)  # fmt: skip


@pytest.mark.parametrize(("language", "text"), [("zh", "TS-7 已记录"), ("en", "TS-7 noted")])
def test_a_watched_step_is_told_once_and_stands_in_the_chain(
    database, case, phone, monkeypatch, language, text
):
    allow(database, monkeypatch, language)

    send(database)
    send(database)

    with database.read() as session:
        (row,) = owners.of_case(session, [case])
        kinds = [event.kind for event in history.of(session, case)]
        assert (row.state, row.text, row.receipt) == (MessageState.SENT, text, "r")
        assert kinds[-1] == Event.NOTICE
        assert list(history.broken(session, case)) == []
    assert phone.texts == [text]


def test_only_watched_steps_cost_a_row(database, case, people):
    with database.read() as session:
        before = session.scalars(select(func.count()).select_from(Outbox)).one()
        task = inbox.search(session, people["zhou"], view="groups").rows[0].task.key
    with database.begin() as session:
        tasks.complete(session, people["zhou"], task, {})

    with database.read() as session:
        assert session.scalars(select(Outbox.kind)).all() == [history.OCCASION]
        assert before == 1


def test_without_consent_the_case_says_so(database, case, phone):
    send(database)

    with database.read() as session:
        assert session.scalars(select(OwnerMessage.state)).all() == [MessageState.NO_CONSENT]
    assert phone.texts == []


def test_a_rating_is_kept_once_in_the_chain(database, case):
    with database.begin() as session:
        link = links.open_link(session, instances.get(session, SYSTEM, case))
        ratings.rate(session, link, score=5, word="好")
        key = link.key

    with database.begin() as session, pytest.raises(ConflictError):
        ratings.rate(session, session.get_one(OwnerLink, key), score=1)

    with database.read() as session:
        (row,) = ratings.given(session, case)
        assert (row.score, row.word) == (5, "好")
        assert history.of(session, case)[-1].data == {
            "name": "rating",
            "rating": row.key,
            "score": 5,
            "link": key,
        }
        assert list(history.broken(session, case)) == []
