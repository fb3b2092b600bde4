"""Keep the lists from which many cases are started; find due timers in their order."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

#: 63-bit keys; on SQLite the row itself
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "load",
        sa.Column("key", KEY, nullable=False, autoincrement=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("instance_key", KEY, nullable=False),
        sa.Column("element", sa.String(), nullable=False),
        sa.Column("process_id", sa.String(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("key", name="pk_load"),
        sa.ForeignKeyConstraint(
            ["instance_key"], ["instance.key"], name="fk_load_instance_key_instance"
        ),
    )
    op.create_index("ix_load_instance_key", "load", ["instance_key"])
    op.create_table(
        "load_line",
        sa.Column("load_key", KEY, nullable=False, autoincrement=False),
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("thing", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("variables", sa.Text()),
        sa.Column("started_key", KEY),
        sa.Column("handled_at", sa.BigInteger()),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String()),
        sa.PrimaryKeyConstraint("load_key", "number", name="pk_load_line"),
        sa.ForeignKeyConstraint(["load_key"], ["load.key"], name="fk_load_line_load_key_load"),
    )
    op.create_index("ix_load_line_thing", "load_line", ["thing"])
    left = sa.text("state in ('waiting', 'failed')")
    op.create_index("ix_load_line_left", "load_line", ["load_key", "number"],
                    sqlite_where=left, postgresql_where=left)  # fmt: skip
    op.drop_index("ix_timer_due_at", "timer")
    op.create_index("ix_timer_due", "timer", ["due_at", "key"])


def downgrade() -> None:
    """Bring the tables back to the revision before."""
    op.drop_index("ix_timer_due", "timer")
    op.create_index("ix_timer_due_at", "timer", ["due_at"])
    op.drop_table("load_line")
    op.drop_table("load")
