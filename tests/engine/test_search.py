"""Cases are found by pairs of Chinese characters, by beginnings of numbers, and only by the right people."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from engine import search
from engine.models import Instance, Word
from engine.ports import Actor, ports
from tests.engine import cases_in_rows as rows

WORKER = Actor(key=1, username="w", name="w", memberships=frozenset({("eng_worker", "yj")}))
CLERK = replace(WORKER, memberships=frozenset({("cs_assistant", "yj")}))
ELSEWHERE = replace(WORKER, memberships=frozenset({("cs_assistant", "lh")}))


def told(data):
    return search.Texts(exact=(f"room:{data['room']}",), personal=(data["told"], data["phone"]))


@pytest.fixture
def cases(database, hands, monkeypatch) -> dict[str, int]:
    """Two cases of one project: a leak in room 7, noise in room 8."""
    monkeypatch.setitem(search.sources, ("complaint", "T1_record"), told)
    with database.begin() as session:
        rows.company(session, monkeypatch)
        monkeypatch.setattr(
            ports, "can", lambda actor, action, _: ("cs_assistant" in
            {group for group, _ in actor.memberships}) or action != "personal.read",
        )  # fmt: skip
        found = {}
        for number, title, data in (
            (
                "TS-20261117-001",
                "漏水",
                {"room": 7, "told": "楼上卫生间漏水了", "phone": "13800001234"},
            ),
            ("TS-20261118-002", "噪音", {"room": 8, "told": "夜里噪音", "phone": "13900005678"}),
        ):
            case = rows.case(session, business_key=number)
            case.title = title
            search._insert(session, search._given(case, told, data))
            search.again(session, case)
            found[title] = case.key
    return found


@pytest.mark.parametrize(
    "text",
    ["漏水", "卫生间", "水", "13800001234", "1380", "TS-20261117", "20261117", "20261117-001", "漏水 1380", "ts-20261117-001"],
)  # fmt: skip
def test_a_case_is_found_by(database, cases, text):
    with database.read() as session:
        assert search.find(session, CLERK, text) == [cases["漏水"]]


@pytest.mark.parametrize("text", ["漏电", "1234", "漏水 1390", "卫间", "", "  ", "%", "_", "'"])
def test_a_case_is_not_found_by(database, cases, text):
    with database.read() as session:
        assert search.find(session, CLERK, text) == []


def test_the_newest_case_comes_first(database, cases):
    with database.read() as session:
        assert search.find(session, CLERK, "TS-2026") == [cases["噪音"], cases["漏水"]]


def test_personal_words_find_nothing_without_the_right(database, cases):
    with database.read() as session:
        assert search.find(session, WORKER, "13800001234") == []
        assert search.find(session, WORKER, "卫生间") == []
        assert search.find(session, WORKER, "漏水") == [cases["漏水"]]  # of the title


def test_another_projects_cases_are_not_found(database, cases):
    with database.read() as session:
        assert search.find(session, ELSEWHERE, "漏水") == []
        assert search.find(session, ELSEWHERE, "", exact=["room:7"]) == []


def test_a_word_of_the_business_finds_exactly(database, cases):
    with database.read() as session:
        assert search.find(session, WORKER, "", exact=["room:7"]) == [cases["漏水"]]
        assert search.find(session, WORKER, "room:7") == []


def test_cases_older_than_the_words_are_indexed_once(database, cases):
    with database.begin() as session:
        for row in session.scalars(select(Word)):
            session.delete(row)

    heard = []
    assert search.fill(database, heard.append) == 2
    assert search.fill(database, heard.append) == 0
    assert heard == [2]
    with database.read() as session:
        assert search.find(session, CLERK, "漏水") == [cases["漏水"]]


def test_an_indexing_that_was_broken_off_is_begun_again(database, cases, monkeypatch):
    monkeypatch.setattr(search, "BATCH", 1)
    with database.begin() as session:
        for row in session.scalars(select(Word)):
            session.delete(row)

    def stop(_done):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        search.fill(database, stop)

    assert search.fill(database) == 2
    with database.read() as session:
        assert search.find(session, CLERK, "噪音") == [cases["噪音"]]


def test_a_plain_word_is_not_made_personal_again(database, cases):
    with database.begin() as session:
        case = session.get_one(Instance, cases["噪音"])
        search._insert(session, search._given(case, told, {"room": 8, "told": "噪音", "phone": ""}))
    with database.read() as session:
        assert search.find(session, WORKER, "噪音") == [cases["噪音"]]
