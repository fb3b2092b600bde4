"""Make the table of the words that cases are found by; note when a token was last used."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

#: 63-bit keys; on SQLite the row itself
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


# fmt: off
def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "word",
        sa.Column("word", sa.LargeBinary(), nullable=False),
        sa.Column("root_key", KEY, autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("personal", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("word", "root_key", name=op.f("pk_word")),
        sqlite_with_rowid=False,
    )
    op.add_column("token", sa.Column("used_at", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    """Bring the tables back to the revision before."""
    op.drop_column("token", "used_at")
    op.drop_table("word")
