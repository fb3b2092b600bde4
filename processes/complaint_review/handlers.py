"""The figures of a review, frozen when it begins, and the notice when it is done."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from engine import calendars, clock
from engine.jobs import Work
from engine.ports import handler
from processes import filing
from processes.complaint import summary


def register() -> None:
    """Name the handlers after their task definitions; twice does no harm."""
    handler("review.collect")(collect)
    handler("review.publish")(publish)


def collect(session: Session, work: Work) -> Mapping[str, Any]:
    """Freeze the figures of the period: a month `2026-11`, a quarter `2026-Q4` (§3.6)."""
    zone = calendars.clocks(session, work.tenant_id).statutory.zone
    period = str(work.variables.get("period") or last_month(clock.now().astimezone(zone).date()))
    first, after = (datetime(d.year, d.month, d.day, tzinfo=zone) for d in span(period))
    line = summary.of(session, [work.tenant_id], first, after).total
    figures = [
        ("受理件数", line.received), ("办结件数", line.closed), ("及时率", line.timely),
        ("二次投诉", line.second), ("不合理投诉", line.unreasonable),
        ("无法解决", line.unresolved), ("超过一个月", line.long),
    ]  # fmt: skip
    return {
        "period": period,
        "figures": [{"name": name, "value": str(value)} for name, value in figures],
    }


def publish(session: Session, work: Work) -> Mapping[str, Any]:
    """File the review; the head office reads it in its own list of cases."""
    return filing.file(session, work, record="V2_file")


def last_month(day: date) -> str:
    """Return the month before a day's, as `2026-11`."""
    year, month = (day.year, day.month - 1) if day.month > 1 else (day.year - 1, 12)
    return f"{year}-{month:02}"


def span(period: str) -> tuple[date, date]:
    """Return the first day of a period and the first day after it."""
    year, rest = period.split("-")
    first, months = ((int(rest[1:]) - 1) * 3 + 1, 3) if rest[0] == "Q" else (int(rest), 1)
    after = int(year) * 12 + first - 1 + months
    return date(int(year), first, 1), date(after // 12, after % 12 + 1, 1)
