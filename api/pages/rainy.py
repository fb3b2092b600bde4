"""Rainy days: recorded by who is on duty, taken back while it is not too late."""

from datetime import date

from flask import Response, make_response, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from api import auth, texts
from api.pages import base, shell
from api.pages.base import pages
from api.texts import _
from engine import calendars, rain
from engine.errors import N_, ForbiddenError, InvalidInputError
from engine.models import User
from engine.outward import weather
from processes import lookups


@pages.get("/rain")
def rain_list() -> str:
    """List the rainy days and show the form."""
    _require()
    with base.read() as session:
        return _page(session)


@pages.post("/rain")
def record_rain() -> Response:
    """Record a rainy day; the notice offers to take it back."""
    _require()
    given = request.form
    try:
        with base.begin() as session:
            row = rain.record(
                session, auth.actor(), given.get("tenant_id", ""), _date(given.get("on", "")),
                level=given.get("level", ""), note=given.get("note", "").strip() or None,
            )  # fmt: skip
            key, day = row.key, row.on
    except InvalidInputError as error:
        with base.read() as session:
            return make_response(_page(session, error=texts.of(error)), 422)
    base.done(_("已登记 {day} 的雨天", day=day), undo=url_for("pages.withdraw_rain", key=key))
    return base.to("pages.rain_list")


@pages.post("/rain/<key>/withdrawal")
def withdraw_rain(key: str) -> Response:
    """Take a record back."""
    _require()
    with base.begin() as session:
        day = rain.withdraw(session, auth.actor(), base.key(key)).on
    base.done(_("已撤回 {day} 的雨天", day=day))
    return base.to("pages.rain_list")


def _require() -> None:
    if not base.may(auth.actor(), "rain.record"):
        raise ForbiddenError(N_("雨天由当班的客服、秩序或工程人员登记。"))


def _page(session: Session, *, error: str = "") -> str:
    projects = lookups.allowed(session, auth.actor(), "rain.record")
    rows = rain.days(session, [tenant.tenant_id for tenant in projects])
    names = select(User.key, User.name).where(User.key.in_([row.by for row in rows]))
    return render_template(
        "rain.html", rows=rows, projects=projects, levels=rain.LEVELS, error=error,
        until=rain.open_until(session, rows), tenants=shell.tenant_names(session),
        people={row.key: row.name for row in session.execute(names)}, duty=rain.DUTY, sources={weather.SERVICE: _("天气服务")},
        today=calendars.today(), given=request.form, minimum=rain.LEVELS[rain.MINIMUM],
        grace=int(rain.GRACE.total_seconds() // 60),
    )  # fmt: skip


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInputError(N_("日期请写成 2026-11-23 的形式。")) from None
