"""What passes between instances: messages kept until they fit, signals on their way, what starts."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, Instant, Json, Key


class Message(Base):
    """A published message; it is there until it has expired, whoever has had it meanwhile."""

    __tablename__ = "message"

    key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    tenant_id: Mapped[str]
    name: Mapped[str]
    #: empty: only start events may have it
    correlation_key: Mapped[str]
    #: the sender's own id: while this message lives there is no other with the same
    message_id: Mapped[str | None]
    variables: Mapped[dict[str, Any]] = mapped_column(Json)
    published_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)
    #: when to look next for who wants it; None: whoever begins to wait looks for it
    due_at: Mapped[datetime | None] = mapped_column(Instant, index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]
    published_by: Mapped[int] = mapped_column(Key)
    #: the instance that threw it
    instance_key: Mapped[int | None] = mapped_column(Key)


Index("ix_message_name", Message.name, Message.correlation_key, Message.key)
_named = text("message_id is not null")
Index("uq_message_id", Message.tenant_id, Message.name, Message.correlation_key, Message.message_id,
      unique=True, sqlite_where=_named, postgresql_where=_named)  # fmt: skip


class MessageReceipt(Base):
    """A process has had a message: it goes to each process once."""

    __tablename__ = "message_receipt"

    message_key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    process_id: Mapped[str] = mapped_column(primary_key=True)
    instance_key: Mapped[int] = mapped_column(Key)


class StartSubscription(Base):
    """A start event of the version in force that waits for a message, a signal or a time."""

    __tablename__ = "start_subscription"

    key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    tenant_id: Mapped[str]
    definition_key: Mapped[int] = mapped_column(ForeignKey("definition.key"))
    process_id: Mapped[str]
    element: Mapped[str]
    #: "message", "signal" or "timer"
    kind: Mapped[str]
    #: of the message or signal
    name: Mapped[str]
    #: the row that wakes it, of a timer
    timer_key: Mapped[int | None] = mapped_column(Key)


Index("ix_start_subscription_name", StartSubscription.kind, StartSubscription.name)
Index("ix_start_subscription_process", StartSubscription.process_id)


class StartLock(Base):
    """The instance that a message with a correlation key started; one a key while it is open."""

    __tablename__ = "start_lock"

    process_id: Mapped[str] = mapped_column(primary_key=True)
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    correlation_key: Mapped[str] = mapped_column(primary_key=True)
    instance_key: Mapped[int] = mapped_column(Key)
    #: since when another message waits for the instance's end
    wanted_at: Mapped[datetime | None] = mapped_column(Instant, index=True)


class Broadcast(Base):
    """A signal on its way; gone when all who waited for it have had it."""

    __tablename__ = "broadcast"

    key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    tenant_id: Mapped[str]
    name: Mapped[str]
    variables: Mapped[dict[str, Any]] = mapped_column(Json)
    broadcast_at: Mapped[datetime] = mapped_column(Instant)
    broadcast_by: Mapped[int] = mapped_column(Key)
    instance_key: Mapped[int | None] = mapped_column(Key)


class Delivery(Base):
    """One receiver of a signal, fixed when it was broadcast; deleted with its effect."""

    __tablename__ = "delivery"

    broadcast_key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    #: a subscription, or a start subscription when `instance_key` is None
    receiver_key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    #: the project, in which a start event starts
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    instance_key: Mapped[int | None] = mapped_column(Key)
    due_at: Mapped[datetime] = mapped_column(Instant, index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]


class ClosedJob(Base):
    """A job that an external worker has ended, so that its second answer is told the truth."""

    __tablename__ = "closed_job"

    key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    tenant_id: Mapped[str]
    instance_key: Mapped[int] = mapped_column(Key)
    definition_key: Mapped[int] = mapped_column(Key)
    token: Mapped[int]
    element: Mapped[str]
    type: Mapped[str]
    #: "completed" or "error"
    outcome: Mapped[str]
    worker: Mapped[str | None]
    error: Mapped[str | None]
    closed_at: Mapped[datetime] = mapped_column(Instant, index=True)
