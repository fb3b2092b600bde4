"""/v2/variables: the routed variables of instances (decision 8); personal values are never here."""

from collections.abc import Mapping
from typing import Any

import orjson
from flask_smorest import Blueprint
from marshmallow import Schema, fields

from api.auth import actor
from api.v2.base import PageOut, SearchIn, database, key, tenant_out
from engine import ids, instances
from engine.errors import N_, InvalidInputError, NotFoundError
from engine.models import Instance

blueprint = Blueprint("v2-variables", __name__, url_prefix="/v2/variables", description="变量")

#: longer values are cut in a search
_CUT = 8192


class VariableOut(Schema):
    """One variable; `value` is JSON as text."""

    value = fields.String()
    isTruncated = fields.Boolean()
    name = fields.String()
    tenantId = fields.String()
    variableKey = fields.String()
    scopeKey = fields.String()
    processInstanceKey = fields.String()
    rootProcessInstanceKey = fields.String(allow_none=True)


class VariablesOut(Schema):
    """A page of variables."""

    items = fields.List(fields.Nested(VariableOut))
    page = fields.Nested(PageOut)


@blueprint.post("/search")
@blueprint.arguments(SearchIn)
@blueprint.response(200, VariablesOut)
def search(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return the variables of the instance that the filter names, by name where it says so."""
    wanted = asked["filter"]
    scope = wanted.get("processInstanceKey", wanted.get("scopeKey"))
    if scope is None:
        raise InvalidInputError(
            N_("请用 processInstanceKey 指明实例。"),
            fields={"processInstanceKey": [N_("必填")]},
        )
    with database().read() as session:
        found = instances.get(session, actor(), key(_plain(scope), N_("案件")))
        return of_instance(found, name=wanted.get("name"))


@blueprint.get("/<variable_key>")
@blueprint.response(200, VariableOut)
def get(variable_key: str) -> dict[str, Any]:
    """Return nothing by key alone: a variable is found through its instance."""
    raise NotFoundError(N_("没有编号为 {key} 的变量，请按实例查询。"), key=variable_key[:40])


def of_instance(instance: Instance, *, name: Any = None) -> dict[str, Any]:
    """Return an instance's variables as a page of the API."""
    items = [
        _shown(instance, known, value)
        for known, value in sorted(instance.variables.items())
        if name is None or _fits(known, name)
    ]
    return {
        "items": items,
        "page": {
            "totalItems": len(items), "hasMoreTotalItems": False,
            "startCursor": None, "endCursor": None,
        },
    }  # fmt: skip


def _shown(instance: Instance, name: str, value: Any) -> dict[str, Any]:
    body = orjson.dumps(value).decode()
    return {
        "value": body[:_CUT],
        "isTruncated": len(body) > _CUT,
        "name": name,
        "tenantId": tenant_out(instance.tenant_id),
        "variableKey": str(ids.derived(instance.key, name)),
        "scopeKey": str(instance.key),
        "processInstanceKey": str(instance.key),
        "rootProcessInstanceKey": str(instance.root_key),
    }


def _plain(wanted: Any) -> Any:
    return wanted.get("$eq") if isinstance(wanted, dict) else wanted


def _fits(name: str, wanted: Any) -> bool:
    if isinstance(wanted, dict):
        return name == wanted.get("$eq", name) and name in wanted.get("$in", [name])
    return bool(name == wanted)
