"""Users and memberships, for the administrator."""

from datetime import date
from typing import Any

from flask import Response, make_response, render_template, request, url_for
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from api import auth, texts, tokens
from api.pages import base, words
from api.pages.base import pages
from api.texts import _
from engine import absences, calendars, clock, handovers, identity, memberships
from engine.errors import N_, EngineError, ForbiddenError, InvalidInputError, NotFoundError
from engine.models import Membership, SignIn, User
from engine.ports import COMPANY
from processes import places, roles

_PAGE = 50


@pages.get("/people")
def people() -> str:
    """List the staff with their roles; search by name or user name."""
    _require()
    text, after = request.args.get("q", "").strip(), request.args.get("after", "")
    query = select(User).order_by(User.username).limit(_PAGE + 1)
    if text:
        query = query.where(User.name.contains(text, autoescape=True)
                            | User.username.contains(text, autoescape=True))  # fmt: skip
    if after:
        query = query.where(User.username > after)
    with base.read() as session:
        rows = session.scalars(query).all()
        held = _held(session, [row.key for row in rows])
        tenants = _places(session)
        away = set(memberships.stand_ins(session))
    return render_template(
        "people.html", away=away, rows=rows[:_PAGE], more=rows[_PAGE:], held=held, q=text,
        tenants=tenants, role=words.role,
    )  # fmt: skip


@pages.post("/people")
def add_person() -> Response:
    """Add a person and show their page, where roles are given."""
    _require()
    given = request.form
    try:
        with base.begin() as session:
            user = identity.create_user(
                session, username=given.get("username", ""), name=given.get("name", ""),
                password=given.get("password", ""), email=given.get("email", "").strip() or None,
            )  # fmt: skip
            key = user.key
    except EngineError as error:
        return make_response(_new({"all": texts.of(error)}), 422)
    base.done(_("已添加 {name}，请分配角色", name=given["name"].strip()))
    return base.to("pages.person", key=key)


@pages.get("/people/new")
def new_person() -> str:
    """Show the form for a new person."""
    _require()
    return _new({})


@pages.get("/people/<key>")
def person(key: str) -> str:
    """Show one person."""
    _require()
    return _person(base.key(key))


@pages.post("/people/<key>/memberships")
def add_membership(key: str) -> Response:
    """Give a person a role in a project, or in the whole company."""
    _require()
    given = request.values
    try:
        with base.begin() as session:
            identity.add_membership(
                session, base.key(key), given.get("group", ""), given.get("tenant_id", ""),
                from_on=_day(given.get("from_on", "")), to_on=_day(given.get("to_on", "")),
                buildings=places.buildings(
                    session, given.get("tenant_id", ""), given.get("buildings", "")
                ),
            )  # fmt: skip
    except InvalidInputError as error:
        return make_response(_person(base.key(key), error=texts.of(error)), 422)
    base.done(_("已分配角色“{role}”", role=words.role(given["group"])))
    return base.back("pages.person", key=key)


@pages.post("/people/<key>/memberships/<membership>/end")
def end_membership(key: str, membership: str) -> Response:
    """Take a role back; the notice offers to give it again."""
    _require()
    with base.begin() as session:
        row = session.get(Membership, base.key(membership))
        if row is None or row.user_key != base.key(key):
            raise NotFoundError
        group, tenant_id = row.group, row.tenant_id
        session.execute(delete(Membership).where(Membership.key == row.key))
    base.done(
        _("已收回角色“{role}”", role=words.role(group)),
        undo=url_for("pages.add_membership", key=key, group=group, tenant_id=tenant_id),
    )
    return base.back("pages.person", key=key)


@pages.post("/people/<key>/active")
def set_active(key: str) -> Response:
    """Let a person sign in, or no more; whoever may not is signed out at once."""
    _require()
    active = request.values.get("active") == "1"
    with base.begin() as session:
        user = _user(session, base.key(key))
        if user.key == auth.actor().key:
            raise ForbiddenError(N_("不能停用自己的账号。需要停用，请另一位系统管理员操作。"))
        user.active, name = active, user.name
        if not active:
            session.execute(delete(SignIn).where(SignIn.user_key == user.key))
    message = _("已启用 {name}", name=name) if active else _("已停用 {name}", name=name)
    base.done(message, undo=url_for("pages.set_active", key=key, active="0" if active else "1"))
    return base.back("pages.person", key=key)


@pages.post("/people/<key>/hand-over")
def hand_over(key: str) -> Response:
    """Hand what a person has in hand to another, or back to the groups; say what was not possible."""
    _require()
    to = request.form.get("to", "")
    outcomes = handovers.hand_over(
        base.database(), auth.actor(), base.key(key), base.key(to) if to else None,
        reason=_("人员调整"),
    )  # fmt: skip
    failed = [one for one in outcomes if one.error is not None]
    if failed:
        told = "；".join(f"{one.name}：{texts.of(one.error)}" for one in failed if one.error)
        return make_response(_person(base.key(key), error=told), 422)
    base.done(_("已转出 {n} 件", n=len(outcomes)))
    return base.back("pages.person", key=key)


@pages.post("/people/<key>/leave")
def leave(key: str) -> Response:
    """Let a person go: everything that waits for them to another, roles end with their last day."""
    _require()
    to, number = request.form.get("to", ""), base.key(key)
    last_day = _day(request.form.get("last_day", "")) or calendars.today()
    left = handovers.leave(
        base.database(), auth.actor(), number, base.key(to) if to else None,
        reason=_("离职转办"), last_day=last_day,
    )  # fmt: skip
    failed = [one for one in left.tasks if one.error is not None]
    if failed:
        told = "；".join(f"{one.name}：{texts.of(one.error)}" for one in failed if one.error)
        return make_response(_person(number, error=told), 422)
    base.done(
        _("已转出 {n} 件任务、{offers} 件待签收；{roles} 个角色到 {day} 为止；{absences} 条代理已调整",
          n=len(left.tasks), offers=left.offers, roles=left.memberships, day=last_day,
          absences=left.absences)
    )  # fmt: skip
    return base.back("pages.person", key=key)


@pages.post("/people/<key>/password")
def reset_password(key: str) -> Response:
    """Set a new password for somebody who forgot theirs."""
    _require()
    try:
        with base.begin() as session:
            user = _user(session, base.key(key))
            identity.set_password(session, user, request.form.get("password", ""))
    except InvalidInputError as error:
        return make_response(_person(base.key(key), error=texts.of(error)), 422)
    base.done(_("已重设密码，请当面告诉本人并请他尽快修改"))
    return base.to("pages.person", key=key)


def _require() -> None:
    if not base.may(auth.actor(), "user.manage"):
        raise ForbiddenError(N_("人员和角色由系统管理员维护。需要调整，请联系系统管理员。"))


def _user(session: Session, key: int) -> User:
    found = session.get(User, key)
    if found is None:
        raise NotFoundError(N_("没有这个用户"))
    return found


def _places(session: Session) -> dict[str, str]:
    return {COMPANY: _("全公司"), **places.names(session)}


def _held(session: Session, keys: list[int]) -> dict[int, list[Membership]]:
    rows = session.scalars(
        select(Membership).where(Membership.user_key.in_(keys)).order_by(Membership.key)
    )
    held: dict[int, list[Membership]] = {}
    for row in rows:
        held.setdefault(row.user_key, []).append(row)
    return held


def _new(errors: dict[str, str]) -> str:
    return render_template(
        "person_new.html", errors=errors, given=request.form, min_password=identity.MIN_PASSWORD
    )


def _person(key: int, error: str = "") -> str:
    with base.read() as session:
        user = _user(session, key)
        held: dict[str, Any] = {
            "memberships": _held(session, [key]).get(key, []),
            "tenants": _places(session),
            "tokens": tokens.of(session, key),
            "in_hand": handovers.in_hand(session, key),
            "others": _others(session, key),
            "now": clock.now(),
            "today": calendars.today(),
            "me": auth.actor().key,
            "away": [one for one in absences.of(session, key) if one.user_key == key],
            "names": identity.names(session, [one.deputy_key for one in absences.of(session, key)]),
        }
        session.expunge_all()
    return render_template(
        "person.html", user=user, error=error, role=words.role,
        groups=[entry.key for entry in roles.ROLES if entry.held],
        min_password=identity.MIN_PASSWORD, **held,
    )  # fmt: skip


def _others(session: Session, key: int) -> list[User]:
    """Return people who hold a role in a project where this person holds one."""
    scopes = select(Membership.tenant_id).where(Membership.user_key == key)
    query = (
        select(User)
        .join(Membership, Membership.user_key == User.key)
        .where(User.active, User.key != key, Membership.tenant_id.in_(scopes))
    )
    return list(session.scalars(query.distinct().order_by(User.name, User.key)))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InvalidInputError(N_("日期请写成 2026-11-23 的形式。")) from None
