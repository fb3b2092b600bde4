"""Server-rendered pages: what staff, supervisors, designers and administrators see and do.

A view reads its input, calls the engine in one unit of work and renders; it decides nothing.
"""

from flask import Flask

from api.pages import (
    account,
    assets,
    base,
    cases,
    definitions,
    files,
    health,
    history,
    inbox,
    keyboard,
    live,
    lookups,
    migration,
    monthly,
    notices,
    occurrences,
    people,
    projects,
    shell,
    signin,
    start,
    supervise,
    tasks,
    tokens,
)

#: the modules whose views make up the blueprint
VIEWS = (
    account, cases, definitions, files, health, history, inbox, keyboard, live, lookups, migration,
    monthly, notices, occurrences, people, projects, signin, start, supervise, tasks, tokens,
)  # fmt: skip


def init(app: Flask) -> None:
    """Put the pages into the application."""
    assets.init(app)
    shell.init(app)
    app.register_blueprint(base.pages)
