"""What waits for something other than a person: timers, jobs, subscriptions, outbox (decision 10)."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, Instant, Json, Key


class TimerKind(enum.StrEnum):
    """Who acts when a timer is due; each kind has one writer."""

    TOKEN = "token"  # noqa: S105 — a BPMN timer event; written by instances.record
    LIMIT = "limit"  #: the next warning or limit of a task; written by deadlines
    CASE = "case"  #: first answer and solution of a case; written by case_clocks
    PAUSE = "pause"  #: the latest end of a pause; written by pauses
    SCHEDULE = "schedule"  #: a recurring piece of work; written by schedules
    START = "start"  #: a timer start event; written by starts
    RAIN = "rain"  #: the moment at which a rainy day is told; written by rain
    RECOUNT = "recount"  #: limits to work out again after a calendar changed; by recounting


class Timer(Base):
    """Everything that wakes by time."""

    __tablename__ = "timer"

    key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    tenant_id: Mapped[str]
    kind: Mapped[str]
    due_at: Mapped[datetime] = mapped_column(Instant)
    instance_key: Mapped[int | None] = mapped_column(Key)
    token: Mapped[int | None]
    task_key: Mapped[int | None] = mapped_column(Key)
    data: Mapped[dict[str, Any] | None] = mapped_column(Json)
    attempts: Mapped[int] = mapped_column(default=0)


#: in the order in which they fire: ten thousand of one moment need no sorting
Index("ix_timer_due", Timer.due_at, Timer.key)
_of_instance = text("instance_key is not null")
Index("ix_timer_instance", Timer.instance_key,
      sqlite_where=_of_instance, postgresql_where=_of_instance)  # fmt: skip
#: schedules and starts are few: they are found without passing every limit that is due
_of_none = text("instance_key is null")
Index("ix_timer_of_none", Timer.due_at, Timer.key, sqlite_where=_of_none, postgresql_where=_of_none)


class JobState(enum.StrEnum):
    """A job waits, is leased to a worker, or has used up its retries."""

    WAITING = "waiting"  #: 等待执行
    LEASED = "leased"  #: 执行中
    FAILED = "failed"  #: 异常
    SUSPENDED = "suspended"  #: 案件已挂起


class Job(Base):
    """Work of a service or send task for a handler or an external worker, as in Camunda 8."""

    __tablename__ = "job"

    key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    tenant_id: Mapped[str]
    instance_key: Mapped[int] = mapped_column(ForeignKey("instance.key"), index=True)
    definition_key: Mapped[int] = mapped_column(Key)
    token: Mapped[int]
    element: Mapped[str]
    type: Mapped[str]
    state: Mapped[str] = mapped_column(default=JobState.WAITING)
    retries: Mapped[int]
    headers: Mapped[dict[str, Any]] = mapped_column(Json)
    variables: Mapped[dict[str, Any]] = mapped_column(Json)
    due_at: Mapped[datetime] = mapped_column(Instant)
    worker: Mapped[str | None]
    leased_until: Mapped[datetime | None] = mapped_column(Instant)
    #: proof of the lease, and whose it is
    lease: Mapped[str | None]
    leased_by: Mapped[int | None] = mapped_column(Key)
    error: Mapped[str | None]


Index("ix_job_due", Job.state, Job.due_at)
Index("ix_job_type", Job.type, Job.state)


class Subscription(Base):
    """A token that waits for a message, a signal or the end of a called instance."""

    __tablename__ = "subscription"

    key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    tenant_id: Mapped[str]
    instance_key: Mapped[int] = mapped_column(ForeignKey("instance.key"), index=True)
    token: Mapped[int]
    element: Mapped[str]
    #: "message", "signal" or "call"
    kind: Mapped[str]
    name: Mapped[str]
    correlation_key: Mapped[str | None]
    #: since when it waits
    opened_at: Mapped[datetime] = mapped_column(Instant, server_default="0")
    #: when to look for kept messages; None: they look for it
    due_at: Mapped[datetime | None] = mapped_column(Instant, server_default="0")


Index("ix_subscription_due", Subscription.kind, Subscription.due_at)
Index("ix_subscription_name", Subscription.kind, Subscription.name, Subscription.correlation_key)


class Outbox(Base):
    """A message to the world, sent at least once and at most once per dedupe key at the sink."""

    __tablename__ = "outbox"

    key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    tenant_id: Mapped[str]
    kind: Mapped[str]
    dedupe_key: Mapped[str] = mapped_column(unique=True)
    payload: Mapped[dict[str, Any]] = mapped_column(Json)
    due_at: Mapped[datetime] = mapped_column(Instant)
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    error: Mapped[str | None]
    instance_key: Mapped[int | None] = mapped_column(Key)


_unsent = text("sent_at is null")
Index("ix_outbox_due", Outbox.due_at, sqlite_where=_unsent, postgresql_where=_unsent)
