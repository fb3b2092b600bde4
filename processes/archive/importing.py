"""Read rooms and owners of a project in: checked whole, shown, then all of it or nothing.

A workbook is kept as an import until somebody applies it; one that holds a faulty cell never can
be. Applying writes what the preview showed, in one unit of work, or refuses.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from engine import clock, ids
from engine.errors import N_, ConflictError, ForbiddenError, NotFoundError, OvertakenError
from engine.ports import Actor, ports
from processes.archive import plans, rows, stock, workbooks
from processes.archive.changes import Change, Import, ImportState
from processes.archive.plans import Plan
from processes.archive.rows import Row
from processes.archive.workbooks import Fault, Sheet

#: how many faults and changes a preview keeps; all faults are in the error workbook
SHOWN = 200
_LONGEST_NAME = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A workbook as it was sent, read; what the sheet alone can tell is known."""

    name: str
    body: bytes
    sheet: Sheet
    rows: Sequence[Row]
    faults: Sequence[Fault]


def read(name: str, body: bytes) -> Sent:
    """Read a workbook without the database: this takes longest and holds nobody up."""
    sheet = workbooks.read(body)
    taken, faults = rows.check(sheet)
    return Sent(name=_name(name), body=body, sheet=sheet, rows=taken, faults=faults)


def keep(session: Session, actor: Actor, tenant_id: str, sent: Sent) -> Import:
    """Compare a workbook with the archive and keep it to be applied; nothing is taken over."""
    _require(actor, tenant_id)
    plan, faults = check(session, tenant_id, sent)
    _drop_waiting(session, tenant_id)
    found = Import(
        key=ids.new(), tenant_id=tenant_id, file_name=sent.name,
        state=ImportState.REFUSED if faults else ImportState.CHECKED, by=actor.key,
        at=clock.now(), counts={**plan.counts, "errors": len(faults)}, digest=plan.digest,
        preview={"faults": [_told(fault) for fault in faults[:SHOWN]],
                 "changes": [] if faults else plan.changes(SHOWN)},
        body=sent.body,
    )  # fmt: skip
    session.add(found)
    session.flush()
    return found


def check(session: Session, tenant_id: str, sent: Sent) -> tuple[Plan, list[Fault]]:
    """Return what a workbook would change in a project, and every fault in it."""
    plan = plans.make(tenant_id, stock.of(session, tenant_id), sent.sheet, sent.rows)
    return plan, sorted([*sent.faults, *plan.faults], key=lambda fault: fault.row)


def waiting(session: Session, actor: Actor, key: int) -> Sent:
    """Return the workbook of an import that waits to be applied or corrected."""
    found = get(session, actor, key)
    if found.body is None:
        raise ConflictError(N_("这次导入已经处理过了，或者已有更新的一份。请重新上传。"))
    return read(found.file_name, found.body)


def apply(session: Session, actor: Actor, key: int, sent: Sent) -> Import:
    """Take a checked workbook over, whole; refuse when the archive is not as it was previewed."""
    found = get(session, actor, key, lock=True)
    if found.state != ImportState.CHECKED or found.body != sent.body:
        raise ConflictError(N_("这次导入已经处理过了，或者已有更新的一份。请重新上传。"))
    plan, faults = check(session, found.tenant_id, sent)
    if faults or plan.digest != found.digest:
        raise OvertakenError(N_("预览之后档案有变化，没有导入任何内容。请重新上传，再核对一次。"))
    _forget_changes(session, found.tenant_id)
    _write(session, plan)
    _note(session, found, plan)
    found.state, found.settled_by, found.settled_at = ImportState.APPLIED, actor.key, clock.now()
    found.body = found.preview = None
    return found


def get(session: Session, actor: Actor, key: int, *, lock: bool = False) -> Import:
    """Return an import for who may import in its project."""
    query = select(Import).where(Import.key == key)
    found = session.scalars(query.with_for_update() if lock else query).first()
    if found is None or not ports.can(actor, "archive.import", found.tenant_id):
        raise NotFoundError(N_("没有这次导入，或者它不在您负责的项目里。"))
    return found


def marked(session: Session, tenant_id: str, sent: Sent) -> bytes:
    """Return a workbook with all its faulty cells marked."""
    _plan, faults = check(session, tenant_id, sent)
    return workbooks.marked(sent.sheet, faults)


def recent(session: Session, tenant_id: str, most: int = 20) -> Sequence[Import]:
    """Return a project's imports, newest first."""
    query = (
        select(Import).where(Import.tenant_id == tenant_id).order_by(Import.key.desc()).limit(most)
    )
    return session.scalars(query).all()


def _require(actor: Actor, tenant_id: str) -> None:
    if not ports.can(actor, "archive.import", tenant_id):
        raise ForbiddenError(N_("导入档案由客户经理或项目经理办理。"))


def _drop_waiting(session: Session, tenant_id: str) -> None:
    """Forget workbooks that nobody applied: they hold personal data."""
    session.execute(
        update(Import)
        .where(Import.tenant_id == tenant_id, Import.body.is_not(None))
        .values(body=None, preview=None)
    )


def _forget_changes(session: Session, tenant_id: str) -> None:
    """Forget what earlier imports changed: only the last one can be undone."""
    session.execute(
        delete(Change).where(Change.tenant_id == tenant_id, Change.import_key.is_not(None))
    )


def _write(session: Session, plan: Plan) -> None:
    """Write table by table, parents first, many rows a statement."""
    for entry, table in stock.TABLES.items():
        mine = [write for write in plan.writes if write.entry == entry]
        if made := [write.after for write in mine if write.before is None]:
            session.execute(insert(table), made)
        if changed := [write.after for write in mine if write.before is not None]:
            session.execute(update(table), changed)


def _note(session: Session, found: Import, plan: Plan) -> None:
    """Keep each row as it was and as it became."""
    now = clock.now()
    changes: list[dict[str, Any]] = [
        {"key": ids.new(), "tenant_id": found.tenant_id, "import_key": found.key,
         "entry": write.entry, "row_key": write.after["key"], "before": write.before,
         "after": write.after, "by": found.by, "at": now}
        for write in plan.writes
    ]  # fmt: skip
    if changes:
        session.execute(insert(Change), changes)


def _told(fault: Fault) -> dict[str, str]:
    return {"cell": fault.cell, "zh": fault.zh, "en": fault.en}


def _name(text: str) -> str:
    """Return a file's name without folders and what can't be shown."""
    last = text.replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(c for c in last if unicodedata.category(c)[0] != "C")
    return shown[-_LONGEST_NAME:] or "xlsx"
