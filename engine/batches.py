"""One statement for many rows on PostgreSQL: their values go as arrays, which `unnest` makes rows.

Text in, text out. Ten thousand limits that run out at once are some hundred statements this way.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Dialect, Table

#: a named bind, with its type where SQLAlchemy writes one for this driver
_BIND = re.compile(r"%\((\w+)\)s(?:::([A-Z]+(?: [A-Z]+)*))?")
_TYPES = {int: "BIGINT", str: "TEXT", bytes: "BYTEA", bool: "BOOLEAN"}


def of_update(text: str, rows: Sequence[Mapping[str, Any]]) -> str | None:
    """Return an UPDATE or DELETE that takes an array a bind; None when a bind's type is unknown."""
    types = {name: kind or _type(row[name] for row in rows) for name, kind in _BIND.findall(text)}
    if " WHERE " not in text or not all(types.values()):
        return None
    change, _, condition = _BIND.sub(r"_v.\1", text).replace("\n", " ").partition(" WHERE ")
    word = "USING" if change.startswith("DELETE") else "FROM"
    arrays = ", ".join(f"%({name})s::{kind}[]" for name, kind in types.items())
    return f"{change} {word} unnest({arrays}) AS _v({', '.join(types)}) WHERE {condition}"


def _type(values: Iterable[Any]) -> str:
    return next((_TYPES.get(type(value), "") for value in values if value is not None), "")


def of_insert(table: Table, columns: Sequence[str], kind: Dialect) -> str:
    """Return an INSERT that takes an array a column."""
    types = [table.c[name].type.compile(dialect=kind) for name in columns]
    arrays = ", ".join(f"%({name})s::{type_}[]" for name, type_ in zip(columns, types, strict=True))
    names = ", ".join(f'"{name}"' for name in columns)
    return f"INSERT INTO {table.name} ({names}) SELECT * FROM unnest({arrays})"  # our own names


def rounds(rows: Sequence[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    """Part rows so that none of a part has the key `k` of another; a key's rows keep their order.

    An UPDATE with a joined list changes each row once, whatever the list says.
    """
    parts: list[list[Mapping[str, Any]]] = []
    seen: dict[Any, int] = {}
    for row in rows:
        turn = seen.get(row["k"], 0)
        seen[row["k"]] = turn + 1
        if turn == len(parts):
            parts.append([])
        parts[turn].append(row)
    return parts


def arrays(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Turn rows of named values into one list a name."""
    return {name: [row[name] for row in rows] for name in rows[0]}
