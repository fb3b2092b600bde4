"""Let an instance be suspended, and an incident keep its fault and its token."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


# fmt: off
def upgrade() -> None:
    """Bring the tables to this revision."""
    op.add_column("instance", sa.Column("suspended_at", sa.BigInteger(), nullable=True))
    op.add_column("incident", sa.Column("detail", sa.String(), nullable=True))
    op.add_column("incident", sa.Column("token", sa.Integer(), nullable=True))
