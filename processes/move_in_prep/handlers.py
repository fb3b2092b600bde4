"""Open the move-in of every household of a prepared batch, in jobs of fifty."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy.orm import Session

from engine import loads
from engine.jobs import Later, Work
from engine.models import Load
from engine.ports import handler
from processes import filing

_BATCH = "P0_batch"


def register() -> None:
    """Name the handlers after their task definitions; twice does no harm."""
    handler("move_in.open")(open_households)


def open_households(session: Session, work: Work) -> Mapping[str, Any] | Later:
    """Start one `move_in` for each household of the batch, in the order of the list (M2).

    It comes again until every household has its case; a room whose move-in is open keeps that one.
    """
    load = loads.running(session, work.instance_key, work.element)
    if load is None:
        load = _begin(session, work)
    if loads.go_on(session, load):
        return Later()
    return {"opened": loads.of(session, load).done}


def _begin(session: Session, work: Work) -> Load:
    batch = filing.last(session, work.instance_key, _BATCH) or {}
    return loads.prepare(
        session, instance_key=work.instance_key, element=work.element, tenant_id=work.tenant_id,
        process_id="move_in", lines=_lines(batch.get("households") or []),
    )  # fmt: skip


def _lines(households: list[Mapping[str, Any]]) -> Iterator[loads.Line]:
    """Yield what each move-in starts with: the room and the day, no name and no telephone."""
    for row in households:
        booked = {"booked_room": row.get("room"), "booked_on": row.get("day")}
        yield loads.Line(thing=str(row.get("room")), variables=booked)
