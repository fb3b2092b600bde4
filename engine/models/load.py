"""Many cases that one case starts: the list, and how far it has got."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, Instant, Json, Key


class LoadState(enum.StrEnum):
    """What became of one line of a list."""

    WAITING = "waiting"  #: 还没开
    STARTED = "started"  #: 已开
    KNOWN = "known"  #: 原来就有
    FAILED = "failed"  #: 没开成


class Load(Base):
    """A list of cases to start, asked for by a step of a case; started in jobs of some lines."""

    __tablename__ = "load"

    key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    tenant_id: Mapped[str]
    #: the case and the step that ask for it
    instance_key: Mapped[int] = mapped_column(Key, ForeignKey("instance.key"), index=True)
    element: Mapped[str]
    #: the process that is started for each line
    process_id: Mapped[str]
    total: Mapped[int]
    #: lines a job
    size: Mapped[int]
    begun_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class LoadLine(Base):
    """One line of the list: what the case is about, and the case once it is there."""

    __tablename__ = "load_line"

    load_key: Mapped[int] = mapped_column(
        Key, ForeignKey("load.key"), primary_key=True, autoincrement=False
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    #: the same thing has one open case of the process at most: a room's key
    thing: Mapped[str] = mapped_column(index=True)
    state: Mapped[str] = mapped_column(default=LoadState.WAITING)
    #: what the case starts with; gone once it has started
    variables: Mapped[dict[str, Any] | None] = mapped_column(Json)
    started_key: Mapped[int | None] = mapped_column(Key)
    at: Mapped[datetime | None] = mapped_column("handled_at", Instant)
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]


_left = text("state in ('waiting', 'failed')")
Index("ix_load_line_left", LoadLine.load_key, LoadLine.number,
      sqlite_where=_left, postgresql_where=_left)  # fmt: skip
