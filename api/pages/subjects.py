"""What a case is about, read from its first form with the reader's rights: place, person, words.

A reader without the right to personal data sees the case's coded title and masked values; an
anonymous person's name is shown to nobody.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.pages import base
from api.texts import _, named
from engine import disclosures
from engine.cases import MASK
from engine.models import Instance, Submission
from engine.ports import Actor
from processes import rights
from processes.archive import Room
from processes.searching import BY_ELEMENT, First, clause

#: a case whose first form is not filled in yet
_NOTHING: tuple[First, dict[str, Any]] = (First(element="", person="", told="", phone=""), {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A case in a few words."""

    title: str
    place: str = ""
    person: str = ""
    phone: str = ""
    demand: str = ""


def of(
    session: Session,
    actor: Actor,
    cases: Mapping[int, tuple[Any, str | None]],
    *,
    opened: Collection[int] = (),
) -> dict[int, Subject]:
    """Return the subject of each case: root key -> (what rights are asked on, coded title)."""
    data = _first_forms(session, cases)
    rooms = _room_numbers(session, [given.get(first.room) for first, given in data.values()])
    return {
        root: _subject(
            base.may(actor, "personal.read", thing) or root in opened,
            title or "",
            *_kept_back(actor, thing, *data.get(root, _NOTHING)),
            rooms,
        )
        for root, (thing, title) in cases.items()
    }


def one(session: Session, actor: Actor, root: Instance) -> Subject:
    """Return the subject of one case."""
    opened = {root.key} if disclosures.is_open(session, actor, root.key) else frozenset[int]()
    return of(session, actor, {root.key: (root, root.title)}, opened=opened)[root.key]


def masked_phone(number: str) -> str:
    """Keep the first three and the last four figures: 138 **** 6721."""
    digits = number.strip()
    return f"{digits[:3]} **** {digits[-4:]}" if len(digits) >= 8 else MASK  # noqa: PLR2004


def _first_forms(session: Session, keys: Iterable[int]) -> dict[int, tuple[First, dict[str, Any]]]:
    query = (
        select(Submission.instance_key, Submission.element, Submission.data)
        .where(Submission.instance_key.in_(list(keys)), Submission.element.in_(BY_ELEMENT))
        .order_by(Submission.instance_key, Submission.task_key, Submission.version)
    )
    return {key: (BY_ELEMENT[element], data) for key, element, data in session.execute(query)}


def _kept_back(
    actor: Actor, thing: Any, first: First, data: Mapping[str, Any]
) -> tuple[First, dict[str, Any]]:
    """Return a first form with what stays hidden from its reader masked, the anonymous aside."""
    hidden = frozenset() if data.get("anonymous") else rights.hidden(actor, thing, data)
    masked = {key: MASK for key in hidden if data.get(key)}
    if first.phone in masked:
        masked[first.phone] = masked_phone(str(data[first.phone]))
    return first, {**data, **masked}


def _subject(
    open_to_reader: bool,  # noqa: FBT001 — what all the rest rests on
    title: str,
    first: First,
    data: Mapping[str, Any],
    rooms: dict[str, str],
) -> Subject:
    anonymous = bool(data.get("anonymous"))
    name = _("匿名") if anonymous else str(data.get(first.person) or "")
    phone = "" if anonymous else str(data.get(first.phone) or "")
    return Subject(
        title=(clause(data.get(first.told)) if open_to_reader else "") or named(title),
        place=rooms.get(str(data.get(first.room)), "") or _known(data, first.place, open_to_reader),
        person=name if open_to_reader or anonymous or not name else MASK,
        phone=phone if open_to_reader else masked_phone(phone) if phone else "",
        demand=_known(data, first.demand, open_to_reader),
    )


def _known(data: Mapping[str, Any], field: str, open_to_reader: bool) -> str:  # noqa: FBT001
    return str(data.get(field) or "") if open_to_reader else ""


def _room_numbers(session: Session, named: Iterable[Any]) -> dict[str, str]:
    keys = {int(key) for one in named if (key := str(one or "")).isdigit()}
    rows = session.execute(select(Room.key, Room.number).where(Room.key.in_(keys)))
    return {str(key): number for key, number in rows}
