"""Statements of the hot path: written in SQLAlchemy Core, compiled once a dialect, sent as they are.

An ORM unit of twelve statements costs 1.5 ms of CPU, compiled text 0.3 ms (notes on performance).
Values are given as the rows keep them: instants as milliseconds (`to_ms`), JSON as text (`json`).
A batch of like commands may let its writes wait (`gathered`) and send each statement once for all.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from operator import itemgetter
from typing import Any, Protocol

import orjson
from sqlalchemy import ClauseElement, Dialect, Table, insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from engine import batches
from engine.models.base import Base

_GATHERED = "gathered"
#: takes the values of a positional dialect from named ones
InOrder = Callable[[Mapping[str, Any]], tuple[Any, ...]]


class Cursor(Protocol):
    """What both drivers answer."""

    rowcount: int

    def fetchone(self) -> Any:
        """Return the next row as a tuple, or None."""
        ...

    def fetchall(self) -> list[Any]:
        """Return all rows as tuples."""
        ...


def table(model: type[Base]) -> Table:
    """Return the Core table of a model."""
    found = model.__table__
    if not isinstance(found, Table):
        raise TypeError(f"{model.__name__} is no table")
    return found


def json(value: Any) -> str | None:
    """Return a JSON value as our rows keep it."""
    return None if value is None else orjson.dumps(value, default=str).decode()


class Statement:
    """One Core statement with named binds; call it with a session and the values.

    One that may come `later` waits in a gathered batch: nobody asks for its result, and nobody
    looks at the rows it writes before the batch is over.
    """

    def __init__(self, clause: ClauseElement, *, later: bool = False) -> None:
        self._clause, self._later = clause, later
        self._compiled: dict[str, tuple[str, InOrder | None, dict[str, Any]]] = {}
        self._many: str | None = None

    def __call__(self, session: Session, values: Mapping[str, Any]) -> Cursor:
        """Run the statement; `values` names its binds, others keep their literal."""
        if self._later and (waiting := session.info.get(_GATHERED)) is not None:
            waiting.setdefault(self, []).append(values)
            return _NOTHING
        kind, raw = driver(session)
        text, given = self._given(kind, values)
        return _run(kind, raw, text, given)

    def many(self, session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run the statement once for each of several rows: their order counts for the same `k`."""
        kind, raw = driver(session)
        sent = [self._given(kind, values) for values in rows]
        text, given = sent[0][0], [one for _, one in sent]
        joined = self._joined(text, given) if kind.name == "postgresql" else None
        if joined is None:
            _run_many(kind, raw, text, given)
            return
        for part in batches.rounds(given):
            _run(kind, raw, joined, batches.as_json(part))

    def _joined(self, text: str, given: Sequence[Mapping[str, Any]]) -> str | None:
        """Return the statement for many rows; their columns have the types of the first ones."""
        if self._many is None:
            self._many = batches.of_update(text, given)
        return self._many

    def _given(self, kind: Dialect, values: Mapping[str, Any]) -> tuple[str, Any]:
        found = self._compiled.get(kind.name)
        if found is None:
            compiled: Any = self._clause.compile(dialect=kind)
            found = self._compiled[kind.name] = (
                str(compiled), _in_order(compiled), _literals(compiled)
            )  # fmt: skip
        text, in_order, literals = found
        merged = {**literals, **values} if literals else values
        return text, merged if in_order is None else in_order(merged)


class Insert:
    """INSERT of one or several rows of a table in one statement."""

    def __init__(self, model: type[Base], *, columns: Sequence[str], later: bool = False) -> None:
        self._table, self._later = table(model), later
        self._columns = tuple(columns)
        written = [column.name for column in self._table.columns if column.name in columns]
        #: where the statement, which follows the table, finds each value in a given row
        self._places = [self._columns.index(name) for name in written]
        self._as_given = tuple(written) == self._columns
        self._compiled: dict[tuple[str, int], tuple[str, bool]] = {}
        self._many: str | None = None

    def __call__(self, session: Session, rows: Sequence[Sequence[Any]]) -> None:
        """Insert `rows`: values in the order of the columns given at the beginning."""
        if not rows:
            return
        if self._later and (waiting := session.info.get(_GATHERED)) is not None:
            waiting.setdefault(self, []).extend(rows)
            return
        kind, raw = driver(session)
        text, positional = self._text(kind, len(rows))
        if positional:
            if not self._as_given:
                rows = [[row[place] for place in self._places] for row in rows]
            _run(kind, raw, text, tuple([value for row in rows for value in row]))
        else:
            binds = {
                f"{column}_m{index}": value
                for index, row in enumerate(rows)
                for column, value in zip(self._columns, row, strict=True)
            }
            _run(kind, raw, text, binds)

    def many(self, session: Session, rows: Sequence[Sequence[Any]]) -> None:
        """Insert any number of rows in one exchange with the database."""
        kind, raw = driver(session)
        if kind.name == "postgresql":
            if self._many is None:
                self._many = batches.of_insert(self._table, self._columns, kind)
            named = [dict(zip(self._columns, row, strict=True)) for row in rows]
            _run(kind, raw, self._many, batches.as_json(named))
            return
        text, _ = self._text(kind, 1)
        _run_many(kind, raw, text, list(rows))

    def _text(self, kind: Any, count: int) -> tuple[str, bool]:
        found = self._compiled.get((kind.name, count))
        if found is None:
            rows = [dict.fromkeys(self._columns) for _ in range(count)]
            compiled = insert(self._table).values(rows).compile(dialect=kind)
            found = (str(compiled), bool(compiled.positional))
            if len(self._compiled) < 64:  # noqa: PLR2004 — batches of odd sizes need no cache
                self._compiled[kind.name, count] = found
        return found


def _in_order(compiled: Any) -> InOrder | None:
    """Return what takes a positional dialect's values from named ones: a tuple, also of one."""
    if not compiled.positional:
        return None
    names = tuple(compiled.positiontup)
    if len(names) > 1:
        return itemgetter(*names)
    return lambda values: tuple([values[name] for name in names])


def _literals(compiled: Any) -> dict[str, Any]:
    """Return the values that stand in the statement itself; those of named binds are given."""
    return {
        name: value for name, value in compiled.params.items() if not compiled.binds[name].required
    }


@contextmanager
def gathered(session: Session) -> Iterator[None]:
    """Let writes marked `later` wait until the block ends, then send them together, all or none."""
    waiting: dict[Statement | Insert, list[Any]] = {}
    session.info[_GATHERED] = waiting
    try:
        yield
    finally:
        del session.info[_GATHERED]
    kind, raw = driver(session)
    try:
        with raw.pipeline() if kind.name == "postgresql" else nullcontext():
            raw.execute("SAVEPOINT gathered")
            for statement, rows in waiting.items():
                statement.many(session, rows)
            raw.execute("RELEASE SAVEPOINT gathered")
    except Exception:  # whatever failed is raised again; nothing of the batch stays
        raw.execute("ROLLBACK TO SAVEPOINT gathered")
        raise


def driver(session: Session) -> tuple[Dialect, Any]:
    """Return the dialect and the driver's own connection of a unit, with its transaction begun.

    SQLAlchemy sets a savepoint when it is asked for the connection, not when one begins.
    """
    found: tuple[Dialect, Any] | None = session.info.get("driver")
    if found is None or session.in_nested_transaction():
        connection = session.connection()
        found = (connection.dialect, connection.connection.driver_connection)
        session.info["driver"] = found
    return found


def dialect(session: Session) -> str:
    """Return which database a unit runs on: "sqlite" or "postgresql"."""
    return driver(session)[0].name


def _run(kind: Dialect, raw: Any, text: str, given: Any) -> Cursor:
    """Send a statement to the driver; its errors come back as SQLAlchemy's."""
    try:
        cursor: Cursor = raw.execute(text, given)
    except kind.loaded_dbapi.Error as error:
        raise DBAPIError.instance(
            text, given, error, kind.loaded_dbapi.Error, dialect=kind
        ) from error
    return cursor


def _run_many(kind: Dialect, raw: Any, text: str, rows: list[Any]) -> None:
    try:
        raw.cursor().executemany(text, rows)
    except kind.loaded_dbapi.Error as error:
        raise DBAPIError.instance(
            text, rows[0], error, kind.loaded_dbapi.Error, dialect=kind
        ) from error


class _Nothing:
    """The answer to a statement that waits."""

    rowcount = -1

    def fetchone(self) -> None:
        """Say that nobody may ask: the statement has not been sent."""
        raise LookupError("this statement comes later")

    def fetchall(self) -> list[Any]:
        """Say that nobody may ask: the statement has not been sent."""
        raise LookupError("this statement comes later")


_NOTHING = _Nothing()
