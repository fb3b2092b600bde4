"""Find due timers of no case without passing those of all cases."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_OF_NONE = sa.text("instance_key is null")


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_index(
        "ix_timer_of_none", "timer", ["due_at", "key"],
        sqlite_where=_OF_NONE, postgresql_where=_OF_NONE,
    )  # fmt: skip


def downgrade() -> None:
    """Bring the tables back to the revision before."""
    op.drop_index("ix_timer_of_none", "timer")
