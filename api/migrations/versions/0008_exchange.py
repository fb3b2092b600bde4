"""Keep messages, signals on their way, what starts instances, and whose a job is."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

#: 63-bit keys; on SQLite the row itself
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DAY_MS = 86_400_000
_NAMED = sa.text("message_id is not null")


# fmt: off
def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "message",
        sa.Column("key", KEY, autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("correlation_key", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=True),
        sa.Column("variables", sa.Text(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("published_by", KEY, nullable=False),
        sa.Column("instance_key", KEY, nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_message")),
    )
    op.create_index(op.f("ix_message_expires_at"), "message", ["expires_at"], unique=False)
    op.create_index(op.f("ix_message_due_at"), "message", ["due_at"], unique=False)
    op.create_index("ix_message_name", "message", ["name", "correlation_key", "key"], unique=False)
    op.create_index(
        "uq_message_id", "message", ["tenant_id", "name", "correlation_key", "message_id"],
        unique=True, sqlite_where=_NAMED, postgresql_where=_NAMED,
    )
    op.create_table(
        "message_receipt",
        sa.Column("message_key", KEY, autoincrement=False, nullable=False),
        sa.Column("process_id", sa.String(), nullable=False),
        sa.Column("instance_key", KEY, nullable=False),
        sa.PrimaryKeyConstraint("message_key", "process_id", name=op.f("pk_message_receipt")),
    )
    op.create_table(
        "start_subscription",
        sa.Column("key", KEY, autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("definition_key", KEY, nullable=False),
        sa.Column("process_id", sa.String(), nullable=False),
        sa.Column("element", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("timer_key", KEY, nullable=True),
        sa.ForeignKeyConstraint(["definition_key"], ["definition.key"],
                                name=op.f("fk_start_subscription_definition_key_definition")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_start_subscription")),
    )
    op.create_index("ix_start_subscription_name", "start_subscription", ["kind", "name"],
                    unique=False)
    op.create_index("ix_start_subscription_process", "start_subscription", ["process_id"],
                    unique=False)
    op.create_table(
        "start_lock",
        sa.Column("process_id", sa.String(), nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("correlation_key", sa.String(), nullable=False),
        sa.Column("instance_key", KEY, nullable=False),
        sa.Column("wanted_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("process_id", "tenant_id", "correlation_key",
                                name=op.f("pk_start_lock")),
    )
    op.create_index(op.f("ix_start_lock_wanted_at"), "start_lock", ["wanted_at"], unique=False)
    op.create_table(
        "broadcast",
        sa.Column("key", KEY, autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("variables", sa.Text(), nullable=False),
        sa.Column("broadcast_at", sa.BigInteger(), nullable=False),
        sa.Column("broadcast_by", KEY, nullable=False),
        sa.Column("instance_key", KEY, nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_broadcast")),
    )
    op.create_table(
        "delivery",
        sa.Column("broadcast_key", KEY, autoincrement=False, nullable=False),
        sa.Column("receiver_key", KEY, autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("instance_key", KEY, nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("broadcast_key", "receiver_key", "tenant_id",
                                name=op.f("pk_delivery")),
    )
    op.create_index(op.f("ix_delivery_due_at"), "delivery", ["due_at"], unique=False)
    op.create_table(
        "closed_job",
        sa.Column("key", KEY, autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("instance_key", KEY, nullable=False),
        sa.Column("definition_key", KEY, nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("element", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("worker", sa.String(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_closed_job")),
    )
    op.create_index(op.f("ix_closed_job_closed_at"), "closed_job", ["closed_at"], unique=False)
    op.add_column("job", sa.Column("lease", sa.String(), nullable=True))
    op.add_column("job", sa.Column("leased_by", KEY, nullable=True))
    op.create_index("ix_job_type", "job", ["type", "state"], unique=False)
    op.add_column(
        "subscription", sa.Column("opened_at", sa.BigInteger(), server_default="0", nullable=False)
    )
    op.add_column(
        "subscription", sa.Column("due_at", sa.BigInteger(), server_default="0", nullable=True)
    )
    op.create_index("ix_subscription_due", "subscription", ["kind", "due_at"], unique=False)

    _move_letters()


def _move_letters() -> None:
    """Keep messages that wait in the outbox as messages; they live a day from their publication."""
    bind = op.get_bind()
    waiting = bind.execute(sa.text(
        "select key, tenant_id, payload, instance_key, due_at from outbox "
        "where kind = 'bpmn-message' and sent_at is null"
    )).all()
    for key, tenant_id, payload, instance_key, due_at in waiting:
        given = json.loads(payload)
        bind.execute(sa.text(
            "insert into message (key, tenant_id, name, correlation_key, variables, published_at,"
            " expires_at, due_at, attempts, published_by, instance_key) values (:key, :tenant,"
            " :name, :correlation, :variables, :at, :until, :at, 0, 0, :instance)"
        ), {
            "key": key, "tenant": tenant_id, "name": given["name"],
            "correlation": given.get("correlation_key") or "",
            "variables": json.dumps(given.get("variables") or {}), "at": due_at,
            "until": due_at + DAY_MS, "instance": instance_key,
        })
    bind.execute(sa.text("delete from outbox where kind = 'bpmn-message' and sent_at is null"))
