"""What a finished case leaves in the archive, and what its steps were told."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.jobs import Work
from engine.models import Instance, Submission
from processes.archive import Record


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


def room_of(session: Session, instance_key: int, element: str) -> int | None:
    """Return the room that a step's form names."""
    values = last(session, instance_key, element) or {}
    return int(values["room_id"]) if values.get("room_id") else None
