"""Whether the developer still answers for a defect: periods from the handover of the building.

Minimum periods of the Regulation on Quality of Construction Projects (State Council order 279,
article 40): roofs and leaks five years, wiring and pipes two, fittings two.
"""

from datetime import date

from sqlalchemy.orm import Session

from engine import calendars, clock
from processes.archive import Building, Room

#: years from handover by the item of the repair order; others count as fittings
YEARS = {"leak": 5, "water": 2, "power": 2, "weak": 2, "access": 2, "lift": 2, "fire": 2}
_FITTINGS = 2


def covers(session: Session, room: Room, item: str) -> bool:
    """Say whether a defect of this item in the room is still the developer's."""
    building = session.get_one(Building, room.building_key)
    handed_over = building.handed_over_on
    if handed_over is None:
        return False
    zone = calendars.clocks(session, room.tenant_id).statutory.zone
    return clock.now().astimezone(zone).date() <= _years_later(
        handed_over, YEARS.get(item, _FITTINGS)
    )


def _years_later(day: date, years: int) -> date:
    """Return the same day years later; the 29th of February becomes the 28th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
