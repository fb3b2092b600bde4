"""Let a link carry what an owner may do with it; links for rating become such links."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

#: 63-bit keys; on SQLite the row itself
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


# fmt: off
def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "owner_link",
        sa.Column("key", KEY, autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("instance_key", KEY, nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("purposes", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", KEY, nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_by", KEY, nullable=True),
        sa.Column("opened_at", sa.BigInteger(), nullable=True),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_owner_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_owner_link_token_hash")),
    )
    op.create_index(op.f("ix_owner_link_instance_key"), "owner_link", ["instance_key"], unique=False)
    op.execute(
        "insert into owner_link (key, tenant_id, instance_key, token_hash, purposes, created_at, "
        "created_by, expires_at, revoked_at, revoked_by, opened_at, uses) "
        "select key, tenant_id, instance_key, token_hash, '[\"rate\"]', created_at, 0, expires_at, "
        "revoked_at, null, used_at, case when used_at is null then 0 else 1 end from rating_link"
    )
    op.drop_index(op.f("ix_rating_link_instance_key"), table_name="rating_link")
    op.drop_table("rating_link")


def downgrade() -> None:
    """Bring the tables back to the revision before."""
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
    op.execute(
        "insert into rating_link (key, tenant_id, instance_key, token_hash, created_at, expires_at, "
        "revoked_at, used_at) select l.key, l.tenant_id, l.instance_key, l.token_hash, l.created_at, "
        "l.expires_at, l.revoked_at, (select r.rated_at from rating r where r.link_key = l.key) "
        "from owner_link l where l.purposes like '%\"rate\"%'"
    )
    op.drop_index(op.f("ix_owner_link_instance_key"), table_name="owner_link")
    op.drop_table("owner_link")
