"""What a finished case leaves in the archive, and what its steps were told.

A diagram files where the record belongs (`file`, before the customer has moved in for a week, once
a repair is paid); a case that came to its end on any other way is filed as it ends.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from engine import clock
from engine.jobs import Work
from engine.models import Instance, Submission, to_ms
from engine.ports import ports
from engine.runs import Run
from engine.sql import Insert, Statement, json, table
from processes.archive import Record
from processes.searching import FIRST

_of_family = table(Instance).c.root_key == bindparam("k")
_filed = Statement(
    select(table(Record).c.instance_key)
    .join(table(Instance), table(Instance).c.key == table(Record).c.instance_key)
    .where(_of_family)
)
_add = Insert(
    Record,
    columns=("instance_key", "tenant_id", "room_key", "process_id", "business_key", "filed_at",
             "codes"),
)  # fmt: skip


def register() -> None:
    """Hear of every case that ends; twice does no harm."""
    ports.ended = settle


def settle(session: Session, run: Run, now: datetime) -> None:
    """File a case that ended and that no diagram of its family filed (requirements A1, A2, A8).

    What the front desk passed on stands there as what it became.
    """
    first = FIRST.get(run.which.process_id)
    if first is None or _filed(session, {"k": run.key}).fetchone() is not None:
        return
    room = room_of(session, run.key, first.element, first.room)
    codes = {name: value for name, value in run.variables.items() if value is not None}
    _add(session, [(run.key, run.tenant_id, room, run.which.process_id, run.business_key,
                    to_ms(now), json(codes))])  # fmt: skip


def file(session: Session, work: Work, *, record: str) -> Mapping[str, Any]:
    """Keep codes of the finished case in the archive of its room (requirements A2, A8).

    `record` is the step whose form names the room.
    """
    session.merge(
        Record(
            instance_key=work.instance_key,
            tenant_id=work.tenant_id,
            room_key=room_of(session, work.instance_key, record),
            process_id=session.get_one(Instance, work.instance_key).process_id,
            business_key=work.business_key,
            at=clock.now(),
            codes={name: value for name, value in work.variables.items() if value is not None},
        )
    )
    session.flush()  # the case may end in this unit, and `settle` asks the database itself
    return {}


def last(session: Session, instance_key: int, element: str) -> Mapping[str, Any] | None:
    """Return the newest values of a step of an instance, in the version in force."""
    query = (
        select(Submission)
        .where(Submission.instance_key == instance_key, Submission.element == element)
        .order_by(Submission.task_key.desc(), Submission.version.desc())
        .limit(1)
    )
    found = session.scalars(query).first()
    return None if found is None else found.data


def room_of(
    session: Session, instance_key: int, element: str, field: str = "room_id"
) -> int | None:
    """Return the room that a step's form names."""
    named = str((last(session, instance_key, element) or {}).get(field) or "")
    return int(named) if named.isdigit() else None
