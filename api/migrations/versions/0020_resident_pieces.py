"""Find residents by a piece of their name or the last figures of their number."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0018"
branch_labels = None
depends_on = None

#: 63-bit keys; on SQLite the row itself
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_SQLITE = """
    SELECT {0}.tenant_id, lower(substr({0}.name, place.key + 1, 1)), {0}.key
    FROM json_each('[' || rtrim(replace(hex(zeroblob(length({0}.name))), '00', '0,'), ',') || ']')
    AS place
    UNION SELECT {0}.tenant_id, lower(substr({0}.name, place.key + 1, 2)), {0}.key
    FROM json_each('[' || rtrim(replace(hex(zeroblob(length({0}.name))), '00', '0,'), ',') || ']')
    AS place
    UNION SELECT {0}.tenant_id, '#' || substr({0}.phone, length({0}.phone) - 3), {0}.key
    WHERE length({0}.phone) >= 4"""
_LOWER = "translate({}, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')"
_POSTGRESQL = f"""
    SELECT {{0}}.tenant_id, {_LOWER.format("substr({0}.name, place, 1)")}, {{0}}.key
    FROM generate_series(1, length({{0}}.name)) AS place
    UNION SELECT {{0}}.tenant_id, {_LOWER.format("substr({0}.name, place, 2)")}, {{0}}.key
    FROM generate_series(1, length({{0}}.name)) AS place
    UNION SELECT {{0}}.tenant_id, '#' || substr({{0}}.phone, length({{0}}.phone) - 3), {{0}}.key
    WHERE length({{0}}.phone) >= 4"""
_GONE = "DELETE FROM resident_piece WHERE (tenant_id, piece, person_key) IN ({});"
_NEW = "INSERT INTO resident_piece (tenant_id, piece, person_key) {};"
_WHEN = {"insert": "INSERT", "update": "UPDATE OF tenant_id, name, phone", "delete": "DELETE"}


# fmt: off
def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "resident_piece",
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("piece", sa.String(), nullable=False),
        sa.Column("person_key", KEY, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "piece", "person_key", name=op.f("pk_resident_piece")),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "sqlite":
        gone, new = _GONE.format(_SQLITE.format("OLD")), _NEW.format(_SQLITE.format("NEW"))
        does = {"insert": new, "update": gone + new, "delete": gone}
        for change, when in _WHEN.items():
            op.execute(f"CREATE TRIGGER resident_piece_{change} AFTER {when} ON resident"
                       f" BEGIN {does[change]} END")
    else:
        gone, new = _GONE.format(_POSTGRESQL.format("OLD")), _NEW.format(_POSTGRESQL.format("NEW"))
        op.execute("CREATE OR REPLACE FUNCTION resident_piece() RETURNS trigger LANGUAGE plpgsql"
                   f" AS $$ BEGIN IF TG_OP <> 'INSERT' THEN {gone} END IF;"
                   f" IF TG_OP <> 'DELETE' THEN {new} END IF; RETURN NULL; END $$")
        for change, when in _WHEN.items():
            op.execute(f"CREATE TRIGGER resident_piece_{change} AFTER {when} ON resident"
                       " FOR EACH ROW EXECUTE FUNCTION resident_piece()")
    op.execute("UPDATE resident SET name = name")


def downgrade() -> None:
    """Bring the tables back to the revision before."""
    for change in _WHEN:
        where = "" if op.get_bind().dialect.name == "sqlite" else " ON resident"
        op.execute(f"DROP TRIGGER resident_piece_{change}{where}")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION resident_piece()")
    op.drop_table("resident_piece")
