"""Pieces of residents' names and the last figures of their telephone numbers: an index to find by.

No index of a database finds two Chinese characters in the middle of a name. The databases keep
the pieces themselves, by triggers: whatever writes a resident (a form, an import, its undoing, an
erasure) leaves the pieces that belong to the name. A table of residents that is made anew needs
its triggers again.
"""

from collections.abc import Sequence

from sqlalchemy import DDL, ColumnElement, and_, event, select
from sqlalchemy.orm import Mapped, aliased, mapped_column

from engine.models import Base, Key
from engine.sql import table
from processes.archive.houses import Resident

#: figures at the end of a telephone number that people say
LAST = 4
_PAIR = 2


class ResidentPiece(Base):
    """One or two characters of a resident's name, or # and the last figures of the number."""

    __tablename__ = "resident_piece"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 — SQLAlchemy's own protocol

    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    piece: Mapped[str] = mapped_column(primary_key=True)
    #: no foreign key: pieces go with their resident, and are no use of one
    person_key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)


def named(tenants: Sequence[str], text: str) -> ColumnElement[bool]:
    """Return the condition for residents of projects whose name holds a text."""
    lower = "".join(one.lower() if one.isascii() else one for one in text)
    pairs = [lower[at : at + _PAIR] for at in range(max(1, len(lower) - 1))]
    return _held(tenants, pairs) & Resident.name.contains(text, autoescape=True)


def ending(tenants: Sequence[str], figures: str) -> ColumnElement[bool]:
    """Return the condition for residents whose number ends with four figures or more."""
    return _held(tenants, [f"#{figures[-LAST:]}"]) & Resident.phone.endswith(
        figures, autoescape=True
    )


def reached(tenants: Sequence[str], phone: str) -> ColumnElement[bool]:
    """Return the condition for residents with just this number."""
    same = and_(Resident.tenant_id.in_(tenants), Resident.phone == phone)
    return ending(tenants, phone) & same if len(phone) >= LAST else same


def _held(tenants: Sequence[str], pieces: Sequence[str]) -> ColumnElement[bool]:
    held: list[ColumnElement[bool]] = []
    for piece in dict.fromkeys(pieces):
        one = aliased(ResidentPiece)
        query = select(one.person_key).where(one.tenant_id.in_(tenants), one.piece == piece)
        held.append(Resident.key.in_(query))
    return and_(*held)


def _of(row: str, numbers: str, at: str, lower: str) -> str:
    """Return the SQL of the pieces of a row."""
    return " UNION ".join(
        f"SELECT {row}.tenant_id, {lower.format(f'substr({row}.name, {at}, {size})')}, {row}.key"
        f" FROM {numbers.format(f'{row}.name')}"
        for size in (1, _PAIR)
    ) + (
        f" UNION SELECT {row}.tenant_id, '#' || substr({row}.phone, length({row}.phone) - 3),"
        f" {row}.key WHERE length({row}.phone) >= {LAST}"
    )  # fmt: skip


def _sqlite(row: str) -> str:
    zeros = "'[' || rtrim(replace(hex(zeroblob(length({}))), '00', '0,'), ',') || ']'"
    return _of(row, f"json_each({zeros}) AS place", "place.key + 1", "lower({})")


def _postgresql(row: str) -> str:
    capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    lower = f"translate({{}}, '{capitals}', '{capitals.lower()}')"
    return _of(row, "generate_series(1, length({})) AS place", "place", lower)


_INSERT = "INSERT INTO resident_piece (tenant_id, piece, person_key) "
_DELETE = "DELETE FROM resident_piece WHERE (tenant_id, piece, person_key) IN "
_WHEN = {"INSERT": "INSERT", "UPDATE": "UPDATE OF tenant_id, name, phone", "DELETE": "DELETE"}


def statements(dialect: str) -> list[str]:
    """Return what makes the triggers on a database; the migration that made them has its own."""
    if dialect == "sqlite":
        gone, new = f"{_DELETE}({_sqlite('OLD')});", f"{_INSERT}{_sqlite('NEW')};"
        does = {"INSERT": new, "UPDATE": gone + " " + new, "DELETE": gone}
        return [
            f"CREATE TRIGGER resident_piece_{change.lower()} AFTER {when} ON resident"
            f" BEGIN {does[change]} END"
            for change, when in _WHEN.items()
        ]  # fmt: skip
    gone, new = f"{_DELETE}({_postgresql('OLD')});", f"{_INSERT}{_postgresql('NEW')};"
    made = (
        "CREATE OR REPLACE FUNCTION resident_piece() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF TG_OP <> 'INSERT' THEN {gone} END IF;"
        f" IF TG_OP <> 'DELETE' THEN {new} END IF; RETURN NULL; END $$"
    )
    return [
        made,
        *(
            f"CREATE TRIGGER resident_piece_{change.lower()} AFTER {when} ON resident"
            " FOR EACH ROW EXECUTE FUNCTION resident_piece()"
            for change, when in _WHEN.items()
        ),
    ]  # fmt: skip


table(ResidentPiece).add_is_dependent_on(table(Resident))
for _dialect in ("sqlite", "postgresql"):
    for _statement in statements(_dialect):
        event.listen(
            table(ResidentPiece), "after_create",
            DDL(_statement).execute_if(dialect=_dialect),  # type: ignore[no-untyped-call]  # SQLAlchemy's
        )  # fmt: skip
