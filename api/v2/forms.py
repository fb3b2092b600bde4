"""/v2/forms: versions of forms."""

from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields
from sqlalchemy.orm import Session

from api.auth import actor
from api.v2.base import database, key, tenant_out
from engine.errors import N_, NotFoundError
from engine.models import Content, FormVersion
from engine.ports import COMPANY

blueprint = Blueprint("v2-forms", __name__, url_prefix="/v2/forms", description="表单")


class FormOut(Schema):
    """One version of a form; `schema` is its form-js JSON as text."""

    tenantId = fields.String()
    formId = fields.String()
    schema = fields.String()
    version = fields.Integer()
    formKey = fields.String()


@blueprint.get("/<form_key>")
@blueprint.response(200, FormOut)
def get(form_key: str) -> dict[str, Any]:
    """Return one version of a form."""
    with database().read() as session:
        row = session.get(FormVersion, key(form_key, N_("表单")))
        if row is None or row.tenant_id not in {COMPANY, *actor().tenants()}:
            raise NotFoundError(N_("没有编号为 {key} 的表单"), key=form_key)
        return shown(session, row)


def shown(session: Session, row: FormVersion) -> dict[str, Any]:
    """Return a form as the API gives it."""
    body = session.get_one(Content, row.hash).body
    return {
        "tenantId": tenant_out(row.tenant_id),
        "formId": row.form_id,
        "schema": bytes(body).decode(),
        "version": row.version,
        "formKey": str(row.key),
    }
