"""Messages to owners: put into words at the right steps, sent when allowed, kept in the case.

Watched events of a case come through the outbox (history.OCCASION); the business says what they
mean and to whom. Whatever is not sent says why.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine import clock, history, ids, outbox, runs
from engine.errors import N_, ConflictError, ForbiddenError
from engine.models import Event, History, Instance, MessageState, Outbox, OwnerMessage
from engine.outward import adapters, channels, consents, links, templates, world
from engine.ports import SYSTEM, Actor, ports

KIND = "owner"
#: an event of longer ago (an import, a demo, a long stop) is no news to an owner
STALE = timedelta(days=2)
#: where a message needs the link by which the case is rated
LINK = "link"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the business knows for a message: whom it is for, and what fills the places."""

    #: None: anonymous, or no number was left
    phone: str | None
    #: language -> place -> text
    values: Mapping[str, Mapping[str, str]]


class Business(Protocol):
    """What a process tells owners."""

    #: (kind of event, element) -> kind of message
    rules: Mapping[tuple[str, str | None], str]

    def facts(
        self, session: Session, instance: Instance, kind: str, event: History | None
    ) -> Facts | None:
        """Return what a message says now; None when there is nothing to say."""
        ...

    def by_hand(self, instance: Instance) -> tuple[str, ...]:
        """Return the kinds of messages that a person may send now."""
        ...


@dataclass(frozen=True, slots=True)
class _Way:
    """How an owner is reached, or why not."""

    channel: str
    to: str
    language: str
    state: MessageState


_businesses: dict[str, Business] = {}


def register(process_id: str, business: Business) -> None:
    """Let a process tell owners; twice does no harm."""
    _businesses[process_id] = business
    history.watched.update(business.rules)


def on_occasion(session: Session, letter: outbox.Letter) -> None:
    """Say what a watched event of a case means to its owner, if anything."""
    key = letter.instance_key
    instance = session.get(Instance, key)
    event = session.get(History, (key, letter.payload["seq"]))
    if instance is None or event is None or clock.now() - event.at > STALE:
        return
    business = _businesses.get(instance.process_id)
    kind = None if business is None else business.rules.get((event.kind, event.element))
    facts = None if business is None or kind is None else business.facts(session, instance, kind, event)  # fmt: skip
    if kind is not None and facts is not None:
        tell(session, instance, kind, facts, once=f"{KIND}:{key}:{event.seq}")


outbox.deliverers[history.OCCASION] = on_occasion


def tell(
    session: Session, instance: Instance, kind: str, facts: Facts, *, once: str,
    link_key: int | None = None,
) -> OwnerMessage:  # fmt: skip
    """Put a message into words and into the outbox; what may not leave is kept with the reason.

    `link_key` names the link that the words lead to; without it one for rating is opened.
    """
    way = _way(session, instance.tenant_id, facts.phone)
    words = templates.words(session, kind, way.language)
    values = dict(facts.values[way.language])
    if link_key is None and way.state == MessageState.WAITING:
        link_key = _link(session, instance, words.text)
    values[LINK] = world.current().link("/r/…") or world.current().hotline
    row = OwnerMessage(
        key=ids.new(), tenant_id=instance.tenant_id, instance_key=instance.key, kind=kind,
        channel=way.channel, language=way.language, version=words.version,
        text=templates.fill(words.text, values), address=consents.masked(way.to) if way.to else "",
        state=way.state, at=clock.now(), sent_at=None, error=None, receipt=None,
    )  # fmt: skip
    session.add(row)
    session.flush()
    if way.state == MessageState.WAITING:
        payload = {"message": row.key, "channel": way.channel, "to": way.to, "words": words.text,
                   "values": values, "link": link_key, "template": f"{kind}-{way.language}",
                   "phone": facts.phone}  # fmt: skip
        outbox.put(session, KIND, once, payload, tenant_id=instance.tenant_id,
                   instance_key=instance.key)  # fmt: skip
    else:
        _note(session, row)
    return row


def tell_by_hand(
    session: Session, actor: Actor, instance: Instance, kind: str, *, link_key: int | None = None
) -> OwnerMessage:
    """Send a message now because somebody says so: a word before a delay, a closing once more."""
    if not ports.can(actor, "owner.tell", instance):
        raise ForbiddenError(N_("给业主的消息由客户助理或客户经理发送。"))
    business = _businesses.get(instance.process_id)
    facts = None if business is None else business.facts(session, instance, kind, None)
    if facts is None:
        raise ConflictError(N_("现在没有可以告诉业主的内容。"))
    runs.lock(session, instance.key)
    once = f"{KIND}:{instance.key}:hand:{ids.new()}"
    return tell(session, instance, kind, facts, once=once, link_key=link_key)


def by_hand(instance: Instance) -> list[str]:
    """Return the kinds of messages that a person may send now."""
    found = _businesses.get(instance.process_id)
    return [] if found is None else list(found.by_hand(instance))


def phone(session: Session, instance: Instance) -> str | None:
    """Return the number of the owner of a case; None for an anonymous one."""
    business = _businesses.get(instance.process_id)
    facts = None if business is None else business.facts(session, instance, "", None)
    return None if facts is None else facts.phone


def of_case(session: Session, instance_keys: Iterable[int]) -> list[OwnerMessage]:
    """Return the messages of a case, newest first."""
    query = select(OwnerMessage).where(OwnerMessage.instance_key.in_(tuple(instance_keys)))
    return list(session.scalars(query.order_by(OwnerMessage.key.desc())))


def _way(session: Session, tenant_id: str, number: str | None) -> _Way:
    """Choose the channel: what the owner allowed, 公众号 before short messages."""
    if not number:
        return _Way(adapters.SMS, "", "zh", MessageState.NO_ADDRESS)
    held = consents.held(session, tenant_id, number)
    for channel in (adapters.WECHAT, adapters.SMS):
        row = held.get(channel)
        if row is not None and row.given:
            to = number if row.address is None else str(world.unseal(row.address)["to"])
            return _Way(channel, to, row.language, MessageState.WAITING)
    return _Way(adapters.SMS, number, "zh", MessageState.NO_CONSENT)


def _link(session: Session, instance: Instance, words: str) -> int | None:
    """Open a rating link when the words have a place for it and people can reach us."""
    if f"{{{LINK}}}" not in words or not world.current().public_url:
        return None
    return links.open_link(session, instance).key


def _prepare(session: Session, letter: outbox.Letter) -> Mapping[str, Any]:
    """Look once more whether the owner still allows it, and which gateway is there now."""
    given = letter.payload
    held = consents.held(session, letter.tenant_id, given["phone"])
    row = held.get(given["channel"])
    if row is None or not row.given:
        return {"stop": True}
    gateways = channels.of(session, [letter.tenant_id], [given["channel"]])
    own = [one for one in gateways if one.tenant_id == letter.tenant_id]
    chosen = own or gateways
    return {"gateway": chosen[0].sealed if chosen else None}


@outbox.sender(KIND)
def send(letter: outbox.Letter) -> None:
    """Send one message through its channel's adapter."""
    given = letter.payload
    if given.get("stop"):
        return
    values = dict(given["values"])
    if given["link"] is not None:
        values[LINK] = links.address(given["link"])
    sealed = given["gateway"]
    adapter = adapters.of(given["channel"], None if sealed is None else world.unseal(sealed))
    letter.learned["receipt"] = adapter.send(adapters.Outgoing(
        id=f"msg_{letter.key}", channel=given["channel"], to=given["to"],
        text=templates.fill(given["words"], values), template=given["template"], values=values,
    ))  # fmt: skip
    letter.learned["real"] = adapter.real


def _told(session: Session, letter: outbox.Letter, error: str | None) -> None:
    """Keep what became of a message, in its row and in the history of the case."""
    row = session.get(OwnerMessage, letter.payload["message"])
    if row is None:
        return
    if letter.payload.get("stop"):
        row.state = MessageState.NO_CONSENT
    elif error is not None:
        row.state, row.error = MessageState.FAILED, error
    else:
        real = letter.learned.get("real")
        row.state = MessageState.SENT if real else MessageState.LOGGED
        row.sent_at, row.error, row.receipt = clock.now(), None, letter.learned.get("receipt")
        _forget(session, letter)
    session.flush()
    _note(session, row)


def _forget(session: Session, letter: outbox.Letter) -> None:
    """Drop the number and the words from a letter that has left: the case keeps what it needs."""
    kept = {"message": letter.payload["message"], "phone": "", "channel": letter.payload["channel"]}
    session.execute(update(Outbox).where(Outbox.key == letter.key).values(payload=kept))


outbox.preparers[KIND] = _prepare
outbox.outcomes[KIND] = _told


def _note(session: Session, row: OwnerMessage) -> None:
    """Write what became of a message into the history of its case: keys, no text, no number."""
    runs.lock(session, row.instance_key)
    history.add(
        session, row.instance_key, Event.NOTICE, SYSTEM.key,
        data={"message": row.key, "kind": row.kind, "channel": row.channel, "state": row.state},
    )  # fmt: skip
