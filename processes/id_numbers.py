"""ID numbers of residents: checked, kept encrypted, shown masked, in clear only for a reason.

Requirements A3 and §4.2. Whoever sees a number is on record before it is shown: in the case's
history (`disclosed`) and in the list of looks at the archive. Moving in brings a number; what it
brought, or what came before there was a move-in, is entered and corrected in the archive.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from engine import clock, compiled, encryption, history, ids, instances, runs, search, submissions
from engine.errors import N_, ForbiddenError, InvalidInputError, NotFoundError
from engine.models import Event, Instance
from engine.ports import COMPANY, Actor
from forms import masks
from processes import rights
from processes.archive import Change, IdNumber, Look, Occupancy, Resident

_SHAPE = re.compile(r"[1-9][0-9]{16}[0-9X]")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_SHORTEST_REASON = 4
#: what a look at a number, and the entering of one, is called in the list of looks
KIND, ENTERED = "id_number", "id_number_entered"
#: kinds of documents
PAPERS = {
    "id": N_("身份证"), "passport": N_("护照"), "hkmt": N_("港澳台证件"), "license": N_("营业执照"),
}  # fmt: skip
_OTHER = re.compile(r"[0-9A-Z()/-]{4,30}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A number in clear, on its way to the one who gave the reason."""

    label: str
    number: str


def is_valid(number: str) -> bool:
    """Tell whether this is an 18-digit number of a mainland identity card (GB 11643-1999)."""
    text = number.strip().upper()
    if _SHAPE.fullmatch(text) is None or not _is_birthday(text[6:14]):
        return False
    total = sum(int(one) * weight for one, weight in zip(text, _WEIGHTS, strict=False))
    return _CHECKS[total % 11] == text[17]


def keep(
    session: Session, actor_key: int, resident: Resident, number: str, *, kind: str = "id"
) -> IdNumber:
    """Keep a resident's number, in clear or as a submission stores it; the last one counts.

    Raises InvalidInputError when an identity card's number is wrong.
    """
    text = (encryption.decrypt(number) if masks.is_stored(number) else number).strip().upper()
    if not text or (kind == "id" and not is_valid(text)):
        raise InvalidInputError(
            N_("身份证号码不对：18 位，最后一位是校验码。"),
            fields={"id_no": [N_("请对照证件重新填写。")]},
        )
    return session.merge(
        IdNumber(
            resident_key=resident.key, tenant_id=resident.tenant_id, kind=kind,
            stored=encryption.encrypt(text), finder=encryption.finder(text), by=actor_key,
            at=clock.now(),
        )
    )  # fmt: skip


def enter(
    session: Session, actor: Actor, resident: Resident, number: str, *, kind: str, reason: str
) -> IdNumber:
    """Enter or correct a resident's number in the archive; who, when and why stay on record.

    Raises InvalidInputError with the field at fault.
    """
    if not rights.can(actor, "id_number.write", resident.tenant_id):
        raise ForbiddenError(N_("证件号码由客户助理或客户经理登记。"))
    text = number.strip().upper()
    if kind not in PAPERS:
        raise _wrong("id_type", N_("请从选项里选。"))
    if kind != "id" and _OTHER.fullmatch(text) is None:
        raise _wrong("id_no", N_("证件号码写 4 到 30 个字母和数字。"))
    if len(reason.strip()) < _SHORTEST_REASON:
        raise _wrong("reason", N_("请写明根据什么登记，至少 4 个字。"))
    old = session.get(IdNumber, resident.key)
    before = None if old is None else _shown(old)
    row = keep(session, actor.key, resident, text, kind=kind)
    session.add(Change(
        key=ids.new(), tenant_id=resident.tenant_id, import_key=None, entry=IdNumber.__tablename__,
        row_key=resident.key, before=before, after=_shown(row), by=actor.key, at=clock.now(),
    ))  # fmt: skip
    _log(session, actor, resident.tenant_id, rows=1, reason=reason, kind=ENTERED,
         room=_room(session, resident.key))  # fmt: skip
    return row


def masked(session: Session, actor: Actor, residents: Iterable[Resident]) -> dict[int, str]:
    """Return the masked numbers of residents, of those whom this person may see so."""
    keys = [one.key for one in residents if rights.can(actor, "id_number.read", one.tenant_id)]
    rows = session.scalars(select(IdNumber).where(IdNumber.resident_key.in_(keys)))
    return {row.resident_key: str(masks.masked(row.stored)) for row in rows}


def may_show(session: Session, actor: Actor, root: Instance) -> bool:
    """Tell whether a case holds numbers that this person may see for a reason."""
    return rights.can(actor, "id_number.show", root) and bool(_of_case(session, root))


def show_of_case(session: Session, actor: Actor, root_key: int, *, reason: str) -> list[Shown]:
    """Show the numbers of a case in clear; who, when and why stay in its history."""
    root = instances.get(session, actor, root_key)
    _require(actor, root, reason)
    found = _of_case(session, root)
    if not found:
        raise NotFoundError(N_("这个案件里没有证件号码。"))
    runs.lock(session, root.root_key)
    history.add(
        session, root.root_key, Event.DISCLOSED, actor.key,
        data={"reason": reason.strip(), "what": KIND},
    )  # fmt: skip
    _log(session, actor, root.tenant_id, rows=len(found), reason=reason)
    return [Shown(label=label, number=encryption.decrypt(one)) for label, one in found]


def show(session: Session, actor: Actor, resident_key: int, *, reason: str) -> Shown:
    """Show a resident's number in clear; the look stays in the list of looks."""
    resident = session.get(Resident, resident_key)
    row = session.get(IdNumber, resident_key)
    if resident is None or row is None or not rights.can(actor, "archive.read", row.tenant_id):
        raise NotFoundError(N_("档案里没有这位住户的证件号码。"))
    _require(actor, row.tenant_id, reason)
    _log(session, actor, row.tenant_id, rows=1, reason=reason, room=_room(session, resident_key))
    return Shown(label=resident.name, number=encryption.decrypt(row.stored))


def find_residents(session: Session, actor: Actor, text: str) -> list[int]:
    """Return the keys of residents with exactly this number, where the person may see it."""
    named = search.hashes(text)
    return list(
        session.scalars(
            select(IdNumber.resident_key).where(
                IdNumber.finder.in_(named), _readable(actor, IdNumber.tenant_id)
            )
        )
    )


def _of_case(session: Session, root: Instance) -> list[tuple[str, str]]:
    """Return label and stored value of the numbers in force in a case."""
    family = [one.key for one in instances.family(session, root.root_key)]
    found: dict[str, str] = {}
    for row in submissions.latest(session, family):
        form = None if row.form_key is None else compiled.form(session, row.form_key)
        names = {} if form is None else {one.key: one.label for one in form.fields}
        found |= {
            names.get(key, key): value for key, value in row.data.items() if masks.is_stored(value)
        }
    return list(found.items())


def _require(actor: Actor, thing: Any, reason: str) -> None:
    if not rights.can(actor, "id_number.show", thing):
        raise ForbiddenError(N_("完整的证件号码由客户经理或项目经理查看。"))
    if len(reason.strip()) < _SHORTEST_REASON:
        raise InvalidInputError(N_("请写明为什么要看。"), fields={"reason": [N_("必填")]})


def _wrong(field: str, told: str) -> InvalidInputError:
    return InvalidInputError(told, fields={field: [told]})


def _shown(row: IdNumber) -> dict[str, Any]:
    """Return what a change of a number says: its kind and its mask, never the number."""
    return {"id_type": row.kind, "id_no": masks.masked(row.stored)}


def _room(session: Session, resident_key: int) -> int | None:
    room = select(Occupancy.room_key).where(Occupancy.resident_key == resident_key)
    return session.scalar(room.limit(1))


def _log(  # noqa: PLR0913 — who, where, what, why
    session: Session, actor: Actor, tenant_id: str, *, rows: int, reason: str,
    room: int | None = None, kind: str = KIND,
) -> None:  # fmt: skip
    session.add(
        Look(key=ids.new(), tenant_id=tenant_id, kind=kind, room_key=room, rows=rows,
             reason=reason.strip(), by=actor.key, at=clock.now())
    )  # fmt: skip
    session.flush()


def _readable(actor: Actor, column: Any) -> ColumnElement[bool]:
    tenants = {one for one in actor.tenants() if rights.can(actor, "id_number.read", one)}
    return true() if COMPANY in tenants else column.in_(sorted(tenants))


def _is_birthday(text: str) -> bool:
    try:
        return date.fromisoformat(text) <= clock.now().date()
    except ValueError:
        return False
