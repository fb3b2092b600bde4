"""Residents are found by any piece of their name and the end of their number, whoever wrote them."""

import pytest
from alembic import command
from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.orm import Session

from api.database import _config, migrate
from engine.db import Database
from engine.sql import table
from processes.archive import Resident, ResidentPiece, pieces

PEOPLE = {1: ("欧阳建国", "13800006721"), 2: ("张建", "0755-26721"), 3: ("Ann Lee", ""),
          4: ("建", "110"), 5: ("", "13900001234")}  # fmt: skip


def filled(database: Database) -> None:
    """Put residents in by one statement, as an import does, and one of another project."""
    with database.begin() as session:
        session.execute(insert(table(Resident)), [
            {"key": key, "tenant_id": "yj", "name": name, "phone": phone, "vulnerable": False}
            for key, (name, phone) in PEOPLE.items()
        ])  # fmt: skip
        session.add(Resident(key=9, tenant_id="ch", name="欧阳建国", phone="13800006721",
                             vulnerable=False))  # fmt: skip


def found(session: Session, condition) -> list[int]:
    return sorted(session.scalars(select(Resident.key).where(condition)))


@pytest.mark.parametrize(
    ("typed", "who"),
    [("建国", [1]), ("阳建", [1]), ("欧阳建国", [1]), ("建", [1, 2, 4]), ("国", [1]), ("欧国", []),
     ("n L", [3]), ("Lee", [3]), ("张建国", []), ("%", [])],
)  # fmt: skip
def test_a_name_is_found_by_any_piece_of_it(database: Database, typed: str, who: list[int]):
    filled(database)

    with database.read() as session:
        assert found(session, pieces.named(["yj"], typed)) == who


def test_a_number_is_found_by_its_end_and_whole(database: Database):
    filled(database)

    with database.read() as session:
        assert found(session, pieces.ending(["yj"], "6721")) == [1, 2]
        assert found(session, pieces.ending(["yj", "ch"], "06721")) == [1, 9]
        assert found(session, pieces.ending(["yj"], "99996721")) == []
        assert found(session, pieces.reached(["yj"], "13800006721")) == [1]
        assert found(session, pieces.reached(["yj"], "110")) == [4]


def test_pieces_follow_a_correction_and_go_with_their_resident(database: Database):
    filled(database)

    with database.begin() as session:
        session.get_one(Resident, 1).name = "欧阳建军"
        session.execute(update(Resident).where(Resident.key == 2).values(phone="13700001111"))
        session.execute(delete(Resident).where(Resident.key == 4))

    with database.read() as session:
        assert found(session, pieces.named(["yj"], "建国")) == []
        assert found(session, pieces.named(["yj"], "建军")) == [1]
        assert found(session, pieces.ending(["yj"], "1111")) == [2]
        assert found(session, pieces.ending(["yj"], "6721")) == [1]
        left = select(func.count()).where(ResidentPiece.person_key == 4)
        assert session.scalar(left) == 0
        mine = select(ResidentPiece.piece).where(ResidentPiece.person_key == 2)
        assert set(session.scalars(mine)) == {"张", "张建", "建", "#1111"}


def test_migrations_leave_the_same_triggers_and_index_who_was_there(tmp_path):
    migrated = Database(f"sqlite:///{tmp_path}/migrated.db")
    with migrated.writer_engine.begin() as connection:
        command.upgrade(_config(connection), "0018")
    filled(migrated)
    migrate(migrated)
    with migrated.read() as session:
        kept = set(session.scalars(text("select sql from sqlite_master where type = 'trigger'")))
        assert found(session, pieces.named(["yj"], "建国")) == [1]
        assert found(session, pieces.ending(["yj"], "6721")) == [1, 2]
    migrated.close()

    assert {"".join(one.split()) for one in kept} == {
        "".join(one.split()) for one in pieces.statements("sqlite")
    }


def test_migrations_leave_triggers_that_work_on_postgresql(bare_postgresql_url: str):
    migrated = Database(bare_postgresql_url)
    migrate(migrated)
    filled(migrated)
    with migrated.begin() as session:
        session.execute(update(Resident).where(Resident.key == 1).values(name="欧阳建军"))

    with migrated.read() as session:
        assert found(session, pieces.named(["yj"], "建国")) == []
        assert found(session, pieces.named(["yj"], "建军")) == [1]
        assert found(session, pieces.ending(["yj"], "6721")) == [1, 2]
    migrated.close()
