"""The web process: what granian starts — the application with its clockwork."""

import gc

from flask import Flask

from api import keys, logs
from api.app import create_app
from api.settings import Settings, load
from engine import scheduler, vouching
from engine.db import Database


def create() -> Flask:
    """Return the application with its database open and its clockwork running."""
    settings = load()
    logs.start(settings.log_level)
    database = Database(settings.database_url, pool_size=settings.threads)
    app = create_app(settings, database)
    if settings.scheduler:
        app.extensions["scheduler"] = scheduler.start(
            database, files=settings.files, keepers="admin", voucher=_voucher(settings)
        )
    _settle_memory()
    return app


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
