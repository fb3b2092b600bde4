"""Who lives where over time: moving in and out, edits with what they were, what a move-in leaves."""

from datetime import date
from typing import Any

import pytest
import yaml
from sqlalchemy import select

from engine.db import Database
from engine.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from engine.ports import Actor
from engine.testing import walk
from processes.archive import (
    Change,
    KeySet,
    Meter,
    Occupancy,
    PrivacyConsent,
    Resident,
    Vehicle,
    living,
)
from tests.processes.conftest import ROOT


def person(*memberships: tuple[str, str]) -> Actor:
    return Actor(key=7, username="x", name="某人", memberships=frozenset(memberships))


ASSISTANT = person(("cs_assistant", "yj"))
STRANGER = person(("cs_assistant", "ch"))
DISPATCHER = person(("eng_dispatch", "yj"))
TENANT = {"name": "钱红", "phone": "13700000003", "kind": "tenant", "from_on": "2026-11-01"}


def test_a_tenant_moves_in_and_out_again(project: Database):
    with project.begin() as session:
        stay = living.move_in(session, ASSISTANT, 1201, TENANT)
    with project.begin() as session:
        living.move_out(session, ASSISTANT, stay.key, {"to_on": "2027-01-31"})

    with project.read() as session:
        found = session.get_one(Occupancy, stay.key)
        changes = session.scalars(select(Change).order_by(Change.key)).all()
    assert (found.kind, found.from_on, found.to_on) == (
        "tenant", date(2026, 11, 1), date(2027, 1, 31),
    )  # fmt: skip
    assert [(one.entry, one.before is None, one.by) for one in changes] == [
        ("resident", True, 7), ("occupancy", True, 7), ("occupancy", False, 7),
    ]  # fmt: skip


def test_an_owner_of_two_rooms_is_one_person(project: Database):
    with project.begin() as session:
        stay = living.move_in(
            session, ASSISTANT, 301,
            {"name": "周明", "phone": "13800000001", "kind": "owner", "from_on": "2026-11-01"},
        )  # fmt: skip

    assert stay.resident_key == 77


def test_nobody_moves_in_twice(project: Database):
    with project.begin() as session:
        living.move_in(session, ASSISTANT, 1201, TENANT)

    with project.begin() as session, pytest.raises(ConflictError):
        living.move_in(session, ASSISTANT, 1201, TENANT)


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"name": " "}, "name"), ({"phone": "12"}, "phone"), ({"kind": "cat"}, "kind"),
     ({"from_on": ""}, "from_on"), ({"from_on": "2026-13-01"}, "from_on")],
    ids=["no name", "no telephone", "no kind", "no day", "no such day"],
)  # fmt: skip
def test_what_is_wrong_is_named_by_field(project: Database, changes: dict[str, Any], field: str):
    with project.begin() as session, pytest.raises(InvalidInputError) as refused:
        living.move_in(session, ASSISTANT, 1201, TENANT | changes)

    assert set(refused.value.fields) == {field}
    assert refused.value.fields_en is not None
    assert refused.value.fields_en[field][0].isascii()


def test_people_are_kept_by_the_desk_of_their_own_project(project: Database):
    with project.begin() as session:
        with pytest.raises(ForbiddenError):
            living.move_in(session, DISPATCHER, 1201, TENANT)
        with pytest.raises(NotFoundError):
            living.move_in(session, STRANGER, 1201, TENANT)
        with pytest.raises(NotFoundError):
            living.edit_resident(session, STRANGER, 77, {"name": "周明"})


def test_moving_out_before_moving_in_is_refused(project: Database):
    with project.begin() as session:
        stay = living.move_in(session, ASSISTANT, 1201, TENANT)
        with pytest.raises(InvalidInputError):
            living.move_out(session, ASSISTANT, stay.key, {"to_on": "2026-10-31"})


def test_an_edit_keeps_what_was(project: Database):
    with project.begin() as session:
        living.edit_resident(session, ASSISTANT, 77, {"name": "周明", "phone": "13900000009"})
    with project.begin() as session:
        living.edit_resident(session, ASSISTANT, 77, {"name": "周明", "phone": "13900000009"})

    with project.read() as session:
        change = session.scalars(select(Change)).one()
    assert change.before is not None
    assert (change.before["phone"], change.after["phone"]) == ("13800000001", "13900000009")


def test_keys_cars_and_meters_are_checked(project: Database):
    with project.begin() as session:
        with pytest.raises(InvalidInputError):
            living.add_keys(session, ASSISTANT, 1201, {"kind": "entrance", "count": "0"})
        with pytest.raises(InvalidInputError):
            living.add_vehicle(session, ASSISTANT, 1201, {"plate": "?"})
        with pytest.raises(InvalidInputError):
            living.add_meter(session, DISPATCHER, 1201, {"kind": "water", "reading": "-1"})
        car = living.add_vehicle(session, ASSISTANT, 1201, {"plate": "粤b 12345"})
        meter = living.add_meter(session, DISPATCHER, 1201, {"kind": "water", "reading": "12.345"})

    assert (car.plate, meter.reading) == ("粤B12345", 12_345)


def test_a_move_in_leaves_household_keys_cards_cars_and_meters(project: Database):
    folder = ROOT / "move_in" / "scenarios"
    scenario, samples = (
        yaml.safe_load((folder / name).read_text("utf-8"))
        for name in ("01_keys_the_same_day.yaml", "_samples.yaml")
    )
    samples["M2_sign"]["cars"] = [{"plate": "粤b12345", "model": "轿车"}]
    samples["M7_handover"] |= {"water_meter_no": "S-77", "ic_cards": [{"card_no": "0815"}]}

    result = walk(scenario | {"samples": samples}, project, names={"room": "301"})

    assert result.difference is None
    with project.read() as session:
        stays = session.execute(
            select(Resident.name, Occupancy.kind)
            .join(Occupancy, Occupancy.resident_key == Resident.key)
            .where(Occupancy.room_key == 301)
            .order_by(Occupancy.key)
        ).all()
        keys = session.scalars(select(KeySet).order_by(KeySet.key)).all()
        meters = session.scalars(select(Meter).order_by(Meter.key)).all()
        car = session.scalars(select(Vehicle)).one()
        consent = session.scalars(select(PrivacyConsent)).one()
    assert [tuple(stay) for stay in stays] == [("周明", "owner"), ("周小明", "user")]
    assert [(one.kind, one.count, one.number) for one in keys] == [
        ("entrance", 3, None), ("inner", 2, None), ("mailbox", 1, None), ("water_box", 1, None),
        ("power_box", 1, None), ("card", 1, "0815"),
    ]  # fmt: skip
    assert [(one.kind, one.number, one.reading) for one in meters] == [
        ("water", "S-77", 3_000), ("power", None, 12_000),
    ]  # fmt: skip
    assert {one.instance_key for one in [*keys, *meters]} == {result.instance_key}
    assert (car.plate, car.room_key, consent.given) == ("粤B12345", 301, True)
