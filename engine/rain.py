"""Rainy days: recorded by who is on duty or a weather source, told once to all that wait for rain.

A record becomes a signal `rain.ended` with its day, after a while in which it may be taken back.
Whether a case counts a day (it must lie after its repair) its diagram asks: `rain_day` is routed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from engine import calendars, clock, ids, signals, timers
from engine.errors import N_, ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from engine.models import Rain, Tenant, Timer, TimerKind
from engine.ports import SYSTEM, Actor, ports

SIGNAL = "rain.ended"
LEVELS = {"light": N_("小雨"), "medium": N_("中雨"), "heavy": N_("大雨或暴雨")}
#: rain below this says nothing about a leak (requirements §3.3; a guess of ours)
MINIMUM = "medium"
#: how long a record may be taken back before it is told
GRACE = timedelta(minutes=10)
#: how far back a day may be recorded
_MEMORY = timedelta(days=14)
DUTY = "duty"


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """What a weather source says of a day."""

    level: str
    note: str | None = None


class WeatherSource(Protocol):
    """Tells how it rained in a project on a day; None when it did not, or is not known."""

    def __call__(self, tenant_id: str, on: date) -> Weather | None: ...


#: name -> a source that was registered; asked by engine.outward.weather
sources: dict[str, WeatherSource] = {}


def record(  # noqa: PLR0913 — a record has that many columns
    session: Session, actor: Actor, tenant_id: str, on: date, *, level: str,
    note: str | None = None, source: str = DUTY,
) -> Rain:  # fmt: skip
    """Record a rainy day of a project; the same day a second time is the same record."""
    if not ports.can(actor, "rain.record", tenant_id):
        raise ForbiddenError(N_("雨天由当班的客服、秩序或工程人员登记。"))
    _check(session, tenant_id, on, level)
    row = session.scalars(
        select(Rain).where(Rain.tenant_id == tenant_id, Rain.on == on).with_for_update()
    ).first()
    if row is None:
        row = Rain(key=ids.new(), tenant_id=tenant_id, on=on)
        session.add(row)
    elif row.withdrawn_at is None and (_counts(row.level) or not _counts(level)):
        return row
    row.level, row.note, row.source = level, note, source
    row.by, row.at, row.withdrawn_at, row.withdrawn_by = actor.key, clock.now(), None, None
    session.flush()
    if _counts(level):
        _arm(session, row)
    return row


def withdraw(session: Session, actor: Actor, key: int) -> Rain:
    """Take a record back; what has been told cannot be."""
    row = session.get(Rain, key, with_for_update=True)
    if row is None or row.withdrawn_at is not None:
        raise NotFoundError(N_("没有这条雨天记录，或者已经撤回。"))
    if not ports.can(actor, "rain.record", row.tenant_id):
        raise ForbiddenError(N_("雨天由当班的客服、秩序或工程人员登记。"))
    gone = session.execute(delete(Timer).where(Timer.key == row.key, Timer.due_at > clock.now()))
    if _counts(row.level) and not gone.rowcount:  # type: ignore[attr-defined] # a DELETE has it
        raise ConflictError(N_("雨天已经通知等待回访的案件，不能撤回。"))
    row.withdrawn_at, row.withdrawn_by = clock.now(), actor.key
    session.flush()
    return row


def days(session: Session, tenant_ids: list[str], *, limit: int = 60) -> list[Rain]:
    """Return the records of projects, newest day first."""
    query = select(Rain).where(Rain.tenant_id.in_(tenant_ids))
    return list(session.scalars(query.order_by(Rain.on.desc(), Rain.tenant_id).limit(limit)))


def open_until(session: Session, rows: list[Rain]) -> Mapping[int, datetime]:
    """Return, by record, until when it may be taken back; what has been told is left out."""
    query = select(Timer.key, Timer.due_at).where(
        Timer.key.in_([row.key for row in rows]), Timer.due_at > clock.now()
    )
    return {key: due_at for key, due_at in session.execute(query)}  # noqa: C416 — rows to a dict


def on_due(session: Session, timer: Timer) -> None:
    """Tell a rainy day to all that wait for rain in its project: once, in the unit of its timer."""
    session.execute(delete(Timer).where(Timer.key == timer.key))
    row = session.get(Rain, timer.key)
    if row is None or row.withdrawn_at is not None or row.signal_key is not None:
        return
    told = {"rain_day": row.on.isoformat(), "rain_level": row.level}
    row.signal_key = signals.put(session, SIGNAL, told, tenant_id=row.tenant_id)


def hear(
    session: Session, tenant_id: str, on: date, weather: Weather, *, source: str
) -> Rain | None:  # fmt: skip
    """Record what a weather source says of a day; what a person has taken back stays so."""
    row = session.scalars(select(Rain).where(Rain.tenant_id == tenant_id, Rain.on == on)).first()
    if row is not None and row.withdrawn_at is not None:
        return None
    return record(
        session, SYSTEM, tenant_id, on, level=weather.level, note=weather.note, source=source
    )


def check_day(session: Session, tenant_id: str, on: date) -> None:
    """Refuse a day that may not be recorded: of no project, to come, or too long ago."""
    if session.get(Tenant, tenant_id) is None:
        raise NotFoundError(N_("没有这个项目"))
    zone = calendars.clocks(session, tenant_id).statutory.zone
    today = clock.now().astimezone(zone).date()
    if not today - _MEMORY <= on <= today:
        text = N_("只能登记今天和之前两周的雨天。")
        raise InvalidInputError(text, fields={"date": [text]})


def _counts(level: str) -> bool:
    order = list(LEVELS)
    return order.index(level) >= order.index(MINIMUM)


def _check(session: Session, tenant_id: str, on: date, level: str) -> None:
    check_day(session, tenant_id, on)
    if level not in LEVELS:
        raise InvalidInputError(N_("请选择雨的大小。"), fields={"level": [N_("请选择雨的大小。")]})


def _arm(session: Session, row: Rain) -> None:
    """Let the day be told when the time for second thoughts is over."""
    due = clock.now() + GRACE
    session.add(Timer(key=row.key, tenant_id=row.tenant_id, kind=TimerKind.RAIN, due_at=due))
    session.flush()
    timers.wake(session, due)
