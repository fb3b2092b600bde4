"""Runs of a process: one row and one state blob each (decision 7)."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, Blob, Instant, Json, Key


class InstanceState(enum.StrEnum):
    """The life of an instance; an incident is a row of its own and does not change it."""

    ACTIVE = "active"  #: 办理中
    SUSPENDED = "suspended"  #: 已挂起
    COMPLETED = "completed"  #: 已办结
    CANCELLED = "cancelled"  #: 已作废


class Instance(Base):
    """One run of a process definition; a called process is an instance of its own."""

    __tablename__ = "instance"

    key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    tenant_id: Mapped[str]
    definition_key: Mapped[int] = mapped_column(ForeignKey("definition.key"))
    process_id: Mapped[str]
    #: the calling instance, the token there that waits for the answer, and the outermost caller
    parent_key: Mapped[int | None] = mapped_column(Key)
    parent_token: Mapped[int | None]
    root_key: Mapped[int] = mapped_column(Key)
    business_key: Mapped[str | None]
    title: Mapped[str | None]
    state: Mapped[str] = mapped_column(default=InstanceState.ACTIVE)
    #: bumped by every command; a command that read another number was overtaken
    revision: Mapped[int] = mapped_column(default=1)
    #: engine.spiff's state; empty once the instance has ended
    blob: Mapped[bytes] = mapped_column(Blob)
    #: routed variables of the process scope, as last seen
    variables: Mapped[dict[str, Any]] = mapped_column(Json)
    #: next number and last hash of the instance's chain of events
    history_seq: Mapped[int] = mapped_column(default=0)
    history_hash: Mapped[bytes] = mapped_column(Blob, default=b"")
    priority: Mapped[int] = mapped_column(default=50)
    #: edition of the rules of time in force when it began; None: there were none
    policy_edition: Mapped[int | None]
    #: [from, to, why] in milliseconds: when its clocks stood still; called instances alike
    pauses: Mapped[list[Any] | None] = mapped_column(Json)
    started_by: Mapped[int] = mapped_column(Key)
    started_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    #: since when nothing moves; None while the instance runs
    suspended_at: Mapped[datetime | None] = mapped_column(Instant)
    #: id of the end event reached last
    end_element: Mapped[str | None]


_active = text("state = 'active'")
Index("ix_instance_active", Instance.tenant_id, Instance.process_id, Instance.key,
      sqlite_where=_active, postgresql_where=_active)  # fmt: skip
Index("ix_instance_business_key", Instance.business_key)
_called = text("parent_key is not null")
Index("ix_instance_root", Instance.root_key, sqlite_where=_called, postgresql_where=_called)


class Counter(Base):
    """The last number given under a name: case numbers of a project's day."""

    __tablename__ = "counter"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int]
