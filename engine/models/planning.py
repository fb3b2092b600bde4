"""What comes round or falls from the sky: schedules, daily lists, summaries, calendar changes, rain."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, Instant, Json, Key


class CalendarChange(Base):
    """One correction of a calendar: who, when, what; and which open limits moved with it."""

    __tablename__ = "calendar_change"

    key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    calendar_code: Mapped[str] = mapped_column(ForeignKey("calendar.code"), index=True)
    at: Mapped[datetime] = mapped_column("changed_at", Instant)
    by: Mapped[int] = mapped_column("changed_by", Key)
    reason: Mapped[str | None]
    #: list of {"what", "before", "after"}: days by their date, "week", "name", years
    changes: Mapped[list[Any]] = mapped_column(Json)
    #: limits that moved so far; the first of them as [task key, due before, due after]
    moved: Mapped[int] = mapped_column(default=0)
    moves: Mapped[list[Any]] = mapped_column(Json)
    #: None while open limits are still being worked out again
    recounted_at: Mapped[datetime | None] = mapped_column(Instant)


class Schedule(Base):
    """A piece of work that comes round; its timer has the same key."""

    __tablename__ = "schedule"

    key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    #: a project, or "*": done for each project on its own
    tenant_id: Mapped[str]
    name: Mapped[str]
    #: "day", "week" or "month" (its first working day)
    every: Mapped[str]
    #: of "week": Monday is 0
    weekday: Mapped[int | None]
    #: local time, 17:30
    time: Mapped[str] = mapped_column("local_time")
    #: the registered action
    does: Mapped[str]
    active: Mapped[bool]
    #: what it was shipped as, so that a second seeding leaves it alone; None: added here
    seed: Mapped[str | None] = mapped_column(unique=True)
    last_at: Mapped[datetime | None] = mapped_column(Instant)
    #: how many turns the last run stood for: more than one after a stop
    last_turns: Mapped[int] = mapped_column(default=0)


class DailyItem(Base):
    """日清: one task that a person did not clear on its day, and what they said about it."""

    __tablename__ = "daily_item"
    __table_args__ = (UniqueConstraint("on_day", "task_key"),)

    key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    tenant_id: Mapped[str]
    on: Mapped[date] = mapped_column("on_day")
    user_key: Mapped[int] = mapped_column(Key)
    task_key: Mapped[int] = mapped_column(Key)
    instance_key: Mapped[int] = mapped_column(Key)
    group: Mapped[str | None] = mapped_column("group_key")
    name: Mapped[str]
    due_at: Mapped[datetime] = mapped_column(Instant)
    reason: Mapped[str | None]
    promised_on: Mapped[date | None]
    answered_at: Mapped[datetime | None] = mapped_column(Instant)


Index("ix_daily_item_person", DailyItem.user_key, DailyItem.on)
Index("ix_daily_item_project", DailyItem.tenant_id, DailyItem.on)


class Summary(Base):
    """周结: the figures of a team's week as they were when it was closed."""

    __tablename__ = "summary"
    __table_args__ = (UniqueConstraint("tenant_id", "kind", "begins_on"),)

    key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    tenant_id: Mapped[str]
    #: "week"
    kind: Mapped[str]
    begins_on: Mapped[date]
    ends_on: Mapped[date]
    made_at: Mapped[datetime] = mapped_column(Instant)
    #: group key -> figures
    teams: Mapped[dict[str, Any]] = mapped_column(Json)


class Rain(Base):
    """A rainy day of a project; told once to what waits for rain, unless taken back before."""

    __tablename__ = "rain"
    __table_args__ = (UniqueConstraint("tenant_id", "on_day"),)

    key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    tenant_id: Mapped[str]
    on: Mapped[date] = mapped_column("on_day")
    #: "light", "medium" or "heavy"
    level: Mapped[str]
    #: "duty" or the name of a weather source
    source: Mapped[str]
    by: Mapped[int] = mapped_column("recorded_by", Key)
    at: Mapped[datetime] = mapped_column("recorded_at", Instant)
    note: Mapped[str | None]
    #: the signal that told it; None while it may be taken back, and for rain too light to be told
    signal_key: Mapped[int | None] = mapped_column("outbox_key", Key)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)
    withdrawn_by: Mapped[int | None] = mapped_column(Key)
