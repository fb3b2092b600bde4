"""首问登记: who was asked first, to whom it was forwarded, who accepted, and what came of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Response, render_template, request
from sqlalchemy.orm import Session

from api import auth
from api.pages import base, export, occurrences, shell, subjects, times, words
from api.pages.base import pages
from api.texts import _
from engine import clock, compiled, identity
from engine.errors import N_, ForbiddenError, InvalidInputError, NotFoundError
from engine.models import Instance
from engine.ports import Actor
from processes import first_asked, lookups

#: how far back the ledger looks, in days
PERIODS = (7, 30, 90, 366)
_STATES = {"": None, "open": True, "closed": False}
_MOST = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One forward as the ledger says it."""

    to: str
    at: datetime
    words: str
    answered_at: datetime | None
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the ledger."""

    case: Instance
    process: str
    subject: subjects.Subject
    asked: str
    forwards: list[Step]
    told_at: datetime | None
    state: str
    open: bool


@pages.get("/desk/first-asked")
def first_asked_list() -> str:
    """Show the newest lines of a period."""
    actor = auth.actor()
    if not base.may(actor, "instance.read"):
        raise ForbiddenError(N_("首问登记由客户服务人员和经理查看。"))
    days, state = _period()
    with base.read() as session:
        rows = _rows(session, actor, "instance.read", first_asked.PAGE + 1)
        return render_template(
            "first_asked.html", rows=rows[: first_asked.PAGE], more=len(rows) > first_asked.PAGE,
            days=days, state=state, periods=PERIODS,
            states={"": _("全部"), "open": _("办理中"), "closed": _("已办结")},
            may_export=base.may(actor, "report.export"),
        )  # fmt: skip


@pages.get("/desk/first-asked.<any(csv, xlsx):kind>")
def export_first_asked(kind: str) -> Response:
    """Give the whole period as a table, for those who may take lists with them."""
    actor = auth.actor()
    if not base.may(actor, "report.export"):
        raise ForbiddenError(N_("导出由经理和品质部办理。"))
    with base.read() as session:
        rows = _rows(session, actor, "report.export", _MOST)
        names = shell.tenant_names(session)
        table = [_head(), *(_cells(row, names) for row in rows)]
    return export.file(table, kind, name=_("首问登记"))


def process_name(session: Session, case: Instance) -> str:
    """Return the name of the process that a case follows."""
    return compiled.compiled(session, case.definition_key).name


def _period() -> tuple[int, str]:
    state, days = request.args.get("state", ""), request.args.get("days", "30")
    if state not in _STATES:
        raise NotFoundError(N_("没有找到。可能已经办结，或者地址写错了。"))
    if not days.isascii() or not days.isdigit() or int(days) not in PERIODS:
        raise InvalidInputError(N_("期间请选列出的天数。"))
    return int(days), state


def _rows(session: Session, actor: Actor, action: str, limit: int) -> list[Row]:
    days, state = _period()
    projects = [one.tenant_id for one in lookups.projects(session, actor)
                if base.may(actor, action, one.tenant_id) or action == "instance.read"]  # fmt: skip
    found = first_asked.entries(
        session, actor, tenants=projects, since=clock.now() - timedelta(days=days),
        running=_STATES[state], limit=limit,
    )  # fmt: skip
    about = subjects.of(session, actor, {one.case.key: (one.case, one.case.title) for one in found})
    people = [one.asked for one in found] + [step.by for one in found for step in one.forwards]
    names = identity.names(session, people)
    return [
        Row(
            case=one.case, process=process_name(session, one.case),
            subject=about[one.case.key], asked=names.get(one.asked or 0, ""),
            forwards=[_step(step, names) for step in one.forwards], told_at=one.told_at,
            state=occurrences.outcome(session, one.case), open=one.case.ended_at is None,
        )
        for one in found
    ]  # fmt: skip


def _step(step: first_asked.Forward, names: Mapping[int, str]) -> Step:
    who = names.get(step.by or 0, "")
    if step.returned:
        said = _("没有人接，已退回")
    elif step.answered_at is None:
        said = _("等待接受")
    elif step.accepted:
        said = _("{who}已接受", who=who)
    else:
        said = _("{who}：不属本部门", who=who)
    return Step(
        to=words.role(step.group), at=step.at, words=said, answered_at=step.answered_at,
        late=step.returned,
    )  # fmt: skip


def _head() -> list[str]:
    return [_("编号"), _("流程"), _("项目"), _("房号"), _("接待时间"), _("首问人"), _("转交"),
            _("告知客户"), _("结果"), _("办结时间")]  # fmt: skip


def _cells(row: Row, names: Mapping[str, str]) -> list[Any]:
    """Return one line; the matter and the name stay in the case, a list that is sent on has none."""
    return [
        row.case.business_key, row.process, names.get(row.case.tenant_id, ""), row.subject.place,
        _moment(row.case.started_at), row.asked, "；".join(_forwarded(row)), _moment(row.told_at),
        row.state, _moment(row.case.ended_at),
    ]  # fmt: skip


def _forwarded(row: Row) -> Iterator[str]:
    for step in row.forwards:
        yield " ".join(part for part in (step.to, _moment(step.at), step.words,
                                         _moment(step.answered_at)) if part)  # fmt: skip


def _moment(moment: datetime | None) -> str:
    return "" if moment is None else times.full(moment, base.here())
