"""What people filled in: submissions, drafts, uploaded files."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, Instant, Json, Key


class Submission(Base):
    """The values of one completed form; a correction is a new version, never a change."""

    __tablename__ = "submission"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 — SQLAlchemy's own protocol

    instance_key: Mapped[int] = mapped_column(
        Key, ForeignKey("instance.key"), primary_key=True, autoincrement=False
    )
    task_key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    element: Mapped[str]
    form_key: Mapped[int | None] = mapped_column(Key)
    data: Mapped[dict[str, Any]] = mapped_column(Json)
    by: Mapped[int] = mapped_column("submitted_by", Key)
    at: Mapped[datetime] = mapped_column("submitted_at", Instant)
    #: why it was corrected; None for version 1
    reason: Mapped[str | None]


class Draft(Base):
    """What a person has typed into a task's form and not yet submitted."""

    __tablename__ = "draft"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 — SQLAlchemy's own protocol

    task_key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    user_key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    data: Mapped[dict[str, Any]] = mapped_column(Json)
    at: Mapped[datetime] = mapped_column("saved_at", Instant)


class File(Base):
    """An uploaded file; its bytes lie under their SHA-256 in the files folder (decision 18)."""

    __tablename__ = "file"

    key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    tenant_id: Mapped[str]
    hash: Mapped[str]
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    #: set when a submission refers to it; an upload that stays alone is swept
    instance_key: Mapped[int | None] = mapped_column(Key, index=True)
    by: Mapped[int] = mapped_column("uploaded_by", Key)
    at: Mapped[datetime] = mapped_column("uploaded_at", Instant)
