"""Groups that residents belong to (requirements G1-G7): which there are, who is in which, who may ask.

Outer traits say what somebody is to the company; inner ones say who somebody is. Inner traits are
off: nothing is kept, no decision reads them, until the company turns each on (PIPL art. 28).
A decision reads codes, never names: `segment(room_id, "need")`. Of inner traits it reads those that
the company let decide, of residents who agreed.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from decisions import feel
from engine import clock
from engine.errors import N_, ForbiddenError, InvalidInputError
from engine.ports import COMPANY, Actor, ports
from processes.archive.holdings import PrivacyConsent, Trait, TraitChoice
from processes.archive.houses import Occupancy, Resident, Room

_LONGEST = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One way to group residents; without values it takes a few words."""

    key: str
    zh: str
    en: str
    inner: bool = False
    #: code -> (zh, en)
    values: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Whether a trait is kept at all, and whether decisions may read it."""

    kept: bool
    decides: bool


TRAITS: tuple[Kind, ...] = (
    Kind(key="organisation", zh="组织归属", en="Organisation",
         values={"person": ("个人客户", "Person"), "company": ("企业客户", "Company")}),
    Kind(key="value", zh="对企业的价值", en="Value", values={
        "strategic": ("战略客户", "Strategic"), "important": ("重要客户", "Important"),
        "ordinary": ("普通客户", "Ordinary")}),
    Kind(key="need", zh="服务需求", en="Need", values={
        "service": ("服务型", "Service: little patience with defects"),
        "opinion": ("意见型", "Opinion: wants to be heard"),
        "fee": ("费用型", "Fee: looks at the price")}),
    Kind(key="grade", zh="分级", en="Grade", values={
        "key": ("重点客户", "Key"), "general": ("一般客户", "General"),
        "potential": ("潜在客户", "Potential")}),
    Kind(key="sex", zh="性别", en="Sex", inner=True,
         values={"female": ("女", "Female"), "male": ("男", "Male")}),
    Kind(key="age", zh="年龄段", en="Age", inner=True, values={
        "young": ("35 岁以下", "Under 35"), "middle": ("35–59 岁", "35 to 59"),
        "old": ("60 岁以上", "60 and over")}),
    Kind(key="origin", zh="籍贯", en="Origin", inner=True),
    Kind(key="belief", zh="信仰", en="Belief", inner=True),
    Kind(key="hobby", zh="爱好", en="Hobby", inner=True),
    Kind(key="income", zh="收入", en="Income", inner=True, values={
        "low": ("较低", "Lower"), "middle": ("中等", "Middle"), "high": ("较高", "Higher")}),
    Kind(key="family", zh="家庭人口", en="Family size", inner=True),
    Kind(key="outlook", zh="价值观", en="Outlook", inner=True),
)  # fmt: skip
BY_KEY: Mapping[str, Kind] = MappingProxyType({kind.key: kind for kind in TRAITS})

#: the unit that a decision is made in, and what it has read of the archive
_session: ContextVar[tuple[Session, dict[int, dict[str, Any]]] | None] = ContextVar(
    "session of a decision", default=None
)
#: the newest word of a resident on the notice
_agreed = (
    select(PrivacyConsent.given)
    .where(PrivacyConsent.resident_key == Resident.key)
    .order_by(PrivacyConsent.key.desc())
    .limit(1)
    .scalar_subquery()
)
_known = (
    select(Room.property_type, Occupancy.kind, Resident.vulnerable, Trait.name, Trait.value,
           TraitChoice.decides, _agreed)
    .outerjoin(Occupancy, (Occupancy.room_key == Room.key) & Occupancy.to_on.is_(None))
    .outerjoin(Resident, Resident.key == Occupancy.resident_key)
    .outerjoin(Trait, Trait.resident_key == Resident.key)
    .outerjoin(TraitChoice, TraitChoice.name == Trait.name)
    .where(Room.key == bindparam("room"))
    .order_by(Occupancy.kind != "owner", Occupancy.key)
)  # fmt: skip


def register() -> None:
    """Let decisions ask `segment(room_id, "need")`; twice does no harm."""
    feel.register("segment", segment)
    ports.feel_functions["segment"] = segment
    ports.deciding = deciding


def choices(session: Session) -> dict[str, Choice]:
    """Return what holds for every trait: outer ones are kept and read, inner ones are not."""
    chosen = {row.name: row for row in session.scalars(select(TraitChoice))}
    return {
        kind.key: Choice(kept=chosen[kind.key].kept, decides=chosen[kind.key].decides)
        if kind.key in chosen else Choice(kept=not kind.inner, decides=not kind.inner)
        for kind in TRAITS
    }  # fmt: skip


def choose(session: Session, actor: Actor, name: str, *, kept: bool, decides: bool) -> None:
    """Turn a trait on or off for the company; one that is off is forgotten for everybody."""
    if not ports.can(actor, "archive.configure", COMPANY):
        raise ForbiddenError(N_("保留哪些客户属性由品质部或系统管理员决定。"))
    _kind(name)
    row = TraitChoice(name=name, kept=kept, decides=kept and decides, by=actor.key, at=clock.now())
    session.merge(row)
    if not kept:
        session.execute(delete(Trait).where(Trait.name == name))
    session.flush()


def note(session: Session, actor: Actor, resident: Resident, name: str, value: str | None) -> None:
    """Say which group a resident is in; without a value it is forgotten."""
    kind, value = _kind(name), (value or "").strip()
    if value and not choices(session)[name].kept:
        raise InvalidInputError(
            N_("公司没有启用“{trait}”，不能记录。"), trait=kind.zh,
            fields={name: [N_("没有启用。")]},
        )  # fmt: skip
    if value and (len(value) > _LONGEST or (kind.values and value not in kind.values)):
        raise InvalidInputError(N_("请从选项里选。"), fields={name: [N_("请从选项里选。")]})
    if not value:
        session.execute(delete(Trait).where(Trait.resident_key == resident.key, Trait.name == name))
        return
    session.merge(Trait(
        resident_key=resident.key, name=name, tenant_id=resident.tenant_id, value=value,
        by=actor.key, at=clock.now(),
    ))  # fmt: skip
    session.flush()


def of(session: Session, residents: Iterable[int]) -> dict[int, dict[str, str]]:
    """Return what is kept of residents: key -> trait -> value."""
    kept = [name for name, choice in choices(session).items() if choice.kept]
    query = select(Trait.resident_key, Trait.name, Trait.value).where(
        Trait.resident_key.in_(list(residents)), Trait.name.in_(kept)
    )
    found: dict[int, dict[str, str]] = {}
    for key, name, value in session.execute(query):
        found.setdefault(key, {})[name] = value
    return found


def codes(session: Session, room_key: int) -> dict[str, Any]:
    """Return what decisions may know of a room and of who lives there now, as codes.

    With several residents the owner's trait counts, then the first one's. An inner trait counts
    only where the resident agreed to the notice on personal data.
    """
    found: dict[str, Any] = {}
    for property_type, kind, vulnerable, name, value, chosen, agreed in session.execute(
        _known, {"room": room_key}
    ):
        found.setdefault("property_type", property_type)
        if kind is not None:
            found.setdefault("title", kind)
            found["vulnerable"] = found.get("vulnerable", False) or vulnerable
        inner = name in BY_KEY and BY_KEY[name].inner
        decides = chosen if chosen is not None else not inner
        if name in BY_KEY and decides and (agreed or not inner):
            found.setdefault(name, value)
    return found


@contextmanager
def deciding(session: Session) -> Iterator[None]:
    """Let decisions that are made inside ask `segment` of this unit's archive."""
    token = _session.set((session, {}))
    try:
        yield
    finally:
        _session.reset(token)


def segment(room_id: Any, name: Any) -> Any:
    """Return, in FEEL, the code of a room's people for a trait; null where nothing is known.

    Beside the traits: `property_type`, `title` and `vulnerable`.
    """
    held, text = _session.get(), str(room_id or "")
    if held is None or not text.isdigit() or not isinstance(name, str):
        return None
    session, read = held
    key = int(text)
    if key not in read:
        read[key] = codes(session, key)
    return read[key].get(name)


def _kind(name: str) -> Kind:
    if name not in BY_KEY:
        raise InvalidInputError(N_("没有这种客户属性。"))
    return BY_KEY[name]
