"""Let a team have calendars; keep their changes, schedules, daily lists, summaries and rain."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

#: 63-bit keys; on SQLite the row itself
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


# fmt: off
def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "daily_item",
        sa.Column("key", KEY, autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("user_key", KEY, nullable=False),
        sa.Column("task_key", KEY, nullable=False),
        sa.Column("instance_key", KEY, nullable=False),
        sa.Column("group_key", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("promised_on", sa.Date(), nullable=True),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_daily_item")),
        sa.UniqueConstraint("on_day", "task_key", name=op.f("uq_daily_item_on_day_task_key")),
    )
    op.create_index("ix_daily_item_person", "daily_item", ["user_key", "on_day"], unique=False)
    op.create_index("ix_daily_item_project", "daily_item", ["tenant_id", "on_day"], unique=False)
    op.create_table(
        "rain",
        sa.Column("key", KEY, autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("recorded_by", KEY, nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("outbox_key", KEY, nullable=True),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn_by", KEY, nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_rain")),
        sa.UniqueConstraint("tenant_id", "on_day", name=op.f("uq_rain_tenant_id_on_day")),
    )
    op.create_table(
        "schedule",
        sa.Column("key", KEY, autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("every", sa.String(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=True),
        sa.Column("local_time", sa.String(), nullable=False),
        sa.Column("does", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("seed", sa.String(), nullable=True),
        sa.Column("last_at", sa.BigInteger(), nullable=True),
        sa.Column("last_turns", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_schedule")),
        sa.UniqueConstraint("seed", name=op.f("uq_schedule_seed")),
    )
    op.create_table(
        "summary",
        sa.Column("key", KEY, autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("teams", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_summary")),
        sa.UniqueConstraint("tenant_id", "kind", "begins_on", name=op.f("uq_summary_tenant_id_kind_begins_on")),
    )
    op.create_table(
        "calendar_change",
        sa.Column("key", KEY, autoincrement=False, nullable=False),
        sa.Column("calendar_code", sa.String(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", KEY, nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("changes", sa.Text(), nullable=False),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.Column("moves", sa.Text(), nullable=False),
        sa.Column("recounted_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["calendar_code"], ["calendar.code"], name=op.f("fk_calendar_change_calendar_code_calendar")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_calendar_change")),
    )
    op.create_index(op.f("ix_calendar_change_calendar_code"), "calendar_change", ["calendar_code"], unique=False)
    op.add_column("calendar", sa.Column("group_key", sa.String(), nullable=True))


def downgrade() -> None:
    """Bring the tables back to the revision before."""
    op.drop_column("calendar", "group_key")
    for table in ("calendar_change", "summary", "schedule", "rain", "daily_item"):
        op.drop_table(table)
