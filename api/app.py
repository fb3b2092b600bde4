"""Builds the web application from its settings; every way in (server, command, test) calls this."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask
from typing_extensions import override
from werkzeug.middleware.proxy_fix import ProxyFix

import processes
from api import auth, errors, headers, keys, machines, outside, pages, texts
from api.settings import Settings
from engine.db import Database

#: a diagram with its forms and tables, or a form with everything typed into it
_JSON_LIMIT = 16 * 2**20


class _Application(Flask):
    """Flask without coroutines: no view here is one, so nothing needs to be asked each time."""

    @override
    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function as it is."""
        return func


def create_app(settings: Settings, database: Database | None = None) -> Flask:
    """Return the application; the caller owns the database and the clockwork."""
    app = build()
    install(app, settings, database or Database(settings.database_url))
    return app


def build() -> Flask:
    """Return the application with every page and resource, for no installation yet."""
    app = _Application(__name__, static_url_path="/static")
    app.config.update(
        SESSION_COOKIE_NAME="wuyeflow_page",
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(days=1),
        MAX_FORM_MEMORY_SIZE=2**21,
        TEMPLATES_AUTO_RELOAD=False,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    processes.register()
    texts.init(app)
    auth.init(app)
    headers.init(app)
    pages.init(app)
    machines.init(app)
    errors.init(app)  # after flask-smorest, whose answers are not ours
    return app


def install(app: Flask, settings: Settings, database: Database) -> None:
    """Let the application serve one installation: its database, keys, limits, and way outside."""
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=keys.secret(settings.folder, "session", settings.secret_key),
        SESSION_COOKIE_SECURE=settings.https,
        MAX_CONTENT_LENGTH=max(_JSON_LIMIT, settings.upload_megabytes * 2**20 + 2**16),
    )
    app.extensions["database"] = database
    outside.init(settings)
    if settings.proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # Flask's own way to wrap
            app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies, x_host=settings.proxies
        )
