"""The table of ID numbers: encrypted, apart from the residents that they belong to."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from engine.models import Base, Instant, Key


class IdNumber(Base):
    """The number of a resident's identity document; `processes.id_numbers` reads and writes it."""

    __tablename__ = "id_number"

    resident_key: Mapped[int] = mapped_column(
        Key, ForeignKey("resident.key"), primary_key=True, autoincrement=False
    )
    tenant_id: Mapped[str]
    #: id, passport, hkmt, license
    kind: Mapped[str]
    #: `engine.encryption`: the mask, the key's id, the encrypted number
    stored: Mapped[str]
    #: the keyed hash that it is found by
    finder: Mapped[str] = mapped_column(index=True)
    by: Mapped[int] = mapped_column("noted_by", Key)
    at: Mapped[datetime] = mapped_column("noted_at", Instant)
