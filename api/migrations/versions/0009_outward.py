"""Make the tables of channels, choices, messages to owners and ratings."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

#: 63-bit keys; on SQLite the row itself
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_UNROUTED = sa.text("routed_at is null")


# fmt: off
def upgrade() -> None:
    """Bring the tables to this revision."""
    op.add_column("notice", sa.Column("routed_at", sa.BigInteger(), nullable=True))
    op.execute("update notice set routed_at = at")
    op.create_index("ix_notice_unrouted", "notice", ["key"], unique=False,
                    sqlite_where=_UNROUTED, postgresql_where=_UNROUTED)
    op.create_table(
        "channel",
        sa.Column("key", KEY, autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sealed", sa.String(), nullable=False),
        sa.Column("shown", sa.String(), nullable=False),
        sa.Column("kinds", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_channel")),
    )
    op.create_table(
        "consent",
        sa.Column("key", KEY, autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("party", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("noted_by", KEY, nullable=False),
        sa.Column("noted_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_consent")),
    )
    op.create_index("ix_consent_party", "consent", ["tenant_id", "party", "channel", "key"], unique=False)
    op.create_table(
        "digest_item",
        sa.Column("user_key", KEY, autoincrement=False, nullable=False),
        sa.Column("notice_key", KEY, autoincrement=False, nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("user_key", "notice_key", name=op.f("pk_digest_item")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_digest_item_due_at"), "digest_item", ["due_at"], unique=False)
    op.create_table(
        "message_template",
        sa.Column("key", KEY, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("saved_by", KEY, nullable=False),
        sa.Column("saved_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_message_template")),
        sa.UniqueConstraint("kind", "language", "version", name=op.f("uq_message_template_kind_language_version")),
    )
    op.create_table(
        "notice_choice",
        sa.Column("user_key", KEY, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("user_key", "kind", "channel", name=op.f("pk_notice_choice")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "notice_times",
        sa.Column("user_key", KEY, autoincrement=False, nullable=False),
        sa.Column("quiet_from", sa.Integer(), nullable=True),
        sa.Column("quiet_to", sa.Integer(), nullable=True),
        sa.Column("digest_at", sa.Integer(), nullable=True),
        sa.Column("zone", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("user_key", name=op.f("pk_notice_times")),
    )
    op.create_table(
        "owner_message",
        sa.Column("key", KEY, autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("instance_key", KEY, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("put_at", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("receipt", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_owner_message")),
    )
    op.create_index(op.f("ix_owner_message_instance_key"), "owner_message", ["instance_key"], unique=False)
    op.create_table(
        "rating",
        sa.Column("key", KEY, autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("instance_key", KEY, nullable=False),
        sa.Column("link_key", KEY, nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("word", sa.String(), nullable=True),
        sa.Column("rated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_rating")),
        sa.UniqueConstraint("link_key", name=op.f("uq_rating_link_key")),
    )
    op.create_index(op.f("ix_rating_instance_key"), "rating", ["instance_key"], unique=False)
    op.create_table(
        "rating_link",
        sa.Column("key", KEY, autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("instance_key", KEY, nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_rating_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_rating_link_token_hash")),
    )
    op.create_index(op.f("ix_rating_link_instance_key"), "rating_link", ["instance_key"], unique=False)


def downgrade() -> None:
    """Bring the tables back to the revision before."""
    op.drop_index(op.f("ix_rating_link_instance_key"), table_name="rating_link")
    op.drop_table("rating_link")
    op.drop_index(op.f("ix_rating_instance_key"), table_name="rating")
    op.drop_table("rating")
    op.drop_index(op.f("ix_owner_message_instance_key"), table_name="owner_message")
    op.drop_table("owner_message")
    op.drop_table("notice_times")
    op.drop_table("notice_choice")
    op.drop_table("message_template")
    op.drop_index(op.f("ix_digest_item_due_at"), table_name="digest_item")
    op.drop_table("digest_item")
    op.drop_index("ix_consent_party", table_name="consent")
    op.drop_table("consent")
    op.drop_table("channel")
    op.drop_index("ix_notice_unrouted", table_name="notice")
    op.drop_column("notice", "routed_at")
