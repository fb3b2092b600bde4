"""What is kept of a request says nothing to those who read the rows: a hash with a secret."""

import hashlib
from pathlib import Path
from typing import Any

import orjson
import pytest
from alembic import command
from sqlalchemy import select

from api import database as tables
from api import outside
from api.settings import Settings
from engine import clock, idempotency
from engine.db import Database
from engine.errors import KeyReusedError
from engine.models import Idempotency

PHONE = {"phone": "13800000001"}


@pytest.fixture(autouse=True)
def installation(monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret of these tests, which no other test keeps."""
    monkeypatch.setattr(idempotency, "_secret", [])
    idempotency.use("ours")


def asked(database: Database, request: Any = None, *, who: int = 7, key: str = "k") -> Any:
    """Send a command whose answer says how often it was run."""
    done: list[int] = []
    answer = idempotency.run(
        database, actor_key=who, key=key, request=request or PHONE,
        command=lambda _session: (done.append(1), idempotency.Answer(200, {"n": 1}))[1],
    )  # fmt: skip
    return len(done), answer


def kept(database: Database) -> list[bytes]:
    with database.read() as session:
        return [bytes(row) for row in session.scalars(select(Idempotency.request))]


def plain(said: Any) -> bytes:
    return hashlib.blake2b(orjson.dumps(said, option=orjson.OPT_SORT_KEYS), digest_size=16).digest()


def test_who_knows_everything_but_the_secret_cannot_try_numbers(database: Database):
    asked(database)

    (found,) = kept(database)
    assert found not in {plain(PHONE), plain([7, "k", PHONE])}


def test_the_same_request_leaves_another_hash_with_each_person_and_key(database: Database):
    for who, key in ((7, "k"), (7, "l"), (8, "k")):
        asked(database, who=who, key=key)

    assert len(set(kept(database))) == 3


def test_another_process_of_the_installation_knows_the_request_again(database: Database):
    asked(database)
    idempotency.use("ours")

    run, answer = asked(database)
    assert (run, answer.repeated, answer.body) == (0, True, {"n": 1})


def test_under_another_secret_nothing_is_done_twice(database: Database):
    asked(database)
    idempotency.use("theirs")

    with pytest.raises(KeyReusedError):
        asked(database)


def test_the_secret_is_the_one_of_the_installation_and_not_the_one_of_its_pages(
    database: Database, tmp_path: Path
):
    """Every process that starts from the same folder hashes alike."""
    settings = Settings(database_url="", folder=tmp_path)
    outside.init(settings)
    asked(database)
    idempotency.use("theirs")
    outside.init(settings)

    run, answer = asked(database)

    assert (run, answer.repeated) == (0, True)
    page = (tmp_path / "keys" / "session").read_bytes()
    said = orjson.dumps([7, "k", PHONE], option=orjson.OPT_SORT_KEYS)
    assert hashlib.blake2b(said, digest_size=16, key=page[:64]).digest() not in kept(database)


def test_an_upgrade_forgets_the_hashes_that_were_made_without_a_secret(tmp_path: Path):
    database = Database(f"sqlite:///{tmp_path}/old.db")
    with database.writer_engine.begin() as connection:
        command.upgrade(tables._config(connection), "0017")
    with database.begin() as session:
        session.add(Idempotency(
            actor=7, idempotency_key="k", request=plain(PHONE), status=200, answer="{}",
            at=clock.now(),
        ))  # fmt: skip

    tables.migrate(database)

    assert kept(database) == []
    assert asked(database)[0] == 1
    database.close()
