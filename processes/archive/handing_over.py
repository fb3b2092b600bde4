"""What a finished move-in leaves in the archive (requirements A1, A2, A8, M14): people, cars, keys, meters.

Reads the steps' values: papers (`M1_verify`), signatures (`M2_sign`), handover (`M7_handover`).
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import ids
from engine.ports import SYSTEM
from processes.archive import living, notices
from processes.archive.holdings import KeySet, Meter, Vehicle
from processes.archive.houses import Occupancy, Resident

#: what the handover sheet calls keys
KEYS: Mapping[str, str] = {
    "进户门": "entrance", "户内门": "inner", "信箱": "mailbox", "水表箱": "water_box",
    "电表箱": "power_box",
}  # fmt: skip
#: meter -> (field of its number, field of its reading)
METERS: Mapping[str, tuple[str, str]] = {
    "water": ("water_meter_no", "water_init"), "power": ("elec_meter_no", "elec_init"),
    "gas": ("", "gas_init"), "heat": ("", "heat_init"),
}  # fmt: skip


def write(
    session: Session,
    instance_key: int,
    owner: Occupancy,
    signed: Mapping[str, Any],
    handed: Mapping[str, Any],
    *,
    on: date,
) -> None:
    """Put down who moved in with the owner, their cars, keys and meters; once a case."""
    done = select(Meter.key).where(Meter.instance_key == instance_key).limit(1)
    if session.scalars(done).first() is not None:
        return
    _family(session, owner, signed, on)
    for made in [
        *_cars(session, owner, signed, on),
        *_keys(owner, handed, on), *_meters(owner, handed, on),
    ]:  # fmt: skip
        if isinstance(made, KeySet | Meter):
            made.instance_key = instance_key
        session.add(made)
        session.flush()
        living.note(session, SYSTEM, made, None)
    if "privacy_consent" in signed:
        notices.note(
            session, owner.resident_key, tenant_id=owner.tenant_id,
            given=bool(signed["privacy_consent"]), by=SYSTEM.key, instance_key=instance_key,
        )  # fmt: skip


def settle(session: Session, resident: Resident, room_key: int, kind: str, on: date) -> Occupancy:
    """Let a resident have a room from a day on; who has it already is left as they are."""
    query = select(Occupancy).where(
        Occupancy.room_key == room_key, Occupancy.resident_key == resident.key,
        Occupancy.kind == kind, Occupancy.to_on.is_(None),
    )  # fmt: skip
    found = session.scalars(query.limit(1)).first()
    if found is None:
        found = Occupancy(
            key=ids.new(), tenant_id=resident.tenant_id, room_key=room_key,
            resident_key=resident.key, kind=kind, from_on=on, to_on=None,
        )  # fmt: skip
        session.add(found)
        session.flush()
        living.note(session, SYSTEM, found, None)
    return found


def _family(session: Session, owner: Occupancy, signed: Mapping[str, Any], on: date) -> None:
    """Note those who live there, beside the owner, as other users."""
    here = select(Resident.name).join(Occupancy, Occupancy.resident_key == Resident.key).where(
        Occupancy.room_key == owner.room_key, Occupancy.to_on.is_(None)
    )  # fmt: skip
    known = set(session.scalars(here))
    for one in _rows(signed, "family"):
        name = str(one.get("name") or "").strip()
        if not name or name in known or not one.get("lives_here"):
            continue
        known.add(name)
        person = Resident(
            key=ids.new(), tenant_id=owner.tenant_id, name=name,
            phone=str(one.get("phone") or ""), vulnerable=False,
        )  # fmt: skip
        session.add(person)
        session.flush()
        living.note(session, SYSTEM, person, None)
        settle(session, person, owner.room_key, "user", on)


def _cars(
    session: Session, owner: Occupancy, signed: Mapping[str, Any], on: date
) -> Iterator[Vehicle]:
    query = select(Vehicle.plate).where(Vehicle.room_key == owner.room_key, Vehicle.to_on.is_(None))
    known = set(session.scalars(query))
    for one in _rows(signed, "cars"):
        plate = "".join(str(one.get("plate") or "").upper().split())
        if plate and plate not in known:
            known.add(plate)
            yield Vehicle(
                key=ids.new(), tenant_id=owner.tenant_id, room_key=owner.room_key, plate=plate,
                model=str(one.get("model") or "") or None, from_on=on,
            )  # fmt: skip


def _keys(owner: Occupancy, handed: Mapping[str, Any], on: date) -> Iterator[KeySet]:
    sets: list[tuple[str, str | None, int]] = [
        (KEYS.get(str(one.get("key")), "other"), None, int(one.get("count") or 0))
        for one in _rows(handed, "key_rows")
    ]
    sets += [("card", str(one["card_no"]), 1) for one in _rows(handed, "ic_cards")]
    for kind, number, count in sets:
        if count > 0:
            yield KeySet(
                key=ids.new(), tenant_id=owner.tenant_id, room_key=owner.room_key, kind=kind,
                number=number, count=count, handed_on=on,
            )  # fmt: skip


def _meters(owner: Occupancy, handed: Mapping[str, Any], on: date) -> Iterator[Meter]:
    for kind, (number, reading) in METERS.items():
        if handed.get(reading) is not None:
            yield Meter(
                key=ids.new(), tenant_id=owner.tenant_id, room_key=owner.room_key, kind=kind,
                number=str(handed.get(number) or "") or None,
                reading=living.thousandths(handed[reading]), read_on=on,
            )  # fmt: skip


def _rows(values: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = values.get(name)
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []
