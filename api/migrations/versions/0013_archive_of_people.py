"""Keep keys, meters, vehicles, groups of residents, consents, regions and imports of the archive."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

#: 63-bit keys; on SQLite the row itself
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


# fmt: off
def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table("archive_import",
        sa.Column("key", KEY, autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("uploaded_by", KEY, nullable=False),
        sa.Column("uploaded_at", sa.BigInteger(), nullable=False),
        sa.Column("settled_by", KEY, nullable=True),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("preview", sa.Text(), nullable=True),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_archive_import")),
    )
    op.create_index("ix_archive_import_tenant", "archive_import", ["tenant_id", "key"], unique=False)
    op.create_table("archive_look",
        sa.Column("key", KEY, autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("room_key", KEY, nullable=True),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("seen_by", KEY, nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_archive_look")),
    )
    op.create_index("ix_archive_look_tenant", "archive_look", ["tenant_id", "seen_at"], unique=False)
    op.create_table("region",
        sa.Column("key", KEY, autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_region")),
        sa.UniqueConstraint("name", name=op.f("uq_region_name")),
    )
    op.create_table("trait_choice",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kept", sa.Boolean(), nullable=False),
        sa.Column("decides", sa.Boolean(), nullable=False),
        sa.Column("chosen_by", KEY, nullable=False),
        sa.Column("chosen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_trait_choice")),
    )
    op.create_table("archive_change",
        sa.Column("key", KEY, autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("import_key", KEY, nullable=True),
        sa.Column("table_name", sa.String(), nullable=False),
        sa.Column("row_key", KEY, nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("changed_by", KEY, nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["import_key"], ["archive_import.key"], name=op.f("fk_archive_change_import_key_archive_import")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_archive_change")),
    )
    op.create_index(op.f("ix_archive_change_import_key"), "archive_change", ["import_key"], unique=False)
    op.create_index("ix_archive_change_row", "archive_change", ["table_name", "row_key"], unique=False)
    op.create_table("privacy_consent",
        sa.Column("key", KEY, autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("resident_key", KEY, nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("noted_by", KEY, nullable=False),
        sa.Column("noted_at", sa.BigInteger(), nullable=False),
        sa.Column("instance_key", KEY, nullable=True),
        sa.ForeignKeyConstraint(["resident_key"], ["resident.key"], name=op.f("fk_privacy_consent_resident_key_resident")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_privacy_consent")),
    )
    op.create_index(op.f("ix_privacy_consent_resident_key"), "privacy_consent", ["resident_key"], unique=False)
    op.create_table("region_project",
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("region_key", KEY, nullable=False),
        sa.ForeignKeyConstraint(["region_key"], ["region.key"], name=op.f("fk_region_project_region_key_region")),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_region_project")),
    )
    op.create_index(op.f("ix_region_project_region_key"), "region_project", ["region_key"], unique=False)
    op.create_table("resident_trait",
        sa.Column("resident_key", KEY, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("noted_by", KEY, nullable=False),
        sa.Column("noted_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["resident_key"], ["resident.key"], name=op.f("fk_resident_trait_resident_key_resident")),
        sa.PrimaryKeyConstraint("resident_key", "name", name=op.f("pk_resident_trait")),
        sqlite_with_rowid=False,
    )
    op.create_table("key_set",
        sa.Column("key", KEY, autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("room_key", KEY, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("handed_on", sa.Date(), nullable=True),
        sa.Column("returned_on", sa.Date(), nullable=True),
        sa.Column("instance_key", KEY, nullable=True),
        sa.ForeignKeyConstraint(["room_key"], ["room.key"], name=op.f("fk_key_set_room_key_room")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_key_set")),
    )
    op.create_index(op.f("ix_key_set_room_key"), "key_set", ["room_key"], unique=False)
    op.create_table("meter",
        sa.Column("key", KEY, autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("room_key", KEY, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=True),
        sa.Column("reading", sa.Integer(), nullable=False),
        sa.Column("read_on", sa.Date(), nullable=True),
        sa.Column("instance_key", KEY, nullable=True),
        sa.ForeignKeyConstraint(["room_key"], ["room.key"], name=op.f("fk_meter_room_key_room")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_meter")),
    )
    op.create_index(op.f("ix_meter_room_key"), "meter", ["room_key"], unique=False)
    op.create_table("vehicle",
        sa.Column("key", KEY, autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("room_key", KEY, nullable=False),
        sa.Column("plate", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["room_key"], ["room.key"], name=op.f("fk_vehicle_room_key_room")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_vehicle")),
    )
    op.create_index("ix_vehicle_plate", "vehicle", ["tenant_id", "plate"], unique=False)
    op.create_index(op.f("ix_vehicle_room_key"), "vehicle", ["room_key"], unique=False)
    op.add_column("room", sa.Column("property_type", sa.String(), server_default="residence", nullable=False))


def downgrade() -> None:
    """Bring the tables back to the revision before."""
    op.drop_table("vehicle")
    op.drop_table("meter")
    op.drop_table("key_set")
    op.drop_table("resident_trait")
    op.drop_table("region_project")
    op.drop_table("privacy_consent")
    op.drop_table("archive_change")
    op.drop_table("trait_choice")
    op.drop_table("region")
    op.drop_table("archive_look")
    op.drop_table("archive_import")
    with op.batch_alter_table("room") as table:
        table.drop_column("property_type")
