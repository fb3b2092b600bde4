"""What every page's view stands on: the blueprint, units of work, the asker's time and rights."""

from contextlib import AbstractContextManager
from typing import Any
from zoneinfo import ZoneInfo

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    g,
    jsonify,
    make_response,
    redirect,
    request,
    url_for,
)
from sqlalchemy.orm import Session

from api.errors import wants_json
from api.settings import Settings
from engine.db import Database, read_once
from engine.errors import N_, NotFoundError
from engine.models import Tenant
from engine.ports import COMPANY, Actor, ports

pages = Blueprint("pages", __name__)


def settings() -> Settings:
    """Return this installation's settings."""
    found: Settings = current_app.config["SETTINGS"]
    return found


def database() -> Database:
    """Return this application's database."""
    found: Database = current_app.extensions["database"]
    return found


def begin() -> AbstractContextManager[Session]:
    """Open the one unit of work of a command."""
    return database().begin()


def read() -> AbstractContextManager[Session]:
    """Open a look at what is durable."""
    return database().read()


def zone(session: Session, tenant_id: str | None) -> ZoneInfo:
    """Return a project's zone, or the company's."""

    def read() -> ZoneInfo:
        tenant = session.get(Tenant, tenant_id) if tenant_id and tenant_id != COMPANY else None
        return ZoneInfo(tenant.zone if tenant is not None else settings().zone)

    return read_once(session, ("zone", tenant_id), read)


def here() -> ZoneInfo:
    """Return the zone of this page, for moments that belong to no project."""
    found: ZoneInfo = g.get("zone") or ZoneInfo(settings().zone)
    return found


def key(text: str) -> int:
    """Read a key out of an address; what is no key names nothing."""
    if not (text.isascii() and text.isdigit() and len(text) < 20):  # noqa: PLR2004 — 63 bits
        raise NotFoundError(N_("没有找到。可能已经办结，或者地址写错了。"))
    return int(text)


def may(actor: Actor, action: str, thing: Any = None) -> bool:
    """Ask the business whether this person may do this."""
    return ports.can(actor, action, thing)


def done(message: str, *, undo: str | None = None) -> None:
    """Say what was done: on the page that comes next, or in the answer to a script.

    `undo` is an address; a POST to it takes the act back.
    """
    g.said = message
    if not wants_json():
        tell(message, undo=undo)


def tell(message: str, *, undo: str | None = None) -> None:
    """Say something on the page that comes next, also when a script asked and moves on itself."""
    flash(message, {"undo": undo})  # type: ignore[arg-type]  # a category may be any value


def to(endpoint: str, **values: Any) -> Response:
    """Send the browser to another page after a command."""
    return make_response(redirect(url_for(endpoint, **values), 303))


def back(default: str, **values: Any) -> Response:
    """Go back to the page that the form names, which can only be one of ours."""
    if wants_json():
        return jsonify({"message": g.get("said", "")})
    wanted = request.form.get("back", "")
    return make_response(redirect(safe(wanted) or url_for(default, **values), 303))


def safe(address: str) -> str:
    """Return an address of our own site, or nothing."""
    plain = address.startswith("/") and not address.startswith(("//", "/\\"))
    return address if plain and "\n" not in address and "\r" not in address else ""
