"""/api/v1/cases: what is reported of a running case, and the cases linked to it."""

from collections.abc import Mapping
from typing import Any

from flask import jsonify
from flask.typing import ResponseReturnValue
from flask_smorest import Blueprint
from marshmallow import Schema, fields
from sqlalchemy.orm import Session

from api.auth import actor
from api.pages import files
from api.v2.base import database, key, once
from engine import instances, links, occurrences
from engine.errors import N_
from engine.ports import ports

blueprint = Blueprint("v1-cases", __name__, url_prefix="/api/v1/cases", description="案件上的事")


class OfferOut(Schema):
    """Something that may be reported now."""

    name = fields.String()
    elementId = fields.String()
    label = fields.String()
    formKey = fields.String()
    endsWork = fields.Boolean()


class OffersOut(Schema):
    """All that may be reported now."""

    items = fields.List(fields.Nested(OfferOut))


class ReportIn(Schema):
    """The values of the report's form."""

    variables = fields.Dict(keys=fields.String(), load_default=dict)


class ReportOpenedOut(Schema):
    """A task that came of it."""

    userTaskKey = fields.String()
    elementId = fields.String()
    name = fields.String()


class ReportOut(Schema):
    """What a report brought about."""

    elementId = fields.String()
    opened = fields.List(fields.Nested(ReportOpenedOut))
    ended = fields.Boolean()


class LinkOut(Schema):
    """A linked case."""

    kind = fields.String()
    outward = fields.Boolean()
    processInstanceKey = fields.String()
    businessKey = fields.String(allow_none=True)


class LinksOut(Schema):
    """The linked cases that the caller may read."""

    items = fields.List(fields.Nested(LinkOut))


@blueprint.get("/<instance_key>/reports")
@blueprint.response(200, OffersOut)
def offers(instance_key: str) -> Mapping[str, Any]:
    """List what may be reported of a case now, with the form of each."""
    with database().read() as session:
        found = occurrences.offers(session, actor(), key(instance_key, N_("案件")))
    return {
        "items": [
            {"name": one.name, "elementId": one.element, "label": one.label,
             "formKey": str(one.form_key), "endsWork": one.ends_work}
            for one in found
        ]
    }  # fmt: skip


@blueprint.post("/<instance_key>/reports/<name>")
@blueprint.arguments(ReportIn)
@blueprint.alt_response(200, schema=ReportOut, success=True)
def report(given: Mapping[str, Any], instance_key: str, name: str) -> ResponseReturnValue:
    """Report something of a case: it takes its step in the same unit of work."""
    wanted, who, values = key(instance_key, N_("案件")), actor(), given["variables"]

    def command(session: Session) -> dict[str, Any]:
        done = occurrences.report(
            session, who, wanted, name, values, files=files.finder(session, who)
        )
        files.keep(session, who, wanted, values)
        return _shown(done)

    return jsonify(once({"report": [wanted, name], "variables": values}, command))


@blueprint.get("/<instance_key>/links")
@blueprint.response(200, LinksOut)
def linked(instance_key: str) -> Mapping[str, Any]:
    """List the cases that a case is merged into, merged from, carried on by or related to."""
    who = actor()
    with database().read() as session:
        case = instances.get(session, who, key(instance_key, N_("案件")))
        return {
            "items": [
                {"kind": str(one.kind), "outward": one.outward,
                 "processInstanceKey": str(one.case.key), "businessKey": one.case.business_key}
                for one in links.of(session, case.root_key)
                if ports.can(who, "instance.read", one.case)
            ]
        }  # fmt: skip


def _shown(done: occurrences.Reported) -> dict[str, Any]:
    return {
        "elementId": done.element,
        "ended": done.ended,
        "opened": [
            {"userTaskKey": str(task.key), "elementId": task.element, "name": task.name}
            for task in done.opened
        ],
    }
