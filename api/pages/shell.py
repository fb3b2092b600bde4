"""The frame around every page: rail with counts, bell, bar at the thumb."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import Flask, g, request, url_for
from markupsafe import Markup
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api import auth, texts
from api.pages import base, times, words
from api.texts import _, count
from engine import clock, inbox
from engine.models import Notice, Tenant
from engine.ports import COMPANY, Actor

_CSRF = '<input type="hidden" name="csrf_token" value="{}">'


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the rail or of the bar at the thumb."""

    icon: str
    label: str
    href: str
    count: int | None = None
    late: bool = False
    current: bool = False
    #: the letter after g that leads here
    go: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rail:
    """What the frame shows of the person and their work."""

    name: str
    role: str
    scope: str
    query: str
    start: bool
    #: works at the front desk: the search looks for callers, too
    desk: bool
    unread: int
    bell: str
    views: tuple[Entry, ...]
    manage: tuple[Entry, ...]
    thumb: tuple[Entry, ...]


def init(app: Flask) -> None:
    """Give templates the frame and the reader's language, theme and time."""
    app.jinja_env.globals.update(
        {"rail_of": rail_of, "is_current": is_current, "csrf_field": csrf_field}
    )
    app.jinja_env.filters.update({"past": _past, "future": _future, "full": _full})
    app.context_processor(_reader)


def rail_of(session: Session | None = None) -> Rail:
    """Build the frame; with a session of the view, or once a page with a look of its own."""
    found: Rail | None = g.get("rail")
    if session is not None:
        found = g.rail = _rail(session, auth.actor())
    elif found is None:
        with base.read() as own:
            found = g.rail = _rail(own, auth.actor())
    return found


def is_current(href: str) -> bool:
    """Say whether a link leads to the page that is shown."""
    path, _sep, query = href.partition("?")
    if path != request.path and not (path == "/" and request.path.startswith("/tasks/")):
        return path != "/" and request.path.startswith(path.rstrip("/") + "/")
    wanted = query.removeprefix("view=") if query.startswith("view=") else "mine"
    return path != "/" or request.args.get("view", "mine") == wanted


def csrf_field() -> Markup:
    """Return the hidden field that an unsafe form has to carry."""
    return Markup(_CSRF).format(auth.csrf_token())  # noqa: S704 — a constant


def _rail(session: Session, actor: Actor) -> Rail:
    counts = inbox.counts(session, actor)
    unread = session.scalar(
        select(func.count())
        .select_from(Notice)
        .where(Notice.user_key == actor.key, Notice.read_at.is_(None))
    ) or 0  # fmt: skip
    can = partial(base.may, actor)
    start = can("instance.start")
    return Rail(
        name=actor.name,
        role=words.roles_of(actor),
        scope=_scope(session, actor),
        query=request.args.get("q", "") if request.endpoint == "pages.cases" else "",
        start=start,
        desk=start and can("archive.read"),
        unread=unread,
        bell=bell(unread),
        views=_views(counts),
        manage=_manage(can),
        thumb=_thumb(start=start),
    )


def bell(unread: int) -> str:
    """Say how many notices wait, for who cannot see the bell."""
    return count("通知，{n} 条未读", unread) if unread else _("通知")


def _views(counts: dict[str, int]) -> tuple[Entry, ...]:
    def entry(icon: str, label: str, view: str, *, late: bool = False) -> Entry:
        href = url_for("pages.inbox", view=None if view == "mine" else view)
        go = "i" if view == "mine" else ""
        return Entry(icon=icon, label=label, href=href, count=counts.get(view), late=late, go=go)

    return (
        entry("inbox", _("我的待办"), "mine"),
        entry("people", _("本组待签收"), "groups"),
        entry("late", _("已超时"), "overdue", late=True),
        entry("done", _("已办"), "done"),
    )


def _manage(can: Any) -> tuple[Entry, ...]:
    wanted = (
        ("report.read", "board", _("超时督办"), "pages.supervise", "b"),
        ("incident.read", "late", _("异常"), "pages.incident_list", ""),
        ("report.read", "chart", _("投诉月度总结"), "pages.monthly", ""),
        ("archive.browse", "house", _("业主档案"), "pages.archive", "a"),
        ("limit.grant", "clock", _("暂停与延期"), "pages.time_request_list", ""),
        ("policy.read", "calendar", _("时限规则"), "pages.policy_list", ""),
        ("definition.edit", "flow", _("流程设计"), "pages.definitions", "p"),
        ("absence.record", "people", _("请假与代理"), "pages.absence_list", ""),
        ("user.manage", "user", _("人员与角色"), "pages.people", ""),
        ("user.manage", "house", _("项目"), "pages.projects", ""),
        ("report.read", "done", _("日清汇总"), "pages.daily_board", ""),
        ("report.read", "sort", _("周结"), "pages.weekly_list", ""),
        ("rain.record", "rain", _("雨天登记"), "pages.rain_list", ""),
        ("calendar.manage", "calendar", _("工作日历"), "pages.calendar_list", ""),
        ("schedule.manage", "clock", _("定期工作"), "pages.schedule_list", ""),
        ("audit.read", "check", _("历史校验"), "pages.history", ""),
        ("template.edit", "chat", _("给业主的消息"), "pages.message_templates", ""),
        ("archive.configure", "filter", _("档案设置"), "pages.archive_settings", ""),
        ("channel.manage", "cc", _("通知通道"), "pages.channel_list", ""),
    )
    return tuple(
        Entry(icon=icon, label=label, href=url_for(endpoint), go=go)
        for action, icon, label, endpoint, go in wanted
        if can(action)
    )


def _thumb(*, start: bool) -> tuple[Entry, ...]:
    middle = (("phone", _("前台"), "pages.desk", "/desk"),) if start else ()
    wanted = (
        ("inbox", _("待办"), "pages.inbox", "/tasks"),
        ("case", _("案件"), "pages.cases", "/cases"),
        *middle,
        ("bell", _("通知"), "pages.notices", "/notices"),
        ("user", _("我的"), "pages.account", "/account"),
    )
    return tuple(
        Entry(
            icon=icon,
            label=label,
            href=url_for(endpoint),
            current=request.path.startswith(stem) or request.path == url_for(endpoint),
        )
        for icon, label, endpoint, stem in wanted
    )


def _scope(session: Session, actor: Actor) -> str:
    tenants = actor.tenants()
    if COMPANY in tenants:
        return _("全公司")
    names = session.scalars(select(Tenant.name).where(Tenant.tenant_id.in_(tenants))).all()
    return names[0] if len(names) == 1 else count("{n} 个项目", len(names))


def _reader() -> dict[str, Any]:
    user = g.get("user")
    return {
        "lang": "en" if texts.language() == "en" else "zh-CN",
        "theme": user.theme if user is not None else "auto",
        "user_locale": user.locale if user is not None else "zh_CN",
        "poll": base.settings().poll_seconds,
    }


def _past(moment: Any) -> str:
    return times.past(moment, clock.now(), base.here())


def _future(moment: Any) -> str:
    return times.future(moment, clock.now(), base.here())


def _full(moment: Any) -> str:
    return times.full(moment, base.here())


def tenant_names(session: Session) -> dict[str, str]:
    """Return the projects' names by id; the whole company has one, too."""
    found = {row.tenant_id: row.name for row in session.scalars(select(Tenant))}
    return {COMPANY: _("全公司"), **found}
