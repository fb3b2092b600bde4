"""Schedules: what comes round, when it comes next, and the form that changes it."""

from flask import Response, make_response, render_template, request
from sqlalchemy.orm import Session

from api import auth, texts
from api.pages import base, shell
from api.pages.base import pages
from api.texts import _
from engine import schedules
from engine.errors import N_, EngineError, ForbiddenError, InvalidInputError
from engine.models import Schedule
from engine.ports import COMPANY

WEEKDAYS = (N_("周一"), N_("周二"), N_("周三"), N_("周四"), N_("周五"), N_("周六"), N_("周日"))
_COMING = 5


@pages.get("/schedules")
def schedule_list() -> str:
    """List the schedules with their next turns."""
    _require()
    with base.read() as session:
        return _page(session)


@pages.post("/schedules")
def save_schedule() -> Response:
    """Add a schedule or change one."""
    _require()
    try:
        with base.begin() as session:
            row = schedules.save(session, auth.actor(), _given())
            name, active = row.name, row.active
    except InvalidInputError as error:
        with base.read() as session:
            return make_response(_page(session, error=texts.of(error)), 422)
    base.done(_("已保存计划“{name}”", name=name) if active else _("已停用计划“{name}”", name=name))
    return base.to("pages.schedule_list")


def _require() -> None:
    if not base.may(auth.actor(), "schedule.manage"):
        raise ForbiddenError(N_("计划由品质部、系统管理员或项目经理维护。"))


def _given() -> Schedule:
    given = request.form
    day = given.get("weekday", "")
    return Schedule(
        key=base.key(given.get("key") or "0"), tenant_id=given.get("tenant_id", ""),
        name=given.get("name", "").strip(), every=given.get("every", ""),
        weekday=int(day) if day.isdigit() else None,
        time=given.get("time", ""), does=given.get("does", ""), active=given.get("active") == "1",
    )  # fmt: skip


def _page(session: Session, *, error: str = "") -> str:
    actor = auth.actor()
    rows, tenants = schedules.listed(session, actor), shell.tenant_names(session)
    return render_template(
        "schedules.html", rows=rows, rules=schedules.RULES, weekdays=WEEKDAYS, error=error,
        coming={row.key: _coming(session, row) for row in rows if row.active},
        actions=schedules.actions, tenants=tenants, company=COMPANY,
        scopes={key: name for key, name in tenants.items()
                if base.may(actor, "schedule.manage", key)},
    )  # fmt: skip


def _coming(session: Session, row: Schedule) -> list[str]:
    zone = base.zone(session, row.tenant_id)
    try:
        moments = schedules.coming(session, row, count=_COMING)
    except EngineError as error:  # a calendar without any working day
        return [texts.of(error)]
    return [
        f"{_(WEEKDAYS[local.weekday()])} {local:%m-%d %H:%M}"
        for local in (moment.astimezone(zone) for moment in moments)
    ]
