"""The archive as forms and pages ask it: found by number, never across projects, names by right."""

import pytest

from engine.db import Database
from engine.ports import COMPANY, SYSTEM, Actor, ports
from processes import lookups
from processes.archive import Room


def person(*memberships: tuple[str, str]) -> Actor:
    return Actor(key=7, username="x", name="某人", memberships=frozenset(memberships))


ASSISTANT = person(("cs_assistant", "yj"))
WORKER = person(("eng_worker", "yj"))


@pytest.mark.parametrize("typed", ["3-2-1201", "3－2－1201", "3栋2单元1201室", "3栋-2", "3"])
def test_a_room_is_found_by_what_people_type(project: Database, typed: str) -> None:
    with project.read() as session:
        found = lookups.search(session, "room", typed, ASSISTANT, tenant_id="yj")

    assert [entry["label"] for entry in found] == ["3-2-1201"]


def test_a_room_is_found_by_its_resident(project: Database) -> None:
    with project.read() as session:
        found = lookups.search(session, "room", "周明", ASSISTANT, tenant_id="yj")

    assert found[0]["residents"][0]["phone"] == "13800000001"


def test_a_repair_worker_sees_the_room_without_its_people(project: Database) -> None:
    with project.read() as session:
        room = lookups.lookup(session, "room", "1201", WORKER)
        by_name = lookups.search(session, "room", "周明", WORKER, tenant_id="yj")

    assert room is not None
    assert "residents" not in room
    assert by_name == []


@pytest.mark.parametrize("kind", ["room", "resident", "person", "case"])
def test_what_another_project_keeps_is_not_found(project: Database, kind: str) -> None:
    stranger = person(("cs_manager", "tl"))
    with project.read() as session:
        assert lookups.lookup(session, kind, "1201" if kind == "room" else "77", stranger) is None
        assert lookups.search(session, kind, "", stranger, tenant_id="yj") == []


@pytest.mark.parametrize("key", ["", "abc", "9" * 40, "１２", "-1"])
def test_a_key_that_is_none_finds_nothing(project: Database, key: str) -> None:
    with project.read() as session:
        for kind in ("room", "resident", "person", "case", "department", "nonsense"):
            assert lookups.lookup(session, kind, key, SYSTEM) is None


def test_a_department_is_known_by_its_key(project: Database) -> None:
    with project.read() as session:
        assert lookups.lookup(session, "department", "eng", ASSISTANT) == {
            "key": "eng", "label": "工程", "label_en": "Engineering", "groups": ["eng_dispatch"],
        }  # fmt: skip


def test_the_engine_asks_the_archive_through_its_port(project: Database) -> None:
    with project.read() as session:
        found = ports.lookup(session, "room", "1201", person(("quality", COMPANY)))

    assert found is not None
    assert found["label"] == "3-2-1201"


def test_a_room_archived_in_the_same_unit_is_found(project: Database) -> None:
    with project.begin() as session:
        here = session.get_one(Room, 1201)
        session.add(Room(key=9909, tenant_id=here.tenant_id, building_key=here.building_key,
                         number="3-2-9909", unit="2", floor=9, area=1, use="live"))  # fmt: skip
        session.flush()

        found = ports.lookup(session, "room", "9909", person(("quality", COMPANY)))

        assert found is not None
        session.rollback()
