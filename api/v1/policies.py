"""/api/v1/policies: the rules of time, looked at, tried, changed, and brought to running cases."""

from collections.abc import Mapping
from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from api.auth import actor
from api.v2.base import database, moment, once
from engine import editions, reapplying
from engine.errors import N_, ForbiddenError, NotFoundError
from engine.ports import ports
from processes import policies

blueprint = Blueprint(
    "v1-policies", __name__, url_prefix="/api/v1/policies", description="时限规则"
)


class RuleOut(Schema):
    """A rule of time in force."""

    kind = fields.String()
    code = fields.String()
    rule = fields.Dict()


class RulesOut(Schema):
    """The rules of an edition."""

    edition = fields.Integer(allow_none=True)
    items = fields.List(fields.Nested(RuleOut))


class ChangesOut(Schema):
    """Who changed what."""

    items = fields.List(fields.Dict())


class RuleIn(Schema):
    """A rule as it shall read; null takes it out of force."""

    kind = fields.String(required=True, validate=validate.OneOf(editions.KINDS))
    code = fields.String(required=True)
    rule = fields.Dict(required=True, allow_none=True)


class LevelOut(Schema):
    """What a service level would change."""

    changes = fields.List(fields.Nested(RuleOut))


class RulesIn(Schema):
    """Changes of rules."""

    changes = fields.List(fields.Nested(RuleIn), required=True)
    reason = fields.String(load_default="")


class PreviewOut(Schema):
    """Open limits that would change if the rules were applied to running cases."""

    moves = fields.List(fields.Dict())


class EditionOut(Schema):
    """The edition now in force."""

    edition = fields.Integer()


class ReappliedOut(Schema):
    """How many open limits changed."""

    changed = fields.Integer()


@blueprint.get("")
@blueprint.response(200, RulesOut)
def rules() -> dict[str, Any]:
    """Return the rules of time in force."""
    _reader()
    with database().read() as session:
        edition = editions.newest(session)
        found = editions.rows(session, edition)
    items = [{"kind": kind, "code": code, "rule": row} for (kind, code), row in found.items()]
    return {"edition": edition, "items": items}


@blueprint.get("/changes")
@blueprint.response(200, ChangesOut)
def changes() -> dict[str, Any]:
    """Return who changed which rule, the newest first."""
    _reader()
    with database().read() as session:
        found = editions.log(session)
    return {"items": [
        {"edition": c.edition, "at": moment(c.at), "by": str(c.by), "reason": c.reason,
         "kind": c.kind, "code": c.code, "before": c.before, "after": c.after}
        for c in found
    ]}  # fmt: skip


@blueprint.get("/levels/<level>")
@blueprint.response(200, LevelOut)
def level_changes(level: str) -> dict[str, Any]:
    """Return the changes that bring the rules in force to a service level, to preview and make."""
    _keeper()
    if level not in policies.LEVELS:
        raise NotFoundError(N_("没有这个服务等级"))
    with database().read() as session:
        wanted = policies.level(editions.rows(session, editions.newest(session)), level)
    return {"changes": [
        {"kind": kind, "code": code, "rule": row} for (kind, code), row in wanted.items()
    ]}  # fmt: skip


@blueprint.post("/preview")
@blueprint.arguments(RulesIn)
@blueprint.response(200, PreviewOut)
def preview(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return which open limits a change would move; nothing is stored."""
    _keeper()
    with database().read() as session:
        wanted = _changes(given)
        editions.check(session, wanted)
        moves = reapplying.preview(session, editions.drafted(session, wanted))
    return {"moves": [
        {"userTaskKey": str(m.task_key), "name": m.name, "from": moment(m.before),
         "to": moment(m.after)}
        for m in moves
    ]}  # fmt: skip


@blueprint.post("")
@blueprint.arguments(RulesIn)
@blueprint.response(200, EditionOut)
def change(given: Mapping[str, Any]) -> Any:
    """Put changed rules in force for cases that begin from now on."""
    wanted = _changes(given)
    return once({"policies": dict(given)}, lambda session: {
        "edition": editions.change(session, actor(), wanted, reason=given["reason"])
    })  # fmt: skip


@blueprint.post("/reapplication")
@blueprint.response(200, ReappliedOut)
def reapply() -> dict[str, Any]:
    """Bring running cases to the rules in force."""
    return {"changed": reapplying.run(database(), actor())}


def _reader() -> None:
    if not ports.can(actor(), "policy.read", None):
        raise ForbiddenError(N_("时限规则由经理和品质部查看。"))


def _keeper() -> None:
    if not ports.can(actor(), "policy.manage", None):
        raise ForbiddenError(N_("时限规则由品质部或系统管理员维护。需要调整，请联系品质部。"))


def _changes(given: Mapping[str, Any]) -> editions.Changes:
    return {(one["kind"], one["code"]): one["rule"] for one in given["changes"]}
