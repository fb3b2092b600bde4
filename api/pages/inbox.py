"""The inbox: my tasks, my groups', late, done; beside it the task that is open."""

from dataclasses import dataclass

from flask import render_template, request, url_for
from sqlalchemy.orm import Session

from api import auth
from api.pages import base, rows, shell
from api.pages.base import pages
from api.texts import _
from engine import inbox as lists
from engine.errors import N_
from engine.ports import Actor
from processes import places, searching

PAGE = 50
TITLES = {
    "mine": N_("我的待办"),
    "groups": N_("本组待签收"),
    "overdue": N_("已超时"),
    "done": N_("已办"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pane:
    """The list pane: which view, what was searched, what was found."""

    view: str
    title: str
    q: str
    lines: list[rows.Row]
    groups: list[rows.Group]
    more: str | None
    total: int | None
    empty: tuple[str, str, str, str] | None
    #: cases of colleagues' buildings that are left out; shown all the same with `near` = all
    elsewhere: int = 0
    near: str | None = None


@pages.get("/")
def inbox() -> str:
    """Show a view of the inbox."""
    with base.read() as session:
        pane = listed(session, auth.actor())
        rail = shell.rail_of(session)
        return render_template("inbox.html", pane=pane, task=None, rail=rail)


@pages.get("/list")
def inbox_list() -> str:
    """Give the list alone: for a search, the next page, a live update."""
    with base.read() as session:
        pane = listed(session, auth.actor())
        part = "parts/rows.html" if request.args.get("after") else "parts/list.html"
        return render_template(part, pane=pane, chosen=request.args.get("chosen", type=int))


def listed(session: Session, actor: Actor) -> Pane:
    """Read the view that the address asks for."""
    view = request.args.get("view", "mine")
    view, text = view if view in TITLES else "mine", request.args.get("q", "").strip()
    near = request.args.get("near") == "all"
    other = places.elsewhere(session, actor) if view == "groups" and not text else frozenset()
    page = lists.search(
        session, actor, view=view, text=text or None, but=() if near else other,
        cases=searching.find(session, actor, text) if text else (),
        after=request.args.get("after"), limit=PAGE,
    )  # fmt: skip
    lines = rows.rows(session, actor, page.rows)
    counts = lists.counts(session, actor)
    return Pane(
        view=view,
        title=_(TITLES[view]),
        q=text,
        lines=lines,
        groups=rows.groups(lines) if view != "done" else [rows.Group("done", "", tuple(lines))],
        more=page.after,
        total=counts.get(view),
        empty=_empty(view, text, counts) if not lines else None,
        elsewhere=len(other),
        near="all" if near else None,
    )


def _empty(view: str, text: str, counts: dict[str, int]) -> tuple[str, str, str, str]:
    """Say why nothing is here, what next, and where."""
    mine, groups = url_for("pages.inbox"), url_for("pages.inbox", view="groups")
    if text:
        shown = url_for("pages.inbox", view=view)
        return (_("没有找到“{text}”", text=text),
                _("可以按步骤、编号、房号或姓名查找；换一个写法试试。"), shown, _("显示全部"))  # fmt: skip
    if view == "mine" and counts.get("groups"):
        return (_("手上的任务都办完了"),
                _("本组还有 {n} 件没人签收，可以看看。", n=counts["groups"]),
                groups, _("查看待签收"))  # fmt: skip
    if view == "overdue":
        return _("没有超时的任务"), _("快到期的任务会排在待办最前面。"), mine, _("回到待办")
    if view == "done":
        return (
            _("还没有办过任务"),
            _("办完的任务会列在这里，24 小时内可以更正。"),
            mine,
            _("回到待办"),
        )
    if view == "groups":
        return _("本组没有待签收的任务"), _("有新任务时这里会自动出现。"), mine, _("回到待办")
    return (
        _("今天的待办都办完了"),
        _("有新任务时这里会自动出现。"),
        url_for("pages.cases"),
        _("查看案件"),
    )
