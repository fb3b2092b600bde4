"""What the archive keeps of people, and which region a project lies in: for head office."""

from flask import Response, make_response, render_template, request
from sqlalchemy.orm import Session

from api import auth, texts
from api.pages import archive_words, base
from api.pages.base import pages
from api.texts import _
from engine.errors import N_, ForbiddenError, InvalidInputError
from engine.ports import COMPANY
from processes import lookups
from processes.archive import regions, traits


@pages.get("/settings/archive")
def archive_settings() -> str:
    """Show the traits of residents and the regions."""
    _require()
    with base.read() as session:
        return _page(session)


@pages.post("/settings/archive/traits")
def choose_traits() -> Response:
    """Turn traits on or off; one that is off is forgotten for everybody."""
    _require()
    actor, given = auth.actor(), request.form
    with base.begin() as session:
        now = traits.choices(session)
        for kind in traits.TRAITS:
            kept, decides = f"kept-{kind.key}" in given, f"decides-{kind.key}" in given
            if (kept, kept and decides) != (now[kind.key].kept, now[kind.key].decides):
                traits.choose(session, actor, kind.key, kept=kept, decides=decides)
    base.done(_("已保存客户属性的设置"))
    return base.to("pages.archive_settings")


@pages.post("/settings/archive/regions")
def save_regions() -> Response:
    """Put projects into regions; a new name makes a region, one without projects goes."""
    _require()
    try:
        with base.begin() as session:
            for tenant in lookups.projects(session, auth.actor()):
                name = request.form.get(f"region-{tenant.tenant_id}")
                if name is not None:
                    regions.put(session, auth.actor(), tenant.tenant_id, name)
    except InvalidInputError as error:
        with base.read() as session:
            return make_response(_page(session, error=texts.of(error)), 422)
    base.done(_("已保存区域"))
    return base.to("pages.archive_settings")


def _require() -> None:
    if not base.may(auth.actor(), "archive.configure", COMPANY):
        raise ForbiddenError(N_("档案的设置由品质部或系统管理员维护。"))


def _page(session: Session, error: str = "") -> str:
    tenants = lookups.projects(session, auth.actor())
    return render_template(
        "archive_settings.html", traits=traits.TRAITS, choices=traits.choices(session),
        words=archive_words, tenants=tenants, regions=regions.names(session),
        of_project=regions.of_projects(session), error=error,
    )  # fmt: skip
