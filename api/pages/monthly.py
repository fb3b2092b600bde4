"""The complaints of a month: how many, which kinds, in time or not, what became of them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Response, render_template, request
from sqlalchemy.orm import Session

from api import auth
from api.pages import base, export, shell
from api.pages.base import pages
from api.pages.steps import MILESTONES
from api.texts import _, language
from engine import clock
from engine.errors import N_, ForbiddenError, InvalidInputError
from engine.models import FactStep
from engine.ports import COMPANY
from processes import lookups, roles
from processes.complaint import summary

CATEGORIES = {
    "facility": N_("设备设施"), "service": N_("管理服务"), "fee": N_("收费"),
    "emergency": N_("突发事件"), None: N_("待判定"),
}  # fmt: skip
ENDS = {
    "E_closed": N_("已办结"), "E_explained": N_("不合理，已解释谅解"),
    "E_explained_disputed": N_("不合理，仍有异议"), "E_not_property": N_("非物业责任"),
    "E_unresolved_external": N_("无法解决，转外部"), "E_no_answer": N_("业主未答复"),
    "E_withdrawn": N_("已撤诉"), "E_merged": N_("已并案"),
    "E_withdraw_declined": N_("未撤诉，重新立案"), "E_merge_declined": N_("不接受并案，重新立案"),
    "cancelled": N_("已作废"), None: N_("办理中"),
}  # fmt: skip
_MONTHS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFigures:
    """One step over the month."""

    name: str
    done: int
    late: int
    median: str


@pages.get("/monthly")
def monthly() -> str:
    """Show the summary of a month, for one project or all of this person's."""
    with base.read() as session:
        return render_template("monthly.html", **_summary(session))


@pages.get("/monthly.<any(csv, xlsx):kind>")
def export_monthly(kind: str) -> Response:
    """Give the summary's tables as a file."""
    with base.read() as session:
        found = _summary(session)
    head = [
        _("分类"),
        _("受理"),
        _("结案"),
        _("有环节超时"),
        _("及时率"),
        _("二次投诉"),
        _("超过 30 天"),
    ]
    table: list[list[Any]] = [head]
    for name, row in [(_("合计"), found["total"]), *found["by_category"], *found["by_project"]]:
        table.append([name, row.received, row.closed, row.late, row.timely, row.second, row.long])
    return export.file(table, kind, name=_("投诉月度总结 {month}", month=found["month"]))


def _summary(session: Session) -> dict[str, Any]:
    actor = auth.actor()
    if not base.may(actor, "report.read"):
        raise ForbiddenError(N_("月度总结由经理和品质部查看。"))
    month, begin, end = _month(request.args.get("month", ""))
    readable = [
        tenant for tenant in lookups.projects(session, actor)
        if base.may(actor, "report.read", tenant.tenant_id)
    ]  # fmt: skip
    chosen = request.args.get("tenant_id", "")
    wanted = [t.tenant_id for t in readable if not chosen or t.tenant_id == chosen]
    found = summary.of(session, wanted, begin, end)
    names = shell.tenant_names(session)
    items = summary.sub_items(english=language() == "en")
    return {
        "month": month,
        "months": _months(),
        "tenant_id": chosen,
        "projects": readable,
        "company": COMPANY,
        "total": found.total,
        "by_category": _named(found.by_category, {k: _(v) for k, v in CATEGORIES.items()}),
        "by_sub_item": _named(found.by_sub_item, {**items, None: _(CATEGORIES[None])}),
        "by_department": _named(found.by_department, _departments()),
        "by_project": _named(found.by_project, names),
        "ends": [(_(ENDS.get(end, N_("其他"))), n) for end, n in Counter(found.ends).most_common()],
        "steps": _step_figures(found.steps),
    }


def _named(
    lines: Mapping[Any, summary.Line], names: Mapping[Any, str]
) -> list[tuple[str, summary.Line]]:
    return [(names.get(key, _("其他")), line) for key, line in lines.items()]


def _departments() -> dict[str | None, str]:
    english = language() == "en"
    return {one.key: one.en if english else one.zh for one in roles.DEPARTMENTS}


def _step_figures(steps: Sequence[FactStep]) -> list[StepFigures]:
    found = []
    for short, name, elements in MILESTONES["complaint"]:
        held = [step for step in steps if step.element in elements]
        spent = sorted(step.closed_at - step.opened_at for step in held)
        found.append(StepFigures(
            name=f"{_(short)} · {_(name)}" if short != name else _(name),
            done=len(held),
            late=sum(map(summary.is_late, held)),
            median=_span(spent[len(spent) // 2]) if spent else "–",
        ))  # fmt: skip
    return found


def _span(span: timedelta) -> str:
    minutes = int(span / timedelta(minutes=1))
    if minutes < 60:  # noqa: PLR2004 — an hour
        return _("{n} 分钟", n=minutes)
    hours = minutes / 60
    return _("{n} 小时", n=f"{hours:.1f}") if hours < 48 else _("{n} 天", n=f"{hours / 24:.1f}")  # noqa: PLR2004


def _month(text: str) -> tuple[str, datetime, datetime]:
    """Read a month; its bounds are those of the company's local time."""
    zone = base.here()
    now = clock.now().astimezone(zone)
    try:
        year, month = map(int, text.split("-")) if text else (now.year, now.month)
        begin = datetime(year, month, 1, tzinfo=zone)
    except ValueError:
        raise InvalidInputError(N_("月份请写成 2026-11 的形式。")) from None
    end = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=zone)
    return f"{year}-{month:02d}", begin, end


def _months() -> list[str]:
    now = clock.now().astimezone(base.here())
    ordinal = now.year * 12 + now.month - 1
    return [f"{n // 12}-{n % 12 + 1:02d}" for n in range(ordinal, ordinal - _MONTHS, -1)]
