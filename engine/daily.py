"""日清: what a person did not clear on its day, and what they say about each: a reason or a new date."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import calendars, clock, ids, notices
from engine.errors import N_, ForbiddenError, InvalidInputError, NotFoundError
from engine.models import DailyItem, Task, TaskKind, TaskState, User
from engine.ports import Actor

#: the kind of the notice that asks
KIND = "daily"
#: a promise may lie so far ahead
_FAR = timedelta(days=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One uncleared task with what became of it."""

    item: DailyItem
    person: str
    #: when it was done after all
    done_at: datetime | None


def make(session: Session, tenant_id: str, on: date) -> int:
    """Note each person's open tasks that were due by the end of a day; ask them. Safe to repeat."""
    found = _uncleared(session, tenant_id, on)
    known = set(session.scalars(
        select(DailyItem.task_key).where(DailyItem.tenant_id == tenant_id, DailyItem.on == on)
    ))  # fmt: skip
    asked: dict[int, int] = {}
    for task in found:
        if task.key in known or task.assignee is None or task.due_at is None:
            continue
        asked[task.assignee] = asked.get(task.assignee, 0) + 1
        session.add(DailyItem(
            key=ids.new(), tenant_id=tenant_id, on=on, user_key=task.assignee, task_key=task.key,
            instance_key=task.instance_key, group=task.group, name=task.name, due_at=task.due_at,
        ))  # fmt: skip
    session.flush()
    for user_key, count in asked.items():
        notices.notify(
            session, [user_key], KIND, N_("今天有 {n} 项没有办完，请逐项写明原因或新的日期"),
            {"n": count}, tenant_id=tenant_id,
        )  # fmt: skip
    return sum(asked.values())


def mine(session: Session, user_key: int, *, since: date) -> list[Line]:
    """Return a person's items from a day on, newest day first, unanswered ones before others."""
    query = select(DailyItem).where(DailyItem.user_key == user_key, DailyItem.on >= since)
    rows = session.scalars(query.order_by(
        DailyItem.on.desc(), DailyItem.answered_at.is_not(None), DailyItem.due_at
    ))  # fmt: skip
    return _lines(session, rows)


def board(session: Session, tenant_ids: list[str], on: date) -> list[Line]:
    """Return everybody's items of a day in some projects, by person: what a manager looks at."""
    query = select(DailyItem).where(DailyItem.tenant_id.in_(tenant_ids), DailyItem.on == on)
    rows = session.scalars(
        query.order_by(DailyItem.tenant_id, DailyItem.user_key, DailyItem.due_at)
    )
    return _lines(session, rows)


def answer(
    session: Session, actor: Actor, key: int, *, reason: str | None, promised_on: date | None
) -> DailyItem:
    """Say why a task was not cleared, or when it will be; a later answer replaces it."""
    row = session.get(DailyItem, key, with_for_update=True)
    if row is None:
        raise NotFoundError(N_("没有这一项日清"))
    if row.user_key != actor.key:
        raise ForbiddenError(N_("日清由本人填写。"))
    if not reason and promised_on is None:
        text = N_("请写明原因，或者选一个新的日期。")
        raise InvalidInputError(text, fields={"reason": [text]})
    today = clock.now().astimezone(_zone(session, row.tenant_id)).date()
    if promised_on is not None and not today <= promised_on <= today + _FAR:
        text = N_("新的日期应在今天之后的两个月内。")
        raise InvalidInputError(text, fields={"promised_on": [text]})
    row.reason, row.promised_on, row.answered_at = reason or None, promised_on, clock.now()
    session.flush()
    return row


def _uncleared(session: Session, tenant_id: str, on: date) -> list[Task]:
    midnight = datetime.combine(
        on + timedelta(days=1), datetime.min.time(), _zone(session, tenant_id)
    )
    query = select(Task).where(
        Task.tenant_id == tenant_id, Task.state == TaskState.OPEN, Task.kind == TaskKind.USER,
        Task.assignee.is_not(None), Task.due_at < midnight,
    )  # fmt: skip
    return list(session.scalars(query.order_by(Task.due_at, Task.key)))


def _lines(session: Session, rows: Iterable[DailyItem]) -> list[Line]:
    items = list(rows)
    names = {user.key: user.name for user in session.scalars(
        select(User).where(User.key.in_({item.user_key for item in items}))
    )}  # fmt: skip
    done = {row.key: row.closed_at for row in session.execute(
        select(Task.key, Task.closed_at).where(Task.key.in_([item.task_key for item in items]))
    )}  # fmt: skip
    return [
        Line(item=item, person=names.get(item.user_key, ""), done_at=done.get(item.task_key))
        for item in items
    ]


def _zone(session: Session, tenant_id: str) -> ZoneInfo:
    return calendars.clocks(session, tenant_id).statutory.zone
