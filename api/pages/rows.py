"""A task as a list shows it: step and subject, time left, number, room, name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy.orm import Session

from api.pages import base, limits, subjects, words
from api.pages.times import Words
from api.texts import _, named
from engine import clock, inbox
from engine.models import Task, TaskKind, TaskState
from engine.ports import Actor

LATE, TODAY, LATER, NEVER = "late", "today", "later", "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a list."""

    key: int
    name: str
    number: str
    place: str
    person: str
    who: str
    words: Words
    unread: bool
    group: str
    priority: tuple[str, str, str]
    urged: int
    task: Task


@dataclass(frozen=True, slots=True)
class Group:
    """Rows under one head: 已超时, 今天到期, 以后."""

    code: str
    label: str
    rows: tuple[Row, ...]


def rows(session: Session, actor: Actor, found: Sequence[inbox.Row]) -> list[Row]:
    """Return a list's lines with the reader's rights."""
    cases = {row.task.root_key: (row.task, row.title) for row in found}
    about = subjects.of(session, actor, cases)
    now = clock.now()
    return [_row(session, actor, row, about[row.task.root_key], now) for row in found]


def groups(lines: Sequence[Row]) -> list[Group]:
    """Put open tasks under their heads, in the order they came."""
    labels = {
        LATE: _("已超时"), TODAY: _("今天到期"), LATER: _("以后"), NEVER: _("没有时限"),
    }  # fmt: skip
    return [
        Group(code, labels[code], tuple(held))
        for code, held in groupby(lines, key=lambda row: row.group)
    ]


def name_of(task: Task, subject: str) -> str:
    """Return step and subject: 答复业主：地库卷帘门夜间异响."""
    step = named(task.name)
    if task.kind == TaskKind.SUPERVISE and not task.name.startswith("督办"):
        step = _("督办{step}", step=step)
    return _("{step}：{subject}", step=step, subject=subject) if subject else step


def _row(
    session: Session, actor: Actor, row: inbox.Row, about: subjects.Subject, now: datetime
) -> Row:
    task = row.task
    said = limits.words(session, task, now)
    mine = task.assignee == actor.key
    return Row(
        key=task.key,
        name=name_of(task, about.title),
        number=row.business_key or "",
        place=about.place,
        person=about.person,
        who=row.assignee_name or words.role(task.group),
        words=said,
        unread=mine and task.read_at is None and task.state == TaskState.OPEN,
        group=_group(session, task, said, now),
        priority=words.badge(task),
        urged=task.urged,
        task=task,
    )


def _group(session: Session, task: Task, said: Words, now: datetime) -> str:
    if said.state == "late":
        return LATE
    if task.due_at is None:
        return NEVER
    zone: Any = base.zone(session, task.tenant_id)
    same_day = task.due_at.astimezone(zone).date() <= now.astimezone(zone).date()
    return TODAY if same_day else LATER
