"""Words of the archive's codes, and people as the reader may see them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from api.pages import subjects
from api.texts import _, language
from engine.cases import MASK
from engine.errors import N_
from processes.archive import traits
from processes.archive.living import KEY_KINDS, METER_KINDS
from processes.archive.reading import Stay
from processes.id_numbers import PAPERS

KINDS = {"owner": N_("业主"), "tenant": N_("租客"), "user": N_("其他使用人")}
USES = {"live": N_("自住"), "rent": N_("出租"), "empty": N_("空置")}
PROPERTY_TYPES = {
    "residence": N_("住宅"), "shop": N_("商业"), "office": N_("办公"), "tower": N_("写字楼"),
    "industry": N_("工业"), "public": N_("公建"),
}  # fmt: skip
#: process -> which of the house's or the owner's records it is (requirements A1, A2)
RECORDS = {
    "move_in": N_("承接查验与入住"), "move_in_inspect_first": N_("承接查验与入住"),
    "rectification": N_("工程保修"), "repair": N_("房屋维修"), "complaint": N_("投诉处理"),
    "inquiry": N_("业主沟通"), "callback": N_("业主沟通"), "payment_at_desk": N_("收费"),
    "community_event": N_("社区活动"),
}  # fmt: skip
UNITS = {"water": "m³", "power": "kWh", "gas": "m³", "heat": "kWh"}
#: table -> what its change is called
ENTRIES = {
    "building": N_("楼栋"), "room": N_("房屋"), "resident": N_("人员"), "occupancy": N_("入住"),
    "vehicle": N_("车辆"), "key_set": N_("钥匙"), "meter": N_("表具"),
    "id_number": N_("证件号码"),
}  # fmt: skip
FIELDS = {
    "floor": N_("楼层"), "floors": N_("层数"), "has_lift": N_("有电梯"), "area": N_("建筑面积"),
    "property_type": N_("物业类型"), "use": N_("使用状况"), "name": N_("姓名"), "phone": N_("电话"),
    "vulnerable": N_("优先照顾"), "from_on": N_("起始日期"), "to_on": N_("截止日期"),
    "returned_on": N_("退还日期"), "id_type": N_("证件类型"), "id_no": N_("证件号码"),
}  # fmt: skip
#: fields that say who somebody is
_PERSONAL = frozenset({"name", "phone", "vulnerable"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who has or had a room, as the reader may see them."""

    stay_key: int
    resident_key: int
    room_key: int
    room: str
    name: str
    phone: str
    #: the number to dial, when it may be seen
    dial: str
    kind: str
    from_on: date | None
    to_on: date | None
    vulnerable: bool
    #: the groups that somebody is in, in words
    groups: Sequence[str] = ()


def person(one: Stay, *, shown: bool, noted: Mapping[str, str] | None = None) -> Person:
    """Return a stay in words; without the right the name and most of the number are masked."""
    return Person(
        stay_key=one.stay.key, resident_key=one.who.key, room_key=one.room.key,
        room=one.room.number, name=one.who.name if shown else MASK,
        phone=one.who.phone if shown else masked(one.who.phone),
        dial=one.who.phone if shown else "", kind=_(KINDS.get(one.stay.kind, one.stay.kind)),
        from_on=one.stay.from_on, to_on=one.stay.to_on, vulnerable=one.who.vulnerable and shown,
        groups=_groups(noted or {}) if shown else (),
    )  # fmt: skip


def _groups(noted: Mapping[str, str]) -> list[str]:
    return [trait(traits.BY_KEY[name], code) for name, code in sorted(noted.items())
            if not traits.BY_KEY[name].inner]  # fmt: skip


def masked(phone: str) -> str:
    """Return a number without its middle."""
    return subjects.masked_phone(phone) if phone else ""


def chosen(words: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return codes with their words, for a choice."""
    return [(code, _(word)) for code, word in words.items()]


def metres(area: int) -> str:
    """Return hundredths of a square metre as people write them."""
    return f"{area / 100:g}"


def reading(thousandths: int) -> str:
    """Return a meter's reading as people write it."""
    return f"{thousandths / 1000:g}"


def key_kind(code: str) -> str:
    """Say what a key opens."""
    return _(KEY_KINDS.get(code, KEY_KINDS["other"]))


def meter_kind(code: str) -> str:
    """Say what a meter measures."""
    return _(METER_KINDS.get(code, code))


def record_kind(process_id: str) -> str:
    """Say which record of the house a case belongs to."""
    return _(RECORDS.get(process_id, N_("其他")))


def value(field: str, found: Any) -> str:
    """Return a value of a change in words."""
    if found is None or found == "":
        return "—"
    if isinstance(found, bool):
        return _("是") if found else _("否")
    if field == "area":
        return f"{metres(int(found))} m²"
    words = {"use": USES, "property_type": PROPERTY_TYPES, "id_type": PAPERS}.get(field, {})
    return _(words[found]) if found in words else str(found)


def differences(
    before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, *, shown: bool
) -> Sequence[tuple[str, str, str]]:
    """Return what a change changed: field, before, after; masked without the right."""
    if before is None or after is None:
        return ()

    def said(name: str, side: Mapping[str, Any]) -> str:
        return value(name, side.get(name)) if shown or name not in _PERSONAL else MASK

    return [
        (_(FIELDS.get(name, name)), said(name, before), said(name, after))
        for name in after if before.get(name) != after[name]
    ]  # fmt: skip


def trait(kind: traits.Kind, code: str) -> str:
    """Return a trait's value in words."""
    words = kind.values.get(code)
    return code if words is None else words[1 if language() == "en" else 0]


def trait_name(kind: traits.Kind) -> str:
    """Return what a trait is called."""
    return kind.en if language() == "en" else kind.zh
