"""What the owner of a case was told and allowed, and how they rated it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response, g, render_template, request
from sqlalchemy.orm import Session

from api import auth, texts
from api.pages import base, owner_links
from api.pages.base import pages
from api.texts import _
from engine import identity, instances
from engine.cases import MASK
from engine.errors import N_, ConflictError, ForbiddenError
from engine.models import Instance, MessageState, OwnerMessage, Rating
from engine.outward import consents, owners, ratings, templates
from engine.ports import Actor

#: state -> (icon, family of colour, words)
STATES = {
    MessageState.WAITING: ("clock", "", N_("等待发送")),
    MessageState.SENT: ("check", "ok", N_("已发送")),
    MessageState.LOGGED: ("doc", "", N_("仅记录，没有接通通道")),
    MessageState.FAILED: ("late", "late", N_("发送失败")),
    MessageState.NO_CONSENT: ("close", "", N_("业主没有同意接收，没有发送")),
    MessageState.NO_ADDRESS: ("close", "", N_("没有联系方式，没有发送")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One message as the page shows it."""

    name: str
    channel: str
    address: str
    icon: str
    family: str
    state: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated:
    """One rating as the page shows it."""

    score: int
    word: str
    at: datetime


def said(actor: Actor, root: Instance, row: OwnerMessage) -> Said:
    """Put a message into words, with the reader's rights: its text is personal."""
    open_to_reader = base.may(actor, "personal.read", root)
    icon, family, state = STATES[MessageState(row.state)]
    return Said(
        name=name_of(row.kind), channel=_(consents.CHANNELS[row.channel]), address=row.address,
        icon=icon, family=family, state=_(state), text=row.text if open_to_reader else MASK, at=row.at,
    )  # fmt: skip


def rated(actor: Actor, root: Instance, row: Rating) -> Rated:
    """Put a rating into words; what the owner wrote is personal."""
    open_to_reader = base.may(actor, "personal.read", root)
    word = row.word or ""
    return Rated(score=row.score, word=word if open_to_reader or not word else MASK, at=row.at)


def name_of(kind: str) -> str:
    """Return what a kind of message is called."""
    found = templates.kind(kind)
    return found.en if texts.language() == "en" else found.zh


@pages.get("/cases/<key>/messages")
def owner_messages(key: str) -> str:
    """Show what the owner was told and allowed, with what may be sent by hand."""
    actor = auth.actor()
    with base.read() as session:
        root = _root(session, actor, key)
        g.zone = base.zone(session, root.tenant_id)
        return render_template("owner_messages.html", **_page(session, actor, root))


@pages.post("/cases/<key>/messages")
def send_owner_message(key: str) -> Response:
    """Send a word before a delay, or the closing with its link once more."""
    actor = auth.actor()
    with base.begin() as session:
        root = _own(session, actor, key)
        kind = request.form.get("kind", "")
        if kind not in owners.by_hand(root):
            raise ConflictError(N_("这种消息只能由流程自动发送。"))
        row = owners.tell_by_hand(session, actor, root, kind)
        state = MessageState(row.state)
    base.done(_("消息已交出，马上发送") if state == MessageState.WAITING else _(STATES[state][2]))
    return base.to("pages.owner_messages", key=key)


@pages.post("/cases/<key>/consents")
def note_consent(key: str) -> Response:
    """Write down that the owner of the case allows a channel, or no longer."""
    actor, given = auth.actor(), request.form
    with base.begin() as session:
        root = _own(session, actor, key)
        number = owners.phone(session, root)
        if number is None:
            raise ConflictError(N_("这个案件没有业主的电话，不能记录同意。"))
        consents.note(
            session, actor, tenant_id=root.tenant_id, phone=number,
            channel=given.get("channel", ""), given=given.get("given") == "1",
            source=given.get("source", ""), language=given.get("language", "zh"),
            address=given.get("address", ""),
        )  # fmt: skip
    base.done(_("已记下业主的意愿"))
    return base.to("pages.owner_messages", key=key)


@dataclass(frozen=True, slots=True, kw_only=True)
class InTimeline:
    """A message or a rating as a line of the timeline."""

    icon: str
    family: str
    line: str
    said: str


def by_key(session: Session, actor: Actor, root: Instance) -> dict[int, InTimeline]:
    """Return the messages and ratings of a case by their keys, for its timeline."""
    found: dict[int, InTimeline] = {}
    for row in owners.of_case(session, [root.key]):
        one = said(actor, root, row)
        line = _("告诉业主“{name}”（{channel} {address}）：{state}", name=one.name,
                 channel=one.channel, address=one.address, state=one.state)  # fmt: skip
        found[row.key] = InTimeline(icon="chat", family=one.family, line=line, said=one.text)
    for rating in ratings.given(session, root.key):
        told = rated(actor, root, rating)
        found[rating.key] = InTimeline(
            icon="star", family="accent", line=_("业主评价 {n} 分", n=told.score), said=told.word
        )
    return found


def summary(session: Session, actor: Actor, root: Instance) -> dict[str, Any]:
    """Return what the case's own page says about messages and ratings."""
    rows = owners.of_case(session, [root.key])
    return {
        "count": len(rows),
        "last": said(actor, root, rows[0]) if rows else None,
        "ratings": [rated(actor, root, row) for row in ratings.given(session, root.key)],
        "links": owner_links.for_page(session, actor, root),
    }


def _root(session: Session, actor: Actor, key: str) -> Instance:
    found = instances.get(session, actor, base.key(key))
    return session.get_one(Instance, found.root_key)


def _own(session: Session, actor: Actor, key: str) -> Instance:
    """Return a case whose owner this person may tell something."""
    root = _root(session, actor, key)
    if not base.may(actor, "owner.tell", root):
        raise ForbiddenError(N_("给业主的消息由客户助理或客户经理发送。"))
    return root


def _page(session: Session, actor: Actor, root: Instance) -> dict[str, Any]:
    number = owners.phone(session, root)
    held = consents.held(session, root.tenant_id, number) if number else {}
    return {
        "root": root,
        "rows": [said(actor, root, row) for row in owners.of_case(session, [root.key])],
        "ratings": [rated(actor, root, row) for row in ratings.given(session, root.key)],
        "number": consents.masked(number) if number else "",
        "channels": [(code, _(name), held.get(code)) for code, name in consents.CHANNELS.items()],
        "sources": consents.SOURCES,
        "names": identity.names(session, [row.by for row in held.values()]),
        "may_tell": base.may(actor, "owner.tell", root),
        "by_hand": [(kind, name_of(kind)) for kind in owners.by_hand(root)],
    }
