"""Keep the seals over history, how far each chain is sealed, and the looks at all of it."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

#: 63-bit keys; on SQLite the row itself
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


# fmt: off
def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "seal",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sealed_at", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.Text(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("before_hash", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_seal")),
    )
    op.create_table(
        "sealed",
        sa.Column("instance_key", KEY, autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("running", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("instance_key", name=op.f("pk_sealed")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_sealed_running", "sealed", ["instance_key"], unique=False,
                    sqlite_where=sa.text("running"), postgresql_where=sa.text("running"))
    op.create_table(
        "verification",
        sa.Column("key", KEY, autoincrement=False, nullable=False),
        sa.Column("verified_at", sa.BigInteger(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("seals", sa.Integer(), nullable=False),
        sa.Column("faults", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_verification")),
    )


def downgrade() -> None:
    """Bring the tables back to the revision before."""
    op.drop_table("verification")
    op.drop_table("sealed")
    op.drop_table("seal")
