"""Keep the numbers of printed sheets."""

import sqlalchemy as sa
from alembic import op

from engine.models import Instant, Key

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "printed_sheet",
        sa.Column("key", Key, autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("instance_key", Key, nullable=False),
        sa.Column("printed_by", Key, nullable=False),
        sa.Column("printed_at", Instant, nullable=False),
        sa.ForeignKeyConstraint(["instance_key"], ["instance.key"]),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("tenant_id", "kind", "year", "number"),
        sa.UniqueConstraint("instance_key", "kind"),
    )
    op.create_index("ix_printed_sheet_instance_key", "printed_sheet", ["instance_key"])


def downgrade() -> None:
    """Bring the tables back to the revision before."""
    op.drop_table("printed_sheet")
