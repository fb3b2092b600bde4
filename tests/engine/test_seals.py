"""Whoever changes history is found: by the chain, by the seals, by a copy kept elsewhere."""

from datetime import timedelta

import orjson
import pytest
from sqlalchemy import delete, select, text, update

from engine import history, seals, signing, verification
from engine.models import Event, History, Instance, Seal, Sealed, to_ms
from engine.sql import json
from tests.engine import cases_in_rows as rows

KEYS = signing.keyring("a secret of this test")


@pytest.fixture
def cases(database, hands, monkeypatch) -> list[int]:
    """Three cases with four events each, sealed after the second and after the fourth."""
    with database.begin() as session:
        rows.company(session, monkeypatch)
        keys = [rows.case(session, business_key=f"TS-{n}").key for n in (1, 2, 3)]
    for _ in range(2):
        for key in keys:
            with database.begin() as session:
                for word in ("one", "two"):
                    history.add(session, key, Event.NOTICE, 0, element="T1", data={"word": word})
        hands.moment += timedelta(minutes=1)
        assert seals.run(database, KEYS) == 1
    return keys


def change(database, statement) -> None:
    """Change rows as somebody with the database's password would."""
    with database.writer_engine.begin() as connection:
        connection.execute(statement)


def rewrite(database, key: int, seq: int) -> None:
    """Change an event and compute every hash after it anew, the case's own end included."""
    with database.begin() as session:
        before = b""
        for row in history.of(session, key):
            if row.seq == seq:
                row.data = {"word": "forged"}
            event = (row.instance_key, row.seq, to_ms(row.at), row.kind, row.actor, row.task_key,
                     row.element, json(row.data))  # fmt: skip
            before = row.hash = history.digest(before, event)
        session.get_one(Instance, key).history_hash = before


def faults(database, **given) -> list[tuple]:
    found = verification.run(database, given.pop("keyring", KEYS), **given).faults
    return [(one.kind, one.business_key, one.seq, one.seal) for one in found]


def test_untouched_history_holds(database, cases):
    report = verification.run(database, KEYS)

    assert (report.cases, report.events, report.seals, report.faults) == (3, 12, 2, [])


def test_nothing_new_is_not_sealed_again(database, cases):
    assert seals.run(database, KEYS) == 0
    assert seals.run(database, KEYS, everything=True) == 0


@pytest.mark.parametrize(
    "statement",
    [
        update(History).values(data={"word": "forged"}),
        update(History).values(actor=4711),
        update(History).values(element=None),
        delete(History),
    ],
    ids=["data", "actor", "element", "deleted"],
)
def test_a_changed_row_is_named(database, cases, statement):
    change(database, statement.where(History.instance_key == cases[1], History.seq == 2))

    found = faults(database)

    assert ("event", "TS-2", 2, None) in found
    assert {one[1] for one in found} == {"TS-2"}


def test_an_inserted_event_is_named(database, cases):
    with database.read() as session:
        end = session.get_one(Instance, cases[0]).history_hash
    row = {"instance_key": cases[0], "seq": 5, "at": rows.clock.now(), "kind": "notice",
           "actor": 0, "hash": end}  # fmt: skip
    change(database, History.__table__.insert().values(**row))

    assert faults(database) == [("event", "TS-1", 5, None)]


def test_a_chain_cut_short_is_found(database, cases):
    change(database, delete(History).where(History.instance_key == cases[0], History.seq == 4))

    assert ("end", "TS-1", 4, None) in faults(database)
    assert ("root", "TS-1", 4, 2) in faults(database)


def test_a_case_removed_with_its_row_is_found(database, cases):
    change(database, delete(History).where(History.instance_key == cases[0]))
    change(database, text("delete from fact_case"))
    change(database, delete(Instance).where(Instance.key == cases[0]))

    assert faults(database) == [("root", None, 2, 1)]


def test_a_chain_computed_anew_does_not_fit_its_seals(database, cases):
    rewrite(database, cases[2], 3)

    assert faults(database) == [("root", "TS-3", 4, 2)]


def test_a_seal_made_without_the_key_is_found(database, cases):
    with database.begin() as session:
        seal = session.get_one(Seal, 2)
        ends = [[key, seq, "00" * 16] for key, seq, _ in seal.ends]
        seal.ends, seal.root = ends, seals.root_of(ends)

    kinds = {one[0] for one in faults(database)}

    assert {"signature", "root"} <= kinds


def test_another_installations_key_does_not_vouch(database, cases):
    found = faults(database, keyring=signing.keyring("somebody else's secret"))

    assert [one[0] for one in found] == ["signature", "signature"]


def test_seals_of_a_key_used_before_stay_valid(database, cases):
    known = [KEYS.public[KEYS.key_id]]

    assert faults(database, keyring=signing.keyring("a new secret", known)) == []


def test_the_newest_seals_cut_off_are_found_by_a_copy(database, cases, tmp_path):
    with database.read() as session:
        copies = [seals.line_of(seal) for seal in session.scalars(select(Seal))]
    change(database, delete(Seal).where(Seal.number == 2))
    change(database, delete(Sealed))

    assert faults(database) == []
    assert faults(database, copies=copies) == [("copy", None, None, 2)]


def test_a_seal_is_written_down_outside_of_the_database(database, cases, tmp_path):
    with database.begin() as session:
        history.add(session, cases[0], Event.NOTICE, 0)

    assert seals.run(database, KEYS, copies=tmp_path / "seals") == 1

    (file,) = (tmp_path / "seals").iterdir()
    assert file.name == "2026-11.tsv"
    assert faults(database, copies=file.read_text().splitlines()) == []


def test_what_is_added_to_an_ended_case_is_sealed_with_everything(database, cases):
    with database.begin() as session:
        session.get_one(Instance, cases[0]).state = "completed"
        history.add(session, cases[0], Event.ENDED, 0)
    assert seals.run(database, KEYS) == 1
    with database.begin() as session:
        history.add(session, cases[0], Event.DISCLOSED, 0)

    assert seals.run(database, KEYS) == 0
    assert seals.run(database, KEYS, everything=True) == 1


def test_the_tree_is_that_of_rfc_9162():
    ends = [(1, 1, "aa"), (2, 1, "bb"), (3, 1, "cc")]
    leaf = [seals._hash(b"\x00", orjson.dumps(end)) for end in ends]
    left = seals._hash(b"\x01", leaf[0], leaf[1])

    assert seals.root_of(ends) == seals._hash(b"\x01", left, leaf[2])
    assert seals.root_of([]) == seals._hash()


def test_a_look_of_a_process_that_stops_is_given_up(database, cases):
    assert verification.in_background(database, KEYS, stopping=lambda: True) is None

    with database.read() as session:
        assert verification.last(session) is None


def test_a_look_is_kept_with_what_it_found(database, cases):
    rewrite(database, cases[2], 3)

    verification.in_background(database, KEYS)

    with database.read() as session:
        row = verification.last(session)
        assert (row.cases, row.events, row.seals) == (3, 12, 2)
        assert row.faults[0]["business_key"] == "TS-3"
