"""The complaints of a month: how many, which kinds, in time or not, what became of them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Response, render_template, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from api import auth
from api.pages import base, export, shell
from api.pages.base import pages
from api.pages.steps import MILESTONES
from api.texts import _
from engine import clock
from engine.errors import N_, ForbiddenError, InvalidInputError
from engine.models import FactCase, FactStep
from engine.ports import COMPANY
from processes import lookups

CATEGORIES = {
    "facility": N_("设备设施"), "service": N_("管理服务"), "fee": N_("收费"),
    "emergency": N_("突发事件"), None: N_("待判定"),
}  # fmt: skip
ENDS = {
    "E_closed": N_("已办结"), "E_explained": N_("不合理，已解释谅解"),
    "E_explained_disputed": N_("不合理，仍有异议"), "E_not_property": N_("非物业责任"),
    "E_unresolved_external": N_("无法解决，转外部"), "E_no_answer": N_("业主未答复"),
    "cancelled": N_("已作废"), None: N_("办理中"),
}  # fmt: skip
_MONTHS = 12
_LONG = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One line of the summary: a category, a project or all of them."""

    received: int
    closed: int
    late: int
    second: int
    long: int

    @property
    def timely(self) -> str:
        """Return the share of finished cases without a late step."""
        return f"{100 * (self.closed - self.late) / self.closed:.1f}%" if self.closed else "–"


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
    facts = session.scalars(
        select(FactCase).where(
            FactCase.process_id == "complaint", FactCase.tenant_id.in_(wanted),
            FactCase.started_at >= begin, FactCase.started_at < end,
        )
    ).all()  # fmt: skip
    steps = _steps(session, [fact.instance_key for fact in facts])
    late = {step.instance_key for step in steps if step.due_at and step.closed_at > step.due_at}
    names = shell.tenant_names(session)
    return {
        "month": month,
        "months": _months(),
        "tenant_id": chosen,
        "projects": readable,
        "company": COMPANY,
        "total": _figures(facts, late),
        "by_category": _by(
            facts, late, lambda f: _(CATEGORIES.get(_code(f, "category"), N_("其他")))
        ),
        "by_project": _by(facts, late, lambda f: names.get(f.tenant_id, f.tenant_id)),
        "ends": Counter(_(ENDS.get(_end(fact), N_("其他"))) for fact in facts).most_common(),
        "steps": _step_figures(steps),
    }


def _by(facts: Iterable[FactCase], late: set[int], name: Any) -> list[tuple[str, Figures]]:
    held: dict[str, list[FactCase]] = {}
    for fact in facts:
        held.setdefault(name(fact), []).append(fact)
    rows = [(label, _figures(group, late)) for label, group in held.items()]
    return sorted(rows, key=lambda row: -row[1].received)


def _figures(facts: Iterable[FactCase], late: set[int]) -> Figures:
    rows = list(facts)
    now = clock.now()
    closed = [fact for fact in rows if fact.ended_at is not None]
    return Figures(
        received=len(rows),
        closed=len(closed),
        late=sum(fact.instance_key in late for fact in closed),
        second=sum(bool(_code(fact, "reopen_count")) for fact in rows),
        long=sum((fact.ended_at or now) - fact.started_at > _LONG for fact in rows),
    )


def _steps(session: Session, keys: list[int]) -> list[FactStep]:
    query = select(FactStep).where(FactStep.instance_key.in_(keys), FactStep.completed)
    return list(session.scalars(query))


def _step_figures(steps: list[FactStep]) -> list[StepFigures]:
    found = []
    for short, name, elements in MILESTONES["complaint"]:
        held = [step for step in steps if step.element in elements]
        spent = sorted(step.closed_at - step.opened_at for step in held)
        found.append(StepFigures(
            name=f"{_(short)} · {_(name)}" if short != name else _(name),
            done=len(held),
            late=sum(step.due_at is not None and step.closed_at > step.due_at for step in held),
            median=_span(spent[len(spent) // 2]) if spent else "–",
        ))  # fmt: skip
    return found


def _span(span: timedelta) -> str:
    minutes = int(span / timedelta(minutes=1))
    if minutes < 60:  # noqa: PLR2004 — an hour
        return _("{n} 分钟", n=minutes)
    hours = minutes / 60
    return _("{n} 小时", n=f"{hours:.1f}") if hours < 48 else _("{n} 天", n=f"{hours / 24:.1f}")  # noqa: PLR2004


def _code(fact: FactCase, name: str) -> Any:
    return (fact.codes or {}).get(name)


def _end(fact: FactCase) -> str | None:
    if fact.ended_at is None:
        return None
    return fact.end_element or "cancelled"


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
