"""Calendars: a year at a glance, edits and imports that show what they move, and the log."""

from calendar import Calendar as Months
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, make_response, render_template, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from api import auth, texts
from api.pages import base, calendar_edits, export, shell, words
from api.pages.base import pages
from api.texts import _
from engine import calendar_changes, calendar_files, calendars, clock
from engine.calendar_changes import DayEdit
from engine.calendar_data import company
from engine.errors import N_, EngineError, ForbiddenError, InvalidInputError
from engine.models import Calendar, User
from processes import lookups, roles

_KINDS = {"statutory": N_("法定日历（工作日）"), "service": N_("服务日历（工作小时）")}
WEEKDAYS = (N_("周一"), N_("周二"), N_("周三"), N_("周四"), N_("周五"), N_("周六"), N_("周日"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One day of the year's page."""

    on: date
    works: bool
    #: a row of its own: a holiday, a working weekend, an exception
    special: bool
    today: bool
    name: str
    title: str


@pages.get("/calendars")
def calendar_list() -> str:
    """List the calendars and what they lack."""
    _require()
    with base.read() as session:
        return _list(session)


@pages.post("/calendars")
def add_calendar() -> Response:
    """Add a calendar of a project or of a team; it begins with the company's week."""
    _require()
    given = request.form
    kind = given.get("kind", "")
    try:
        with base.begin() as session:
            code = calendar_changes.begin(
                session, auth.actor(), kind=kind, tenant_id=given.get("tenant_id", ""),
                group=given.get("group") or None,
                name=given.get("name", "").strip() or _(_KINDS.get(kind, "")),
            ).code  # fmt: skip
    except ForbiddenError:
        raise
    except EngineError as error:
        with base.read() as session:
            return make_response(_list(session, error=texts.of(error)), 422)
    base.done(_("已添加日历，可以修改它的工作时间"))
    return base.to("pages.calendar_year", sheet=code)


@pages.get("/calendars/<sheet>")
def calendar_year(sheet: str) -> str:
    """Show a year of a calendar, its ordinary week and its log."""
    _require()
    with base.read() as session:
        return _year_page(session, sheet)


@pages.get("/calendars/<sheet>/days.csv")
def export_days(sheet: str) -> Response:
    """Give the days that differ in a year as a file that can be imported again."""
    _require()
    with base.read() as session:
        days = calendar_changes.days_of(session, sheet, _year())
    head = [_(text) for text in calendar_files.HEAD]
    return export.file([head, *calendar_files.rows(days)], "csv", name=f"{sheet}-{_year()}")


@pages.post("/calendars/<sheet>/preview")
def preview_edit(sheet: str) -> Response:
    """Show what an edit would change and which open limits it would move; nothing is written."""
    _may_change(sheet)
    with base.read() as session:
        try:
            return make_response(_preview(session, sheet))
        except InvalidInputError as error:
            return make_response(_year_page(session, sheet, error=texts.of(error)), 422)


@pages.post("/calendars/<sheet>")
def apply_edit(sheet: str) -> Response:
    """Make the edit that was looked at."""
    _may_change(sheet)
    try:
        with base.begin() as session:
            edit = calendar_edits.confirmed(session, sheet)
            reason = request.form.get("reason", "").strip() or None
            calendar_changes.apply(session, auth.actor(), edit, reason=reason)
    except InvalidInputError as error:
        with base.read() as session:
            return make_response(_year_page(session, sheet, error=texts.of(error)), 422)
    base.done(_("已修改日历，受影响的时限正在重算"))
    return base.to("pages.calendar_year", sheet=sheet, year=request.form.get("year"))


def _require() -> None:
    if not base.may(auth.actor(), "calendar.manage"):
        raise ForbiddenError(N_("工作日历由品质部、系统管理员或项目经理维护。"))


def _may_change(code: str) -> None:
    _require()
    with base.read() as session:
        calendar_changes.for_change(session, auth.actor(), code)


def _list(session: Session, *, error: str = "") -> str:
    rows = session.scalars(select(Calendar).order_by(Calendar.kind.desc(), Calendar.code)).all()
    lacking: dict[str, list[int]] = {}
    for row, year in calendars.missing_years(session, calendars.today()):
        lacking.setdefault(row.code, []).append(year)
    return render_template(
        "calendars.html", rows=rows, lacking=lacking, kinds=_KINDS, error=error,
        tenants=shell.tenant_names(session), role=words.role,
        projects=lookups.allowed(session, auth.actor(), "calendar.manage"),
        groups=[entry.key for entry in roles.ROLES if entry.held],
    )  # fmt: skip


def _year() -> int:
    given = request.values.get("year", "")
    year = int(given) if given.isdigit() else calendars.today().year
    return min(max(year, 2000), 2100)


def _year_page(session: Session, code: str, *, error: str = "") -> str:
    row, year = calendar_changes.get(session, code), _year()
    time = calendars.read(session).time(code)
    log = calendar_changes.log(session, code)
    names = select(User.key, User.name).where(User.key.in_([change.by for change in log]))
    known = calendar_changes.days_of(session, code, year)
    return render_template(
        "calendar.html", calendar=row, year=year, weekdays=WEEKDAYS, kinds=_KINDS, error=error,
        months=[(month, _month(time, known, year, month)) for month in range(1, 13)],
        days=sorted(known.items()), written=company.written, log=log, given=request.form,
        people={row.key: row.name for row in session.execute(names)},
        provisional=row.kind == calendars.STATUTORY and year not in (time.official or ()),
        may=calendar_changes.may_manage(auth.actor(), row), tenants=shell.tenant_names(session),
        role=words.role, working=sum(bool(time.spans(on)) for on in _days_of(year)),
        today=calendars.today(), describe=describe, now=clock.now(),
    )  # fmt: skip


def describe(value: Any) -> str:
    """Say what a day was or becomes, as the log keeps it."""
    if value is None:
        return _("照常")
    if isinstance(value, list):
        spans = [company.written(spans) or _("休") for spans in value]
        return "；".join(f"{_(day)} {span}" for day, span in zip(WEEKDAYS, spans, strict=True))
    if not isinstance(value, dict):
        return str(value)
    kind = _("上班") if value["working"] else _("放假")
    return " ".join(filter(None, [kind, company.written(value["spans"] or []), value["name"]]))


def _days_of(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]


def _month(
    time: Any, known: Mapping[date, DayEdit], year: int, month: int
) -> list[list[Day | None]]:
    weeks = Months().monthdatescalendar(year, month)
    return [[_day(time, known, on) if on.month == month else None for on in week]
            for week in weeks]  # fmt: skip


def _day(time: Any, known: Mapping[date, DayEdit], on: date) -> Day:
    spans, own = time.spans(on), known.get(on)
    hours = " ".join(f"{a // 60:02d}:{a % 60:02d}-{b // 60:02d}:{b % 60:02d}" for a, b in spans)
    name = (own.name if own else None) or ""
    title = "，".join(filter(None, [on.isoformat(), name, hours or _("休息")]))
    special = own is not None or (on in time.days and bool(spans) != bool(time.week[on.weekday()]))
    return Day(on=on, works=bool(spans), special=special, today=on == calendars.today(),
               name=name, title=title)  # fmt: skip


def _preview(session: Session, code: str) -> str:
    """Read the edit of one of the page's forms and show what it would do."""
    verb = request.form.get("verb", "day")
    edit = calendar_edits.READERS.get(verb, calendar_edits.day)(session, code)
    if isinstance(edit, calendar_files.Read):
        return render_template("calendar_problems.html", code=code, year=_year(), found=edit,
                               calendar=calendar_changes.get(session, code), texts=texts)  # fmt: skip
    found = calendar_changes.preview(session, edit)
    if not found.changes:
        raise InvalidInputError(N_("没有变化，不需要保存。"))
    return render_template(
        "calendar_preview.html", calendar=calendar_changes.get(session, code), found=found,
        year=_year(), describe=describe, reason=request.form.get("reason", ""), hidden=calendar_edits.kept(edit),
        tenants=shell.tenant_names(session), zone=ZoneInfo(calendar_changes.get(session, code).zone),
    )  # fmt: skip
