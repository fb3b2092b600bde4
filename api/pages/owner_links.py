"""The staff's side of owners' links: make one, copy it, send it, take it back, see what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Response, request, url_for
from sqlalchemy.orm import Session

from api import auth
from api.pages import base
from api.pages.base import pages
from api.texts import _
from engine import cases, clock, identity, instances, owner_access
from engine.errors import N_, ConflictError, NotFoundError
from engine.models import Event, Instance, MessageState, OwnerLink
from engine.outward import acts, feedback, links, owners
from engine.ports import Actor
from processes import inviting

#: what a link is for -> words
PURPOSES = {
    "quote": N_("答复报价"), "sign": N_("签名确认"), "questionnaire": N_("回答回访"),
    "rate": N_("评价"), "urge": N_("催办"), "reopen": N_("重新打开"),
    "feedback": N_("反馈活动"),
}  # fmt: skip
_DAYS = {3: N_("三天"), 7: N_("七天"), 30: N_("三十天"), 90: N_("九十天")}
#: how long its maker may copy a link
_COPYING = timedelta(minutes=10)
#: act in the history -> icon, family of colour and words; what else it did stands there by itself
_ACTS = {
    "created": ("plus", "", N_("生成业主链接：{purposes}，{days} 天内有效")),
    "opened": ("eye", "", N_("打开了链接")),
    "gave": ("check", "ok", N_("通过链接填好了“{step}”里自己的部分")),
    "answered": ("star", "", N_("通过链接反馈了活动：{score} 分")),
    "revoked": ("close", "", N_("收回业主链接")),
    "reopened": ("return", "accent", N_("要求重新打开，新的案件是 {number}")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One link as the card shows it."""

    key: int
    purposes: str
    by: str
    created_at: datetime
    expires_at: datetime
    open: bool
    state: str
    opened_at: datetime | None
    uses: int
    #: for whoever has just made it; else empty
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What the case page says about links."""

    may: bool
    lines: Sequence[Line]
    #: purpose -> words and whether it is proposed now
    purposes: Sequence[tuple[str, str, bool]]
    days: Mapping[int, str]
    proposed_days: int
    may_send: bool
    #: many people may hold a link: those who took part
    shared: bool


@pages.post("/cases/<key>/owner-links")
def create_owner_link(key: str) -> Response:
    """Make a link for the owner of a case; its maker may copy or send it."""
    actor, given = auth.actor(), request.form
    life = timedelta(days=_days(given.get("days", "")))
    with base.begin() as session:
        root = _root(session, actor, key)
        row = links.create(session, actor, root, purposes=given.getlist("purpose"), life=life)
        sent = None
        if given.get("send"):
            sent = owners.tell_by_hand(session, actor, root, inviting.KIND, link_key=row.key).state
    base.done(_said(sent))
    return base.to("pages.case", key=key, _anchor="owner-links")


@pages.post("/cases/<key>/owner-links/<link>/send")
def send_owner_link(key: str, link: str) -> Response:
    """Send a link to the owner, on the channel that they allowed."""
    actor = auth.actor()
    with base.begin() as session:
        root = _root(session, actor, key)
        row = session.get(OwnerLink, base.key(link))
        if row is None or row.instance_key != root.key:
            raise NotFoundError(N_("没有这个链接。"))
        if not links.is_open(row):
            raise ConflictError(N_("这个链接已经失效，请重新生成。"))
        state = owners.tell_by_hand(session, actor, root, inviting.KIND, link_key=row.key).state
    base.done(_said(state))
    return base.to("pages.case", key=key, _anchor="owner-links")


@pages.post("/cases/<key>/owner-links/<link>/revoke")
def revoke_owner_link(key: str, link: str) -> Response:
    """Take a link back."""
    actor = auth.actor()
    with base.begin() as session:
        root = _root(session, actor, key)
        if not links.revoke(session, actor, root, base.key(link)):
            raise NotFoundError(N_("没有这个链接，或者它已经失效。"))
    base.done(_("链接已收回"))
    return base.to("pages.case", key=key, _anchor="owner-links")


def card(session: Session, actor: Actor, root: Instance) -> Card:
    """Return what the card shows, and for what a link would be made today."""
    rows = links.of_case(session, root.key)
    names = identity.names(session, [row.by for row in rows])
    proposed, shared = _proposed(session, root), root.process_id in feedback.sources
    return Card(
        may=base.may(actor, "owner.tell", root),
        lines=[_line(actor, row, names) for row in rows],
        purposes=[
            (code, _(words), code in proposed)
            for code, words in PURPOSES.items()
            if (code == "feedback") == shared
        ],
        days={days: _(words) for days, words in _DAYS.items()},
        proposed_days=3 if "quote" in proposed else 7 if root.ended_at is None else 30,
        may_send=owners.phone(session, root) is not None,
        shared=shared,
    )


def in_words(line: cases.Line) -> tuple[str, str, str] | None:
    """Return icon, colour and words of a link's event; None for what says itself, or is no such."""
    if line.kind != Event.MESSAGE or line.data.get("name") != links.NAME:
        return None
    icon, family, words = _ACTS.get(line.data.get("act", ""), ("", "", ""))
    purposes = _("、").join(_(PURPOSES[one]) for one in line.data.get("purposes", ()))
    known = {name: line.data.get(name, "") for name in ("days", "number", "step", "score")}
    return icon, family, _(words, purposes=purposes or _("查看进展"), **known)


def _proposed(session: Session, root: Instance) -> frozenset[str]:
    if root.process_id in feedback.sources:
        return frozenset({"feedback"})
    if root.ended_at is not None:
        return frozenset({"rate", "reopen"} if acts.reopen_until(root) else {"rate"})
    steps = owner_access.steps(session, root.key, frozenset(owner_access.STEPS))
    return frozenset({owner_access.kind_of(session, one) or "" for one in steps} | {"urge"})


def _line(actor: Actor, row: OwnerLink, names: Mapping[int, str]) -> Line:
    fresh = row.by == actor.key and clock.now() - row.created_at < _COPYING and links.is_open(row)
    state = _("已收回") if row.revoked_at else _("有效") if links.is_open(row) else _("已过期")
    return Line(
        key=row.key, purposes=_("、").join(_(PURPOSES[one]) for one in row.purposes) or _("查看进展"),
        by=names.get(row.by, ""), created_at=row.created_at, expires_at=row.expires_at,
        open=links.is_open(row), state=state, opened_at=row.opened_at, uses=row.uses,
        address=_address(row.key) if fresh else "",
    )  # fmt: skip


def _days(text: str) -> int:
    """Read a number of days; what is none asks for no time at all, which is refused."""
    return int(text) if text in map(str, _DAYS) else 0


def _address(link_key: int) -> str:
    known = links.address(link_key)
    return known or url_for("pages.owner_page", token=links.token(link_key), _external=True)


def _said(state: str | None) -> str:
    if state is None:
        return _("链接已生成，十分钟内可以复制")
    if state == MessageState.WAITING:
        return _("链接已生成，马上发给业主")
    return _("链接已生成，但没有发送：业主没有同意接收，或者没有电话")


def _root(session: Session, actor: Actor, key: str) -> Instance:
    found = instances.get(session, actor, base.key(key))
    return session.get_one(Instance, found.root_key)


def for_page(session: Session, actor: Actor, root: Instance) -> Any:
    """Return the card for those who may tell owners something, or when there are links."""
    shown = card(session, actor, root)
    return shown if shown.may or shown.lines else None
