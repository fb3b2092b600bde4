"""The archive: rooms of a project with who lives there, found by number, name, telephone or plate."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, make_response, render_template, request
from sqlalchemy.orm import Session

from api import auth, texts
from api.pages import archive_words, base, export
from api.pages.base import pages
from api.texts import _
from engine import identity
from engine.errors import N_, ForbiddenError, InvalidInputError
from engine.models import Tenant
from engine.ports import COMPANY, Actor
from processes import lookups
from processes.archive import Room, looks, reading, regions

PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A room as the list shows it."""

    room: Room
    area: str
    use: str
    people: Sequence[archive_words.Person]


@pages.get("/archive")
def archive() -> str:
    """List the rooms of a project."""
    with base.read() as session:
        return render_template("archive.html", **_list(session, auth.actor()))


@pages.get("/archive/export")
def archive_export() -> str:
    """Ask why rooms and people of a project are taken out; show who did so before."""
    with base.read() as session:
        return _export(session, auth.actor())


@pages.post("/archive/export")
def export_archive() -> Response:
    """Give a project's rooms and people as a workbook; the reason stays on record."""
    actor = auth.actor()
    try:
        with base.begin() as session:
            tenant = project(session, actor, "personal.export")
            table = looks.export(
                session, actor, tenant.tenant_id, reason=request.form.get("reason", "")
            )
    except InvalidInputError as error:
        with base.read() as session:
            return make_response(_export(session, actor, error=texts.of(error)), 422)
    return export.file(table, "xlsx", name=_("业主档案 {project}", project=tenant.name))


def projects(session: Session, actor: Actor, action: str = "archive.browse") -> list[Tenant]:
    """Return the projects where this person may do something with the archive."""
    found = [
        tenant for tenant in lookups.projects(session, actor)
        if base.may(actor, action, tenant.tenant_id)
    ]  # fmt: skip
    if not found:
        raise ForbiddenError(N_("业主档案由客户服务人员查看。需要资料，请联系客户经理。"))
    return found


def project(session: Session, actor: Actor, action: str = "archive.browse") -> Tenant:
    """Return the project that the address names, or the first one."""
    found = projects(session, actor, action)
    wanted = request.values.get("tenant_id", "")
    return next((tenant for tenant in found if tenant.tenant_id == wanted), found[0])


def _list(session: Session, actor: Actor) -> dict[str, Any]:
    tenants = projects(session, actor)
    tenant = project(session, actor)
    text = request.args.get("q", "").strip()
    page, building = _number("page") or 1, _number("building")
    shown = base.may(actor, "personal.read", tenant.tenant_id)
    found = reading.rooms(
        session, tenant.tenant_id, text=text, building_key=building, by_name=shown, page=page,
        size=PAGE,
    )  # fmt: skip
    return {
        "regions": _by_region(session, tenants),
        "tenant": tenant,
        "region": regions.of_projects(session).get(tenant.tenant_id, ""),
        "buildings": reading.buildings(session, tenant.tenant_id),
        "building": building,
        "q": text,
        "page": page,
        "pages": -(-found.total // PAGE) or 1,
        "total": found.total,
        "lines": [_line(room, found, shown=shown) for room in found.rooms],
        "shown": shown,
        "may_import": base.may(actor, "archive.import", tenant.tenant_id),
        "may_export": base.may(actor, "personal.export", tenant.tenant_id),
        "may_configure": base.may(actor, "archive.configure", COMPANY),
    }


def _by_region(session: Session, tenants: Sequence[Tenant]) -> list[tuple[str, list[Tenant]]]:
    """Return projects under their regions; those without one come last."""
    names = regions.of_projects(session)
    found: dict[str, list[Tenant]] = {}
    for tenant in tenants:
        found.setdefault(names.get(tenant.tenant_id, ""), []).append(tenant)
    return sorted(found.items(), key=lambda pair: (not pair[0], pair[0]))


def _line(room: Room, found: reading.Found, *, shown: bool) -> Line:
    people = [archive_words.person(one, shown=shown) for one in found.people.get(room.key, ())]
    return Line(
        room=room, area=archive_words.metres(room.area),
        use=_(archive_words.USES.get(room.use, room.use)), people=people,
    )  # fmt: skip


def _export(session: Session, actor: Actor, error: str = "") -> str:
    tenants = projects(session, actor, "personal.export")
    tenant = project(session, actor, "personal.export")
    taken = looks.recent(session, tenant.tenant_id)
    return render_template(
        "archive_export.html", tenants=tenants, tenant=tenant, looks=taken, error=error,
        given=request.form, names=identity.names(session, [look.by for look in taken]),
    )  # fmt: skip


def _number(name: str) -> int | None:
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 20 else None  # noqa: PLR2004 — 63 bits
