"""One statement for many rows on PostgreSQL: their values go as one JSON text, which it reads as rows.

Text in, text out. Ten thousand limits that run out at once are some hundred statements this way.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import Dialect, Table

#: a named bind, with its type where SQLAlchemy writes one for this driver
_BIND = re.compile(r"%\((\w+)\)s(?:::([A-Z]+(?: [A-Z]+)*))?")
_TYPES = {int: "BIGINT", str: "TEXT", bytes: "BYTEA", bool: "BOOLEAN"}
_BYTES = "BYTEA"


def of_update(text: str, rows: Sequence[Mapping[str, Any]]) -> str | None:
    """Return an UPDATE or DELETE of many rows; None when a bind's type is unknown."""
    types = {name: kind or _type(row[name] for row in rows) for name, kind in _BIND.findall(text)}
    if " WHERE " not in text or not all(types.values()):
        return None
    change, _, condition = (
        _BIND.sub(lambda found: _value(found[1], types[found[1]]), text)
        .replace("\n", " ").partition(" WHERE ")
    )  # fmt: skip
    word = "USING" if change.startswith("DELETE") else "FROM"
    return f"{change} {word} {_rows(types)} WHERE {condition}"


def of_insert(table: Table, columns: Sequence[str], kind: Dialect) -> str:
    """Return an INSERT of many rows."""
    types = {name: table.c[name].type.compile(dialect=kind) for name in columns}
    names = ", ".join(f'"{name}"' for name in columns)
    values = ", ".join(_value(name, type_) for name, type_ in types.items())
    return (
        f"INSERT INTO {table.name} ({names}) SELECT {values} FROM {_rows(types)}"  # our own names
    )


def as_json(rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return the one value of these statements: rows as JSON, bytes in hexadecimal digits."""
    return {"rows": orjson.dumps(rows, default=bytes.hex).decode()}


def _rows(types: Mapping[str, str]) -> str:
    columns = ", ".join(
        f'"{name}" {"TEXT" if kind == _BYTES else kind}' for name, kind in types.items()
    )
    return f"json_to_recordset(%(rows)s::JSON) AS _v({columns})"


def _value(name: str, kind: str) -> str:
    return f"decode(_v.\"{name}\", 'hex')" if kind == _BYTES else f'_v."{name}"'


def _type(values: Iterable[Any]) -> str:
    return next((_TYPES.get(type(value), "") for value in values if value is not None), "")


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
