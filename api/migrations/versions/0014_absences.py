"""Keep absences and deputies, buildings of a membership, and ID numbers encrypted."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

#: 63-bit keys; on SQLite the row itself
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


# fmt: off
def upgrade() -> None:
    """Bring the tables to this revision."""
    op.add_column("membership", sa.Column("buildings", sa.Text(), nullable=True))
    op.create_table("absence",
        sa.Column("key", KEY, autoincrement=False, nullable=False),
        sa.Column("user_key", KEY, nullable=False),
        sa.Column("deputy_key", KEY, nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("in_hand", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("recorded_by", KEY, nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["deputy_key"], ["user.key"], name=op.f("fk_absence_deputy_key_user")),
        sa.ForeignKeyConstraint(["user_key"], ["user.key"], name=op.f("fk_absence_user_key_user")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_absence")),
    )
    op.create_index(op.f("ix_absence_deputy_key"), "absence", ["deputy_key"], unique=False)
    op.create_index(op.f("ix_absence_user_key"), "absence", ["user_key"], unique=False)
    op.create_table("id_number",
        sa.Column("resident_key", KEY, autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("stored", sa.String(), nullable=False),
        sa.Column("finder", sa.String(), nullable=False),
        sa.Column("noted_by", KEY, nullable=False),
        sa.Column("noted_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["resident_key"], ["resident.key"], name=op.f("fk_id_number_resident_key_resident")),
        sa.PrimaryKeyConstraint("resident_key", name=op.f("pk_id_number")),
    )
    op.create_index(op.f("ix_id_number_finder"), "id_number", ["finder"], unique=False)


def downgrade() -> None:
    """Bring the tables back to the revision before."""
    op.drop_table("id_number")
    op.drop_table("absence")
    with op.batch_alter_table("membership") as table:
        table.drop_column("buildings")
