"""日清 and 周结: what I did not clear, what everybody said about theirs, and the closed weeks."""

from datetime import date, timedelta
from typing import Any

from flask import Response, make_response, render_template, request
from sqlalchemy.orm import Session

from api import auth, texts
from api.pages import base, shell, words
from api.pages.base import pages
from api.texts import _
from engine import calendars, daily, weekly
from engine.errors import N_, ForbiddenError, InvalidInputError
from processes import lookups

#: how long my own answers stay on the page
_MINE = timedelta(days=14)
FIGURES = {
    "carried": N_("前期遗留"), "new": N_("本周新增"), "done": N_("本周办结"),
    "late": N_("超时办结"), "open": N_("未办"), "overdue": N_("已超时"), "month": N_("超过 30 天"),
}  # fmt: skip


@pages.get("/daily")
def my_daily() -> str:
    """Show what I did not clear, and what I said about it."""
    with base.read() as session:
        return _mine(session)


@pages.post("/daily/<key>")
def answer_daily(key: str) -> Response:
    """Take a reason or a new date for one task."""
    given = request.form
    try:
        with base.begin() as session:
            daily.answer(
                session, auth.actor(), base.key(key), reason=given.get("reason", "").strip(),
                promised_on=_date(given.get("promised_on", "")),
            )  # fmt: skip
    except InvalidInputError as error:
        with base.read() as session:
            return make_response(_mine(session, wrong=base.key(key), error=texts.of(error)), 422)
    base.done(_("已记下，经理可以看到"))
    return base.to("pages.my_daily")


@pages.get("/daily/board")
def daily_board() -> str:
    """Show everybody's items of a day: what managers look at."""
    actor = auth.actor()
    _require()
    on = _date(request.args.get("on", "")) or calendars.today()
    with base.read() as session:
        lines = daily.board(session, _projects(session), on)
        people: dict[tuple[str, str], list[daily.Line]] = {}
        for line in lines:
            people.setdefault((line.item.tenant_id, line.person), []).append(line)
        return render_template(
            "daily_board.html", people=people, on=on, before=on - timedelta(days=1),
            after=on + timedelta(days=1), today=calendars.today(), actor=actor,
            tenants=shell.tenant_names(session),
            open=sum(line.item.answered_at is None and line.done_at is None for line in lines),
            total=len(lines),
        )  # fmt: skip


@pages.get("/weekly")
def weekly_list() -> str:
    """Show the closed weeks with each team's figures."""
    _require()
    with base.read() as session:
        return render_template(
            "weekly.html", rows=weekly.search(session, _projects(session)), figures=FIGURES,
            tenants=shell.tenant_names(session), role=words.role,
        )  # fmt: skip


def _require() -> None:
    if not base.may(auth.actor(), "report.read"):
        raise ForbiddenError(N_("日清和周结的汇总由经理和品质部查看。"))


def _projects(session: Session) -> list[str]:
    return [one.tenant_id for one in lookups.allowed(session, auth.actor(), "report.read")]


def _mine(session: Session, *, wrong: int = 0, error: str = "") -> str:
    since = calendars.today() - _MINE
    lines = daily.mine(session, auth.actor().key, since=since)
    days: dict[date, list[daily.Line]] = {}
    for line in lines:
        days.setdefault(line.item.on, []).append(line)
    more: dict[str, Any] = {"wrong": wrong, "error": error, "given": request.form}
    return render_template("daily.html", days=days, today=calendars.today(), **more)


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InvalidInputError(N_("日期请写成 2026-11-23 的形式。")) from None
