"""What the complaint's service tasks do: write the finished case into the archive."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.jobs import Work
from engine.models import Instance, Submission
from engine.ports import handler
from processes.archive import Record


def register() -> None:
    """Name the handlers after their task definitions; twice does no harm."""
    handler("complaint.archive")(archive)


def archive(session: Session, work: Work) -> Mapping[str, Any]:
    """Keep what the case came to in the archive of its room (requirements A8, T9)."""
    session.merge(
        Record(
            instance_key=work.root_key,
            tenant_id=work.tenant_id,
            room_key=_room(session, work.root_key),
            process_id=session.get_one(Instance, work.root_key).process_id,
            business_key=work.business_key,
            at=clock.now(),
            codes={name: value for name, value in work.variables.items() if value is not None},
        )
    )
    return {}


def _room(session: Session, root_key: int) -> int | None:
    """Return the room that the record names, in the version of the record in force."""
    query = (
        select(Submission)
        .where(Submission.instance_key == root_key, Submission.element == "T1_record")
        .order_by(Submission.version.desc())
        .limit(1)
    )
    record = session.scalars(query).first()
    room = None if record is None else record.data.get("room_id")
    return int(room) if room else None
