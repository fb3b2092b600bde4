"""Who lives where and what they have: moving in and out, edits, each kept as it was and became."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock, ids
from engine.errors import N_, ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from engine.models import Base
from engine.ports import Actor, ports
from processes.archive import columns, stock
from processes.archive.changes import Change
from processes.archive.holdings import KeySet, Meter, Vehicle
from processes.archive.houses import Occupancy, Resident, Room

KEY_KINDS = {
    "entrance": N_("进户门"), "inner": N_("户内门"), "mailbox": N_("信箱"),
    "water_box": N_("水表箱"), "power_box": N_("电表箱"), "card": N_("IC 卡"), "other": N_("其他"),
}  # fmt: skip
METER_KINDS = {"water": N_("水表"), "power": N_("电表"), "gas": N_("燃气表"), "heat": N_("热表")}
_PEOPLE = N_("业主和住户的资料由客户助理或客户经理维护。")
_HOUSE = N_("房屋资料由客户经理或工程主管维护。")
_MOST_KEYS = 99
_THOUSAND = 1_000
Entry = TypeVar("Entry", bound=Base)


def room(session: Session, actor: Actor, key: int) -> Room:
    """Return a room of a project whose archive this person opens."""
    found = session.get(Room, key)
    if found is None or not ports.can(actor, "archive.browse", found.tenant_id):
        raise NotFoundError(N_("没有这套房，或者它不在您负责的项目里。"))
    return found


def resident(session: Session, actor: Actor, key: int) -> Resident:
    """Return a resident of a project whose archive this person opens."""
    found = session.get(Resident, key)
    if found is None or not ports.can(actor, "archive.browse", found.tenant_id):
        raise NotFoundError(N_("没有这个人，或者不在您负责的项目里。"))
    return found


def editable(session: Session, actor: Actor, key: int) -> Resident:
    """Return a resident whose data this person may change."""
    found = resident(session, actor, key)
    _require(actor, "archive.edit", found.tenant_id, _PEOPLE)
    return found


def move_in(session: Session, actor: Actor, room_key: int, given: Mapping[str, Any]) -> Occupancy:
    """Note that somebody has a room from a day on; who is known in the project is not doubled."""
    where = room(session, actor, room_key)
    _require(actor, "archive.edit", where.tenant_id, _PEOPLE)
    read = _read(given, {"name": columns.BY_KEY["name"].read, "phone": columns.phone,
                         "kind": _code(columns.KINDS), "from_on": columns.day},
                 needed=("name", "kind", "from_on"))  # fmt: skip
    who = _known(session, where.tenant_id, read["name"], read.get("phone", ""))
    if who is None:
        who = Resident(
            key=ids.new(), tenant_id=where.tenant_id, name=read["name"],
            phone=read.get("phone", ""), vulnerable=bool(given.get("vulnerable")),
        )  # fmt: skip
        _add(session, actor, who)
    _refuse_doubled(session, where.key, who.key, read["kind"])
    stay = Occupancy(
        key=ids.new(), tenant_id=where.tenant_id, room_key=where.key, resident_key=who.key,
        kind=read["kind"], from_on=read["from_on"], to_on=None,
    )  # fmt: skip
    _add(session, actor, stay)
    return stay


def move_out(session: Session, actor: Actor, stay_key: int, given: Mapping[str, Any]) -> Occupancy:
    """Note that somebody has a room no longer; the stay stays in the archive."""
    stay = session.get(Occupancy, stay_key)
    if stay is None or not ports.can(actor, "archive.browse", stay.tenant_id):
        raise NotFoundError(N_("没有这条入住记录，或者它不在您负责的项目里。"))
    _require(actor, "archive.edit", stay.tenant_id, _PEOPLE)
    if stay.to_on is not None:
        raise ConflictError(N_("这个人已经迁出了。"))
    last = _read(given, {"to_on": columns.day}, needed=("to_on",))["to_on"]
    if stay.from_on is not None and last < stay.from_on:
        raise _invalid("to_on", N_("迁出的日子早于入住的日子。"))
    _change(session, actor, stay, {"to_on": last})
    return stay


def edit_resident(session: Session, actor: Actor, key: int, given: Mapping[str, Any]) -> Resident:
    """Correct a resident's name, telephone or priority."""
    who = editable(session, actor, key)
    read = _read(
        given, {"name": columns.BY_KEY["name"].read, "phone": columns.phone}, needed=("name",)
    )
    _change(session, actor, who, {
        "name": read["name"], "phone": read.get("phone", ""),
        "vulnerable": bool(given.get("vulnerable")),
    })  # fmt: skip
    return who


def edit_room(session: Session, actor: Actor, key: int, given: Mapping[str, Any]) -> Room:
    """Correct a room's floor, area, kind or use."""
    found = room(session, actor, key)
    _require(actor, "archive.house", found.tenant_id, _HOUSE)
    read = _read(given, {"floor": columns.BY_KEY["floor"].read,
                         "area": columns.BY_KEY["area"].read,
                         "property_type": _code(columns.PROPERTY_TYPES),
                         "use": _code(columns.USES)},
                 needed=("floor", "area", "property_type", "use"))  # fmt: skip
    _change(session, actor, found, read)
    return found


def add_vehicle(session: Session, actor: Actor, key: int, given: Mapping[str, Any]) -> Vehicle:
    """Note a vehicle of a room."""
    found = room(session, actor, key)
    _require(actor, "archive.edit", found.tenant_id, _PEOPLE)
    plate = "".join(str(given.get("plate") or "").upper().split())
    if not 5 <= len(plate) <= 10 or not plate.isalnum():  # noqa: PLR2004 — plates of all kinds
        raise _invalid("plate", N_("车牌写成 粤B12345 的形式。"))
    made = Vehicle(
        key=ids.new(), tenant_id=found.tenant_id, room_key=key, plate=plate,
        model=str(given.get("model") or "").strip()[:60] or None, from_on=given.get("from_on"),
    )  # fmt: skip
    return _add(session, actor, made)


def end_vehicle(session: Session, actor: Actor, key: int, on: date) -> Vehicle:
    """Note that a vehicle is gone."""
    found = session.get(Vehicle, key)
    if found is None or not ports.can(actor, "archive.browse", found.tenant_id):
        raise NotFoundError(N_("没有这辆车，或者它不在您负责的项目里。"))
    _require(actor, "archive.edit", found.tenant_id, _PEOPLE)
    _change(session, actor, found, {"to_on": on})
    return found


def add_keys(session: Session, actor: Actor, key: int, given: Mapping[str, Any]) -> KeySet:
    """Note keys or a card that were handed out."""
    found = room(session, actor, key)
    _require(actor, "archive.edit", found.tenant_id, _PEOPLE)
    kind, count = str(given.get("kind")), str(given.get("count") or "1")
    if kind not in KEY_KINDS:
        raise _invalid("kind", N_("请从选项里选。"))
    if not (count.isascii() and count.isdigit() and 1 <= int(count) <= _MOST_KEYS):
        raise _invalid("count", N_("把数写 1 到 99 的整数。"))
    made = KeySet(
        key=ids.new(), tenant_id=found.tenant_id, room_key=key, kind=kind, count=int(count),
        number=str(given.get("number") or "").strip()[:40] or None, handed_on=given.get("on"),
    )  # fmt: skip
    return _add(session, actor, made)


def return_keys(session: Session, actor: Actor, key: int, on: date) -> KeySet:
    """Note that keys or a card came back."""
    found = session.get(KeySet, key)
    if found is None or not ports.can(actor, "archive.browse", found.tenant_id):
        raise NotFoundError(N_("没有这些钥匙，或者不在您负责的项目里。"))
    _require(actor, "archive.edit", found.tenant_id, _PEOPLE)
    _change(session, actor, found, {"returned_on": on})
    return found


def add_meter(session: Session, actor: Actor, key: int, given: Mapping[str, Any]) -> Meter:
    """Note a meter of a room with its first reading."""
    found = room(session, actor, key)
    _require(actor, "archive.house", found.tenant_id, _HOUSE)
    if given.get("kind") not in METER_KINDS:
        raise _invalid("kind", N_("请从选项里选。"))
    made = Meter(
        key=ids.new(), tenant_id=found.tenant_id, room_key=key, kind=str(given["kind"]),
        number=str(given.get("number") or "").strip()[:40] or None,
        reading=thousandths(given.get("reading")), read_on=given.get("on"),
    )  # fmt: skip
    return _add(session, actor, made)


def thousandths(given: Any) -> int:
    """Read a meter's reading; return thousandths of its unit."""
    try:
        found = float(str(given))
    except ValueError:
        found = -1.0
    if not 0 <= found < 1_000_000:  # noqa: PLR2004 — no meter shows more
        raise _invalid("reading", N_("读数写 0 以上的数。"))
    return round(found * _THOUSAND)


def note(session: Session, actor: Actor, entry: Base, before: Mapping[str, Any] | None) -> None:
    """Keep a row as it was and as it became, with who did it."""
    values = stock.values(entry)
    session.add(Change(
        key=ids.new(), tenant_id=values["tenant_id"], import_key=None, entry=entry.__tablename__,
        row_key=values["key"], before=before, after=values, by=actor.key, at=clock.now(),
    ))  # fmt: skip


def _add(session: Session, actor: Actor, made: Entry) -> Entry:
    session.add(made)
    session.flush()
    note(session, actor, made, None)
    return made


def _change(session: Session, actor: Actor, found: Base, new: Mapping[str, Any]) -> None:
    before = stock.values(found)
    if all(before[name] == value for name, value in new.items()):
        return
    for name, value in new.items():
        setattr(found, name, value)
    session.flush()
    note(session, actor, found, before)


def _read(
    given: Mapping[str, Any],
    readers: Mapping[str, Callable[[Any], Any]],
    *,
    needed: tuple[str, ...],
) -> dict[str, Any]:
    """Read what a form says as the sheet's columns would; refuse it field by field."""
    found: dict[str, Any] = {}
    zh: dict[str, list[str]] = {}
    en: dict[str, list[str]] = {}
    for name, read in readers.items():
        value = columns.text(given.get(name))
        try:
            if value:
                found[name] = read(value)
            elif name in needed:
                raise columns.WrongCellError("这里要填写。", "This is needed.")  # noqa: TRY301
        except columns.WrongCellError as error:
            zh[name], en[name] = [error.zh], [error.en]
    if zh:
        raise InvalidInputError(N_("有 {n} 处要改。"), n=len(zh), fields=zh, fields_en=en)
    return found


def _code(words: Mapping[str, str]) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value not in words.values():
            raise columns.WrongCellError("请从选项里选。", "Choose one of the offers.")
        return str(value)

    return read


def _known(session: Session, tenant_id: str, name: str, phone: str) -> Resident | None:
    if not phone:
        return None
    query = select(Resident).where(
        Resident.tenant_id == tenant_id, Resident.name == name, Resident.phone == phone
    )
    return session.scalars(query.limit(1)).first()


def _refuse_doubled(session: Session, room_key: int, resident_key: int, kind: str) -> None:
    query = select(Occupancy.key).where(
        Occupancy.room_key == room_key, Occupancy.resident_key == resident_key,
        Occupancy.kind == kind, Occupancy.to_on.is_(None),
    )  # fmt: skip
    if session.scalars(query.limit(1)).first() is not None:
        raise ConflictError(N_("这个人已经在这套房登记了。"))


def _require(actor: Actor, action: str, tenant_id: str, told: str) -> None:
    if not ports.can(actor, action, tenant_id):
        raise ForbiddenError(told)


def _invalid(field: str, told: str) -> InvalidInputError:
    return InvalidInputError(told, fields={field: [told]})
