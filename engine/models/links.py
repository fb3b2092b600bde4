"""How cases belong together: merged, carried on as a new case, related."""

import enum
from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, Instant, Key


class LinkKind(enum.StrEnum):
    """What the first case is to the second one."""

    MERGED = "merged"  #: 并入
    RELATED = "related"  #: 关联
    INTENDED = "intended"  #: 拟并入
    CONTINUES = "continues"  #: 接续
    REOPENS = "reopens"  #: 重新打开


class CaseLink(Base):
    """One case is linked to another one; read from both sides."""

    __tablename__ = "case_link"

    from_key: Mapped[int] = mapped_column(
        Key, ForeignKey("instance.key"), primary_key=True, autoincrement=False
    )
    to_key: Mapped[int] = mapped_column(
        Key, ForeignKey("instance.key"), primary_key=True, autoincrement=False, index=True
    )
    kind: Mapped[str] = mapped_column(primary_key=True)
    by: Mapped[int] = mapped_column("linked_by", Key)
    at: Mapped[datetime] = mapped_column("linked_at", Instant)
