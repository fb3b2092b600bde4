"""Encrypt anew, under the key in force, everything that was encrypted under an older one.

Values do not change by it, only how they are kept: submissions, drafts, the archive, and the
hashes that cases and residents are found by. May be stopped and run again.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Text, delete, select, tuple_, type_coerce, update
from sqlalchemy.orm import Session

from engine import encryption, search
from engine.db import Database
from engine.models import Draft, Instance, Submission, Word
from forms import masks
from processes.archive import IdNumber

BATCH = 50
_WORDS = (Word.word >= f"={search.SECRET}".encode(), Word.word < f"={search.SECRET}~".encode())


def run(database: Database) -> int:
    """Encrypt everything anew in small units; return how many values were."""
    done = sum(_archive(database))
    done += sum(_forms(database, Submission, ("instance_key", "task_key", "version")))
    done += sum(_forms(database, Draft, ("task_key", "user_key")))
    _words(database)
    return done


def _archive(database: Database) -> Iterator[int]:
    after = 0
    while True:
        with database.begin() as session:
            query = select(IdNumber).where(IdNumber.resident_key > after)
            rows = list(session.scalars(query.order_by(IdNumber.resident_key).limit(BATCH)))
            for row in rows:
                after = row.resident_key
                if _is_old(row.stored):
                    number = encryption.decrypt(row.stored)
                    row.stored, row.finder = encryption.encrypt(number), encryption.finder(number)
                    yield 1
        if not rows:
            return


def _forms(database: Database, table: Any, key: tuple[str, ...]) -> Iterator[int]:
    columns = [getattr(table, name) for name in key]
    after = tuple(0 for _ in key)
    while True:
        with database.begin() as session:
            query = (
                select(*columns, table.data)
                .where(tuple_(*columns) > after, _holds_secrets(table))
                .order_by(*columns)
                .limit(BATCH)
            )
            rows = session.execute(query).all()
            for *found, data in rows:
                after = tuple(found)
                new = {name: _anew(value) for name, value in data.items()}
                if new != data:
                    which = [column == part for column, part in zip(columns, found, strict=True)]
                    session.execute(update(table).where(*which).values(data=new))
                    yield sum(new[name] != value for name, value in data.items())
        if not rows:
            return


def _words(database: Database) -> None:
    """Write the hashes anew that cases are found by."""
    after = 0
    while True:
        with database.begin() as session:
            query = select(Word.root_key).where(*_WORDS, Word.root_key > after).distinct()
            keys = list(session.scalars(query.order_by(Word.root_key).limit(BATCH)))
            _again(session, keys)
        if not keys:
            return
        after = keys[-1]


def _again(session: Session, keys: list[int]) -> None:
    session.execute(delete(Word).where(*_WORDS, Word.root_key.in_(keys)))
    for root in session.scalars(select(Instance).where(Instance.key.in_(keys))):
        search.again(session, root)


def _holds_secrets(table: Any) -> Any:
    return type_coerce(table.data, Text).contains(f'"{masks.PREFIX}', autoescape=True)


def _anew(value: Any) -> Any:
    return encryption.encrypt(encryption.decrypt(value)) if _is_old(value) else value


def _is_old(value: Any) -> bool:
    return masks.is_stored(value) and encryption.key_of(value) != encryption.current_key()
