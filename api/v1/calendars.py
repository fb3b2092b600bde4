"""/api/v1/calendars: calendars and their days, corrections and imports with a look before."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from flask_smorest import Blueprint
from sqlalchemy import select
from sqlalchemy.orm import Session

from api import texts
from api.auth import actor
from api.v1.calendar_schemas import (
    CalendarChangeIn,
    CalendarChangeOut,
    CalendarChangesOut,
    CalendarEditIn,
    CalendarFileIn,
    CalendarImportIn,
    CalendarIn,
    CalendarOut,
    CalendarPreviewOut,
    CalendarsOut,
    CalendarYearIn,
    CalendarYearOut,
)
from api.v2.base import database, fields_named, moment, once
from engine import calendar_changes, calendar_files, calendars
from engine.calendar_book import Book
from engine.calendar_changes import DayEdit, Edit
from engine.calendar_data import company
from engine.errors import N_, ForbiddenError, InvalidInputError
from engine.models import Calendar, CalendarChange
from engine.ports import ports
from engine.working_time import CalendarError

blueprint = Blueprint(
    "v1-calendars", __name__, url_prefix="/api/v1/calendars", description="工作日历"
)


@blueprint.get("")
@blueprint.response(200, CalendarsOut)
def listed() -> dict[str, Any]:
    """List the calendars, and the years for which they lack official data."""
    _require()
    with database().read() as session:
        rows = session.scalars(select(Calendar).order_by(Calendar.kind.desc(), Calendar.code))
        book, lacking = calendars.read(session), calendars.missing_years(session, calendars.today())
        return {"items": [_shown(row, book, lacking) for row in rows]}


@blueprint.post("")
@blueprint.arguments(CalendarIn)
@blueprint.response(200, CalendarOut)
def begin(given: Mapping[str, Any]) -> Any:
    """Add a calendar of a project or of a team; it begins with the company's week."""
    _require()

    def command(session: Session) -> dict[str, Any]:
        row = calendar_changes.begin(
            session, actor(), kind=given["kind"], tenant_id=given["tenantId"],
            group=given["group"], name=given["name"],
        )  # fmt: skip
        lacking = calendars.missing_years(session, calendars.today())
        made = calendar_changes.get(session, row.code)
        return _shown(made, calendars.read(session), lacking)

    with fields_named(tenant_id="tenantId"):
        return once({"calendar": dict(given)}, command)


@blueprint.get("/<sheet>/days")
@blueprint.arguments(CalendarYearIn, location="query")
@blueprint.response(200, CalendarYearOut)
def days(given: Mapping[str, Any], sheet: str) -> dict[str, Any]:
    """Return the days of a year; without one, of this year."""
    _require()
    year = given["year"] or calendars.today().year
    first = date(year, 1, 1)
    with database().read() as session:
        row = calendar_changes.get(session, sheet)
        known = calendar_changes.days_of(session, sheet, year)
        time = calendars.read(session).time(sheet)
    every = [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]
    items = [_day(on, time.spans(on), known.get(on)) for on in every]
    return {
        "calendarCode": sheet, "year": year, "items": items,
        "provisional": row.kind == calendars.STATUTORY and year not in (time.official or ()),
        "workingDays": sum(one["working"] for one in items),
    }  # fmt: skip


@blueprint.get("/<sheet>/changes")
@blueprint.response(200, CalendarChangesOut)
def log(sheet: str) -> dict[str, Any]:
    """Return who corrected a calendar and how, the newest first."""
    _require()
    with database().read() as session:
        row = calendar_changes.get(session, sheet)
        return {"items": [_logged(one) for one in calendar_changes.log(session, row.code)]}


@blueprint.post("/<sheet>/preview")
@blueprint.arguments(CalendarEditIn)
@blueprint.response(200, CalendarPreviewOut)
def preview(given: Mapping[str, Any], sheet: str) -> dict[str, Any]:
    """Return what a correction would change and move; nothing is stored."""
    with database().read() as session:
        calendar_changes.for_change(session, actor(), sheet)
        return _previewed(session, _edit(given, sheet))


@blueprint.post("/<sheet>/changes")
@blueprint.arguments(CalendarChangeIn)
@blueprint.response(200, CalendarChangeOut)
def apply(given: Mapping[str, Any], sheet: str) -> Any:
    """Correct a calendar, all of it or nothing; open limits follow in small units."""
    edit = _edit(given, sheet)
    return once({"calendar": sheet, "edit": dict(given)}, lambda session: _logged(
        calendar_changes.apply(session, actor(), edit, reason=given["reason"])
    ))  # fmt: skip


@blueprint.post("/<sheet>/import/preview")
@blueprint.arguments(CalendarFileIn)
@blueprint.response(200, CalendarPreviewOut)
def preview_import(given: Mapping[str, Any], sheet: str) -> dict[str, Any]:
    """Return what a file would change and move; nothing is stored."""
    with database().read() as session:
        calendar_changes.for_change(session, actor(), sheet)
        return _previewed(session, _read(session, given, sheet))


@blueprint.post("/<sheet>/import")
@blueprint.arguments(CalendarImportIn)
@blueprint.response(200, CalendarChangeOut)
def import_file(given: Mapping[str, Any], sheet: str) -> Any:
    """Correct a calendar by a file; one bad row, and nothing is imported."""

    def command(session: Session) -> dict[str, Any]:
        calendar_changes.for_change(session, actor(), sheet)
        edit = _read(session, given, sheet)
        return _logged(calendar_changes.apply(session, actor(), edit, reason=given["reason"]))

    return once({"calendar": sheet, "file": dict(given)}, command)


def _require() -> None:
    if not ports.can(actor(), "calendar.manage", None):
        raise ForbiddenError(N_("工作日历由品质部、系统管理员或项目经理维护。"))


def _edit(given: Mapping[str, Any], sheet: str) -> Edit:
    for n, day in enumerate(given["days"]):
        _check(day.get("spans"), f"days.{n}.spans")
    for n, spans in enumerate(given["week"] or ()):
        _check(spans, f"week.{n}")
    return Edit(code=sheet, week=given["week"], days={
        day["date"]: None if day["working"] is None
        else DayEdit(working=day["working"], spans=day.get("spans") or None, name=day["name"])
        for day in given["days"]
    })  # fmt: skip


def _check(spans: Any, field: str) -> None:
    try:
        company.read_spans(spans or [])
    except CalendarError as error:
        raise InvalidInputError(
            error.message, fields={field: [texts.of(error)]}, **error.params
        ) from error


def _read(session: Session, given: Mapping[str, Any], sheet: str) -> Edit:
    found = calendar_files.prepare(
        session, sheet, given["name"], given["text"].encode(), whole_years=given["wholeYears"]
    )
    if isinstance(found, Edit):
        return found
    wrong = {f"text.{one.row}": [texts.of(one.error)] for one in found.problems}
    raise InvalidInputError(
        N_("文件有 {n} 行有误，一行也没有导入。"), n=len(found.problems), fields=wrong
    )


def _previewed(session: Session, edit: Edit) -> dict[str, Any]:
    found = calendar_changes.preview(session, edit)
    return {
        "changes": [{"what": c.what, "before": c.before, "after": c.after} for c in found.changes],
        "moved": found.moved,
        "moves": [
            {"userTaskKey": str(m.task_key), "tenantId": m.tenant_id, "businessId": m.number,
             "name": m.name, "from": moment(m.before), "to": moment(m.after)}
            for m in found.moves
        ],
    }  # fmt: skip


def _shown(row: Calendar, book: Book, lacking: Sequence[tuple[Calendar, int]]) -> dict[str, Any]:
    return {
        "calendarCode": row.code, "kind": row.kind, "name": row.name, "tenantId": row.tenant_id,
        "group": row.group, "zone": row.zone, "week": row.week,
        "officialYears": sorted(book.sheets[row.code].official),
        "missingYears": [year for one, year in lacking if one.code == row.code],
        "mayChange": calendar_changes.may_manage(actor(), row),
    }  # fmt: skip


def _day(on: date, spans: Any, own: DayEdit | None) -> dict[str, Any]:
    return {
        "date": on.isoformat(), "working": bool(spans), "special": own is not None,
        "spans": [company.typed(one) for one in spans],
        "ownSpans": own.spans if own else None, "name": own.name if own else None,
    }  # fmt: skip


def _logged(row: CalendarChange) -> dict[str, Any]:
    return {
        "calendarChangeKey": str(row.key), "at": moment(row.at), "by": str(row.by),
        "reason": row.reason, "changes": row.changes, "moved": row.moved,
        "recountedAt": moment(row.recounted_at),
    }  # fmt: skip
