"""Make the tables of people, calendars and deployed definitions."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

#: 63-bit keys; on SQLite the row itself
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


# fmt: off
def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "attempt",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("until_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_attempt")),
    )
    op.create_table(
        "calendar",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=True),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("week", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_calendar")),
    )
    op.create_table(
        "content",
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_content")),
    )
    op.create_table(
        "counter",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counter")),
    )
    op.create_table(
        "deployment",
        sa.Column("key", KEY, autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("deployed_at", sa.BigInteger(), nullable=False),
        sa.Column("deployed_by", KEY, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_deployment")),
    )
    op.create_table(
        "heartbeat",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("beat_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_heartbeat")),
    )
    op.create_table(
        "idempotency",
        sa.Column("actor", KEY, autoincrement=False, nullable=False),
        sa.Column("idempotency_key", sa.String(), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("actor", "idempotency_key", name=op.f("pk_idempotency")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_idempotency_at"), "idempotency", ["at"], unique=False)
    op.create_table(
        "notice",
        sa.Column("key", KEY, autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("user_key", KEY, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("params", sa.Text(), nullable=False),
        sa.Column("instance_key", KEY, nullable=True),
        sa.Column("task_key", KEY, nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("read_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_notice")),
    )
    op.create_index("ix_notice_user", "notice", ["user_key", "key"], unique=False)
    op.create_table(
        "tenant",
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_tenant")),
    )
    op.create_table(
        "user",
        sa.Column("key", KEY, autoincrement=False, nullable=False),
        sa.Column("username", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("theme", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_user")),
        sa.UniqueConstraint("username", name=op.f("uq_user_username")),
    )
    op.create_table(
        "calendar_day",
        sa.Column("calendar_code", sa.String(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("working", sa.Boolean(), nullable=False),
        sa.Column("spans", sa.Text(), nullable=True),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["calendar_code"], ["calendar.code"], name=op.f("fk_calendar_day_calendar_code_calendar")),
        sa.PrimaryKeyConstraint("calendar_code", "on_day", name=op.f("pk_calendar_day")),
    )
    op.create_table(
        "calendar_year",
        sa.Column("calendar_code", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("official", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["calendar_code"], ["calendar.code"], name=op.f("fk_calendar_year_calendar_code_calendar")),
        sa.PrimaryKeyConstraint("calendar_code", "year", name=op.f("pk_calendar_year")),
    )
    op.create_table(
        "decision",
        sa.Column("decision_id", sa.String(), nullable=False),
        sa.Column("requirements_id", sa.String(), nullable=False),
        sa.Column("deployment_key", KEY, nullable=False),
        sa.Column("key", KEY, autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("version_tag", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("resource", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["deployment_key"], ["deployment.key"], name=op.f("fk_decision_deployment_key_deployment")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_decision")),
        sa.UniqueConstraint("decision_id", "tenant_id", "version", name=op.f("uq_decision_decision_id_tenant_id_version")),
    )
    op.create_index(op.f("ix_decision_deployment_key"), "decision", ["deployment_key"], unique=False)
    op.create_table(
        "definition",
        sa.Column("process_id", sa.String(), nullable=False),
        sa.Column("deployment_key", KEY, nullable=False),
        sa.Column("routed", sa.Text(), nullable=False),
        sa.Column("bindings", sa.Text(), nullable=False),
        sa.Column("deployed_at", sa.BigInteger(), nullable=False),
        sa.Column("key", KEY, autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("version_tag", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("resource", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["deployment_key"], ["deployment.key"], name=op.f("fk_definition_deployment_key_deployment")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_definition")),
        sa.UniqueConstraint("process_id", "tenant_id", "version", name=op.f("uq_definition_process_id_tenant_id_version")),
    )
    op.create_index("ix_content_definition_hash", "definition", ["hash"], unique=False)
    op.create_index(op.f("ix_definition_deployment_key"), "definition", ["deployment_key"], unique=False)
    op.create_table(
        "form",
        sa.Column("form_id", sa.String(), nullable=False),
        sa.Column("deployment_key", KEY, nullable=False),
        sa.Column("key", KEY, autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("version_tag", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("resource", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["deployment_key"], ["deployment.key"], name=op.f("fk_form_deployment_key_deployment")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_form")),
        sa.UniqueConstraint("form_id", "tenant_id", "version", name=op.f("uq_form_form_id_tenant_id_version")),
    )
    op.create_index(op.f("ix_form_deployment_key"), "form", ["deployment_key"], unique=False)
    op.create_table(
        "membership",
        sa.Column("key", KEY, autoincrement=False, nullable=False),
        sa.Column("user_key", KEY, nullable=False),
        sa.Column("group_key", sa.String(), nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["user_key"], ["user.key"], name=op.f("fk_membership_user_key_user")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_membership")),
    )
    op.create_index("ix_membership_group", "membership", ["tenant_id", "group_key"], unique=False)
    op.create_index(op.f("ix_membership_user_key"), "membership", ["user_key"], unique=False)
    op.create_table(
        "sign_in",
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("user_key", KEY, nullable=False),
        sa.Column("csrf", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user_key"], ["user.key"], name=op.f("fk_sign_in_user_key_user")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_sign_in")),
    )
    op.create_index(op.f("ix_sign_in_user_key"), "sign_in", ["user_key"], unique=False)
    op.create_table(
        "token",
        sa.Column("key", KEY, autoincrement=False, nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("user_key", KEY, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["user_key"], ["user.key"], name=op.f("fk_token_user_key_user")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_token")),
        sa.UniqueConstraint("hash", name=op.f("uq_token_hash")),
    )
    op.create_index(op.f("ix_token_user_key"), "token", ["user_key"], unique=False)


def downgrade() -> None:
    """Bring the tables back to the revision before."""
    op.drop_table("token")
    op.drop_table("sign_in")
    op.drop_table("membership")
    op.drop_table("form")
    op.drop_table("definition")
    op.drop_table("decision")
    op.drop_table("calendar_year")
    op.drop_table("calendar_day")
    op.drop_table("user")
    op.drop_table("tenant")
    op.drop_table("notice")
    op.drop_table("idempotency")
    op.drop_table("heartbeat")
    op.drop_table("deployment")
    op.drop_table("counter")
    op.drop_table("content")
    op.drop_table("calendar")
    op.drop_table("attempt")
