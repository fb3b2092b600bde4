"""Tables of what was done with the archive: imports, changes of rows, looks at personal data."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from engine.models import Base, Instant, Json, Key
from engine.models.base import Blob


class ImportState(enum.StrEnum):
    """How far an import has come."""

    CHECKED = "checked"  #: 待确认: free of errors, waits to be applied
    REFUSED = "refused"  #: 有错误: nothing was taken over
    APPLIED = "applied"  #: 已导入
    UNDONE = "undone"  #: 已撤销


class Import(Base):
    """A spreadsheet that somebody brought in, and what became of it."""

    __tablename__ = "archive_import"

    key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    tenant_id: Mapped[str]
    file_name: Mapped[str]
    state: Mapped[str]
    by: Mapped[int] = mapped_column("uploaded_by", Key)
    at: Mapped[datetime] = mapped_column("uploaded_at", Instant)
    settled_by: Mapped[int | None] = mapped_column(Key)
    settled_at: Mapped[datetime | None] = mapped_column(Instant)
    #: new, changed, same, errors: numbers of rows, of faults
    counts: Mapped[dict[str, int]] = mapped_column(Json)
    #: the first faults and changes as the preview shows them; dropped with the body
    preview: Mapped[dict[str, Any] | None] = mapped_column(Json)
    #: what it would change, as a hash: applying does what the preview showed or nothing
    digest: Mapped[str]
    #: the workbook itself, dropped as soon as it is not needed any more: personal data
    body: Mapped[bytes | None] = mapped_column(Blob)


Index("ix_archive_import_tenant", Import.tenant_id, Import.key)


class Change(Base):
    """One row of the archive as it was and as it became, by an import or by hand."""

    __tablename__ = "archive_change"

    key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    tenant_id: Mapped[str]
    import_key: Mapped[int | None] = mapped_column(ForeignKey("archive_import.key"), index=True)
    #: name of the table: building, room, resident, occupancy, vehicle, key_set, meter
    entry: Mapped[str] = mapped_column("table_name")
    row_key: Mapped[int] = mapped_column(Key)
    before: Mapped[dict[str, Any] | None] = mapped_column(Json)
    after: Mapped[dict[str, Any] | None] = mapped_column(Json)
    by: Mapped[int] = mapped_column("changed_by", Key)
    at: Mapped[datetime] = mapped_column("changed_at", Instant)


Index("ix_archive_change_row", Change.entry, Change.row_key)


class Look(Base):
    """Somebody saw masked personal data of a room or a person, or took a table of them: why."""

    __tablename__ = "archive_look"

    key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    tenant_id: Mapped[str]
    #: shown, exported
    kind: Mapped[str]
    room_key: Mapped[int | None] = mapped_column(Key)
    #: how many people's data it was
    rows: Mapped[int]
    reason: Mapped[str]
    by: Mapped[int] = mapped_column("seen_by", Key)
    at: Mapped[datetime] = mapped_column("seen_at", Instant)


Index("ix_archive_look_tenant", Look.tenant_id, Look.at)
