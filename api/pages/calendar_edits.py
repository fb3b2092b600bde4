"""Edits of calendars as the page's forms send them, and as the confirming form carries them."""

from collections.abc import Callable
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from flask import request
from sqlalchemy.orm import Session

from engine import calendar_changes, calendar_files
from engine.calendar_changes import DayEdit, Edit
from engine.calendar_data import company
from engine.errors import N_, InvalidInputError

#: the most days that one edit names
_LONGEST = 62


def day(_session: Session, code: str) -> Edit:
    """Read what one or several days shall be."""
    given = request.form
    first, last = _date(given.get("from_on", "")), _date(given.get("to_on") or given["from_on"])
    if not first <= last <= first + timedelta(days=_LONGEST):
        raise InvalidInputError(N_("结束日期应不早于开始日期，最多两个月。"))
    kind = given.get("working", "")
    spans = company.spans_of(given.get("spans", "")) or None
    name = given.get("name", "").strip() or None
    if spans and kind == "":
        raise InvalidInputError(N_("放假的日子不写时间段"))
    day = None if kind == "" else DayEdit(working=kind == "1", spans=spans, name=name)
    return Edit(code=code, days={first + timedelta(days=n): day
                                 for n in range((last - first).days + 1)})  # fmt: skip


def week(_session: Session, code: str) -> Edit:
    """Read the ordinary week."""
    return Edit(code=code, week=[company.spans_of(request.form.get(f"week{n}", ""))
                                 for n in range(7)])  # fmt: skip


def from_file(session: Session, code: str) -> Edit | calendar_files.Read:
    """Read a file of days; one with bad rows is given back as it was read."""
    file = request.files.get("file")
    if file is None or not file.filename:
        raise InvalidInputError(N_("请选择 CSV 或 ICS 文件。"))
    whole = request.form.get("whole") == "1"
    return calendar_files.prepare(
        session, code, file.filename, file.stream.read(), whole_years=whole
    )


def kept(edit: Edit) -> dict[str, str]:
    """Write an edit as the hidden fields that the confirming form carries."""
    days = {on: day for on, day in edit.days.items() if day is not None}
    week = "" if edit.week is None else "\n".join(company.written(spans) for spans in edit.week)
    return {
        "days": calendar_files.text(days),
        "ordinary": ",".join(on.isoformat() for on, day in edit.days.items() if day is None),
        "week": week, "has_week": "1" if edit.week is not None else "",
        "official": ",".join(map(str, sorted(edit.official))), "source": edit.source,
    }  # fmt: skip


def confirmed(session: Session, code: str) -> Edit:
    """Read the edit that `kept` wrote; it is checked as anything that comes from outside."""
    given = request.form
    zone = ZoneInfo(calendar_changes.get(session, code).zone)
    days: dict[date, DayEdit | None] = {}
    if text := given.get("days", "").strip():
        days |= calendar_files.edit(
            code, calendar_files.read("days.csv", text.encode(), zone), {}, whole_years=False
        ).days  # fmt: skip
    days |= {_date(part): None for part in given.get("ordinary", "").split(",") if part}
    lines = given.get("week", "").replace("\r", "").split("\n")
    official = [part for part in given.get("official", "").split(",") if part]
    if not all(part.isdigit() for part in official):
        raise InvalidInputError(N_("年份请写成 2027 的形式。"))
    return Edit(
        code=code, days=days, official=frozenset(map(int, official)),
        week=[company.spans_of(line) for line in lines] if given.get("has_week") else None,
        source="import" if given.get("source") == "import" else "edited",
    )  # fmt: skip


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInputError(N_("日期请写成 2026-11-23 的形式。")) from None


READERS: dict[str, Callable[[Session, str], Edit | calendar_files.Read]] = {
    "day": day, "week": week, "import": from_file,
}  # fmt: skip
