"""Bring an installation into being: tables, shipped processes, demo data, first administrator."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from sqlalchemy import func, select

import processes
from api import outside
from api.database import migrate
from api.pages import files
from api.settings import Settings
from engine import deployments, identity, search
from engine.db import Database
from engine.deployments import Resource
from engine.models import User
from engine.ports import COMPANY, SYSTEM


def prepare(settings: Settings, *, demo: bool, say: Callable[[str], None]) -> list[str]:
    """Migrate, put the shipped processes in force, and fill in demo data when asked.

    Returns what is to be said at every start: the demo accounts.
    """
    database = Database(settings.database_url)
    processes.register()
    outside.init(settings)
    try:
        say("数据库升级")
        migrate(database)
        with database.begin() as session:
            processes.seed(session)
            processes.update(session)
        search.fill(database, lambda done: say(f"为案件建立查找用词：{done} 个"))
        return _demo(database, settings, say) if demo else []
    finally:
        database.close()


def _demo(database: Database, settings: Settings, say: Callable[[str], None]) -> list[str]:
    from processes import demo

    if demo.missing(database):
        say("生成演示数据（约半分钟）")
        demo.fill(database, store=partial(files.store, settings.files))
    accounts = demo.accounts()
    for line in accounts:
        say(line)
    return accounts


def has_people(settings: Settings) -> bool:
    """Tell whether anybody can sign in yet."""
    database = Database(settings.database_url)
    try:
        with database.read() as session:
            return bool(session.scalar(select(func.count()).select_from(User)))
    finally:
        database.close()


def first_people(
    settings: Settings, *, project: tuple[str, str], username: str, name: str, password: str
) -> None:
    """Add the first project and its administrator, who adds everyone else in the browser."""
    database = Database(settings.database_url)
    try:
        with database.begin() as session:
            code, title = project
            identity.save_project(session, code, name=title, zone=settings.zone)
            user = identity.create_user(session, username=username, name=name, password=password)
            for group in ("admin", "publisher", "designer"):
                identity.add_membership(session, user.key, group, COMPANY)
            identity.add_membership(session, user.key, "project_manager", code)
    finally:
        database.close()


def deploy(settings: Settings, files: Sequence[Path]) -> list[tuple[str, str, int]]:
    """Put files in force together; return kind, id and version of each."""
    processes.register()
    database = Database(settings.database_url)
    try:
        with database.begin() as session:
            found = [Resource(path.name, path.read_bytes()) for path in files]
            deployed = deployments.deploy(session, SYSTEM, found)
            return [
                *(("process", row.process_id, row.version) for row in deployed.definitions),
                *(("form", row.form_id, row.version) for row in deployed.forms),
                *(("decision", row.decision_id, row.version) for row in deployed.decisions),
            ]
    finally:
        database.close()
