"""Links by which an owner rates one case without an account: signed, once, for a while, revocable.

The token is a signature over the link's key: it is made anew whenever it has to be sent and stands
in no row, only its hash does.
"""

import base64
import hashlib
import hmac
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock, history, ids, runs
from engine.errors import N_, EngineError, ForbiddenError, InvalidInputError, NotFoundError
from engine.models import Attempt, Event, Instance, Rating, RatingLink
from engine.outward import world
from engine.ports import SYSTEM, Actor, ports

LIFE = timedelta(days=30)
SCORES = (5, 4, 3, 2, 1)
LONGEST_WORD = 500
#: wrong links from one address before it has to wait
FREE_FAILURES, WAIT = 10, timedelta(minutes=10)
_KEY_BYTES, _SIGNATURE_BYTES = 8, 16


class DeadLinkError(NotFoundError):
    """The link is wrong, over, taken back or used."""

    code = "dead-link"


class TooManyError(EngineError):
    """Too many wrong links from one place."""

    code = "throttled"


def open_link(session: Session, instance: Instance) -> RatingLink:
    """Make a new link for a case."""
    key = ids.new()
    row = RatingLink(
        key=key, tenant_id=instance.tenant_id, instance_key=instance.key, created_at=clock.now(),
        expires_at=clock.now() + LIFE, revoked_at=None, used_at=None,
        token_hash=_hash(token(key)),
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def token(link_key: int) -> str:
    """Return a link's token: its key and a signature over it."""
    raw = link_key.to_bytes(_KEY_BYTES)
    return base64.urlsafe_b64encode(raw + _signature(raw)).decode().rstrip("=")


def address(link_key: int) -> str:
    """Return where an owner rates; empty when nobody said how we are reached."""
    return world.current().link(f"/r/{token(link_key)}")


def find(session: Session, given: str, asker: str) -> RatingLink:
    """Return a link that may be rated by; raises DeadLinkError, and TooManyError for a guesser."""
    attempt = session.get(Attempt, f"rate:{asker}")
    if attempt is not None and attempt.failures >= FREE_FAILURES and attempt.until_at > clock.now():
        raise TooManyError(N_("尝试次数过多，请过一会儿再打开链接。"))
    row = None
    if _is_signed(given):
        query = select(RatingLink).where(RatingLink.token_hash == _hash(given))
        row = session.scalars(query).first()
    if row is None:
        raise DeadLinkError(N_("链接不对。请从收到的消息里重新打开。"), wrong=True)
    if row.revoked_at is not None:
        raise DeadLinkError(N_("这个链接已被收回。需要评价，请致电物业服务中心。"))
    if row.used_at is not None:
        raise DeadLinkError(N_("已经收到您的评价，谢谢。"), used=True)
    if row.expires_at <= clock.now():
        raise DeadLinkError(N_("这个链接已经过期。需要评价，请致电物业服务中心。"))
    return row


def failed(session: Session, asker: str) -> None:
    """Count a wrong link against the address that asked."""
    subject, now = f"rate:{asker}", clock.now()
    row = session.get(Attempt, subject)
    if row is None or row.until_at <= now:
        session.merge(Attempt(subject=subject, failures=1, until_at=now + WAIT))
    else:
        row.failures, row.until_at = row.failures + 1, now + WAIT


def rate(session: Session, given: str, asker: str, *, score: int, word: str = "") -> Rating:
    """Keep what an owner thinks; it stands in the history of the case, and the link is used."""
    found = find(session, given, asker)
    if score not in SCORES:
        raise InvalidInputError(N_("请选一个分数。"), fields={"score": [N_("请选一个分数。")]})
    if len(word) > LONGEST_WORD:
        raise InvalidInputError(N_("最多写 {most} 个字。"), most=LONGEST_WORD, fields={"word": [N_("请写短一些。")]})  # fmt: skip
    runs.lock(session, found.instance_key)
    session.refresh(found)
    if found.used_at is not None:
        raise DeadLinkError(N_("已经收到您的评价，谢谢。"), used=True)
    found.used_at = clock.now()
    row = Rating(
        key=ids.new(), tenant_id=found.tenant_id, instance_key=found.instance_key,
        link_key=found.key, score=score, word=word.strip() or None, at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    history.add(
        session, found.instance_key, Event.MESSAGE, SYSTEM.key,
        data={"name": "rating", "rating": row.key, "score": score},
    )  # fmt: skip
    return row


def revoke(session: Session, actor: Actor, instance: Instance) -> int:
    """Take a case's open links back; return how many there were."""
    if not ports.can(actor, "owner.tell", instance):
        raise ForbiddenError(N_("评价链接由客户助理或客户经理收回。"))
    rows = [row for row in links(session, instance.key) if row.used_at is None and row.revoked_at is None]  # fmt: skip
    for row in rows:
        row.revoked_at = clock.now()
    session.flush()
    return len(rows)


def links(session: Session, instance_key: int) -> list[RatingLink]:
    """Return a case's links, newest first."""
    query = select(RatingLink).where(RatingLink.instance_key == instance_key)
    return list(session.scalars(query.order_by(RatingLink.key.desc())))


def given(session: Session, instance_key: int) -> list[Rating]:
    """Return what owners thought of a case, newest first."""
    query = select(Rating).where(Rating.instance_key == instance_key)
    return list(session.scalars(query.order_by(Rating.key.desc())))


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
