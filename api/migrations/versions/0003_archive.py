"""Make the tables of the property archive."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

#: 63-bit keys; on SQLite the row itself
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


# fmt: off
def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "archive_record",
        sa.Column("instance_key", KEY, autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("room_key", KEY, nullable=True),
        sa.Column("process_id", sa.String(), nullable=False),
        sa.Column("business_key", sa.String(), nullable=True),
        sa.Column("filed_at", sa.BigInteger(), nullable=False),
        sa.Column("codes", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("instance_key", name=op.f("pk_archive_record")),
    )
    op.create_index(op.f("ix_archive_record_room_key"), "archive_record", ["room_key"], unique=False)
    op.create_table(
        "building",
        sa.Column("key", KEY, autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("floors", sa.Integer(), nullable=False),
        sa.Column("has_lift", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_building")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_building_tenant_id_number")),
    )
    op.create_table(
        "resident",
        sa.Column("key", KEY, autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("vulnerable", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_resident")),
    )
    op.create_index("ix_resident_tenant", "resident", ["tenant_id", "name"], unique=False)
    op.create_table(
        "room",
        sa.Column("key", KEY, autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("building_key", KEY, nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("floor", sa.Integer(), nullable=False),
        sa.Column("area", sa.Integer(), nullable=False),
        sa.Column("use", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["building_key"], ["building.key"], name=op.f("fk_room_building_key_building")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_room")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_room_tenant_id_number")),
    )
    op.create_index(op.f("ix_room_building_key"), "room", ["building_key"], unique=False)
    op.create_table(
        "occupancy",
        sa.Column("key", KEY, autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("room_key", KEY, nullable=False),
        sa.Column("resident_key", KEY, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["resident_key"], ["resident.key"], name=op.f("fk_occupancy_resident_key_resident")),
        sa.ForeignKeyConstraint(["room_key"], ["room.key"], name=op.f("fk_occupancy_room_key_room")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_occupancy")),
    )
    op.create_index(op.f("ix_occupancy_resident_key"), "occupancy", ["resident_key"], unique=False)
    op.create_index(op.f("ix_occupancy_room_key"), "occupancy", ["room_key"], unique=False)


def downgrade() -> None:
    """Bring the tables back to the revision before."""
    op.drop_table("occupancy")
    op.drop_table("room")
    op.drop_table("resident")
    op.drop_table("building")
    op.drop_table("archive_record")
