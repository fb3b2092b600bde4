"""Housekeeping sweeps what has served its time, and nothing that somebody still needs."""

import hashlib
import os
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from engine import housekeeping, ids
from engine.models import (
    Attempt,
    Draft,
    File,
    Heartbeat,
    Idempotency,
    Notice,
    Outbox,
    SignIn,
    Task,
)
from tests.engine import cases_in_rows as rows


@pytest.fixture
def people(database, hands, monkeypatch) -> dict[str, int]:
    with database.begin() as session:
        return rows.company(session, monkeypatch)


def count(database, table) -> int:
    with database.read() as session:
        return session.scalars(select(func.count()).select_from(table)).one()


def test_what_is_old_goes_and_what_is_new_stays(database, people, hands):
    now = hands.moment
    with database.begin() as session:
        for n, age in enumerate((timedelta(hours=1), timedelta(days=40))):
            session.add_all([
                Idempotency(actor=1, idempotency_key=str(n), request=b"", at=now - age),
                SignIn(hash=str(n), user_key=people["an"], csrf="", created_at=now, seen_at=now,
                       expires_at=now + timedelta(hours=2) - age),
                Attempt(subject=str(n), failures=1, until_at=now - age),
                Heartbeat(name=str(n), at=now - age),
                Outbox(key=ids.new(), tenant_id="*", kind="mail", dedupe_key=str(n), payload={},
                       due_at=now - age, sent_at=now - age),
            ])  # fmt: skip
        session.add(Outbox(key=ids.new(), tenant_id="*", kind="mail", dedupe_key="unsent",
                           payload={}, due_at=now - timedelta(days=90)))  # fmt: skip

    swept = housekeeping.run(database)

    assert swept == 5
    assert [count(database, t) for t in (Idempotency, SignIn, Attempt, Heartbeat)] == [1, 1, 1, 1]
    assert count(database, Outbox) == 2
    assert housekeeping.run(database) == 0


def test_more_than_a_batch_goes_in_several_units(database, people, hands, monkeypatch):
    monkeypatch.setattr(housekeeping, "BATCH", 10)
    with database.begin() as session:
        session.add_all(Heartbeat(name=str(n), at=hands.moment - timedelta(days=3))
                        for n in range(35))  # fmt: skip
    before = database.commits

    assert housekeeping.run(database) == 35

    assert database.commits - before >= 4
    assert count(database, Heartbeat) == 0


def test_the_draft_of_a_closed_task_goes_and_of_an_open_one_stays(database, people, hands):
    with database.begin() as session:
        case = rows.case(session)
        tasks = [rows.step(session, case) for _ in range(2)]
        for task in tasks:
            session.add(Draft(task_key=task.key, user_key=people["an"], data={}, at=hands.moment))
        session.execute(update(Task).where(Task.key == tasks[0].key).values(state="completed"))

    housekeeping.run(database)

    with database.read() as session:
        assert session.scalars(select(Draft.task_key)).all() == [tasks[1].key]


def upload(database, folder, body: bytes, *, by: int, at, instance_key=None) -> int:
    digest = hashlib.sha256(body).hexdigest()
    path = folder / digest[:2] / digest
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    os.utime(path, (at.timestamp(), at.timestamp()))
    key = ids.new()
    with database.begin() as session:
        session.add(File(key=key, tenant_id="*", hash=digest, name="a.txt", media_type="text/plain",
                         size=len(body), instance_key=instance_key, by=by, at=at))  # fmt: skip
    return key


def test_only_uploads_that_nobody_took_over_are_swept(database, people, hands, tmp_path):
    old, new = hands.moment - timedelta(days=3), hands.moment - timedelta(hours=1)
    with database.begin() as session:
        case = rows.case(session)
        task = rows.step(session, case)
    an = people["an"]
    lonely = upload(database, tmp_path, b"lonely", by=an, at=old)
    kept = [
        upload(database, tmp_path, b"fresh", by=an, at=new),
        upload(database, tmp_path, b"of a case", by=an, at=old, instance_key=case.key),
        upload(database, tmp_path, b"in a draft", by=an, at=old),
    ]
    twin = upload(database, tmp_path, b"of a case", by=an, at=old)
    with database.begin() as session:
        session.add(Draft(task_key=task.key, user_key=an, at=old,
                          data={"photos": [str(kept[2])]}))  # fmt: skip

    housekeeping.run(database, files=tmp_path)

    with database.read() as session:
        assert set(session.scalars(select(File.key))) == set(kept)
    bodies = {path.read_bytes() for path in tmp_path.glob("*/*")}
    assert bodies == {b"fresh", b"of a case", b"in a draft"}
    assert lonely not in kept
    assert twin not in kept


def test_who_keeps_the_calendars_is_asked_once_for_a_missing_year(database, people, hands):
    for _ in range(2):
        housekeeping.run(database, keepers="quality")

    with database.read() as session:
        row = session.scalars(select(Notice)).one()
        assert (row.user_key, row.kind, row.params) == (
            people["qi"], "calendar-statutory-2027", {"calendar": "法定工作日历", "year": 2027},
        )  # fmt: skip
