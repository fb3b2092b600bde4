"""What the day's cash process is told: how much cash the receipts of a day come to."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import calendars, clock
from engine.jobs import Work
from engine.models import Instance, Submission
from engine.ports import handler

#: step -> (how it was paid, how much of it): fields of the forms that take money
RECEIPTS = {"PAY_desk": ("method", "amount"), "M3_fees": ("pay_method", "cash_amount")}


def register() -> None:
    """Name the handlers after their task definitions; twice does no harm."""
    handler("cash.total")(total)


def total(session: Session, work: Work) -> Mapping[str, Any]:
    """Add up the cash of one day, by default today, from the receipts in force."""
    zone = calendars.clocks(session, work.tenant_id).statutory.zone
    given = work.variables.get("day")
    day = date.fromisoformat(str(given)) if given else clock.now().astimezone(zone).date()
    cash = sum(_cash(session, work.tenant_id, day, zone), Decimal(0))
    return {"day": day.isoformat(), "system_total": cash}


def _cash(session: Session, tenant_id: str, day: date, zone: Any) -> Iterator[Decimal]:
    """Yield the cash part of every receipt of the day; of a corrected one the newest version."""
    start = datetime(day.year, day.month, day.day, tzinfo=zone)
    query = (
        select(Submission)
        .join(Instance, Instance.key == Submission.instance_key)
        .where(
            Instance.tenant_id == tenant_id,
            Submission.element.in_(RECEIPTS),
            Submission.at >= start,
        )
        .order_by(Submission.version)
    )
    newest = {(row.instance_key, row.task_key): row for row in session.scalars(query)}
    for row in newest.values():
        method, amount = RECEIPTS[row.element]
        taken = datetime.fromisoformat(str(row.data.get("paid_at") or row.at.isoformat()))
        if row.data.get(method) == "cash" and taken.astimezone(zone).date() == day:
            yield Decimal(str(row.data.get(amount) or 0))
