"""Forget the plain hashes of requests: short values could be guessed from them.

Their keys count as expired, a day early at most.
"""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.execute("DELETE FROM idempotency")


def downgrade() -> None:
    """Bring the tables back to the revision before."""
    op.execute("DELETE FROM idempotency")
