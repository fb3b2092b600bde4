"""Sheets that were printed: a number each, never twice, kept with the case."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, Instant, Key


class PrintedSheet(Base):
    """A case's sheet of one kind, numbered when it was first printed."""

    __tablename__ = "printed_sheet"
    __table_args__ = (
        UniqueConstraint("tenant_id", "kind", "year", "number"),
        UniqueConstraint("instance_key", "kind"),
    )

    key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    tenant_id: Mapped[str]
    #: which sheet, as `processes.sheets` names it
    kind: Mapped[str]
    #: of the project's calendar when it was numbered
    year: Mapped[int]
    #: running in the project, the kind and the year, from 1
    number: Mapped[int]
    #: the root of the case
    instance_key: Mapped[int] = mapped_column(Key, ForeignKey("instance.key"), index=True)
    by: Mapped[int] = mapped_column("printed_by", Key)
    at: Mapped[datetime] = mapped_column("printed_at", Instant)
