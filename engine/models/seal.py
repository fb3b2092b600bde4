"""What vouches for history: signed seals over the chains, and the last look at all of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, Blob, Instant, Json, Key


class Seal(Base):
    """A signed Merkle root over the ends of the chains that grew since the seal before."""

    __tablename__ = "seal"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column("sealed_at", Instant)
    #: [instance key, number of its last event, that event's hash in hex]: the tree's leaves
    ends: Mapped[list[tuple[int, int, str]]] = mapped_column(Json)
    root: Mapped[bytes] = mapped_column(Blob)
    #: fingerprint of the seal before; empty in the first
    before: Mapped[bytes] = mapped_column("before_hash", Blob)
    key_id: Mapped[str]
    signature: Mapped[bytes] = mapped_column(Blob)


class Sealed(Base):
    """How far the chain of an instance is sealed."""

    __tablename__ = "sealed"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 — SQLAlchemy's own protocol

    instance_key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    seq: Mapped[int]
    #: whether the instance was running then, so that its end is still to be sealed
    running: Mapped[bool]


_running = text("running")
Index("ix_sealed_running", Sealed.instance_key, sqlite_where=_running, postgresql_where=_running)


class Verification(Base):
    """One look at every chain and every seal, and what it found."""

    __tablename__ = "verification"

    key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column("verified_at", Instant)
    cases: Mapped[int]
    events: Mapped[int]
    seals: Mapped[int]
    #: what does not fit, the first ones; empty when everything does
    faults: Mapped[list[dict[str, Any]]] = mapped_column(Json)
