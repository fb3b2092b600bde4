"""What the archive of a project holds, read at once: what an import is compared with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.models import Base
from processes.archive.houses import Building, Occupancy, Resident, Room

#: the tables that an import writes, parents first
TABLES: Mapping[str, type[Base]] = {
    "building": Building, "room": Room, "resident": Resident, "occupancy": Occupancy,
}  # fmt: skip
Values = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """Buildings, rooms, residents and who lives where, as plain values by what they are found by."""

    #: "3" -> building
    buildings: dict[str, Values] = field(default_factory=dict)
    #: "3-2-1201" -> room
    rooms: dict[str, Values] = field(default_factory=dict)
    #: key -> resident
    residents: dict[int, Values] = field(default_factory=dict)
    #: (name, telephone) -> key of the resident
    known: dict[tuple[str, str], int] = field(default_factory=dict)
    #: key of the room -> who lives or lived there
    occupancies: dict[int, list[Values]] = field(default_factory=dict)

    def person_of(self, room_key: int, name: str) -> Values | None:
        """Return a resident of a room by name."""
        for one in self.occupancies.get(room_key, ()):
            found = self.residents[one["resident_key"]]
            if found["name"] == name:
                return found
        return None

    def stay_of(
        self, room_key: int, who: tuple[str, str], dates: tuple[date | None, date | None]
    ) -> Values | None:
        """Return how (name, kind) has a room: the stay that lasts, else one with such a day."""
        found = [
            one for one in self.occupancies.get(room_key, ())
            if (self.residents[one["resident_key"]]["name"], one["kind"]) == who
        ]  # fmt: skip
        first, last = dates
        lasting = [one for one in found if one["to_on"] is None]
        same = [
            one for one in found
            if (first is not None and one["from_on"] == first)
            or (last is not None and one["to_on"] == last)
        ]  # fmt: skip
        return next(iter([*same, *lasting]), None)


def of(session: Session, tenant_id: str) -> Stock:
    """Read what a project holds."""
    stock = Stock()
    for one in _all(session, Building, tenant_id):
        stock.buildings[one["number"]] = one
    for one in _all(session, Room, tenant_id):
        stock.rooms[one["number"]] = one
    for one in _all(session, Resident, tenant_id):
        stock.residents[one["key"]] = one
        if one["phone"]:
            stock.known.setdefault((one["name"], one["phone"]), one["key"])
    for one in _all(session, Occupancy, tenant_id):
        stock.occupancies.setdefault(one["room_key"], []).append(one)
    return stock


def values(row: Base) -> Values:
    """Return a row of the archive as plain values."""
    return {column.key: getattr(row, column.key) for column in row.__mapper__.column_attrs}


def plain(found: Mapping[str, Any] | None) -> Any:
    """Return values as they come back from JSON, to compare with what was kept."""
    return None if found is None else orjson.loads(orjson.dumps(dict(found)))


def _all(
    session: Session, table: type[Building | Room | Resident | Occupancy], tenant_id: str
) -> list[Values]:
    columns = [getattr(table, one.key) for one in table.__mapper__.column_attrs]
    query = select(*columns).where(table.tenant_id == tenant_id).order_by(table.key)
    return [dict(row) for row in session.execute(query).mappings()]
