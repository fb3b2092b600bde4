"""Tables of houses and people: buildings, rooms, residents, who lives where, what was done.

Every finished case writes its record here (requirements A1, A2, A8); `lookups` reads it.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.models import Base, Instant, Json, Key


class Building(Base):
    """A building of a project."""

    __tablename__ = "building"
    __table_args__ = (UniqueConstraint("tenant_id", "number"),)

    key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    tenant_id: Mapped[str]
    #: "3" of 3-2-1201
    number: Mapped[str]
    name: Mapped[str]
    floors: Mapped[int]
    has_lift: Mapped[bool]
    #: when the developer handed it over; warranty counts from here
    handed_over_on: Mapped[date | None]


class Room(Base):
    """A room (flat or shop) that somebody owns."""

    __tablename__ = "room"
    __table_args__ = (UniqueConstraint("tenant_id", "number"),)

    key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    tenant_id: Mapped[str]
    building_key: Mapped[int] = mapped_column(ForeignKey("building.key"), index=True)
    #: building-unit-room: 3-2-1201
    number: Mapped[str]
    unit: Mapped[str]
    floor: Mapped[int]
    #: building area in hundredths of a square metre
    area: Mapped[int]
    #: live, rent, empty
    use: Mapped[str]
    #: residence, shop, office, tower, industry, public (requirements G2)
    property_type: Mapped[str] = mapped_column(default="residence", server_default="residence")


class Resident(Base):
    """An owner, tenant or other user of rooms: personal data."""

    __tablename__ = "resident"

    key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    tenant_id: Mapped[str]
    name: Mapped[str]
    phone: Mapped[str]
    #: elderly, ill, disabled or expecting: served first
    vulnerable: Mapped[bool]


Index("ix_resident_tenant", Resident.tenant_id, Resident.name)


class Occupancy(Base):
    """A resident has a room as owner, tenant or other user, from a day to a day."""

    __tablename__ = "occupancy"

    key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    tenant_id: Mapped[str]
    room_key: Mapped[int] = mapped_column(ForeignKey("room.key"), index=True)
    resident_key: Mapped[int] = mapped_column(ForeignKey("resident.key"), index=True)
    #: owner, tenant, user
    kind: Mapped[str]
    from_on: Mapped[date | None]
    to_on: Mapped[date | None]


class Record(Base):
    """What a finished case leaves in the archive of its room: codes, never personal values."""

    __tablename__ = "archive_record"

    instance_key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    tenant_id: Mapped[str]
    room_key: Mapped[int | None] = mapped_column(Key, index=True)
    process_id: Mapped[str]
    business_key: Mapped[str | None]
    at: Mapped[datetime] = mapped_column("filed_at", Instant)
    codes: Mapped[dict[str, Any]] = mapped_column(Json)
