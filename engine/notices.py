"""Notices to staff: rows that the bell shows; `text` is a gettext msgid, filled in for its reader."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import ColumnElement, Select, func, select, update
from sqlalchemy.orm import Session

from engine import clock, ids, memberships
from engine.errors import N_
from engine.models import Membership, Notice, Task, User, to_ms
from engine.ports import COMPANY, SYSTEM, Actor, ports
from engine.sql import Insert, json

if TYPE_CHECKING:  # records keeps limits, limits send notices
    from engine.records import Opened
    from engine.runs import Run
    from engine.slices import Late

_insert = Insert(
    Notice,
    columns=("key", "tenant_id", "user_key", "kind", "text", "params", "instance_key", "task_key",
             "at"),
    later=True,
)  # fmt: skip
#: beyond this a group is a crowd, and the inbox tells it
_CROWD = 200


class About(Protocol):
    """What a notice is about: a task, as a row or as a command holds it."""

    @property
    def key(self) -> int: ...
    @property
    def tenant_id(self) -> str: ...
    @property
    def instance_key(self) -> int: ...


def notify(  # noqa: PLR0913 — whom, what, and what it is about
    session: Session,
    user_keys: Iterable[int],
    kind: str,
    text: str,
    params: Mapping[str, Any] | None = None,
    *,
    task: About | None = None,
    tenant_id: str = COMPANY,
) -> int:
    """Tell each person once; return how many were told."""
    now = to_ms(clock.now())
    people = frozenset(key for key in user_keys if key and key != SYSTEM.key)
    told = sorted(people if task is None else people - ports.untold(session, task, people))
    about = (None, None) if task is None else (task.instance_key, task.key)
    scope = tenant_id if task is None else task.tenant_id
    filled = json(dict(params or {}))
    _insert(session, [(ids.new(), scope, key, kind, text, filled, *about, now) for key in told])
    return len(told)


def opened(session: Session, run: "Run", tasks: "Sequence[Opened]", actor: Actor) -> None:
    """Tell those who were given a task by name; groups see theirs in the inbox."""
    for task in tasks:
        if task.assignee is not None and task.assignee != actor.key:
            row = (ids.new(), run.tenant_id, task.assignee, "task", N_("您有新的任务“{task}”"),
                   json({"task": task.name}), run.key, task.key, to_ms(clock.now()))  # fmt: skip
            _insert(session, [row])


def receivers(session: Session, task: "Task | Late") -> list[int]:
    """Return whom a word about a task reaches: its performer, else its candidates."""
    if task.assignee is not None:
        return [task.assignee]
    further = task.candidates or {}
    groups = [group for group in (task.group, *further.get("groups", ())) if group]
    found = {key for group in groups for key in members(session, task.tenant_id, group)}
    named = {memberships.stand_ins(session).get(key, key) for key in further.get("users", ())}
    people = sorted((found | named) - set(further.get("excluded", ())))
    return list(memberships.rules.nearest(session, task, people))


def members(session: Session, tenant_id: str, group: str) -> list[int]:
    """Return who holds a group in a project today, there, by region or company-wide.

    Who is away is stood in for by their deputy.

    A batch of timers asks for the same groups again and again: a unit of work looks once.
    """
    seen: dict[tuple[str, str], list[int]] = session.info.setdefault("members", {})
    found = seen.get((tenant_id, group))
    if found is None:
        places = memberships.places(session, tenant_id)
        holders = session.scalars(_holders(group).where(Membership.tenant_id.in_(places)))
        away = memberships.stand_ins(session)
        found = seen[tenant_id, group] = sorted({away.get(one, one) for one in holders})
    return list(found)


def everywhere(session: Session, group: str) -> list[int]:
    """Return who holds a group in any project today."""
    return list(session.scalars(_holders(group)))


def search(
    session: Session,
    user_key: int,
    *,
    unread: bool = False,
    before: int | None = None,
    limit: int = 30,
) -> list[Notice]:
    """Return a person's notices, newest first; `before` continues behind a notice's key."""
    query = select(Notice).where(Notice.user_key == user_key)
    if unread:
        query = query.where(Notice.read_at.is_(None))
    if before is not None:
        query = query.where(Notice.key < before)
    return list(session.scalars(query.order_by(Notice.key.desc()).limit(limit)))


def unread_count(session: Session, user_key: int) -> int:
    """Return how many notices a person has not read."""
    query = select(func.count()).where(Notice.user_key == user_key, Notice.read_at.is_(None))
    return session.scalars(query).one()


def mark_read(session: Session, user_key: int, keys: Iterable[int] | None = None) -> int:
    """Mark some of a person's notices read, or all; others' stay untouched."""
    where: list[ColumnElement[bool]] = [Notice.user_key == user_key, Notice.read_at.is_(None)]
    if keys is not None:
        where.append(Notice.key.in_(tuple(keys)))
    done = session.execute(update(Notice).where(*where).values(read_at=clock.now()))
    return int(done.rowcount)  # type: ignore[attr-defined] # an UPDATE's result has it


def _holders(group: str) -> Select[int]:
    return (
        select(Membership.user_key)
        .join(User, User.key == Membership.user_key)
        .where(
            User.active,
            Membership.group == group,
            memberships.today(),
        )
        .distinct()
        .order_by(Membership.user_key)
        .limit(_CROWD)
    )
