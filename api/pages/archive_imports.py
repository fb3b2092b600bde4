"""Import of rooms and owners: template, upload, what it would change or what is wrong, apply, undo."""

from typing import Any

from flask import Response, make_response, render_template, request
from sqlalchemy.orm import Session

from api import auth, texts
from api.pages import archive, archive_words, base
from api.pages.base import pages
from api.texts import _
from engine import identity
from engine.errors import N_, ConflictError, InvalidInputError
from engine.models import Tenant
from engine.spreadsheets import MEDIA_TYPES
from engine.workbooks import MOST_BYTES
from processes.archive import Import, importing, undoing, workbooks

STATES = {
    "checked": N_("待确认"), "refused": N_("有错误，未导入"), "applied": N_("已导入"),
    "undone": N_("已撤销"),
}  # fmt: skip


@pages.get("/archive/imports")
def archive_imports() -> str:
    """Offer the template and the upload; list what was imported."""
    with base.read() as session:
        return _start(session)


@pages.get("/archive/imports/template.xlsx")
def archive_template() -> Response:
    """Give the empty sheet."""
    with base.read() as session:
        archive.project(session, auth.actor(), "archive.import")
    return _file(workbooks.template(), "archive.xlsx")


@pages.post("/archive/imports")
def upload_archive() -> Response:
    """Check a workbook whole; show what it would change, or every fault by its cell."""
    actor = auth.actor()
    with base.read() as session:
        tenant = archive.project(session, actor, "archive.import")
    try:
        sent = _sent()
        with base.begin() as session:
            key = importing.keep(session, actor, tenant.tenant_id, sent).key
    except InvalidInputError as error:
        with base.read() as session:
            return make_response(_start(session, error=texts.of(error)), 422)
    return base.to("pages.archive_import", key=key)


@pages.get("/archive/imports/<key>")
def archive_import(key: str) -> str:
    """Show what an import would change, did, or what is wrong with it."""
    with base.read() as session:
        return _page(session, base.key(key))


@pages.get("/archive/imports/<key>/faults.xlsx")
def archive_faults(key: str) -> Response:
    """Give the workbook back with every faulty cell marked."""
    with base.read() as session:
        sent = importing.waiting(session, auth.actor(), base.key(key))
        tenant_id = importing.get(session, auth.actor(), base.key(key)).tenant_id
        body = importing.marked(session, tenant_id, sent)
    return _file(body, "archive-faults.xlsx")


@pages.post("/archive/imports/<key>/apply")
def apply_archive(key: str) -> Response:
    """Take a checked workbook over, whole."""
    actor = auth.actor()
    try:
        with base.read() as session:
            sent = importing.waiting(session, actor, base.key(key))
        with base.begin() as session:
            found = importing.apply(session, actor, base.key(key), sent)
            counts = dict(found.counts)
    except ConflictError as error:
        return _refused(key, error)
    base.done(_("已导入：新增 {new} 行，修改 {changed} 行", **counts))
    return base.to("pages.archive_import", key=key)


@pages.post("/archive/imports/<key>/undo")
def undo_archive(key: str) -> Response:
    """Put everything back as it was before the last import."""
    try:
        with base.begin() as session:
            undoing.undo(session, auth.actor(), base.key(key))
    except ConflictError as error:
        return _refused(key, error)
    base.done(_("已撤销这次导入，档案恢复到导入之前"))
    return base.to("pages.archive_import", key=key)


def _sent() -> importing.Sent:
    given = request.files.get("file")
    if given is None or not given.filename:
        raise InvalidInputError(N_("请选择一个 .xlsx 文件。"))
    return importing.read(given.filename, given.stream.read(MOST_BYTES + 1))


def _refused(key: str, error: ConflictError) -> Response:
    with base.read() as session:
        return make_response(_page(session, base.key(key), error=texts.of(error)), 409)


def _start(session: Session, error: str = "") -> str:
    actor = auth.actor()
    tenants = archive.projects(session, actor, "archive.import")
    tenant = archive.project(session, actor, "archive.import")
    rows = importing.recent(session, tenant.tenant_id)
    return render_template(
        "archive_imports.html", tenants=tenants, tenant=tenant, rows=rows, states=STATES,
        names=identity.names(session, [row.by for row in rows]), error=error,
        most_rows=workbooks.MOST_ROWS, most=MOST_BYTES // 2**20,
    )  # fmt: skip


def _page(session: Session, key: int, error: str = "") -> str:
    found = importing.get(session, auth.actor(), key)
    preview: dict[str, Any] = found.preview or {"faults": [], "changes": []}
    tenant = session.get_one(Tenant, found.tenant_id)
    return render_template(
        "archive_import.html", found=found, tenant=tenant, states=STATES, error=error,
        faults=preview["faults"], changes=preview["changes"], words=archive_words,
        english=texts.language() == "en", may_undo=_may_undo(session, found),
        names=identity.names(session, [found.by, found.settled_by]),
    )  # fmt: skip


def _may_undo(session: Session, found: Import) -> bool:
    newest = undoing.last(session, found.tenant_id)
    return newest is not None and newest.key == found.key


def _file(body: bytes, name: str) -> Response:
    answer = Response(body, content_type=MEDIA_TYPES["xlsx"])
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
