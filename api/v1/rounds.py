"""/api/v1/daily and /api/v1/weekly: 日清 of each person, and the closed weeks of the teams."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate
from sqlalchemy.orm import Session

from api.auth import actor
from api.v2.base import database, fields_named, key, moment, once
from engine import calendars, daily, weekly
from engine.errors import N_, ForbiddenError
from engine.models import DailyItem
from engine.ports import ports
from processes import lookups

blueprint = Blueprint("v1-rounds", __name__, url_prefix="/api/v1", description="日清与周结")

#: how long my own answers are told
_MINE = timedelta(days=14)


class DayIn(Schema):
    """Which day."""

    date = fields.Date(load_default=None)


class AnswerIn(Schema):
    """Why a task was not cleared, or when it will be."""

    reason = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=200))
    promisedOn = fields.Date(load_default=None, allow_none=True)


class DailyItemOut(Schema):
    """A task that a person did not clear on its day, and what they said about it."""

    dailyItemKey = fields.String()
    tenantId = fields.String()
    date = fields.String()
    userTaskKey = fields.String()
    processInstanceKey = fields.String()
    name = fields.String()
    dueDate = fields.String()
    reason = fields.String(allow_none=True)
    promisedOn = fields.String(allow_none=True)
    answeredAt = fields.String(allow_none=True)


class DailyLineOut(DailyItemOut):
    """The same with whose it is, and when it was done after all."""

    person = fields.String()
    doneAt = fields.String(allow_none=True)


class DailyOut(Schema):
    """What was not cleared."""

    items = fields.List(fields.Nested(DailyLineOut))


class WeekOut(Schema):
    """A closed week: figures by team."""

    tenantId = fields.String()
    begins = fields.String()
    ends = fields.String()
    madeAt = fields.String()
    teams = fields.Dict()


class WeeksOut(Schema):
    """Closed weeks, the newest first."""

    items = fields.List(fields.Nested(WeekOut))


@blueprint.get("/daily")
@blueprint.response(200, DailyOut)
def mine() -> dict[str, Any]:
    """List what I did not clear in two weeks, and what I said about it."""
    since = calendars.today() - _MINE
    with database().read() as session:
        return _lines(daily.mine(session, actor().key, since=since))


@blueprint.post("/daily/<item_key>/answer")
@blueprint.arguments(AnswerIn)
@blueprint.response(200, DailyItemOut)
def answer(given: Mapping[str, Any], item_key: str) -> Any:
    """Say why a task of mine was not cleared, or when it will be; a later answer replaces it."""
    wanted = key(item_key, N_("日清"))
    with fields_named(promised_on="promisedOn"):
        return once({"daily": wanted, **given}, lambda session: _item(daily.answer(
            session, actor(), wanted, reason=(given["reason"] or "").strip(),
            promised_on=given["promisedOn"],
        )))  # fmt: skip


@blueprint.get("/daily/board")
@blueprint.arguments(DayIn, location="query")
@blueprint.response(200, DailyOut)
def board(given: Mapping[str, Any]) -> dict[str, Any]:
    """List everybody's items of a day; without one, of today."""
    _require()
    with database().read() as session:
        return _lines(daily.board(session, _projects(session), given["date"] or calendars.today()))


@blueprint.get("/weekly")
@blueprint.response(200, WeeksOut)
def weeks() -> dict[str, Any]:
    """List the closed weeks with each team's figures."""
    _require()
    with database().read() as session:
        rows = weekly.search(session, _projects(session))
    return {"items": [
        {"tenantId": row.tenant_id, "begins": row.begins_on.isoformat(),
         "ends": row.ends_on.isoformat(), "madeAt": moment(row.made_at), "teams": row.teams}
        for row in rows
    ]}  # fmt: skip


def _require() -> None:
    if not ports.can(actor(), "report.read", None):
        raise ForbiddenError(N_("日清和周结的汇总由经理和品质部查看。"))


def _projects(session: Session) -> list[str]:
    return [one.tenant_id for one in lookups.allowed(session, actor(), "report.read")]


def _lines(found: Iterable[daily.Line]) -> dict[str, Any]:
    return {"items": [
        {**_item(line.item), "person": line.person, "doneAt": moment(line.done_at)}
        for line in found
    ]}  # fmt: skip


def _item(row: DailyItem) -> dict[str, Any]:
    return {
        "dailyItemKey": str(row.key), "tenantId": row.tenant_id, "date": row.on.isoformat(),
        "userTaskKey": str(row.task_key), "processInstanceKey": str(row.instance_key),
        "name": row.name, "dueDate": moment(row.due_at), "reason": row.reason,
        "promisedOn": row.promised_on.isoformat() if row.promised_on else None,
        "answeredAt": moment(row.answered_at),
    }  # fmt: skip
