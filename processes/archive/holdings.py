"""Tables of what belongs to a house or a person: vehicles, keys, meters, groups, consents, regions."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from engine.models import Base, Instant, Key


class Region(Base):
    """A region of the company: its projects are run together (company, region, project)."""

    __tablename__ = "region"

    key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(unique=True)


class RegionProject(Base):
    """A project lies in a region; one without a row lies directly under the company."""

    __tablename__ = "region_project"

    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    region_key: Mapped[int] = mapped_column(ForeignKey("region.key"), index=True)


class _OfRoom:
    """What every row has that belongs to a room."""

    key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    tenant_id: Mapped[str]
    room_key: Mapped[int] = mapped_column(ForeignKey("room.key"), index=True)


class Vehicle(_OfRoom, Base):
    """A vehicle of a room: personal data."""

    __tablename__ = "vehicle"

    plate: Mapped[str]
    model: Mapped[str | None]
    from_on: Mapped[date | None]
    to_on: Mapped[date | None]


Index("ix_vehicle_plate", Vehicle.tenant_id, Vehicle.plate)


class KeySet(_OfRoom, Base):
    """Keys of one kind, or a card with its number, handed out for a room (requirement M14)."""

    __tablename__ = "key_set"

    #: entrance, inner, mailbox, water_box, power_box, card, other
    kind: Mapped[str]
    number: Mapped[str | None]
    count: Mapped[int]
    handed_on: Mapped[date | None]
    returned_on: Mapped[date | None]
    #: the case that handed them out
    instance_key: Mapped[int | None] = mapped_column(Key)


class Meter(_OfRoom, Base):
    """A meter of a room with the reading it was taken over at (requirement M14)."""

    __tablename__ = "meter"

    #: water, power, gas, heat
    kind: Mapped[str]
    number: Mapped[str | None]
    #: first reading in thousandths of its unit (m³, kWh)
    reading: Mapped[int]
    read_on: Mapped[date | None]
    instance_key: Mapped[int | None] = mapped_column(Key)


class Trait(Base):
    """A resident belongs to a group (requirements G1-G7): personal data."""

    __tablename__ = "resident_trait"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 — SQLAlchemy's own protocol

    resident_key: Mapped[int] = mapped_column(ForeignKey("resident.key"), primary_key=True)
    #: a key of traits.TRAITS
    name: Mapped[str] = mapped_column(primary_key=True)
    tenant_id: Mapped[str]
    value: Mapped[str]
    by: Mapped[int] = mapped_column("noted_by", Key)
    at: Mapped[datetime] = mapped_column("noted_at", Instant)


class TraitChoice(Base):
    """What the company decided on a trait: whether it is kept, whether decisions may read it."""

    __tablename__ = "trait_choice"

    name: Mapped[str] = mapped_column(primary_key=True)
    kept: Mapped[bool]
    decides: Mapped[bool]
    by: Mapped[int] = mapped_column("chosen_by", Key)
    at: Mapped[datetime] = mapped_column("chosen_at", Instant)


class PrivacyConsent(Base):
    """A resident was told how personal data is used, in a version of the notice, and said yes or no."""

    __tablename__ = "privacy_consent"

    key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    tenant_id: Mapped[str]
    resident_key: Mapped[int] = mapped_column(ForeignKey("resident.key"), index=True)
    #: version of the notice that was shown
    version: Mapped[str]
    given: Mapped[bool]
    by: Mapped[int] = mapped_column("noted_by", Key)
    at: Mapped[datetime] = mapped_column("noted_at", Instant)
    #: the case in which it was said
    instance_key: Mapped[int | None] = mapped_column(Key)
