"""The rules of time that the product ships: limits, ladders, reasons for a pause, principles, levels.

They lie here as tables; an installation keeps them as rows that a supervisor edits. What the
sources leave unexplained is marked "guess" (requirements §2).
"""

import csv
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from engine import editions, policies
from engine.editions import LADDER, LIMIT, PAUSE, PRINCIPLE

ROOT = Path(__file__).parent
#: service levels 一/二/三级 of 中物协 2004
LEVELS = {"1": "一级", "2": "二级", "3": "三级"}


def register() -> None:
    """Make ladders, policies and the form of supervising tasks known to diagrams; twice is harmless."""
    for (kind, code), row in shipped().items():
        if kind == LADDER:
            policies.add_ladder(policies.read_ladder(code, row))
        elif kind == LIMIT:
            policies.add_policy(code, policies.policy(code, row).properties())
    policies.use_supervising_form("complaint-T4s_supervise")


def seed(session: Session) -> int | None:
    """Put the shipped rules in force; what the company has edited stays."""
    return editions.seed(session, shipped())


@cache
def shipped() -> dict[tuple[str, str], dict[str, Any]]:
    """Return every shipped rule by kind and code, as its row reads."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for order, row in enumerate(_table("limits")):
        found[LIMIT, row["code"]] = _limit(row, order)
    for row in _table("ladders"):
        found[LADDER, row["code"]] = {
            "name": row["name"], "note": row["note"],
            "warn": [int(part) for part in row["warn"].split(",")],
            "rungs": [_rung(part) for part in row["rungs"].split(";")],
        }  # fmt: skip
    for kind, name in ((PAUSE, "pauses"), (PRINCIPLE, "principles")):
        for row in _table(name):
            found[kind, row["code"]] = {key: text for key, text in row.items() if key != "code"}
    return found


def level(rows: Mapping[tuple[str, str], Mapping[str, Any]], wanted: str) -> editions.Changes:
    """Return the changes that bring an installation to a service level."""
    changes: dict[tuple[str, str], dict[str, Any]] = {}
    for row in _table("levels"):
        key = (row["kind"], row["code"])
        if row["level"] == wanted and key in rows and rows[key].get(row["field"]) != row["value"]:
            changes[key] = {**rows[key], row["field"]: row["value"]}
    return changes


def _limit(row: Mapping[str, str], order: int) -> dict[str, Any]:
    made: dict[str, Any] = {key: text for key, text in row.items() if key != "code" and text}
    made["order"] = order
    made["locked"] = [part for part in row["locked"].split(",") if part]
    made["end_of_day"] = row["end_of_day"] == "true"
    made["pausable"] = {"true": True, "false": False}.get(row["pausable"])
    return made


def _rung(text: str) -> list[Any]:
    percent, group, *action = text.split()
    return [int(percent), group, *action]


def _table(name: str) -> Iterator[dict[str, str]]:
    with (ROOT / f"{name}.tsv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
