"""An upgrade brings what is shipped, and leaves in force what a designer has made of it."""

from dataclasses import replace

import pytest
from sqlalchemy import select

import processes
from engine import deployments, identity
from engine.db import Database
from engine.models import Definition, Notice
from engine.ports import COMPANY, SYSTEM
from processes import shipping

MINE = b"<!-- mine --></bpmn:definitions>"
NEXT = b"<!-- next release --></bpmn:definitions>"


def changed(key: str, end: bytes) -> list[deployments.Resource]:
    """Return the shipped files as they would be with another diagram of a process."""
    return [
        replace(one, body=one.body.replace(b"</bpmn:definitions>", end))
        if one.name == f"{key}/{key}.bpmn" else one
        for one in processes.resources()
    ]  # fmt: skip


def newest(database: Database, key: str) -> Definition:
    with database.read() as session:
        return deployments.newest(session, key)


@pytest.fixture
def installed(database: Database, hands) -> Database:
    processes.register()
    with database.begin() as session:
        processes.update(session)
        user = identity.create_user(session, username="liu", name="刘", password="0123456789")
        identity.add_membership(session, user.key, "publisher", COMPANY)
    return database


def upgrade(database: Database, resources) -> object:
    with database.begin() as session:
        return shipping.update(session, resources)


def design(database: Database, key: str) -> Definition:
    """Let a designer put a diagram of their own in force, as the editor does."""
    (mine,) = [one for one in changed(key, MINE) if one.name == f"{key}/{key}.bpmn"]
    with database.begin() as session:
        return deployments.deploy(session, SYSTEM, [mine]).definitions[0]


def test_what_nobody_changed_is_replaced(installed):
    before = newest(installed, "complaint")

    assert upgrade(installed, changed("complaint", NEXT)) is not None

    assert newest(installed, "complaint").version == before.version + 1
    assert upgrade(installed, changed("complaint", NEXT)) is None


@pytest.mark.parametrize("key", ["complaint", "callback"])
def test_a_designers_version_stays_in_force(installed, key):
    mine = design(installed, key)

    for _ in range(2):
        upgrade(installed, changed(key, NEXT))

    assert newest(installed, key).key == mine.key
    with installed.read() as session:
        told = session.scalars(select(Notice).where(Notice.kind == "shipped")).all()
        assert len(told) == 1
        assert shipping.offered(session, changed(key, NEXT)) == [key]


def test_other_processes_are_brought_all_the_same(installed):
    mine, before = design(installed, "complaint"), newest(installed, "callback")
    files = [
        replace(one, body=one.body.replace(b"</bpmn:definitions>", NEXT)) for one in
        processes.resources()
    ]  # fmt: skip

    upgrade(installed, files)

    assert newest(installed, "complaint").key == mine.key
    assert newest(installed, "callback").version == before.version + 1


def test_the_shipped_version_is_put_in_force_on_request(installed):
    mine, files = design(installed, "complaint"), changed("complaint", NEXT)
    upgrade(installed, files)

    with installed.begin() as session:
        shipping.adopt(session, SYSTEM, "complaint", files)

    assert newest(installed, "complaint").version == mine.version + 1
    with installed.read() as session:
        assert shipping.offered(session, files) == []
