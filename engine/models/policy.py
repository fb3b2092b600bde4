"""Rules of time as rows: policies, ladders and reasons by edition, and requests for more time."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, Instant, Json, Key


class PolicyEdition(Base):
    """One change of the rules of time; a case keeps the edition that it began with."""

    __tablename__ = "policy_edition"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column("changed_at", Instant)
    by: Mapped[int] = mapped_column("changed_by", Key)
    reason: Mapped[str]


class Policy(Base):
    """A rule as it reads from an edition on: a limit, a ladder, a reason for a pause, a principle."""

    __tablename__ = "policy"

    #: "limit", "ladder", "pause" or "principle"
    kind: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    edition: Mapped[int] = mapped_column(ForeignKey("policy_edition.number"), primary_key=True)
    #: None: the rule holds no more from this edition on
    row: Mapped[dict[str, Any] | None] = mapped_column("rule", Json)


class RequestState(enum.StrEnum):
    """A request for time is asked, then granted or refused; a granted pause is ended."""

    ASKED = "asked"  #: 待批准
    GRANTED = "granted"  #: 已批准
    REFUSED = "refused"  #: 未批准
    ENDED = "ended"  #: 已恢复


class TimeRequest(Base):
    """A pause of a case or an extension of a task: who asked, why, until when, who decided."""

    __tablename__ = "time_request"

    key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    tenant_id: Mapped[str]
    root_key: Mapped[int] = mapped_column(ForeignKey("instance.key"), index=True)
    #: of an extension: the task that gets more time
    task_key: Mapped[int | None] = mapped_column(Key)
    #: "pause" or "extension"
    kind: Mapped[str]
    state: Mapped[str]
    #: of a pause: code of its reason
    code: Mapped[str | None]
    text: Mapped[str]
    asked_by: Mapped[int] = mapped_column(Key)
    asked_at: Mapped[datetime] = mapped_column(Instant)
    until: Mapped[datetime] = mapped_column("until_at", Instant)
    decided_by: Mapped[int | None] = mapped_column(Key)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    answer: Mapped[str | None]


_asked = text("state = 'asked'")
Index("ix_time_request_asked", TimeRequest.tenant_id, TimeRequest.asked_at,
      sqlite_where=_asked, postgresql_where=_asked)  # fmt: skip
