"""Keep how cases belong together: merged, carried on, related."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

#: 63-bit keys; on SQLite the row itself
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


# fmt: off
def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "case_link",
        sa.Column("from_key", KEY, autoincrement=False, nullable=False),
        sa.Column("to_key", KEY, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("linked_by", KEY, nullable=False),
        sa.Column("linked_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["from_key"], ["instance.key"], name=op.f("fk_case_link_from_key_instance")),
        sa.ForeignKeyConstraint(["to_key"], ["instance.key"], name=op.f("fk_case_link_to_key_instance")),
        sa.PrimaryKeyConstraint("from_key", "to_key", "kind", name=op.f("pk_case_link")),
    )
    op.create_index(op.f("ix_case_link_to_key"), "case_link", ["to_key"], unique=False)


def downgrade() -> None:
    """Bring the tables back to the revision before."""
    op.drop_table("case_link")
# fmt: on
