"""/api/v1/schedules: what comes round, when it comes next, changed and switched."""

from collections.abc import Mapping
from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate
from sqlalchemy.orm import Session

from api import texts
from api.auth import actor
from api.v2.base import database, fields_named, key, moment, once
from engine import schedules
from engine.errors import N_, EngineError, ForbiddenError
from engine.models import Schedule
from engine.ports import ports

blueprint = Blueprint(
    "v1-schedules", __name__, url_prefix="/api/v1/schedules", description="定期工作"
)

_NAME = validate.Length(min=1, max=100)


class ScheduleChangeIn(Schema):
    """What a schedule shall be; what is left out stays."""

    tenantId = fields.String()
    name = fields.String(validate=_NAME)
    every = fields.String(validate=validate.OneOf(list(schedules.RULES)))
    weekday = fields.Integer(allow_none=True, validate=validate.Range(0, 6))
    time = fields.String()
    does = fields.String()
    active = fields.Boolean()


class ScheduleIn(ScheduleChangeIn):
    """A new schedule; `tenantId` `*`: in each project on its own."""

    tenantId = fields.String(required=True)
    name = fields.String(required=True, validate=_NAME)
    every = fields.String(required=True, validate=validate.OneOf(list(schedules.RULES)))
    time = fields.String(required=True)
    does = fields.String(required=True)
    weekday = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(0, 6))
    active = fields.Boolean(load_default=True)


class ScheduleOut(Schema):
    """A schedule with its last turn and the next ones; `problem`: why there is no next one."""

    scheduleKey = fields.String()
    tenantId = fields.String()
    name = fields.String()
    every = fields.String()
    weekday = fields.Integer(allow_none=True)
    time = fields.String()
    does = fields.String()
    active = fields.Boolean()
    lastRun = fields.String(allow_none=True)
    lastTurns = fields.Integer()
    nextRuns = fields.List(fields.String())
    problem = fields.String(allow_none=True)


class ActionOut(Schema):
    """Something that a schedule can do."""

    does = fields.String()
    name = fields.String()


class SchedulesOut(Schema):
    """The schedules that I may see, and what schedules can do."""

    items = fields.List(fields.Nested(ScheduleOut))
    actions = fields.List(fields.Nested(ActionOut))


@blueprint.get("")
@blueprint.response(200, SchedulesOut)
def listed() -> dict[str, Any]:
    """List the schedules with their next turns."""
    _require()
    with database().read() as session:
        items = [_shown(session, row) for row in schedules.listed(session, actor())]
    return {
        "items": items,
        "actions": [{"does": one.code, "name": texts._(one.name)}
                    for one in schedules.actions.values()],
    }  # fmt: skip


@blueprint.post("")
@blueprint.arguments(ScheduleIn)
@blueprint.response(200, ScheduleOut)
def add(given: Mapping[str, Any]) -> Any:
    """Add a schedule."""
    _require()
    row = Schedule(key=0, **_columns(given))
    with fields_named(tenant_id="tenantId"):
        return once({"schedule": dict(given)}, lambda session: _shown(
            session, schedules.save(session, actor(), row)
        ))  # fmt: skip


@blueprint.patch("/<schedule_key>")
@blueprint.arguments(ScheduleChangeIn)
@blueprint.response(200, ScheduleOut)
def change(given: Mapping[str, Any], schedule_key: str) -> Any:
    """Change a schedule, or switch it on or off; its next turn follows."""
    _require()
    wanted = key(schedule_key, N_("计划"))
    with fields_named(tenant_id="tenantId"):
        return once({"schedule": wanted, "change": dict(given)}, lambda session: _shown(
            session, schedules.amend(session, actor(), wanted, _columns(given))
        ))  # fmt: skip


def _require() -> None:
    if not ports.can(actor(), "schedule.manage", None):
        raise ForbiddenError(N_("计划由品质部、系统管理员或项目经理维护。"))


def _columns(given: Mapping[str, Any]) -> dict[str, Any]:
    return {"tenant_id" if name == "tenantId" else name: value for name, value in given.items()}


def _shown(session: Session, row: Schedule) -> dict[str, Any]:
    coming, problem = [], None
    try:
        coming = schedules.coming(session, row) if row.active else []
    except EngineError as error:  # a calendar without any working day
        problem = texts.of(error)
    return {
        "scheduleKey": str(row.key), "tenantId": row.tenant_id, "name": row.name,
        "every": row.every, "weekday": row.weekday, "time": row.time, "does": row.does,
        "active": row.active, "lastRun": moment(row.last_at), "lastTurns": row.last_turns,
        "nextRuns": [moment(at) for at in coming], "problem": problem,
    }  # fmt: skip
