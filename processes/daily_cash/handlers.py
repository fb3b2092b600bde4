"""What the day's cash process is told: the cash to count, and what was not deposited by night."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from engine import calendars, clock
from engine.jobs import Work
from engine.models import Instance, Submission, Task, TaskKind
from engine.ports import handler

PROCESS = "daily_cash"
#: step -> (how it was paid, how much of it): fields of the forms that take money
RECEIPTS = {"PAY_desk": ("method", "amount"), "M3_fees": ("pay_method", "cash_amount")}
_NIGHT, _DAY = time(23, 59), timedelta(days=1)


def register() -> None:
    """Name the handlers after their task definitions; twice does no harm."""
    handler("cash.total")(total)
    handler("cash.night")(night)


def total(session: Session, work: Work) -> Mapping[str, Any]:
    """Add up the cash taken since the book before this one, or on a day that is named.

    Cash that was taken after the desk counted thus comes into the next day's count.
    """
    zone = _zone(session, work)
    given = work.variables.get("day")
    day = date.fromisoformat(str(given)) if given else clock.now().astimezone(zone).date()
    ends = datetime.combine(day, _NIGHT, zone)
    return {
        "day": day.isoformat(),
        "system_total": _cash(session, work.tenant_id, _since(session, work, day, zone), ends),
        "night": ends.isoformat(),
    }


def is_due(session: Session, tenant_id: str) -> bool:
    """Say whether cash waits for a book, and none was begun today."""
    zone, now = calendars.clocks(session, tenant_id).statutory.zone, clock.now()
    begins = datetime.combine(now.astimezone(zone).date(), time(), zone)
    last = _last(session, tenant_id)
    if last is not None and last >= begins:
        return False
    return _cash(session, tenant_id, last or begins, now) > 0


def night(session: Session, work: Work) -> Mapping[str, Any]:
    """Say how much of the cash of a day did not reach the bank that day: taken, less deposited."""
    zone = _zone(session, work)
    day = date.fromisoformat(str(work.variables["day"]))
    ends = datetime.combine(day, _NIGHT, zone)
    taken = _cash(session, work.tenant_id, _since(session, work, day, zone), ends)
    counted = sum((Decimal(str(row.data.get("counted") or 0))
                   for row in _filled(session, work, "D1_count")), Decimal(0))  # fmt: skip
    deposited = sum(
        (Decimal(str(row.data.get("deposited") or 0)) for row in _filled(session, work, "D2_deposit")
         if datetime.fromisoformat(row.data["deposited_at"]).astimezone(zone).date() == day),
        Decimal(0),
    )  # fmt: skip
    return {"undeposited": max(Decimal(0), max(taken, counted) - deposited)}


def _zone(session: Session, work: Work) -> ZoneInfo:
    return calendars.clocks(session, work.tenant_id).statutory.zone


def _since(session: Session, work: Work, day: date, zone: ZoneInfo) -> datetime:
    """Return from when on receipts belong to this book: the last one's start, or the day's."""
    begins = datetime.combine(day, time(), zone)
    before = Instance.key < work.instance_key
    return _last(session, work.tenant_id, before, Instance.started_at < begins + _DAY) or begins


def _last(session: Session, tenant_id: str, *which: ColumnElement[bool]) -> datetime | None:
    """Return when the newest of a project's books began."""
    query = select(func.max(Instance.started_at)).where(
        Instance.tenant_id == tenant_id, Instance.process_id == PROCESS, *which
    )
    return session.scalars(query).one()


def _cash(session: Session, tenant_id: str, since: datetime, until: datetime) -> Decimal:
    """Add up the cash of the receipts recorded in a time; of a corrected one its newest words.

    A receipt belongs to the moment it was first recorded, whatever day it names.
    """
    query = (
        select(Submission)
        .join(Instance, Instance.key == Submission.instance_key)
        .join(Task, Task.key == Submission.task_key)
        .where(
            Instance.tenant_id == tenant_id,
            Task.kind == TaskKind.USER,
            Task.element.in_(RECEIPTS),
            Task.closed_at > since,
            Task.closed_at <= until,
        )
        .order_by(Submission.version)
    )
    newest = {row.task_key: row for row in session.scalars(query)}
    return sum((_amount(row) for row in newest.values()), Decimal(0))


def _amount(row: Submission) -> Decimal:
    method, amount = RECEIPTS[row.element]
    return Decimal(str(row.data.get(amount) or 0)) if row.data.get(method) == "cash" else Decimal(0)


def _filled(session: Session, work: Work, element: str) -> list[Submission]:
    """Return what this book's step was filled in with, in the version in force."""
    query = (
        select(Submission)
        .where(Submission.instance_key == work.instance_key, Submission.element == element)
        .order_by(Submission.version)
    )
    newest = {row.task_key: row for row in session.scalars(query)}
    return list(newest.values())
