"""What owners think of how their case was handled: one rating a link, once the case is closed."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock, history, ids, runs
from engine.errors import N_, ConflictError, InvalidInputError
from engine.models import Event, OwnerLink, Rating
from engine.ports import OWNER

SCORES = (5, 4, 3, 2, 1)
LONGEST_WORD = 500


def rate(session: Session, link: OwnerLink, *, score: int, word: str = "") -> Rating:
    """Keep what an owner thinks; it stands in the history of the case, and can't be said twice."""
    if score not in SCORES:
        raise InvalidInputError(N_("请选一个分数。"), fields={"score": [N_("请选一个分数。")]})
    if len(word) > LONGEST_WORD:
        raise InvalidInputError(N_("最多写 {most} 个字。"), most=LONGEST_WORD, fields={"word": [N_("请写短一些。")]})  # fmt: skip
    runs.lock(session, link.instance_key)
    if by_link(session, link.key) is not None:
        raise ConflictError(N_("已经收到您的评价，谢谢。"))
    row = Rating(
        key=ids.new(), tenant_id=link.tenant_id, instance_key=link.instance_key,
        link_key=link.key, score=score, word=word.strip() or None, at=clock.now(),
    )  # fmt: skip
    session.add(row)
    link.uses += 1
    session.flush()
    history.add(
        session, link.instance_key, Event.MESSAGE, OWNER.key,
        data={"name": "rating", "rating": row.key, "score": score, "link": link.key},
    )  # fmt: skip
    return row


def by_link(session: Session, link_key: int) -> Rating | None:
    """Return the rating that came through a link."""
    return session.scalars(select(Rating).where(Rating.link_key == link_key)).first()


def given(session: Session, instance_key: int) -> list[Rating]:
    """Return what owners thought of a case, newest first."""
    query = select(Rating).where(Rating.instance_key == instance_key)
    return list(session.scalars(query.order_by(Rating.key.desc())))
