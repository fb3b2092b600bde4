"""The sheets that a case prints: which steps stand on them, who signs, and their running number.

Requirements M12, M14, P1 and P6: 维修服务任务单, 房屋交接验收单, 交接登记.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock, ids, numbers
from engine.models import Instance, Tenant
from engine.models.sheets import PrintedSheet
from engine.ports import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One kind of sheet."""

    kind: str
    zh: str
    en: str
    #: begins the number: WXD-YJ-2026-0001
    prefix: str
    processes: frozenset[str]
    #: the steps on it, in the order of the paper
    steps: tuple[str, ...]
    #: once one of these is filled in, there is something to print
    begins: frozenset[str]
    #: signature fields and who signs there by hand when nobody has on the screen, zh and en
    signatures: tuple[tuple[str, str, str], ...]


_MOVE_IN = frozenset({"move_in", "move_in_inspect_first"})
SHEETS = (
    Sheet(
        kind="repair_order", zh="维修服务任务单", en="Repair order", prefix="WXD",
        processes=frozenset({"repair"}),
        steps=("R1_intake", "R2_dispatch", "R3_accept", "R4_arrive", "R4x_reschedule", "R5_quote",
               "R5c_consent", "R5p_parts", "R7_finish", "PAY_desk"),
        begins=frozenset({"R1_intake"}),
        signatures=(("consent_sign", "客户签名（报价）", "Customer (quote)"),
                    ("customer_sign", "客户签名（完工）", "Customer (work done)"),
                    ("worker", "维修员", "Repair worker")),
    ),
    Sheet(
        kind="acceptance", zh="房屋交接验收单", en="Acceptance sheet", prefix="YSD",
        processes=_MOVE_IN,
        steps=("M1_verify", "M4_inspect", "K1_ack", "K2_fixed", "K3_recheck", "K4_customer",
               "M5_reinspect", "M6_accept"),
        begins=frozenset({"M4_inspect"}),
        signatures=(("customer_sign", "客户签收", "Customer"), ("staff_sign", "经办人", "Staff")),
    ),
    Sheet(
        kind="handover", zh="交接登记", en="Handover record", prefix="JJD",
        processes=_MOVE_IN, steps=("M7_handover",), begins=frozenset({"M7_handover"}),
        signatures=(("customer_sign", "客户签名", "Customer"), ("staff", "经办人", "Staff")),
    ),
)  # fmt: skip
BY_KIND = {sheet.kind: sheet for sheet in SHEETS}


def offered(process_id: str, filled: Iterable[str]) -> list[Sheet]:
    """Return the sheets that a case can print now, by the steps filled in so far."""
    done = frozenset(filled)
    return [sheet for sheet in SHEETS if process_id in sheet.processes and sheet.begins & done]


def printed(session: Session, root: Instance) -> dict[str, PrintedSheet]:
    """Return the numbered sheets of a case by kind."""
    query = select(PrintedSheet).where(PrintedSheet.instance_key == root.key)
    return {row.kind: row for row in session.scalars(query)}


def number(session: Session, actor: Actor, root: Instance, sheet: Sheet) -> PrintedSheet:
    """Give the case's sheet its number; a sheet that has one keeps it."""
    found = printed(session, root).get(sheet.kind)
    if found is not None:
        return found
    now, tenant = clock.now(), session.get_one(Tenant, root.tenant_id)
    year = now.astimezone(ZoneInfo(tenant.zone)).year
    row = PrintedSheet(
        key=ids.new(), tenant_id=root.tenant_id, kind=sheet.kind, year=year,
        number=numbers.following(session, f"{sheet.prefix}-{root.tenant_id}-{year}"),
        instance_key=root.key, by=actor.key, at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def text(row: PrintedSheet) -> str:
    """Return a sheet's number as the paper has it."""
    prefix = BY_KIND[row.kind].prefix
    return f"{prefix}-{row.tenant_id.upper()}-{row.year}-{row.number:04d}"
