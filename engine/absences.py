"""Who is away and who stands in: recorded ahead, in force from midnight to midnight of the project.

While somebody is away, their deputy holds their groups (`memberships.of`), is told instead of them
and is given what would be assigned to them; who did what stays asked by person, so that nobody
checks their own work. Coming back restores nothing by itself: what the deputy took stays theirs.
"""

import enum
import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from engine import calendars, clock, handovers, identity, ids, memberships, notices
from engine.db import Database
from engine.errors import N_, ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from engine.models import User
from engine.models.identity import Absence
from engine.ports import COMPANY, SYSTEM, Actor, ports

log = logging.getLogger(__name__)

_DAY = timedelta(days=1)
#: an absence longer than this is a change of staff
LONGEST_DAYS = 400


class InHand(enum.StrEnum):
    """Where tasks that a person has in hand go when the absence begins."""

    DEPUTY = "deputy"  #: 转给代理人
    GROUP = "group"  #: 退回本组
    KEEP = "keep"  #: 留给本人


def record(  # noqa: PLR0913 — who, deputy, days, tasks in hand, why
    session: Session,
    actor: Actor,
    user_key: int,
    deputy_key: int,
    *,
    from_on: date,
    to_on: date,
    in_hand: str = InHand.DEPUTY,
    note: str = "",
) -> Absence:
    """Note that a person will be away and who stands in; oneself, or whoever leads them.

    Raises InvalidInputError with the field at fault; ConflictError for a circle or an overlap.
    """
    user = _person(session, user_key)
    _require(session, actor, user_key)
    _refuse_days(from_on, to_on, memberships.today_of(session, user_key))
    if deputy_key == user_key or not _work_together(session, user_key, deputy_key):
        raise InvalidInputError(
            N_("代理人须是同项目的另一位同事。"), fields={"deputy": [N_("请另选一人。")]}
        )
    if in_hand not in set(InHand):
        raise InvalidInputError(N_("请选择手上任务的去向。"), fields={"in_hand": [N_("必填")]})
    _refuse_conflicts(session, user, deputy_key, from_on, to_on)
    row = Absence(
        key=ids.new(), user_key=user_key, deputy_key=deputy_key, from_on=from_on, to_on=to_on,
        in_hand=in_hand, note=note.strip(), by=actor.key, at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    session.info.pop("stand-ins", None)
    notices.notify(
        session, {deputy_key} - {actor.key}, "absence",
        N_("{who} 从 {first} 到 {last} 不在，由您代理"),
        {"who": user.name, "first": str(from_on), "last": str(to_on)},
    )  # fmt: skip
    return row


def end(session: Session, actor: Actor, key: int) -> Absence:
    """Take an absence back, or end one that has begun; what was handed on stays where it is."""
    row = session.get(Absence, key)
    if row is None:
        raise NotFoundError(N_("没有这条请假记录。"))
    _require(session, actor, row.user_key)
    if row.ended_at is None:
        row.ended_at = clock.now()
        session.flush()
        session.info.pop("stand-ins", None)
        user = session.get_one(User, row.user_key)
        notices.notify(
            session, {row.deputy_key} - {actor.key}, "absence",
            N_("{who} 的请假已结束，您不再代理"), {"who": user.name},
        )  # fmt: skip
    return row


def of(session: Session, user_key: int) -> list[Absence]:
    """Return a person's absences that are not over, and those where they stand in."""
    mine = or_(Absence.user_key == user_key, Absence.deputy_key == user_key)
    query = select(Absence).where(mine, *_about_now()).order_by(Absence.from_on, Absence.key)
    return _not_over(session, session.scalars(query))


def coming(session: Session, actor: Actor) -> list[Absence]:
    """Return the absences of now and later among people whom this person leads."""
    rows = session.scalars(select(Absence).where(*_about_now()).order_by(Absence.from_on))
    return [row for row in _not_over(session, rows) if may_record(session, actor, row.user_key)]


def has_begun(session: Session, row: Absence) -> bool:
    """Tell whether an absence's first day has come where the person works."""
    return row.from_on <= memberships.today_of(session, row.user_key)


def may_record(session: Session, actor: Actor, user_key: int) -> bool:
    """Tell whether this person may note absences of another: their own, or of those they lead."""
    if actor.key == user_key:
        return True
    places = {tenant for _, tenant in identity.memberships(session, user_key)}
    return any(ports.can(actor, "absence.record", tenant) for tenant in places)


def run_due(database: Database) -> int:
    """Hand on what people have in hand whose absence has begun; return how many began."""
    with database.read() as session:
        query = select(Absence).where(
            Absence.begun_at.is_(None), Absence.from_on <= calendars.today() + _DAY, *_about_now()
        )
        found = _not_over(session, session.scalars(query.order_by(Absence.key)))
        rows = [row for row in found if has_begun(session, row)]
        session.expunge_all()
    return sum(_begin(database, row) for row in rows)


def _begin(database: Database, row: Absence) -> int:
    """Hand on task by task, each in its own unit; begun again after a crash it finds the rest."""
    handed = 0
    if row.in_hand != InHand.KEEP:
        acting = replace(SYSTEM, key=row.by)  # in the name of who noted it, over all projects
        to = None if row.in_hand == InHand.GROUP else _last(database, row)
        outcomes = handovers.hand_over(
            database, acting, row.user_key, to, reason=row.note, instead_of=row.user_key
        )
        handed = sum(one.error is None for one in outcomes)
        for one in outcomes:
            if one.error is not None:
                log.info("task %s stays with who is away: %s", one.task_key, one.error.code)
    with database.begin() as session:
        done = session.execute(
            update(Absence)
            .where(Absence.key == row.key, Absence.begun_at.is_(None))
            .values(begun_at=clock.now())
        )
        if not done.rowcount:  # type: ignore[attr-defined] # an UPDATE's result has it
            return 0  # another process was faster
        who = identity.names(session, [row.user_key])[row.user_key]
        notices.notify(
            session, [row.deputy_key], "absence", N_("{who} 今天起不在，由您代理；转来 {n} 件"),
            {"who": who, "n": handed if row.in_hand == InHand.DEPUTY else 0},
        )  # fmt: skip
    return 1


def _last(database: Database, row: Absence) -> int:
    with database.read() as session:
        return memberships.stand_ins(session).get(row.user_key, row.deputy_key)


def _require(session: Session, actor: Actor, user_key: int) -> None:
    if not may_record(session, actor, user_key):
        raise ForbiddenError(N_("请假由本人或他的主管登记。"))


def _person(session: Session, user_key: int) -> User:
    found = session.get(User, user_key)
    if found is None:
        raise NotFoundError(N_("没有这个用户"))
    return found


def _refuse_days(from_on: date, to_on: date, today: date) -> None:
    if to_on < from_on:
        raise InvalidInputError(
            N_("起止日期颠倒了。"), fields={"to_on": [N_("不能早于开始日期。")]}
        )
    if to_on < today:
        raise InvalidInputError(
            N_("这段时间已经过去。"), fields={"to_on": [N_("请填今天或以后的日期。")]}
        )
    if (to_on - from_on).days >= LONGEST_DAYS:
        raise InvalidInputError(
            N_("一次最多登记 {days} 天；更久请办理离职转办。"), days=LONGEST_DAYS,
            fields={"to_on": [N_("太长了。")]},
        )  # fmt: skip


def _refuse_conflicts(
    session: Session, user: User, deputy_key: int, from_on: date, to_on: date
) -> None:
    meanwhile = _meanwhile(session, from_on, to_on)
    if any(row.user_key == user.key for row in meanwhile):
        raise ConflictError(N_("{who} 在这段时间已经有请假记录。"), who=user.name)
    direct = {row.user_key: row.deputy_key for row in meanwhile} | {user.key: deputy_key}
    at = deputy_key
    for _ in direct:
        if at == user.key:
            raise InvalidInputError(
                N_("代理绕成了一圈：{who} 这段时间正好要代理别人，而那个人又由 {who} 的代理人代理。"),
                who=user.name, fields={"deputy": [N_("请另选一人。")]},
            )  # fmt: skip
        at = direct.get(at, 0)


def _meanwhile(session: Session, from_on: date, to_on: date) -> Sequence[Absence]:
    query = select(Absence).where(
        Absence.ended_at.is_(None), Absence.from_on <= to_on, Absence.to_on >= from_on
    )
    return session.scalars(query).all()


def _work_together(session: Session, one: int, other: int) -> bool:
    """Tell whether two people work in one project, or either in the whole company."""
    user = session.get(User, other)
    if user is None or not user.active:
        return False
    here = {tenant for _, tenant in identity.memberships(session, one)}
    there = {tenant for _, tenant in identity.memberships(session, other)}
    return bool(here & there) or (COMPANY in here | there and bool(here) and bool(there))


def _about_now() -> tuple[ColumnElement[bool], ...]:
    """Return the condition for absences that are not over in every zone of the world."""
    return (Absence.ended_at.is_(None), Absence.to_on >= calendars.today() - _DAY)


def _not_over(session: Session, rows: Iterable[Absence]) -> list[Absence]:
    return [row for row in rows if row.to_on >= memberships.today_of(session, row.user_key)]
