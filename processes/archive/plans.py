"""What an import would write: each row of the sheet against what the archive holds."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from engine import ids
from processes.archive.rows import Row
from processes.archive.stock import Stock, Values
from processes.archive.workbooks import Fault, Sheet

NEW, CHANGED, SAME = "new", "changed", "same"
#: columns that name another new row, or the row itself: not what was decided
_KEYS = ("key", "room_key", "resident_key", "building_key")
#: from how many floors on a building has a lift, where nobody said
_LIFT_FROM = 7


@dataclass(slots=True, kw_only=True)
class Write:
    """One row of a table as it is (None: not yet) and as it will be."""

    entry: str
    before: Values | None
    after: Values
    row: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What an import would write, and how each row of the sheet fares."""

    writes: Sequence[Write]
    #: row of the sheet -> new, changed, same
    fates: Mapping[int, str]
    rooms: Mapping[int, str]
    faults: Sequence[Fault]

    @property
    def counts(self) -> dict[str, int]:
        """How many rows are new, changed, the same; how many rooms and people are new."""
        fates = list(self.fates.values())
        return {
            **{fate: fates.count(fate) for fate in (NEW, CHANGED, SAME)},
            "rooms": sum(w.entry == "room" and w.before is None for w in self.writes),
            "people": sum(w.entry == "resident" and w.before is None for w in self.writes),
        }

    @property
    def digest(self) -> str:
        """Name what would be written, whatever keys new rows get."""
        told = [(w.row, w.entry, w.before, _without_keys(w.after)) for w in self.writes]
        return hashlib.sha256(orjson.dumps(told)).hexdigest()

    def changes(self, most: int) -> list[dict[str, Any]]:
        """Return the first values that change: row, room, field, before, after."""
        found = []
        for write in self.writes:
            if write.before is None:
                continue
            found += [
                {"row": write.row, "room": self.rooms[write.row], "field": name,
                 "before": write.before[name], "after": write.after[name]}
                for name in write.after if write.after[name] != write.before[name]
            ]  # fmt: skip
            if len(found) >= most:
                break
        return found[:most]


@dataclass(slots=True, kw_only=True)
class _Planner:
    tenant_id: str
    stock: Stock
    sheet: Sheet
    writes: dict[tuple[str, int], Write] = field(default_factory=dict)
    fates: dict[int, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    #: keys of stays that a row of the sheet has spoken for
    taken: set[int] = field(default_factory=set)

    def take(self, row: Row) -> None:
        """Plan what one row of the sheet asks for."""
        self.fates[row.number] = SAME
        building = self._building(row)
        room = self._room(row, building)
        if "name" in row.values:
            self._stay(row, room, self._person(row, room))

    def _building(self, row: Row) -> Values:
        number, floor = row.values["building"], row.values["floor"]
        found = self.stock.buildings.get(number)
        if found is None:
            found = self.stock.buildings[number] = {
                "key": ids.new(), "tenant_id": self.tenant_id, "number": number,
                "name": f"{number}栋", "floors": max(floor, 1), "has_lift": floor >= _LIFT_FROM,
                "handed_over_on": None,
            }  # fmt: skip
            return self._new("building", found, row)
        if floor > found["floors"]:
            more = {"floors": floor, "has_lift": found["has_lift"] or floor >= _LIFT_FROM}
            return self._changed("building", found, more, row)
        return found

    def _room(self, row: Row, building: Values) -> Values:
        given = {
            name: row.values[name]
            for name in ("floor", "area", "property_type", "use") if name in row.values
        }  # fmt: skip
        found = self.stock.rooms.get(row.room)
        if found is not None:
            return self._changed("room", found, given, row)
        made = self.stock.rooms[row.room] = {
            "key": ids.new(), "tenant_id": self.tenant_id, "building_key": building["key"],
            "number": row.room, "unit": row.values["unit"], "use": "live",
            "property_type": "residence", **given,
        }  # fmt: skip
        return self._new("room", made, row)

    def _person(self, row: Row, room: Values) -> Values:
        name, phone = row.values["name"], row.values.get("phone", "")
        found = self.stock.person_of(room["key"], name)
        if found is None and (name, phone) in self.stock.known:
            found = self.stock.residents[self.stock.known[name, phone]]
        given = {key: row.values[key] for key in ("phone", "vulnerable") if key in row.values}
        if found is not None:
            return self._changed("resident", found, given, row)
        made = {
            "key": ids.new(), "tenant_id": self.tenant_id, "name": name, "phone": phone,
            "vulnerable": False, **given,
        }  # fmt: skip
        self.stock.residents[made["key"]] = made
        if phone:
            self.stock.known[name, phone] = made["key"]
        return self._new("resident", made, row)

    def _stay(self, row: Row, room: Values, person: Values) -> None:
        kind = row.values.get("kind", "owner")
        dates = row.values.get("from_on"), row.values.get("to_on")
        found = self.stock.stay_of(room["key"], (person["name"], kind), dates)
        given = {key: row.values[key] for key in ("from_on", "to_on") if key in row.values}
        if found is not None and found["key"] not in self.taken:
            self.taken.add(found["key"])
            self._changed("occupancy", found, given, row)
            return
        made = {
            "key": ids.new(), "tenant_id": self.tenant_id, "room_key": room["key"],
            "resident_key": person["key"], "kind": kind, "from_on": None, "to_on": None, **given,
        }  # fmt: skip
        self.taken.add(made["key"])
        self.stock.occupancies.setdefault(room["key"], []).append(made)
        self._new("occupancy", made, row)

    def _new(self, entry: str, made: Values, row: Row) -> Values:
        self.writes[entry, made["key"]] = Write(
            entry=entry, before=None, after=made, row=row.number
        )
        if entry != "building":
            self.fates[row.number] = NEW
        return made

    def _changed(self, entry: str, found: Values, given: Mapping[str, Any], row: Row) -> Values:
        """Note what differs; what two rows say of the same person must agree."""
        differs = {name: value for name, value in given.items() if found[name] != value}
        if not differs:
            return found
        known = self.writes.get((entry, found["key"]))
        if entry == "resident" and known is not None:
            name = next(iter(differs))
            self.faults.append(self.sheet.fault(
                row.number, name, f"和第 {known.row} 行的同一个人不一样。",
                f"Differs from row {known.row}, which is the same person.",
            ))  # fmt: skip
            return found
        if known is None:
            known = Write(entry=entry, before=dict(found), after=found, row=row.number)
            self.writes[entry, found["key"]] = known
        found.update(differs)
        if known.before is not None and entry != "building" and self.fates[row.number] == SAME:
            self.fates[row.number] = CHANGED
        return found


def make(tenant_id: str, stock: Stock, sheet: Sheet, rows: Iterable[Row]) -> Plan:
    """Return what the rows of a sheet would write. `stock` is used up."""
    planner = _Planner(tenant_id=tenant_id, stock=stock, sheet=sheet)
    rooms = {}
    for row in rows:
        planner.take(row)
        rooms[row.number] = row.room
    return Plan(
        writes=list(planner.writes.values()), fates=planner.fates, rooms=rooms,
        faults=planner.faults,
    )  # fmt: skip


def _without_keys(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in _KEYS}
