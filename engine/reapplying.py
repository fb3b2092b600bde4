"""Running cases brought to the rules in force: shown first, limit by limit, then done and logged.

Nothing does this by itself: a case keeps the rules that it began with. Pauses belong to the case
and a granted extension is a promise, so that neither is lost; what has happened does not happen again.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine import calendars, case_clocks, clock, compiled, deadlines, editions, limits, runs
from engine.db import Database
from engine.errors import N_, ForbiddenError
from engine.limits import Plan
from engine.models import Instance, InstanceState, Task, TaskKind, TaskState, to_ms
from engine.moments import State
from engine.policies import CLAIM, OPEN, Book
from engine.ports import Actor, ports

log = logging.getLogger(__name__)
BATCH = 20
_READ = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """An open task whose limits would change."""

    task_key: int
    root_key: int
    tenant_id: str
    name: str
    before: datetime | None
    after: datetime | None
    #: what differs beside the moment: standard, ladder, claim, open
    fields: tuple[str, ...]


def preview(session: Session, book: Book) -> list[Move]:
    """Return which open limits would change under a book; nothing is written."""
    return [move for task in _open(session) if (move := _move(session, task, book)) is not None]


def run(database: Database, actor: Actor) -> int:
    """Bring every running case to the rules in force; return how many limits changed.

    Cases are done in small units, so that a stop in between leaves each whole; safe to repeat.
    """
    if not ports.can(actor, "policy.manage", None):
        raise ForbiddenError(N_("时限规则由品质部或系统管理员维护。需要调整，请联系品质部。"))
    changed, behind = 0, 0
    while keys := _roots(database, behind):
        with database.begin() as session:
            changed += sum(_bring(session, key, actor) for key in keys)
        behind = keys[-1]
    log.info("%s limits changed with the rules of time", changed)
    return changed


def _bring(session: Session, root_key: int, actor: Actor) -> int:
    """Give a case and what it called the newest rules; return how many limits changed."""
    runs.lock(session, root_key)
    root = session.get_one(Instance, root_key, populate_existing=True)
    edition = editions.newest(session)
    if root.state != InstanceState.ACTIVE or root.policy_edition == edition:
        return 0
    book, changed = editions.book(session, edition), 0
    session.execute(
        update(Instance)
        .where(Instance.root_key == root_key, Instance.state == InstanceState.ACTIVE)
        .values(policy_edition=edition)
    )
    session.refresh(root)
    for task in _open(session, root_key):
        plan = _plan(session, task, book)
        if _differs(task, plan):
            deadlines.replan(session, task, plan, actor, reason="policy")
            changed += 1
    case_clocks.rearm(session, root)
    return changed


def _move(session: Session, task: Task, book: Book) -> Move | None:
    plan = _plan(session, task, book)
    fields = _differs(task, plan)
    if not fields:
        return None
    return Move(
        task_key=task.key, root_key=task.root_key, tenant_id=task.tenant_id, name=task.name,
        before=task.due_at, after=None if plan is None else plan.due_at, fields=fields,
    )  # fmt: skip


def _plan(session: Session, task: Task, book: Book) -> Plan | None:
    """Return the limits of an open task under a book, as if it had opened under it."""
    instance = session.get_one(Instance, task.instance_key)
    which = compiled.compiled(session, instance.definition_key)
    element = which.process.elements.get(task.element)
    context = {
        **instance.variables, "priority": task.priority, "now": task.opened_at,
        "instance": {"started_at": to_ms(instance.started_at)},
    }  # fmt: skip
    clocks = calendars.clocks(session, task.tenant_id, task.group)
    plan = limits.read(
        {} if element is None else element.properties, context, clocks, task.opened_at, book=book,
        step=(which.process_id, task.element), pauses=instance.pauses,
        held=task.assignee is not None,
    )  # fmt: skip
    if plan is None:
        return None
    kept = _kept(task.limits or {}, plan)
    return limits.plan({**plan.limits, **kept}, clocks, clock.now(), State.of(task))


def _kept(old: dict[str, Any], plan: Plan) -> dict[str, Any]:
    """Return what of a task's limits no rule takes away: an extension, a clock begun anew."""
    kept: dict[str, Any] = {}
    if "granted" in old and plan.due_at is not None and old["due"] > to_ms(plan.due_at):
        kept |= {"due": old["due"], "granted": old["granted"]}
    for of in (CLAIM, OPEN):
        if of in plan.limits and "start" in old.get(of, {}):
            kept[of] = {**plan.limits[of], "start": old[of]["start"]}
    if "paused_for" in old and not plan.limits.get("fixed"):
        kept["paused_for"] = old["paused_for"]
    return kept


def _differs(task: Task, plan: Plan | None) -> tuple[str, ...]:
    old, new = task.limits or {}, {} if plan is None else plan.limits
    names = ("due", "standard", "clock", "start", "warn", "rungs", CLAIM, OPEN, "fixed")
    return tuple(name for name in names if old.get(name) != new.get(name))


def _open(session: Session, root_key: int | None = None) -> Iterator[Task]:
    """Yield the open steps of running cases, all or those of one."""
    behind = 0
    while True:
        query = select(Task).where(
            Task.key > behind, Task.state == TaskState.OPEN, Task.kind == TaskKind.USER
        )
        if root_key is not None:
            query = query.where(Task.root_key == root_key)
        found = list(session.scalars(query.order_by(Task.key).limit(_READ)))
        yield from found
        if len(found) < _READ:
            return
        behind = found[-1].key


def _roots(database: Database, behind: int) -> list[int]:
    with database.read() as session:
        query = select(Instance.key).where(
            Instance.key > behind, Instance.parent_key.is_(None),
            Instance.state == InstanceState.ACTIVE,
        )  # fmt: skip
        return list(session.scalars(query.order_by(Instance.key).limit(BATCH)))
