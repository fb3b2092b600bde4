"""What people filled in, kept: submissions for ever, drafts until they are submitted."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from engine import clock
from engine.db import read_once
from engine.held import Held
from engine.models import Draft, Submission, to_ms
from engine.ports import Actor
from engine.sql import Insert, Statement, dialect, json, table

_insert = Insert(
    Submission,
    columns=("instance_key", "task_key", "version", "element", "form_key", "data", "submitted_by",
             "submitted_at"),
)  # fmt: skip


def _upsert(module: type[postgresql.Insert] | type[sqlite.Insert]) -> Statement:
    statement = module(table(Draft)).values(
        task_key=bindparam("task"),
        user_key=bindparam("user"),
        data=bindparam("data"),
        saved_at=bindparam("at"),
    )
    given = statement.excluded
    return Statement(
        statement.on_conflict_do_update(
            index_elements=["task_key", "user_key"],
            set_={"data": given.data, "saved_at": given.saved_at},
        )
    )


_save_draft = {"sqlite": _upsert(sqlite.Insert), "postgresql": _upsert(postgresql.Insert)}


def keep(
    session: Session, held: Held, clean: Mapping[str, Any], actor: Actor, now: datetime
) -> None:
    """Keep the values of a completed form as version 1."""
    _insert(session, [(
        held.instance_key, held.key, 1, held.element, held.form_key, json(dict(clean)), actor.key,
        to_ms(now),
    )])  # fmt: skip


def latest(session: Session, instance_keys: Sequence[int]) -> list[Submission]:
    """Return the version in force of each submission of these instances, oldest task first."""

    def read() -> Sequence[Submission]:
        query = (
            select(Submission)
            .where(Submission.instance_key.in_(instance_keys))
            .order_by(Submission.task_key, Submission.version)
        )
        return session.scalars(query).all()

    found = read_once(session, ("submissions", *instance_keys), read)
    return list({row.task_key: row for row in found}.values())


def versions(session: Session, instance_key: int, task_key: int) -> list[Submission]:
    """Return every version of one submission, the first one first."""
    query = select(Submission).where(
        Submission.instance_key == instance_key, Submission.task_key == task_key
    )
    return list(session.scalars(query.order_by(Submission.version)))


def save_draft(session: Session, task_key: int, user_key: int, data: Mapping[str, Any]) -> None:
    """Keep what a person typed; the last save counts."""
    statement = _save_draft[dialect(session)]
    values = {
        "task": task_key,
        "user": user_key,
        "data": json(dict(data)),
        "at": to_ms(clock.now()),
    }
    statement(session, values)


def draft(session: Session, task_key: int, user_key: int) -> dict[str, Any] | None:
    """Return what a person typed and did not submit."""
    row = session.get(Draft, (task_key, user_key))
    return None if row is None else dict(row.data)
