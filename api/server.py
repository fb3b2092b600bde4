"""The web process: what granian starts — the application with its clockwork."""

import gc

from flask import Flask

from api import logs
from api.app import create_app
from api.settings import load
from engine import scheduler
from engine.db import Database


def create() -> Flask:
    """Return the application with its database open and its clockwork running."""
    settings = load()
    logs.start(settings.log_level)
    database = Database(settings.database_url, pool_size=settings.threads)
    app = create_app(settings, database)
    if settings.scheduler:
        app.extensions["scheduler"] = scheduler.start(
            database, files=settings.files, keepers="admin"
        )
    _settle_memory()
    return app


def _settle_memory() -> None:
    """Let the collector pass over what stays for ever, and look less often at what is young.

    A step makes some hundred objects that refer to each other; at Python's own thresholds every
    few completions pay for a walk over the whole application.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
