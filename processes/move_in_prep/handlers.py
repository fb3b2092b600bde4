"""Open the move-in of every household of a prepared batch."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from engine import instances
from engine.jobs import Work
from engine.ports import SYSTEM, handler
from processes import filing


def register() -> None:
    """Name the handlers after their task definitions; twice does no harm."""
    handler("move_in.open")(open_households)


def open_households(session: Session, work: Work) -> Mapping[str, Any]:
    """Start one `move_in` for each household of the batch, in the order of the list (M2)."""
    batch = filing.last(session, work.instance_key, "P0_batch") or {}
    rows = batch.get("households") or []
    for row in rows:
        instances.start(
            session, SYSTEM, "move_in", tenant_id=work.tenant_id,
            variables={"booked_room": row.get("room"), "booked_on": row.get("day")},
        )  # fmt: skip
    return {"opened": len(rows)}
