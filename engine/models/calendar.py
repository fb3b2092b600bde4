"""When people work: calendars as data (decision 14), and the heartbeat of the clockwork."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, Instant, Json


class Calendar(Base):
    """A calendar: the spans of an ordinary week; `kind` is "statutory" or "service"."""

    __tablename__ = "calendar"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[str]
    #: None: for every project without its own of this kind
    tenant_id: Mapped[str | None]
    #: None: for every team without its own
    group: Mapped[str | None] = mapped_column("group_key")
    zone: Mapped[str]
    #: seven lists (Monday first) of ["08:30", "12:00"] spans of local time
    week: Mapped[list[Any]] = mapped_column(Json)
    #: bumped by every change of the calendar or its days, so that processes drop what they keep
    version: Mapped[int] = mapped_column(default=1)


class CalendarDay(Base):
    """A day that differs from the ordinary week; `spans` None means the ordinary spans of work."""

    __tablename__ = "calendar_day"

    calendar_code: Mapped[str] = mapped_column(ForeignKey("calendar.code"), primary_key=True)
    on: Mapped[date] = mapped_column("on_day", primary_key=True)
    working: Mapped[bool]
    spans: Mapped[list[Any] | None] = mapped_column(Json)
    name: Mapped[str | None]
    #: "official", "import" or "edited"
    source: Mapped[str]


class CalendarYear(Base):
    """Which years of a calendar rest on official data."""

    __tablename__ = "calendar_year"

    calendar_code: Mapped[str] = mapped_column(ForeignKey("calendar.code"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    official: Mapped[bool]


class Heartbeat(Base):
    """The last beat of each clockwork, for /healthz."""

    __tablename__ = "heartbeat"

    name: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column("beat_at", Instant)
