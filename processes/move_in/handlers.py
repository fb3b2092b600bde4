"""What moving in leaves behind: who lives where, meters and keys, a record of the house."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import calendars, clock, ids
from engine.jobs import Work
from engine.ports import SYSTEM, handler
from forms import masks
from processes import filing, id_numbers
from processes.archive import Occupancy, Resident, handing_over


def register() -> None:
    """Name the handlers after their task definitions; twice does no harm."""
    handler("move_in.archive")(archive)


def archive(session: Session, work: Work) -> Mapping[str, Any]:
    """Put owner, household, cars, keys and meters into the archive; file the case (A1, A2, M14)."""
    room_key = filing.room_of(session, work.instance_key, "M0_arrive")
    papers = filing.last(session, work.instance_key, "M1_verify") or {}
    if room_key is not None and papers:
        today = _today(session, work.tenant_id).date()
        owner = _moved_in(session, work, room_key, papers, today)
        signed, handed = (
            filing.last(session, work.instance_key, step) or {}
            for step in ("M2_sign", "M7_handover")
        )
        handing_over.write(session, work.instance_key, owner, signed, handed, on=today)
    return filing.file(session, work, record="M0_arrive")


def _moved_in(
    session: Session, work: Work, room_key: int, papers: Mapping[str, Any], today: date
) -> Occupancy:
    """Note the owner of the room from today on; one who is there already is not doubled."""
    name, phone = str(papers.get("owner_name")), str(papers.get("contact_phone") or "")
    query = (
        select(Resident)
        .join(Occupancy, Occupancy.resident_key == Resident.key)
        .where(Occupancy.room_key == room_key, Occupancy.kind == "owner", Resident.name == name)
    )
    resident = session.scalars(query).first()
    if resident is None:
        resident = Resident(
            key=ids.new(), tenant_id=work.tenant_id, name=name, phone=phone, vulnerable=False
        )
        session.add(resident)
        session.flush()
    if masks.is_stored(papers.get("id_no")):
        kind = str(papers.get("id_type") or "id")
        id_numbers.keep(session, SYSTEM.key, resident, papers["id_no"], kind=kind)
    return handing_over.settle(session, resident, room_key, "owner", today)


def _today(session: Session, tenant_id: str) -> datetime:
    return clock.now().astimezone(calendars.clocks(session, tenant_id).statutory.zone)
