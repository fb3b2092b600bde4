"""Make the tables of cases: instances, tasks, waits, history, facts."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

#: 63-bit keys; on SQLite the row itself
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


# fmt: off
def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "draft",
        sa.Column("task_key", KEY, autoincrement=False, nullable=False),
        sa.Column("user_key", KEY, autoincrement=False, nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("task_key", "user_key", name=op.f("pk_draft")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "fact_case",
        sa.Column("instance_key", KEY, autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("process_id", sa.String(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("end_element", sa.String(), nullable=True),
        sa.Column("codes", sa.Text(), nullable=True),
        sa.Column("late_steps", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("instance_key", name=op.f("pk_fact_case")),
    )
    op.create_index("ix_fact_case_tenant", "fact_case", ["tenant_id", "started_at"], unique=False)
    op.create_table(
        "fact_step",
        sa.Column("task_key", KEY, autoincrement=False, nullable=False),
        sa.Column("instance_key", KEY, nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("element", sa.String(), nullable=False),
        sa.Column("group_key", sa.String(), nullable=True),
        sa.Column("closed_by", KEY, nullable=True),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("claimed_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("completed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("task_key", name=op.f("pk_fact_step")),
    )
    op.create_index("ix_fact_step_tenant", "fact_step", ["tenant_id", "closed_at"], unique=False)
    op.create_table(
        "file",
        sa.Column("key", KEY, autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("instance_key", KEY, nullable=True),
        sa.Column("uploaded_by", KEY, nullable=False),
        sa.Column("uploaded_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_file")),
    )
    op.create_index(op.f("ix_file_instance_key"), "file", ["instance_key"], unique=False)
    op.create_table(
        "history",
        sa.Column("instance_key", KEY, autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("actor", KEY, nullable=False),
        sa.Column("task_key", KEY, nullable=True),
        sa.Column("element", sa.String(), nullable=True),
        sa.Column("data", sa.Text(), nullable=True),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("instance_key", "seq", name=op.f("pk_history")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "incident",
        sa.Column("key", KEY, autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("instance_key", KEY, nullable=False),
        sa.Column("element", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("job_key", KEY, nullable=True),
        sa.Column("raised_at", sa.BigInteger(), nullable=False),
        sa.Column("resolved_at", sa.BigInteger(), nullable=True),
        sa.Column("resolved_by", KEY, nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_incident")),
    )
    op.create_index(op.f("ix_incident_instance_key"), "incident", ["instance_key"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("key", KEY, autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("dedupe_key", sa.String(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("instance_key", KEY, nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_outbox")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_outbox_dedupe_key")),
    )
    op.create_index("ix_outbox_due", "outbox", ["due_at"], unique=False, sqlite_where=sa.text("sent_at is null"), postgresql_where=sa.text("sent_at is null"))
    op.create_table(
        "timer",
        sa.Column("key", KEY, autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("instance_key", KEY, nullable=True),
        sa.Column("token", sa.Integer(), nullable=True),
        sa.Column("task_key", KEY, nullable=True),
        sa.Column("data", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_timer")),
    )
    op.create_index(op.f("ix_timer_due_at"), "timer", ["due_at"], unique=False)
    op.create_index("ix_timer_instance", "timer", ["instance_key"], unique=False, sqlite_where=sa.text("instance_key is not null"), postgresql_where=sa.text("instance_key is not null"))
    op.create_table(
        "instance",
        sa.Column("key", KEY, autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("definition_key", KEY, nullable=False),
        sa.Column("process_id", sa.String(), nullable=False),
        sa.Column("parent_key", KEY, nullable=True),
        sa.Column("parent_token", sa.Integer(), nullable=True),
        sa.Column("root_key", KEY, nullable=False),
        sa.Column("business_key", sa.String(), nullable=True),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("blob", sa.LargeBinary(), nullable=False),
        sa.Column("variables", sa.Text(), nullable=False),
        sa.Column("history_seq", sa.Integer(), nullable=False),
        sa.Column("history_hash", sa.LargeBinary(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("started_by", KEY, nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("end_element", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["definition_key"], ["definition.key"], name=op.f("fk_instance_definition_key_definition")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_instance")),
    )
    op.create_index("ix_instance_active", "instance", ["tenant_id", "process_id", "key"], unique=False, sqlite_where=sa.text("state = 'active'"), postgresql_where=sa.text("state = 'active'"))
    op.create_index("ix_instance_business_key", "instance", ["business_key"], unique=False)
    op.create_index("ix_instance_root", "instance", ["root_key"], unique=False, sqlite_where=sa.text("parent_key is not null"), postgresql_where=sa.text("parent_key is not null"))
    op.create_table(
        "job",
        sa.Column("key", KEY, autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("instance_key", KEY, nullable=False),
        sa.Column("definition_key", KEY, nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("element", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("retries", sa.Integer(), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("variables", sa.Text(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("worker", sa.String(), nullable=True),
        sa.Column("leased_until", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["instance_key"], ["instance.key"], name=op.f("fk_job_instance_key_instance")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_job")),
    )
    op.create_index("ix_job_due", "job", ["state", "due_at"], unique=False)
    op.create_index(op.f("ix_job_instance_key"), "job", ["instance_key"], unique=False)
    op.create_table(
        "submission",
        sa.Column("instance_key", KEY, autoincrement=False, nullable=False),
        sa.Column("task_key", KEY, autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("element", sa.String(), nullable=False),
        sa.Column("form_key", KEY, nullable=True),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("submitted_by", KEY, nullable=False),
        sa.Column("submitted_at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["instance_key"], ["instance.key"], name=op.f("fk_submission_instance_key_instance")),
        sa.PrimaryKeyConstraint("instance_key", "task_key", "version", name=op.f("pk_submission")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "subscription",
        sa.Column("key", KEY, autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("instance_key", KEY, nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("element", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("correlation_key", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["instance_key"], ["instance.key"], name=op.f("fk_subscription_instance_key_instance")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_subscription")),
    )
    op.create_index(op.f("ix_subscription_instance_key"), "subscription", ["instance_key"], unique=False)
    op.create_index("ix_subscription_name", "subscription", ["kind", "name", "correlation_key"], unique=False)
    op.create_table(
        "task",
        sa.Column("key", KEY, autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("instance_key", KEY, nullable=False),
        sa.Column("root_key", KEY, nullable=False),
        sa.Column("definition_key", KEY, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("token", sa.Integer(), nullable=True),
        sa.Column("element", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("group_key", sa.String(), nullable=True),
        sa.Column("assignee", KEY, nullable=True),
        sa.Column("candidates", sa.Text(), nullable=True),
        sa.Column("form_key", KEY, nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("limits", sa.Text(), nullable=True),
        sa.Column("warn_at", sa.BigInteger(), nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("late_at", sa.BigInteger(), nullable=True),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("claimed_at", sa.BigInteger(), nullable=True),
        sa.Column("read_at", sa.BigInteger(), nullable=True),
        sa.Column("follow_up_at", sa.BigInteger(), nullable=True),
        sa.Column("urged", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_by", KEY, nullable=True),
        sa.Column("cause_key", KEY, nullable=True),
        sa.ForeignKeyConstraint(["instance_key"], ["instance.key"], name=op.f("fk_task_instance_key_instance")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_task")),
    )
    op.create_index("ix_task_done", "task", ["closed_by", "closed_at"], unique=False, sqlite_where=sa.text("state = 'completed'"), postgresql_where=sa.text("state = 'completed'"))
    op.create_index("ix_task_inbox", "task", ["tenant_id", "group_key", "due_at"], unique=False, sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'"))
    op.create_index(op.f("ix_task_instance_key"), "task", ["instance_key"], unique=False)
    op.create_index("ix_task_mine", "task", ["assignee", "due_at"], unique=False, sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'"))


def downgrade() -> None:
    """Bring the tables back to the revision before."""
    op.drop_table("task")
    op.drop_table("subscription")
    op.drop_table("submission")
    op.drop_table("job")
    op.drop_table("instance")
    op.drop_table("timer")
    op.drop_table("outbox")
    op.drop_table("incident")
    op.drop_table("history")
    op.drop_table("file")
    op.drop_table("fact_step")
    op.drop_table("fact_case")
    op.drop_table("draft")
