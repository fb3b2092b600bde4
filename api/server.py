"""The web process: what granian starts — the application with its clockwork."""

import gc

from flask import Flask

from api import keys, logs
from api.app import create_app
from api.settings import Settings, load
from engine import scheduler, vouching
from engine.db import Database

_EVERY_DAY = frozenset(
    {"base.html", "shell.html", "inbox.html", "cases.html", "case.html", "signin.html"}
)


def create() -> Flask:
    """Return the application with its database open and its clockwork running."""
    settings = load()
    logs.start(settings.log_level)
    database = Database(settings.database_url, pool_size=settings.threads)
    app = create_app(settings, database)
    _read_templates(app)
    if settings.scheduler:
        app.extensions["scheduler"] = scheduler.start(
            database, files=settings.files, keepers="admin", voucher=_voucher(settings)
        )
    _settle_memory()
    return app


def _read_templates(app: Flask) -> None:
    """Compile the pages of every day now, so that nobody waits for it who comes first."""
    for name in app.jinja_env.list_templates(filter_func=_is_of_every_day):
        app.jinja_env.get_template(name)


def _is_of_every_day(name: str) -> bool:
    return name in _EVERY_DAY or name.startswith("parts/")


def _voucher(settings: Settings) -> vouching.Voucher:
    return vouching.Voucher(
        keyring=keys.keyring(settings.folder, settings.history_key), copies=settings.seals,
        tell=("auditor", "admin"),
    )  # fmt: skip


def _settle_memory() -> None:
    """Let the collector pass over what stays for ever, and look less often at what is young.

    A step makes some hundred objects that refer to each other; at Python's own thresholds every
    few completions pay for a walk over the whole application.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
