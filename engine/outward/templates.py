"""The words of messages to owners: shipped texts, edited versions, places filled in by name."""

import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import clock, ids
from engine.errors import N_, ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from engine.models import MessageTemplate
from engine.ports import Actor, ports

LANGUAGES = ("zh", "en")
#: a text message of seven parts; longer ones are refused by providers
LONGEST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A named place in a text: what stands there, and a sample for the preview."""

    name: str
    zh: str
    en: str
    sample: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of message to owners with its places and the words that are shipped."""

    key: str
    zh: str
    en: str
    places: tuple[Place, ...]
    #: places without which the message misses its purpose
    needed: frozenset[str]
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The text in force; version 0 is the shipped one."""

    text: str
    version: int


_kinds: dict[str, Kind] = {}


def register(kinds: Iterable[Kind]) -> None:
    """Make kinds of messages known; twice does no harm."""
    for kind in kinds:
        for language in LANGUAGES:
            check(kind, kind.texts[language])
        _kinds[kind.key] = kind


def kinds() -> list[Kind]:
    """Return the kinds of messages in the order of a case."""
    return list(_kinds.values())


def kind(key: str) -> Kind:
    """Return a kind of message."""
    if key not in _kinds:
        raise NotFoundError(N_("没有这种消息"))
    return _kinds[key]


def words(session: Session, key: str, language: str) -> Words:
    """Return the text in force."""
    rows = versions(session, key, language, limit=1)
    if rows:
        return Words(text=rows[0].text, version=rows[0].version)
    return Words(text=kind(key).texts[language], version=0)


def versions(
    session: Session, key: str, language: str, *, limit: int = 20
) -> list[MessageTemplate]:
    """Return the edited versions, newest first."""
    query = select(MessageTemplate).where(
        MessageTemplate.kind == key, MessageTemplate.language == language
    )
    return list(session.scalars(query.order_by(MessageTemplate.version.desc()).limit(limit)))


def save(session: Session, actor: Actor, key: str, language: str, text: str, *, seen: int) -> MessageTemplate:  # fmt: skip
    """Put a new version in force; `seen` is the version that the editor had before them."""
    if not ports.can(actor, "template.edit", None):
        raise ForbiddenError(N_("给业主的消息模板由客户经理或系统管理员修改。"))
    text = text.replace("\r\n", "\n").strip()
    check(kind(key), text)
    query = select(func.max(MessageTemplate.version)).where(
        MessageTemplate.kind == key, MessageTemplate.language == language
    )
    newest = session.scalars(query).one() or 0
    if newest != seen:
        raise ConflictError(N_("这个模板刚被别人改过。请先看看新的内容，再修改。"))
    row = MessageTemplate(
        key=ids.new(), kind=key, language=language, version=newest + 1, text=text, by=actor.key,
        at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def check(kind: Kind, text: str) -> None:
    """Raise InvalidInputError unless every place in a text is one that the kind can fill."""
    if not text or len(text) > LONGEST:
        raise _wrong(N_("请写 1 到 {most} 个字。"), most=LONGEST)
    used = set()
    try:
        for _before, name, form, conversion in string.Formatter().parse(text):
            if name is None:
                continue
            if form or conversion or name not in {place.name for place in kind.places}:
                raise _wrong(N_("没有名为 {place} 的占位符。"), place="{" + name + "}")
            used.add(name)
    except ValueError:
        raise _wrong(N_("花括号没有成对。要写花括号本身，请写两遍。")) from None
    if missing := sorted(kind.needed - used):
        raise _wrong(N_("这种消息必须包含 {place}。"), place="{" + missing[0] + "}")


def preview(kind: Kind, language: str, text: str) -> str:
    """Return typed words with samples filled in, or refuse them as `save` would."""
    text = text.replace("\r\n", "\n").strip()
    check(kind, text)
    return fill(text, sample(kind, language))


def fill(text: str, values: Mapping[str, str]) -> str:
    """Fill the places in; values are put in as they are and never read as places."""
    return text.format_map(values)


def sample(kind: Kind, language: str) -> dict[str, str]:
    """Return what the preview fills in."""
    return {place.name: place.sample[language] for place in kind.places}


def _wrong(message: str, **params: Any) -> InvalidInputError:
    return InvalidInputError(message, fields={"text": [message]}, **params)
