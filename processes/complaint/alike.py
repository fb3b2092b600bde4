"""Complaints like this one: open ones of the same room, and those of the last thirty days.

The 二次投诉 rule of requirements T13 and §3.1 looks back thirty days over room and sub-item.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Text, select, type_coerce
from sqlalchemy.orm import Session

from engine import clock
from engine.models import Instance, InstanceState, Submission
from engine.ports import Actor, ports
from processes.archive import Record

#: how far back a repeated complaint is looked for
BACK = timedelta(days=30)
_PROCESS, _RECORD = "complaint", "T1_record"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """Another complaint of the same room."""

    case: Instance
    category: str | None
    sub_item: str | None
    #: still under way: it may be urged, or merged into
    open: bool
    #: same sub-item as asked for: a second complaint 二次投诉
    same: bool


def of_room(
    session: Session,
    actor: Actor,
    tenant_id: str,
    room_key: int,
    *,
    sub_item: str | None = None,
    but: Iterable[int] = (),
) -> list[Alike]:
    """Return a room's open complaints, then those closed within thirty days; newest first."""
    left_out = set(but)
    cases = [*_open(session, tenant_id, room_key), *_closed(session, tenant_id, room_key)]
    return [
        _alike(case, sub_item)
        for case in {case.key: case for case in cases}.values()
        if case.key not in left_out and ports.can(actor, "instance.read", case)
    ]


def room_of(session: Session, instance_key: int) -> int | None:
    """Return the room that a case's record names, in the version in force."""
    data = _records(session, [instance_key]).get(instance_key, {})
    room = str(data.get("room_id") or "")
    return int(room) if room.isdigit() else None


def _open(session: Session, tenant_id: str, room_key: int) -> list[Instance]:
    """Look through the project's open cases (index ix_instance_active), each with its record."""
    told = type_coerce(Submission.data, Text).contains(f'"room_id":"{room_key}"')
    query = (
        select(Instance)
        .join(Submission, Submission.instance_key == Instance.key)
        .where(
            Instance.tenant_id == tenant_id,
            Instance.process_id == _PROCESS,
            Instance.state == InstanceState.ACTIVE,
            Submission.element == _RECORD,
            told,
        )
        .order_by(Instance.key.desc())
        .distinct()
    )
    found = list(session.scalars(query))
    records = _records(session, [case.key for case in found])
    return [case for case in found if records[case.key].get("room_id") == str(room_key)]


def _closed(session: Session, tenant_id: str, room_key: int) -> list[Instance]:
    """Look into the archive of the room."""
    query = (
        select(Instance)
        .join(Record, Record.instance_key == Instance.key)
        .where(
            Record.room_key == room_key,
            Record.tenant_id == tenant_id,
            Record.process_id == _PROCESS,
            Record.at >= clock.now() - BACK,
        )
        .order_by(Instance.key.desc())
    )
    return list(session.scalars(query))


def _records(session: Session, keys: list[int]) -> dict[int, dict[str, Any]]:
    query = (
        select(Submission.instance_key, Submission.data)
        .where(Submission.instance_key.in_(keys), Submission.element == _RECORD)
        .order_by(Submission.version)
    )
    return {key: data for key, data in session.execute(query)}  # noqa: C416 — rows, not pairs


def _alike(case: Instance, sub_item: str | None) -> Alike:
    known = case.variables
    return Alike(
        case=case, category=known.get("category"), sub_item=known.get("sub_item"),
        open=case.state == InstanceState.ACTIVE,
        same=sub_item is not None and known.get("sub_item") == sub_item,
    )  # fmt: skip
