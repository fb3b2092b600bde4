"""Column types and the declarative base that every table shares."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import BigInteger, Dialect, Integer, LargeBinary, MetaData, Text
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator
from typing_extensions import override

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

#: 63-bit keys; on SQLite an INTEGER PRIMARY KEY is the row itself and needs no index.
Key = BigInteger().with_variant(Integer(), "sqlite")
Blob = LargeBinary
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


def to_ms(moment: datetime) -> int:
    """Return an aware instant as the number in our rows: milliseconds since 1970 in UTC."""
    if moment.tzinfo is None:
        raise ValueError("an instant carries its zone")
    return (moment - _EPOCH) // _MS


def from_ms(number: int) -> datetime:
    """Return the aware UTC instant that a row's number stands for."""
    return _EPOCH + number * _MS


class Instant(TypeDecorator[datetime]):
    """An aware instant, kept as milliseconds since 1970 in UTC on every database."""

    impl = BigInteger
    cache_ok = True

    @override
    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else to_ms(value)

    @override
    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else from_ms(value)

    @override
    def coerce_compared_value(self, op: Any, value: Any) -> "Instant":
        return self


class Json(TypeDecorator[Any]):
    """A JSON value kept as compact text on every database; None is SQL NULL."""

    impl = Text
    cache_ok = True
    default: Callable[[Any], Any] | None = None

    @override
    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else orjson.dumps(value, default=str).decode()

    @override
    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else orjson.loads(value)


class Base(DeclarativeBase):
    """The one metadata: engine and processes keep their tables in it."""

    metadata = MetaData(naming_convention=NAMING)
