"""What those who took part say through a link that many hold: one answer a telephone, counted.

Who answered is kept as a keyed hash and only while the step is open; the history knows the score.
"""

from collections.abc import Collection, Sequence
from typing import Any, Protocol

from sqlalchemy.orm import Session

from engine import owner_access, runs
from engine.errors import N_, ConflictError, ForbiddenError, InvalidInputError
from engine.models import Instance, InstanceState, OwnerLink, Task
from engine.outward import givings, links, world
from engine.outward.ratings import SCORES

LONGEST_WORD = 200
#: figures of a telephone without its country, and how many there are at least
_FIGURES, _FEWEST = 11, 7


class UnknownPhoneError(InvalidInputError):
    """Nobody with this telephone took part."""

    code = "unknown-phone"


class Source(Protocol):
    """What a process knows of those who took part."""

    def phones(self, session: Session, case: Instance) -> Collection[str]:
        """Return their telephones as they were written down."""

    def counted(self, scores: Sequence[int], words: Sequence[str]) -> dict[str, Any]:
        """Return the fields of the counting step for these answers."""

    def totals(self) -> Sequence[str]:
        """Return which of these fields are counts."""


#: process id -> what it knows of those who took part
sources: dict[str, Source] = {}


def wanted(session: Session, link: OwnerLink) -> Task | None:
    """Return the step that counts the answers of this link now."""
    case = session.get_one(Instance, link.instance_key)
    known = links.is_shared(link) and case.process_id in sources
    if not known or case.state != InstanceState.ACTIVE or case.suspended_at is not None:
        return None
    return owner_access.counting(session, case.key)


def answer(session: Session, link: OwnerLink, *, phone: str, score: int, word: str = "") -> None:
    """Count the answer of somebody who took part; raises UnknownPhoneError for anybody else."""
    if not links.is_shared(link):
        raise ForbiddenError(N_("这个链接不能用来反馈活动。"))
    _check(score, word)
    runs.lock(session, link.instance_key)
    task = wanted(session, link)
    if task is None:
        raise ConflictError(N_("现在不收集反馈：活动还没有结束，或者反馈已经汇总。"))
    source = sources[session.get_one(Instance, link.instance_key).process_id]
    who = _person(session, link, source, phone)
    known = givings.of(session, task.key)
    more = {"who": [], "scores": [], "words": []} if known is None else dict(known.more)
    if who in more["who"]:
        raise ConflictError(N_("这个手机号已经反馈过了，谢谢。"))
    scores, words = [*more["scores"], score], [*more["words"], *filter(None, [word.strip()])]
    givings.keep(
        session, task.key, source.counted(scores, words), counted=source.totals(),
        who=[*more["who"], who], scores=scores, words=words,
    )  # fmt: skip
    links.used(session, link, "answered", task=task.key, score=score)


def _person(session: Session, link: OwnerLink, source: Source, phone: str) -> str:
    """Return the hash that stands for somebody who took part."""
    case, said = session.get_one(Instance, link.instance_key), _figures(phone)
    if len(said) < _FEWEST or said not in set(map(_figures, source.phones(session, case))):
        wrong = N_("报名表里没有这个手机号，请填写报名时留的手机号。")
        raise UnknownPhoneError(wrong, fields={"phone": [wrong]})
    return world.keyed("feedback", f"{case.key}\0{said}").hex()[:32]


def _check(score: int, word: str) -> None:
    if score not in SCORES:
        raise InvalidInputError(N_("请选一个分数。"), fields={"score": [N_("请选一个分数。")]})
    if len(word) > LONGEST_WORD:
        raise InvalidInputError(N_("最多写 {most} 个字。"), most=LONGEST_WORD, fields={"word": [N_("请写短一些。")]})  # fmt: skip


def _figures(phone: str) -> str:
    return "".join(one for one in phone if one.isascii() and one.isdigit())[-_FIGURES:]
