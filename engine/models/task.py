"""Work that waits for a person: user tasks of diagrams and supervising tasks 督办."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, Instant, Json, Key


class TaskState(enum.StrEnum):
    """A task is open until it is completed or its element is left without it."""

    OPEN = "open"  #: 待办
    COMPLETED = "completed"  #: 已办
    CANCELLED = "cancelled"  #: 已取消


class TaskKind(enum.StrEnum):
    """Where a task comes from."""

    USER = "user"  #: 流程任务
    SUPERVISE = "supervise"  #: 督办


class Task(Base):
    """One piece of work for one person; mirrors a waiting token, or supervises such a task."""

    __tablename__ = "task"

    key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    tenant_id: Mapped[str]
    instance_key: Mapped[int] = mapped_column(ForeignKey("instance.key"), index=True)
    root_key: Mapped[int] = mapped_column(Key)
    definition_key: Mapped[int] = mapped_column(Key)
    kind: Mapped[str] = mapped_column(default=TaskKind.USER)
    token: Mapped[int | None]
    element: Mapped[str]
    name: Mapped[str]
    state: Mapped[str] = mapped_column(default=TaskState.OPEN)
    group: Mapped[str | None] = mapped_column("group_key")
    assignee: Mapped[int | None] = mapped_column(Key)
    #: further candidates {"users": [user keys], "groups": [group keys]} and "excluded" user keys
    candidates: Mapped[dict[str, Any] | None] = mapped_column(Json)
    #: the form version pinned when the task opened
    form_key: Mapped[int | None] = mapped_column(Key)
    priority: Mapped[int] = mapped_column(default=50)
    #: the limit pinned when the task opened, and how it came about (engine.deadlines)
    limits: Mapped[dict[str, Any] | None] = mapped_column(Json)
    warn_at: Mapped[datetime | None] = mapped_column(Instant)
    due_at: Mapped[datetime | None] = mapped_column(Instant)
    #: when the limit was found passed; never cleared, so that a late task stays a late task
    late_at: Mapped[datetime | None] = mapped_column(Instant)
    opened_at: Mapped[datetime] = mapped_column(Instant)
    claimed_at: Mapped[datetime | None] = mapped_column(Instant)
    read_at: Mapped[datetime | None] = mapped_column(Instant)
    follow_up_at: Mapped[datetime | None] = mapped_column(Instant)
    urged: Mapped[int] = mapped_column(default=0)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    closed_by: Mapped[int | None] = mapped_column(Key)
    #: of a supervising task: the late task it watches
    cause_key: Mapped[int | None] = mapped_column(Key)


_open = text("state = 'open'")
Index("ix_task_inbox", Task.tenant_id, Task.group, Task.due_at,
      sqlite_where=_open, postgresql_where=_open)  # fmt: skip
Index("ix_task_mine", Task.assignee, Task.due_at, sqlite_where=_open, postgresql_where=_open)
_done = text("state = 'completed'")
Index("ix_task_done", Task.closed_by, Task.closed_at, sqlite_where=_done, postgresql_where=_done)
