"""Lists of tasks: mine, my groups', late, done — late first, then due soonest, then priority."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Text,
    and_,
    case,
    exists,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    true,
    type_coerce,
)
from sqlalchemy.orm import Session

from engine import clock
from engine.db import read_once
from engine.errors import N_, InvalidInputError
from engine.models import Instance, Instant, Task, TaskState, User, from_ms, to_ms
from engine.ports import COMPANY, Actor, ports

VIEWS = ("mine", "groups", "overdue", "done", "all")
#: tasks done that are searched for the name of a step
_LATELY = 1_000
#: sorts tasks without limit behind all others
_NEVER = to_ms(datetime.fromisoformat("9999-01-01T00:00:00+00:00"))


@dataclass(frozen=True, slots=True)
class Row:
    """A task as a list shows it."""

    task: Task
    business_key: str | None
    title: str | None
    process_id: str
    assignee_name: str | None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list; `after` continues it, None at its end."""

    rows: tuple[Row, ...]
    after: str | None


def search(  # noqa: PLR0913 — a list has that many filters
    session: Session,
    actor: Actor,
    *,
    view: str,
    text: str | None = None,
    cases: Sequence[int] = (),
    but: Collection[int] = (),
    tenant_id: str | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Page:
    """Return a page of the tasks that this person may see in a view.

    `text` matches the step and the performer's name; `cases` are the root keys that the business
    found for it (by number, words, room, person: engine.search). `but` leaves cases out.
    """
    if view not in VIEWS:
        raise InvalidInputError(N_("没有名为 {view} 的列表"), view=view)
    # every other view holds only what is the person's own or offered to them
    query = select(Task.key).where(
        _in_view(actor, view), visible(actor) if view == "all" else _open_to(actor)
    )
    if tenant_id:
        query = query.where(Task.tenant_id == tenant_id)
    if but:
        query = query.where(Task.root_key.not_in(but))
    if text:
        words = and_(*(_matches(word) for word in text.split()))
        if view == "done":  # by its step's name only what was done lately; a case at any age
            lately = select(Task.key).where(_in_view(actor, view)).order_by(*_order(view))
            words = and_(words, Task.key.in_(lately.limit(_LATELY)))
        query = query.outerjoin(User, User.key == Task.assignee)
        query = query.where(or_(words, Task.root_key.in_(cases)))
    order = _order(view)
    if after:
        query = query.where(_behind(order, _position(after)))
    keys = session.scalars(query.order_by(*order).limit(limit + 1)).all()
    rows = _rows(session, keys[:limit])
    return Page(rows, _mark(rows[-1].task, view) if len(keys) > limit else None)


def _rows(session: Session, keys: Sequence[int]) -> tuple[Row, ...]:
    """Return tasks with what is shown of them, in the order of their keys as given.

    Their keys are looked for first: what is only shown need not be read to be sorted.
    """
    if not keys:
        return ()
    query = (
        select(Task, Instance.business_key, Instance.title, Instance.process_id, User.name)
        .join(Instance, Instance.key == Task.instance_key)
        .outerjoin(User, User.key == Task.assignee)
        .where(Task.key.in_(keys))
    )
    found = {row[0].key: Row(*row) for row in session.execute(query)}
    return tuple(found[key] for key in keys)


def counts(session: Session, actor: Actor) -> dict[str, int]:
    """Return how many open tasks each view holds for this person."""
    return read_once(session, ("counts", actor.key), partial(_counts, session, actor))


def _counts(session: Session, actor: Actor) -> dict[str, int]:
    held = or_(Task.assignee == actor.key, and_(Task.assignee.is_(None), _offered(actor)))
    conditions = {
        "mine": Task.assignee.is_not(None), "groups": Task.assignee.is_(None),
        "overdue": Task.due_at <= clock.now(),
    }  # fmt: skip
    columns = [func.coalesce(func.sum(case((one, 1), else_=0)), 0) for one in conditions.values()]
    query = select(*columns).where(Task.state == TaskState.OPEN, held, _open_to(actor))
    row = session.execute(query).one()
    return {view: int(number) for view, number in zip(conditions, row, strict=True)}


def _in_view(actor: Actor, view: str) -> ColumnElement[bool]:
    is_open = Task.state == TaskState.OPEN
    if view == "mine":
        return and_(is_open, Task.assignee == actor.key)
    if view == "groups":
        return and_(is_open, Task.assignee.is_(None), _offered(actor))
    if view == "overdue":
        mine = or_(Task.assignee == actor.key, and_(Task.assignee.is_(None), _offered(actor)))
        return and_(is_open, Task.due_at <= clock.now(), mine)
    if view == "done":
        return and_(Task.state == TaskState.COMPLETED, Task.closed_by == actor.key)
    return is_open


def of_group(group: str) -> ColumnElement[bool]:
    """Return the condition for tasks that a group may do, as its first or a further one."""
    return or_(Task.group == group, _candidates().contains(f'"{group}"', autoescape=True))


def offered_by_name(person: int) -> ColumnElement[bool]:
    """Return the condition for tasks offered to a person by name: `users` is the first list."""
    listed, later = f'{{"users":[%{person}%', f"%]%{person}%"
    return and_(_candidates().like(listed), _candidates().not_like(later))


def _offered(actor: Actor) -> ColumnElement[bool]:
    """Tasks for the person or for groups they hold, project by project; not what is barred to them."""
    held: dict[str, list[str]] = {}
    for group, tenant in sorted(actor.memberships):
        if ports.can(actor, "group.see", group):
            held.setdefault(tenant, []).append(group)
    offered = [
        and_(_of_groups(groups), *(() if tenant == COMPANY else (Task.tenant_id == tenant,)))
        for tenant, groups in held.items()
    ]
    named = and_(Task.candidates.is_not(None), offered_by_name(actor.key))
    barred = _candidates().like(f'%"excluded":[%{actor.key}%')
    return and_(or_(named, *offered), or_(Task.candidates.is_(None), ~barred))


def _of_groups(groups: Sequence[str]) -> ColumnElement[bool]:
    """Return the condition for tasks of one of several groups; most have no further candidates."""
    further = or_(*(_candidates().contains(f'"{one}"', autoescape=True) for one in groups))
    return or_(Task.group.in_(groups), and_(Task.candidates.is_not(None), further))


def _candidates() -> ColumnElement[str]:
    return func.coalesce(type_coerce(Task.candidates, Text), "")


def visible(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for tasks of this person: own, offered, and what `can` shows besides."""
    if ports.shown is not None:
        found = ports.shown(actor, Task)
        return and_(or_(_own(actor), found.whole), not_(found.closed))
    tenants = actor.tenants()
    everywhere = COMPANY in tenants
    here = true() if everywhere else Task.tenant_id.in_(sorted(tenants))
    denied = sorted(
        group for group in ports.roles.values() if not ports.can(actor, "group.see", group)
    )
    shown = Task.group.is_(None) | Task.group.not_in(denied)
    return or_(_own(actor), and_(here, shown))


def _own(actor: Actor) -> ColumnElement[bool]:
    return or_(Task.assignee == actor.key, Task.closed_by == actor.key, _offered(actor))


def _open_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for tasks that are not closed to this person, own or not."""
    return true() if ports.shown is None else not_(ports.shown(actor, Task).closed)


def _matches(word: str) -> ColumnElement[bool]:
    columns = (Task.name, User.name)
    return or_(*(column.icontains(word, autoescape=True) for column in columns))


def _order(view: str) -> Sequence[Any]:
    if view == "done":
        return (Task.closed_at.desc(), Task.key.desc())
    return (_due_or_never(), Task.priority.desc(), Task.key)


def _due_or_never() -> ColumnElement[datetime]:
    return func.coalesce(Task.due_at, literal(from_ms(_NEVER), Instant), type_=Instant)


def _mark(task: Task, view: str) -> str:
    if view == "done":
        closed = 0 if task.closed_at is None else to_ms(task.closed_at)
        return f"{closed}.{task.key}"
    due = _NEVER if task.due_at is None else to_ms(task.due_at)
    return f"{due}.{task.priority}.{task.key}"


def _position(after: str) -> list[int]:
    try:
        return [int(part) for part in after.split(".")]
    except ValueError as error:
        raise InvalidInputError(N_("这个列表位置无效，请回到第一页。")) from error


def _behind(order: Sequence[Any], at: list[int]) -> ColumnElement[bool]:
    """Return what comes after a position in the order of the view (keyset paging)."""
    if len(at) == 2:  # noqa: PLR2004 — done: closed_at and key, newest first
        closed, key = from_ms(at[0]), at[1]
        return or_(Task.closed_at < closed, and_(Task.closed_at == closed, Task.key < key))
    if len(at) != 3:  # noqa: PLR2004 — due, priority, key
        raise InvalidInputError(N_("这个列表位置无效，请回到第一页。"))
    due, moment = order[0], from_ms(at[0])
    return or_(
        due > moment,
        and_(due == moment, Task.priority < at[1]),
        and_(due == moment, Task.priority == at[1], Task.key > at[2]),
    )


def visible_cases(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for cases of this person: whole projects, elsewhere those of their own.

    A project is whole for whoever may read a case there in which they have no part.
    """
    tenants = actor.tenants()
    own = or_(
        Instance.started_by == actor.key,
        exists().where(Task.root_key == Instance.root_key, _own(actor)),
    )
    if ports.shown is not None:
        found = ports.shown(actor, Instance)
        return and_(or_(own, found.whole), not_(found.closed))
    anywhere = Instance.tenant_id.is_not(None) if COMPANY in tenants else false()
    scope = or_(anywhere, Instance.tenant_id.in_(sorted(tenants - {COMPANY})))
    whole = [tenant for tenant in sorted(tenants) if _reads_whole(actor, tenant)]
    if COMPANY in whole:
        return Instance.tenant_id.is_not(None)
    return and_(scope, or_(Instance.tenant_id.in_(whole), own))


def _reads_whole(actor: Actor, tenant_id: str) -> bool:
    """Ask for a case of the project that nobody has a part in."""
    return ports.can(actor, "instance.read", Instance(tenant_id=tenant_id, started_by=0))
