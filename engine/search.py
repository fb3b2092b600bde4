"""Finding cases by what people type: number, title, and the words that the business names.

Chinese is cut into pairs of characters, so that 漏水 is found in 楼上漏水了 on both databases
without a dictionary; numbers and Latin words are found by their beginning.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, false, or_, select, true
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, aliased

from engine import encryption, submissions
from engine.db import Database
from engine.models import Instance, Task, Word
from engine.ports import COMPANY, Actor, ports
from engine.runs import Run
from engine.sql import dialect, table

#: cases that one search may bring, the newest ones; and that a batch of the first indexing holds
MOST, BATCH = 200, 200
#: a beginning shorter than this is taken for the whole word
_SHORTEST = 3
_TERM = re.compile(r"[0-9a-z]+(?:[-./_][0-9a-z]+)*|[^\W\d_a-z]+")
#: what parts a number: each rest after one is found by its beginning, so a middle part is, too
_MARK = re.compile(r"[-./_]")
#: a number of some document, whole
_NUMBER = re.compile(r"(?=(?:.*[0-9]){5})[0-9A-Z]{7,20}")
#: an identity card's number, which goes nowhere in clear, not even as a search
_IDENTITY = re.compile(r"[1-9][0-9]{16}[0-9X]")
_HAN = re.compile(r"[^\x00-\u024f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """What a submission gives to find its case by; `exact` are words of the business's own making."""

    exact: tuple[str, ...] = ()
    plain: tuple[str, ...] = ()
    personal: tuple[str, ...] = ()


#: where a unit of work keeps what it has looked up of the words; a correction forgets it
LOOKED = "words looked up"
#: what leads the hash of an encrypted value among the words
SECRET = "secret:"  # noqa: S105 — no password
NOTHING = Texts()
#: the word of no case that says that every case has its words
_FILLED = (b"=filled", 0)
#: (process id, element) -> what a submission of it gives; the business registers here
Source = Callable[[Mapping[str, Any]], Texts]
sources: dict[tuple[str, str], Source] = {}


def note(session: Session, run: Run, element: str, data: Mapping[str, Any]) -> None:
    """Note what a submission gives; the step that follows writes it with a new title."""
    texts = _texts((run.which.process_id, element), data)
    rows = _rows(run.root_key, run.tenant_id, texts, texts.plain)
    if rows:
        session.info["words"] = rows


def entitle(session: Session, run: Run, title: str | None) -> None:
    """Give a case its title, and write the words that it and its submission bring: once, or not."""
    rows = session.info.pop("words", [])
    if title is not None and title != run.title:
        run.title = title
        if run.key == run.root_key and title != run.which.name:
            rows += _rows(
                run.key, run.tenant_id, Texts(), (_lasting(title), run.business_key or "")
            )
    if rows:
        _insert(session, rows)


def _lasting(title: str) -> str:
    """Return a title without its remark in brackets: how the case stands passes, words stay."""
    return title.partition("（")[0]


def again(session: Session, root: Instance, *, but: int | None = None) -> None:
    """Add the words that title and submissions give now; `but` names a task to leave out."""
    plain = (_lasting(root.title or ""), root.business_key or "")
    found = _rows(root.key, root.tenant_id, Texts(), plain)
    family = _family(session, root)
    for submission in submissions.latest(session, list(family)):
        if submission.task_key != but:
            source = partial(_texts, (family[submission.instance_key], submission.element))
            found += _given(root, source, submission.data)
    _insert(session, found)


def correct(session: Session, task: Task, data: Mapping[str, Any]) -> None:
    """Let a case be found by what a correction says, and no more by what it said before."""
    root = session.get_one(Instance, task.root_key)
    source = partial(_texts, (_family(session, root)[task.instance_key], task.element))
    kept = submissions.latest(session, [task.instance_key])
    before = [one for one in kept if one.task_key == task.key]
    gone = {row["word"] for one in before for row in _given(root, source, one.data)}
    new = _given(root, source, data)
    if not gone and not new:
        return
    session.execute(delete(Word).where(Word.root_key == root.key, Word.word.in_(gone)))
    _insert(session, new)
    again(session, root, but=task.key)
    session.info.pop(LOOKED, None)


def fill(database: Database, told: Callable[[int], None] | None = None) -> int:
    """Index the cases there are, once an installation; return how many.

    `told` hears how many are done after each batch. What was broken off is begun again.
    """
    with database.read() as session:
        if session.get(Word, _FILLED) is not None:
            return 0
    after, done = 0, 0
    while True:
        with database.begin() as session:
            query = select(Instance).where(Instance.key > after, Instance.parent_key.is_(None))
            batch = list(session.scalars(query.order_by(Instance.key).limit(BATCH)))
            for root in batch:
                again(session, root)
            if not batch:
                word, root_key = _FILLED
                session.merge(Word(word=word, root_key=root_key, tenant_id=COMPANY, personal=True))
                return done
        after, done = batch[-1].key, done + len(batch)
        if told is not None:
            told(done)


def find(session: Session, actor: Actor, text: str, *, exact: Sequence[str] = ()) -> list[int]:
    """Return the root keys of the newest cases that hold every word of `text`, or one of `exact`.

    Personal words count in projects where this person may see them. The caller still asks for the
    right to each case.
    """
    wanted: list[int] = []
    tenants = actor.tenants()
    whole = text.strip().upper()
    terms = [] if _IDENTITY.fullmatch(whole) else list(_terms(text))
    if terms:
        readable = {tenant for tenant in tenants if ports.can(actor, "personal.read", tenant)}
        terms.sort(key=lambda term: term[1])  # whole words first: they lead straight to few rows
        query = select(Word.root_key).where(_holds(Word, terms[0], tenants, readable))
        for term in terms[1:]:
            other = aliased(Word)
            held = _holds(other, term, tenants, readable)
            if term[1]:  # many words may begin so: look them up once, not once a case
                query = query.where(Word.root_key.in_(select(other.root_key).where(held)))
            else:
                query = query.where(exists().where(other.root_key == Word.root_key, held))
        wanted += session.scalars(query.distinct().order_by(Word.root_key.desc()).limit(MOST))
    if exact:
        named = [f"={word}".encode() for word in exact]
        query = select(Word.root_key).where(Word.word.in_(named), _in(Word.tenant_id, tenants))
        wanted += session.scalars(query.distinct().order_by(Word.root_key.desc()).limit(MOST))
    if hashed := hashes(text):
        named = [f"={SECRET}{one}".encode() for one in hashed]
        seen = {tenant for tenant in tenants if ports.can(actor, "id_number.read", tenant)}
        query = select(Word.root_key).where(Word.word.in_(named), _in(Word.tenant_id, seen))
        wanted += session.scalars(query.distinct().order_by(Word.root_key.desc()).limit(MOST))
    return sorted(set(wanted), reverse=True)[:MOST]


def hashes(text: str) -> tuple[str, ...]:
    """Return what encrypted numbers are found by, when a whole number was typed; else nothing."""
    number = text.strip().upper()
    return encryption.finders(number) if _NUMBER.fullmatch(number) else ()


def words(text: str) -> Iterator[str]:
    """Cut a text into the words it is found by."""
    for term in _TERM.findall(text.lower()):
        if _HAN.search(term):
            yield from (term[at : at + 2] for at in range(len(term)))
        else:
            yield term
            tails = (term[mark.end() :] for mark in _MARK.finditer(term))
            yield from (tail for tail in tails if len(tail) >= _SHORTEST)


def _terms(text: str) -> Iterator[tuple[bytes, bool]]:
    """Cut what was typed into words and whether each is only the beginning of one."""
    for term in dict.fromkeys(_TERM.findall(text.lower())):
        if not _HAN.search(term):
            yield term.encode(), len(term) >= _SHORTEST
        elif len(term) == 1:
            yield term.encode(), True
        else:
            yield from ((term[at : at + 2].encode(), False) for at in range(len(term) - 1))


def _holds(
    of: Any, term: tuple[bytes, bool], tenants: Iterable[str], readable: Iterable[str]
) -> ColumnElement[bool]:
    word, beginning = term
    hit = and_(of.word >= word, of.word < word + b"\xff") if beginning else of.word == word
    seen = or_(and_(~of.personal, _in(of.tenant_id, tenants)), _in(of.tenant_id, readable))
    return and_(hit, seen)


def _in(column: Any, tenants: Iterable[str]) -> ColumnElement[bool]:
    held = set(tenants)
    if COMPANY in held:
        return true()
    return column.in_(sorted(held)) if held else false()


def _given(root: Instance, source: Source, data: Mapping[str, Any]) -> list[dict[str, Any]]:
    texts = source(data)
    return _rows(root.key, root.tenant_id, texts, texts.plain)


def _texts(place: tuple[str, str], data: Mapping[str, Any]) -> Texts:
    """Return what a submission is found by; an encrypted value by its keyed hash alone."""
    source = sources.get(place)
    texts = NOTHING if source is None else source(data)
    stored = encryption.stored_in(data)
    if not stored:
        return texts
    hashes = [SECRET + encryption.finder(encryption.decrypt(one)) for one in stored]
    return replace(texts, exact=(*texts.exact, *hashes))


def _family(session: Session, root: Instance) -> dict[int, str]:
    """Return the processes of a case and of what it called, by key."""
    query = select(Instance.key, Instance.process_id).where(Instance.root_key == root.key)
    return {key: process_id for key, process_id in session.execute(query)}  # noqa: C416 — rows


def _rows(
    root_key: int, tenant_id: str, texts: Texts, plain: Iterable[str]
) -> list[dict[str, Any]]:
    """Return the rows of a case; a word that is plain somewhere is not personal."""
    personal = dict.fromkeys((word for text in texts.personal for word in words(text)), True)
    open_ones = dict.fromkeys((word for text in plain for word in words(text)), False)
    exact = {f"={word}": False for word in texts.exact}
    return [
        {"word": word.encode(), "root_key": root_key, "tenant_id": tenant_id, "personal": hidden}
        for word, hidden in {**personal, **open_ones, **exact}.items()
    ]


def _upsert(module: type[postgresql.Insert] | type[sqlite.Insert]) -> Any:
    """Return the statement that adds words; what is plain once is not personal any more."""
    statement = module(table(Word))
    both = and_(table(Word).c.personal, statement.excluded.personal)
    return statement.on_conflict_do_update(
        index_elements=["word", "root_key"], set_={"personal": both}
    )


_statements = {"sqlite": _upsert(sqlite.Insert), "postgresql": _upsert(postgresql.Insert)}


def _insert(session: Session, rows: Iterable[dict[str, Any]]) -> None:
    found = list(rows)
    if found:
        session.connection().execute(_statements[dialect(session)], found)
