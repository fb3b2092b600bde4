"""Open the database of an installation and bring its tables up to date."""

import importlib
import pkgutil
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData

import processes
from engine.db import Database
from engine.models import Base

MIGRATIONS = Path(__file__).parent / "migrations"


def metadata() -> MetaData:
    """Return the tables of engine and processes together."""
    for module in pkgutil.iter_modules(processes.__path__, "processes."):
        if module.name.endswith(("archive", "models", "sheets")):
            importlib.import_module(module.name)
    return Base.metadata


def migrate(database: Database) -> str:
    """Bring the tables to the newest revision; return it. A second call changes nothing."""
    with database.writer_engine.begin() as connection:
        config = _config(connection)
        head = ScriptDirectory.from_config(config).get_current_head()
        if MigrationContext.configure(connection).get_current_revision() != head:
            command.upgrade(config, "head")
    return head or ""


def revise(database: Database, number: str, message: str) -> None:
    """Write a new revision from the difference between tables and metadata (for developers)."""
    with database.writer_engine.begin() as connection:
        command.revision(_config(connection), message, autogenerate=True, rev_id=number)


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    attributes: dict[str, Any] = config.attributes
    attributes["connection"] = connection
    return config
