"""Keep the rules of time by edition, requests for more time, and the pauses of a case."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

#: 63-bit keys; on SQLite the row itself
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


# fmt: off
def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "policy_edition",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", KEY, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_policy_edition")),
    )
    op.create_table(
        "policy",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["edition"], ["policy_edition.number"],
                                name=op.f("fk_policy_edition_policy_edition")),
        sa.PrimaryKeyConstraint("kind", "code", "edition", name=op.f("pk_policy")),
    )
    op.create_table(
        "time_request",
        sa.Column("key", KEY, autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("root_key", KEY, nullable=False),
        sa.Column("task_key", KEY, nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("asked_by", KEY, nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("until_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_by", KEY, nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("answer", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["root_key"], ["instance.key"],
                                name=op.f("fk_time_request_root_key_instance")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_time_request")),
    )
    op.create_index(op.f("ix_time_request_root_key"), "time_request", ["root_key"], unique=False)
    op.create_index("ix_time_request_asked", "time_request", ["tenant_id", "asked_at"], unique=False,
                    sqlite_where=sa.text("state = 'asked'"),
                    postgresql_where=sa.text("state = 'asked'"))
    op.add_column("instance", sa.Column("policy_edition", sa.Integer(), nullable=True))
    op.add_column("instance", sa.Column("pauses", sa.Text(), nullable=True))


def downgrade() -> None:
    """Bring the tables back to the revision before."""
    op.drop_column("instance", "pauses")
    op.drop_column("instance", "policy_edition")
    for table in ("time_request", "policy", "policy_edition"):
        op.drop_table(table)
