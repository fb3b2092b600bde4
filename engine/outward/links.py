"""Links by which an owner sees and handles one case without an account.

The token is a signature over the link's key: it is made anew whenever it has to be sent and stands
in no row, only its hash does. A wrong, expired or revoked link gets one and the same answer.
"""

import base64
import hashlib
import hmac
from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock, history, ids, owner_access, runs
from engine.errors import N_, EngineError, ForbiddenError, InvalidInputError, NotFoundError
from engine.models import Attempt, Event, Instance, OwnerLink
from engine.outward import world
from engine.owner_access import PURPOSES, Owner
from engine.ports import OWNER, SYSTEM, Actor, ports

LIFE, LONGEST = timedelta(days=30), timedelta(days=90)
#: how many links of a case may be open at once
MOST_OPEN = 20
#: wrong links from one address before it has to wait, and acts through one link
FREE_FAILURES, FREE_ACTS, WAIT = 10, 30, timedelta(minutes=10)
#: wrong telephone figures through one link
FREE_MISTAKES = 5
#: acts, and unknown telephones, from one address through a link that many people hold
FREE_SHARED, FREE_STRANGERS = 200, 20
#: how long the page may be looked at again before that stands in the history once more
_LOOK = timedelta(hours=1)
_KEY_BYTES, _SIGNATURE_BYTES = 8, 16
#: the name of a link's events in the history
NAME = "owner-link"


#: said instead of more guesses
_MISTAKEN = N_("手机号后四位错了太多次，请过一会儿再试，或致电物业服务中心。")


class DeadLinkError(NotFoundError):
    """The link is wrong, over or taken back; which of them is not said."""

    code = "dead-link"


class TooManyError(EngineError):
    """Too many wrong links from one place, or too many acts through one link."""

    code = "throttled"


def open_link(
    session: Session, instance: Instance, *, by: Actor = SYSTEM,
    purposes: Collection[str] = ("rate", "reopen"), life: timedelta = LIFE,
) -> OwnerLink:  # fmt: skip
    """Make a new link for a whole case; the caller holds its lock or has just started it."""
    if not set(purposes) <= set(PURPOSES):
        raise InvalidInputError(N_("请选择链接的用途。"), fields={"purposes": [N_("请选择。")]})
    if not timedelta() < life <= LONGEST:
        raise InvalidInputError(
            N_("链接最长有效 {days} 天。"), days=LONGEST.days, fields={"days": [N_("请改短。")]}
        )
    key = ids.new()
    row = OwnerLink(
        key=key, tenant_id=instance.tenant_id, instance_key=instance.root_key,
        token_hash=_hash(token(key)), purposes=[one for one in PURPOSES if one in purposes],
        created_at=clock.now(), by=by.key, expires_at=clock.now() + life, revoked_at=None,
        revoked_by=None, opened_at=None, uses=0,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def create(
    session: Session, actor: Actor, instance: Instance, *, purposes: Collection[str],
    life: timedelta,
) -> OwnerLink:  # fmt: skip
    """Make a link because somebody of the staff says so; that stands in the history."""
    _refuse_stranger(actor, instance)
    runs.lock(session, instance.root_key)
    now = clock.now()
    alive = [one for one in of_case(session, instance.root_key) if is_open(one)]
    if len(alive) >= MOST_OPEN:
        raise InvalidInputError(N_("这个案件有效的链接太多了，请先收回不用的。"))
    row = open_link(session, instance, by=actor, purposes=purposes, life=life)
    note(session, row, actor, "created", purposes=row.purposes, days=(row.expires_at - now).days)
    return row


def token(link_key: int) -> str:
    """Return a link's token: its key and a signature over it."""
    raw = link_key.to_bytes(_KEY_BYTES)
    return base64.urlsafe_b64encode(raw + _signature(raw)).decode().rstrip("=")


def address(link_key: int) -> str:
    """Return where a link leads; empty when nobody said how we are reached."""
    return world.current().link(f"/r/{token(link_key)}")


def find(session: Session, given: str, asker: str) -> OwnerLink:
    """Return a link that works; raises DeadLinkError, and TooManyError for a guesser."""
    _refuse_many(
        session, f"rate:{asker}", FREE_FAILURES, N_("尝试次数过多，请过一会儿再打开链接。")
    )
    row = None
    if _is_signed(given):
        query = select(OwnerLink).where(OwnerLink.token_hash == _hash(given))
        row = session.scalars(query).first()
    if row is None or not is_open(row):
        raise DeadLinkError(
            N_("这个链接不能用了：可能已经过期或者收回，也可能没有复制完整。"), wrong=row is None
        )
    return row


def failed(session: Session, asker: str) -> None:
    """Count a wrong link against the address that asked."""
    _count(session, f"rate:{asker}")


def acting(session: Session, given: str, asker: str) -> None:
    """Count an act through a link, whatever comes of it; raises TooManyError beyond the limit."""
    row = find(session, given, asker)
    subject, most = f"owner:{row.key}", FREE_ACTS
    if is_shared(row):
        subject, most = f"{subject}:{asker}", FREE_SHARED
    _refuse_many(session, subject, most, N_("操作太频繁了，请过一会儿再试。"))
    _count(session, subject)


def prove(session: Session, row: OwnerLink, known: str, said: str) -> bool:
    """Tell whether somebody knows the figures; raises TooManyError after too many mistakes."""
    _refuse_many(session, f"proof:{row.key}", FREE_MISTAKES, _MISTAKEN)
    return hmac.compare_digest(known.encode(), said.strip().encode())


def refuse_guessing(session: Session, row: OwnerLink, asker: str) -> None:
    """Raise TooManyError for an address that named too many telephones nobody knows."""
    words = N_("不对的手机号填得太多了，请过一会儿再试。")
    _refuse_many(session, f"proof:{row.key}:{asker}", FREE_STRANGERS, words)


def guessed(session: Session, row: OwnerLink, asker: str) -> None:
    """Count a telephone that nobody knows against the address that named it."""
    _count(session, f"proof:{row.key}:{asker}")


def is_shared(row: OwnerLink) -> bool:
    """Tell whether a link is for many people: those who took part in an event."""
    return owner_access.FEEDBACK in row.purposes


def mistaken(session: Session, row: OwnerLink) -> None:
    """Count wrong figures against the link."""
    _count(session, f"proof:{row.key}")


def holder(session: Session, row: OwnerLink) -> Owner:
    """Return whoever holds a link, as an actor with what the link allows now."""
    purposes = frozenset(row.purposes)
    tasks = [task for task in owner_access.steps(session, row.instance_key, purposes)
             if not owner_access.gives(session, task)]  # fmt: skip
    return owner_access.of(row.key, row.instance_key, purposes, tasks)


def looked(session: Session, row: OwnerLink) -> None:
    """Note that the page was opened; again only after a while."""
    if is_fresh(row):
        return
    runs.lock(session, row.instance_key)
    note(session, row, OWNER, "opened")
    row.opened_at = clock.now()


def is_fresh(row: OwnerLink) -> bool:
    """Tell whether the page was opened so lately that it need not be noted again."""
    return row.opened_at is not None and clock.now() - row.opened_at < _LOOK


def used(session: Session, row: OwnerLink, act: str, **more: object) -> None:
    """Note an act through a link; the caller holds the lock of the case."""
    row.uses += 1
    note(session, row, OWNER, act, **more)


def revoke(session: Session, actor: Actor, instance: Instance, link_key: int | None = None) -> int:
    """Take one of a case's open links back, or all of them; return how many there were."""
    _refuse_stranger(actor, instance)
    runs.lock(session, instance.root_key)
    rows = [
        row for row in of_case(session, instance.root_key)
        if is_open(row) and link_key in (None, row.key)
    ]  # fmt: skip
    for row in rows:
        row.revoked_at, row.revoked_by = clock.now(), actor.key
        note(session, row, actor, "revoked")
    session.flush()
    return len(rows)


def of_case(session: Session, root_key: int) -> list[OwnerLink]:
    """Return a case's links, newest first."""
    query = select(OwnerLink).where(OwnerLink.instance_key == root_key)
    return list(session.scalars(query.order_by(OwnerLink.key.desc())))


def is_open(row: OwnerLink) -> bool:
    """Tell whether a link still works."""
    return row.revoked_at is None and row.expires_at > clock.now()


def note(session: Session, row: OwnerLink, actor: Actor, act: str, **more: object) -> None:
    """Write an event of a link into the history of its case; the token never stands there."""
    session.flush()
    history.add(
        session, row.instance_key, Event.MESSAGE, actor.key,
        data={"name": NAME, "link": row.key, "act": act, **more},
    )  # fmt: skip


def _refuse_stranger(actor: Actor, instance: Instance) -> None:
    if not ports.can(actor, "owner.tell", instance):
        raise ForbiddenError(N_("业主链接由客户助理或客户经理生成和收回。"))


def _refuse_many(session: Session, subject: str, most: int, words: str) -> None:
    attempt = session.get(Attempt, subject)
    if attempt is not None and attempt.failures >= most and attempt.until_at > clock.now():
        raise TooManyError(words)


def _count(session: Session, subject: str) -> None:
    row, now = session.get(Attempt, subject), clock.now()
    if row is None or row.until_at <= now:
        session.merge(Attempt(subject=subject, failures=1, until_at=now + WAIT))
    else:
        row.failures, row.until_at = row.failures + 1, now + WAIT


def _is_signed(given: str) -> bool:
    """Tell whether a token is one of ours before any row is looked at."""
    try:
        raw = base64.urlsafe_b64decode(given + "=" * (-len(given) % 4))
    except ValueError:
        return False
    return hmac.compare_digest(raw[_KEY_BYTES:], _signature(raw[:_KEY_BYTES]))


def _signature(raw: bytes) -> bytes:
    return world.keyed("rating", raw.hex())[:_SIGNATURE_BYTES]


def _hash(given: str) -> str:
    return hashlib.sha256(given.encode()).hexdigest()
