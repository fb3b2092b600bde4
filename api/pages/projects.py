"""Projects 小区, for the administrator: add one, rename one."""

from flask import Response, make_response, render_template, request
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api import auth, texts
from api.pages import base
from api.pages.base import pages
from api.texts import _
from engine import identity
from engine.errors import N_, ConflictError, ForbiddenError, InvalidInputError
from engine.models import Instance, Membership, Tenant
from processes.archive import Room

#: zones that a project in China may have; the command takes any other
ZONES = ("Asia/Shanghai", "Asia/Urumqi", "Asia/Hong_Kong", "Asia/Macau", "Asia/Taipei")


@pages.get("/projects")
def projects() -> str:
    """List the projects with what each holds."""
    _require()
    return _page({})


@pages.post("/projects")
def save_project() -> Response:
    """Add a project, or give one a new name and zone."""
    _require()
    given = request.form
    code, new = given.get("code", "").strip(), "new" in given
    try:
        with base.begin() as session:
            if new:
                _refuse_taken(session, code)
            identity.save_project(
                session, code, name=given.get("name", ""), zone=given.get("zone", "")
            )
    except InvalidInputError as error:
        return make_response(_page({k: _(v[0]) for k, v in error.fields.items()}), 422)
    except ConflictError as error:
        return make_response(_page({"code": texts.of(error)}), 409)
    name = given["name"].strip()
    base.done(_("已增加项目“{name}”，请给人员分配这个项目的角色", name=name) if new
              else _("已保存项目“{name}”", name=name))  # fmt: skip
    return base.to("pages.projects")


def _require() -> None:
    if not base.may(auth.actor(), "user.manage"):
        raise ForbiddenError(N_("项目由系统管理员维护。需要调整，请联系系统管理员。"))


def _refuse_taken(session: Session, code: str) -> None:
    if session.get(Tenant, code) is not None:
        raise ConflictError(N_("代号 {code} 已经用于另一个项目。"), code=code)


def _page(errors: dict[str, str]) -> str:
    with base.read() as session:
        rows = session.scalars(select(Tenant).order_by(Tenant.tenant_id)).all()
        figures = {
            name: dict(session.execute(select(column, func.count()).group_by(column)).all())
            for name, column in (
                ("rooms", Room.tenant_id), ("people", Membership.tenant_id),
                ("cases", Instance.tenant_id),
            )
        }  # fmt: skip
        return render_template(
            "projects.html", rows=rows, figures=figures, zones=ZONES, errors=errors,
            given=request.form, zone=base.settings().zone,
        )  # fmt: skip
