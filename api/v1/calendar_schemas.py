"""What /api/v1/calendars is given and answers."""

from typing import Any

from marshmallow import Schema, fields, validate

from engine.calendar_data import company
from processes import roles

_WEEK, _MOST_DAYS, _MOST_TEXT = 7, 732, 1_000_000
_TEAMS = tuple(role.key for role in roles.ROLES if role.held)
_REASON = validate.Length(max=200)


def _spans() -> "fields.List[Any]":
    """Spans of work: [["08:30", "12:00"], ["22:00", "+06:00"]]."""
    return fields.List(fields.List(fields.String(), validate=validate.Length(equal=2)))


class CalendarOut(Schema):
    """A calendar with its ordinary week, Monday first."""

    calendarCode = fields.String()
    kind = fields.String()
    name = fields.String()
    tenantId = fields.String(allow_none=True)
    group = fields.String(allow_none=True)
    zone = fields.String()
    week = fields.List(_spans())
    officialYears = fields.List(fields.Integer())
    missingYears = fields.List(fields.Integer())
    mayChange = fields.Boolean()


class CalendarsOut(Schema):
    """All calendars."""

    items = fields.List(fields.Nested(CalendarOut))


class CalendarIn(Schema):
    """A calendar of a project, or of a team in it."""

    kind = fields.String(required=True, validate=validate.OneOf(list(company.CALENDARS)))
    tenantId = fields.String(required=True)
    group = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(_TEAMS))
    name = fields.String(load_default="", validate=validate.Length(max=100))


class CalendarYearIn(Schema):
    """Which year."""

    year = fields.Integer(load_default=None, validate=validate.Range(2000, 2100))


class CalendarDayOut(Schema):
    """One day: its spans of work as they count, those of its own row, and whether it has one.

    A night shift counts on both of its days, up to midnight and from midnight on.
    """

    date = fields.String()
    working = fields.Boolean()
    spans = _spans()
    ownSpans = fields.Raw(allow_none=True)
    name = fields.String(allow_none=True)
    special = fields.Boolean()


class CalendarYearOut(Schema):
    """A year day by day; provisional: it rests on no official data."""

    calendarCode = fields.String()
    year = fields.Integer()
    provisional = fields.Boolean()
    workingDays = fields.Integer()
    items = fields.List(fields.Nested(CalendarDayOut))


class CalendarDayIn(Schema):
    """A day as it shall be; `working` null: ordinary again."""

    date = fields.Date(required=True)
    working = fields.Boolean(required=True, allow_none=True)
    spans = _spans()
    name = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=60))


class CalendarEditIn(Schema):
    """A correction: days, the ordinary week, or both."""

    days = fields.List(fields.Nested(CalendarDayIn), load_default=list,
                       validate=validate.Length(max=_MOST_DAYS))  # fmt: skip
    week = fields.List(_spans(), load_default=None, allow_none=True,
                       validate=validate.Length(equal=_WEEK))  # fmt: skip


class CalendarChangeIn(CalendarEditIn):
    """A correction that is made, and why."""

    reason = fields.String(load_default=None, allow_none=True, validate=_REASON)


class CalendarFileIn(Schema):
    """A CSV or iCalendar file; `wholeYears`: it replaces its years, which are official then."""

    name = fields.String(required=True, validate=validate.Length(min=1, max=200))
    text = fields.String(required=True, validate=validate.Length(min=1, max=_MOST_TEXT))
    wholeYears = fields.Boolean(load_default=False)


class CalendarImportIn(CalendarFileIn):
    """A file that is imported, and why."""

    reason = fields.String(load_default=None, allow_none=True, validate=_REASON)


class CalendarDifferenceOut(Schema):
    """One thing that changes: a day by its date, `week`, or `official` with its year."""

    what = fields.String()
    before = fields.Raw(allow_none=True)
    after = fields.Raw(allow_none=True)


class CalendarPreviewOut(Schema):
    """What a correction would change, how many open limits it would move, and the first of them."""

    changes = fields.List(fields.Nested(CalendarDifferenceOut))
    moved = fields.Integer()
    moves = fields.List(fields.Dict())


class CalendarChangeOut(Schema):
    """A correction as the log has it; open limits are counted while they are worked out again."""

    calendarChangeKey = fields.String()
    at = fields.String()
    by = fields.String()
    reason = fields.String(allow_none=True)
    changes = fields.List(fields.Nested(CalendarDifferenceOut))
    moved = fields.Integer()
    recountedAt = fields.String(allow_none=True)


class CalendarChangesOut(Schema):
    """The log of a calendar, newest first."""

    items = fields.List(fields.Nested(CalendarChangeOut))
