"""What the repair's service tasks do: known outages, warranty, whom to send, sampling, filing."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import identity, urging
from engine.jobs import Work
from engine.models import Instance, InstanceState, Task, TaskState
from engine.ports import handler
from processes import filing, warranty
from processes.archive import Room

#: items whose outage strikes a whole building, so that later callers join the first order
SHARED = frozenset({"water", "power", "lift", "fire", "access", "light", "weak"})
#: one in ten times three: callbacks of ordinary repairs (requirements RP_CB_NORM, a guess)
SAMPLE_TENTHS = 3
#: open orders looked through for the same outage, newest first
_OPEN = 500
#: priority of an order that was urged before it was taken down
_ORDINARY = 50
#: finished repairs looked back at for a worker's experience
_PAST = 1_000


def register() -> None:
    """Name the handlers after their task definitions; twice does no harm."""
    handler("repair.known")(known)
    handler("repair.suggest")(suggest)
    handler("repair.sample")(sample)
    handler("repair.archive")(archive)
    handler("repair.urge")(urge)


def known(session: Session, work: Work) -> Mapping[str, Any]:
    """Say whether the same outage is in hand already, who pays, and how work is given out."""
    given = work.variables
    room = session.get(Room, int(given["room_id"])) if given.get("room_id") else None
    building = None if room is None else str(room.building_key)
    public = given.get("location") == "public"
    covered = room is not None and warranty.covers(session, room, str(given.get("item")))
    first = _same_outage(session, work, building) if building and public else None
    return {
        "building": building,
        "known": None if first is None else {"number": first.business_key, "key": str(first.key)},
        "warranty": covered,
        "payable": "free" if public or covered else "paid",
        "dispatch_mode": "direct",
    }


def suggest(session: Session, work: Work) -> Mapping[str, Any]:
    """Suggest a worker: fewest orders in hand, then most experience with the item; say why."""
    refused = str(work.variables.get("previous") or "")
    people = [
        person for person in identity.people(session, work.tenant_id, group="eng_worker")
        if str(person.key) != refused
    ] or identity.people(session, work.tenant_id, group="eng_worker")  # fmt: skip
    if not people:
        return {"suggestion": None}
    keys = [person.key for person in people]
    load, practice = _load(session, keys), _practice(session, work)
    best = min(people, key=lambda one: (load[one.key], -practice[one.key], one.key))
    return {
        "suggestion": {
            "worker": str(best.key),
            "name": best.name,
            "reason": f"手头 {load[best.key]} 件，是最少的；近来修过同类 {practice[best.key]} 件",
        }
    }


def sample(_session: Session, work: Work) -> Mapping[str, Any]:
    """Draw three of ten ordinary repairs by their number: the same case is always drawn alike."""
    digest = hashlib.blake2b(str(work.variables.get("number")).encode(), digest_size=2).digest()
    return {"sampled": int.from_bytes(digest) % 10 < SAMPLE_TENTHS}


def archive(session: Session, work: Work) -> Mapping[str, Any]:
    """Keep the repair in the archive of its house (requirement A8)."""
    return filing.file(session, work, record="R1_intake")


def urge(session: Session, work: Work) -> Mapping[str, Any]:
    """Tell whoever has the order, and the engineering dispatcher, that the customer urged."""
    said = filing.last(session, work.instance_key, "M_urge") or {}
    urging.urge_case(
        session, work.root_key, actor_key=0, text=str(said.get("urge_text") or ""),
        groups=("eng_dispatch",),
    )  # fmt: skip
    weight = int(work.variables.get("weight") or _ORDINARY)
    urging.raise_priority(session, work.root_key, min(100, weight + 10))
    return {}


def _same_outage(session: Session, work: Work, building: str) -> Instance | None:
    """Return the oldest open order for the same item in the same building."""
    item = work.variables.get("item")
    if item not in SHARED:
        return None
    query = (
        select(Instance)
        .where(
            Instance.tenant_id == work.tenant_id,
            Instance.process_id == "repair",
            Instance.state == InstanceState.ACTIVE,
            Instance.key < work.instance_key,
        )
        .order_by(Instance.key.desc())
        .limit(_OPEN)
    )
    same = [one for one in session.scalars(query) if _is_same(one.variables or {}, item, building)]
    return same[-1] if same else None


def _is_same(variables: Mapping[str, Any], item: Any, building: str) -> bool:
    return variables.get("repair_item") == item and variables.get("building") == building


def _load(session: Session, keys: Sequence[int]) -> Counter[int]:
    query = (
        select(Task.assignee, func.count())
        .where(Task.state == TaskState.OPEN, Task.assignee.in_(keys))
        .group_by(Task.assignee)
    )
    return Counter({key: count for key, count in session.execute(query) if key is not None})


def _practice(session: Session, work: Work) -> Counter[int]:
    """Count each worker's finished repairs of the same skill."""
    query = (
        select(Task.closed_by, Instance.variables)
        .join(Instance, Instance.key == Task.instance_key)
        .where(
            Task.tenant_id == work.tenant_id,
            Task.element == "R7_finish",
            Task.state == TaskState.COMPLETED,
        )
        .order_by(Task.key.desc())
        .limit(_PAST)
    )
    skill = work.variables.get("skill")
    return Counter(
        key for key, variables in session.execute(query)
        if key is not None and (variables or {}).get("skill") == skill
    )  # fmt: skip
