"""The migrations make exactly the tables that the models describe."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from api.database import metadata, migrate
from engine.db import Database


def difference(url):
    database = Database(url)
    assert migrate(database) == migrate(database)
    with database.writer_engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        found = compare_metadata(context, metadata())
    database.close()
    return found


def test_on_sqlite(tmp_path):
    assert difference(f"sqlite:///{tmp_path}/migrated.db") == []


def test_on_postgresql(bare_postgresql_url):
    assert difference(bare_postgresql_url) == []
