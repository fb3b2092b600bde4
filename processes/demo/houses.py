"""The invented houses of the demonstration: some six hundred rooms and who lives there."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from engine import ids
from processes.archive import Building, Occupancy, Resident, Room

#: project -> buildings (number, units, floors); two flats a floor and unit
BUILDINGS: dict[str, tuple[tuple[int, int, int], ...]] = {
    "yj": ((1, 2, 18), (2, 2, 18), (3, 2, 18), (5, 2, 18), (6, 2, 18)),
    "tl": ((1, 2, 11), (2, 2, 11), (3, 2, 11), (5, 3, 11), (6, 2, 11)),
}
_FAMILY = "王李张刘陈杨黄赵吴周徐孙朱胡郭何罗郑梁宋谢唐许韩冯邓曹彭曾萧田董袁潘蒋蔡余杜叶程"
_GIVEN = ("建华", "秀英", "志强", "丽娟", "国平", "桂芳", "俊杰", "雅婷", "文斌", "晓燕", "海涛", "静怡",
          "春梅", "伟东", "思远", "玉兰", "子涵", "明轩", "佳怡", "永康", "淑珍", "浩然", "欣悦", "振宇")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Home:
    """A room with the person who would complain from it."""

    room_key: int
    number: str
    name: str
    phone: str
    kind: str
    #: nobody lives there yet: the owner moves in, and does not complain
    empty: bool = False


def add(
    session: Session, rng: random.Random
) -> tuple[dict[str, list[Home]], dict[str, list[Home]]]:
    """Add buildings, rooms, residents; return each project's homes, lived in and empty."""
    rows: dict[type, list[dict[str, Any]]] = {Building: [], Room: [], Resident: [], Occupancy: []}
    homes: dict[str, list[Home]] = {}
    for tenant_id, buildings in BUILDINGS.items():
        homes[tenant_id] = []
        for number, units, floors in buildings:
            homes[tenant_id] += _building(rows, rng, tenant_id, (number, units, floors))
    for table, values in rows.items():
        session.execute(insert(table), values)
    return _split(homes, empty=False), _split(homes, empty=True)


def _split(homes: Mapping[str, list[Home]], *, empty: bool) -> dict[str, list[Home]]:
    return {tenant: [one for one in found if one.empty is empty] for tenant, found in homes.items()}


def _building(
    rows: dict[type, list[dict[str, Any]]],
    rng: random.Random,
    tenant_id: str,
    size: tuple[int, int, int],
) -> list[Home]:
    number, units, floors = size
    building = {
        "key": ids.new(), "tenant_id": tenant_id, "number": str(number), "name": f"{number}栋",
        "floors": floors, "has_lift": True,
    }  # fmt: skip
    rows[Building].append(building)
    places = [
        (unit, floor, door)
        for unit in range(1, units + 1)
        for floor in range(1, floors + 1)
        for door in (1, 2)
        if rng.random() > 0.06  # noqa: PLR2004 — some rooms are plant rooms or shops
    ]
    return [
        _home(rows, rng, building, f"{number}-{unit}-{floor}{door:02d}")
        for unit, floor, door in places
    ]


def _home(
    rows: dict[type, list[dict[str, Any]]],
    rng: random.Random,
    building: dict[str, Any],
    number: str,
) -> Home:
    """Add one room and its resident; an empty room has an owner and nobody who complains."""
    _, unit, door = number.split("-")
    use = rng.choices(["live", "rent", "empty"], [76, 16, 8])[0]
    room = {
        "key": ids.new(), "tenant_id": building["tenant_id"], "building_key": building["key"],
        "number": number, "unit": unit, "floor": int(door[:-2]),
        "area": rng.choice([6_850, 8_912, 10_340, 12_788]), "use": use,
    }  # fmt: skip
    person = {
        "key": ids.new(), "tenant_id": building["tenant_id"],
        "name": rng.choice(_FAMILY) + rng.choice(_GIVEN),
        "phone": f"1390000{len(rows[Resident]):04d}", "vulnerable": rng.random() < 0.07,  # noqa: PLR2004
    }  # fmt: skip
    kind = "tenant" if use == "rent" else "owner"
    rows[Room].append(room)
    rows[Resident].append(person)
    rows[Occupancy].append({
        "key": ids.new(), "tenant_id": building["tenant_id"], "room_key": room["key"],
        "resident_key": person["key"], "kind": kind,
        "from_on": date(2021, 3, 1), "to_on": None,
    })  # fmt: skip
    return Home(room["key"], number, person["name"], person["phone"], kind, use == "empty")
