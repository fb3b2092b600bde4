"""Server-rendered pages: what staff, supervisors, designers and administrators see and do.

A view reads its input, calls the engine in one unit of work and renders; it decides nothing.
"""

from flask import Flask

from api.pages import (
    absences,
    account,
    alike,
    archive,
    archive_imports,
    archive_people,
    archive_rooms,
    archive_settings,
    assets,
    base,
    calendars,
    cases,
    channels,
    definitions,
    disclosing,
    files,
    health,
    history,
    inbox,
    keyboard,
    live,
    lookups,
    migration,
    monthly,
    more_time,
    notices,
    occurrences,
    operations,
    owner,
    owner_links,
    owner_messages,
    people,
    policies,
    projects,
    rainy,
    returns,
    rounds,
    schedules,
    sheets,
    shell,
    shipped,
    signin,
    start,
    supervise,
    tasks,
    tokens,
    ways,
    wordings,
    workbooks,
)

#: the modules whose views make up the blueprint
VIEWS = (
    absences, account, alike, archive, archive_imports, archive_people, archive_rooms, archive_settings,
    calendars, cases, channels, definitions, disclosing, files, health, history, inbox, keyboard,
    live, lookups, migration, monthly, more_time, notices, occurrences, operations, owner,
    owner_links, owner_messages, people, policies, projects, rainy, returns, rounds, schedules,
    sheets, shipped, signin, start, supervise, tasks, tokens, ways, wordings, workbooks,
)  # fmt: skip


def init(app: Flask) -> None:
    """Put the pages into the application."""
    assets.init(app)
    shell.init(app)
    app.register_blueprint(base.pages)
