"""A task's limit in words: its pinned limit, its project's calendar, its project's zone."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from api.pages import base, times
from api.pages.times import HOUR, Limit, Words
from api.texts import _
from engine import calendars, clock
from engine.models import Task


def words(session: Session, task: Task, now: datetime | None = None) -> Words:
    """Say how a task stands against its limit."""
    now, zone = now or clock.now(), base.zone(session, task.tenant_id)
    if task.closed_at is not None:
        return _closed(task, now, zone)
    said = times.words(_limit(session, task), now, zone)
    return _provisional(said) if (task.limits or {}).get("provisional") else said


def _provisional(said: Words) -> Words:
    """Say that the date rests on a year whose holidays are not published yet."""
    why = _("暂定：这一年的放假调休安排还没有公布")
    return replace(
        said, short=_("{text}（暂定）", text=said.short), left=_("{text}（暂定）", text=said.left),
        hover=f"{said.hover}，{why}",
    )  # fmt: skip


def _limit(session: Session, task: Task) -> Limit:
    pinned: dict[str, Any] = task.limits or {}
    measure = None
    if pinned.get("clock") == "working" and pinned.get("standard"):
        found = calendars.clocks(session, task.tenant_id, task.group)
        measure = found.measure(str(pinned["standard"]), working=True)
    return Limit(
        opened_at=task.opened_at,
        due_at=task.due_at,
        warn_at=task.warn_at,
        paused=pinned.get("paused_for"),
        worked=measure.elapsed if measure else None,
        workday=HOUR * measure.day_minutes() / 60 if measure else 8 * HOUR,
    )


def _closed(task: Task, now: datetime, zone: Any) -> Words:
    """Say when a closed task was done, and whether in time."""
    moment = task.closed_at or now
    in_time = task.due_at is None or moment <= task.due_at
    text = times.past(moment, now, zone)
    hover = _("{moment} 办结", moment=times.full(moment, zone))
    return Words(
        state="ok" if in_time else "late", used=100, short=text, left=text, hover=hover, at=moment
    )
