"""The matrix as a condition of SQL, so that lists and counts hold what `can` allows and no more."""

from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select

from engine.models import Definition, Task
from engine.ports import COMPANY, Actor, Shown
from processes.rights import bars
from processes.rights.asking import is_system
from processes.rights.table import PROCESSES, Object, Reach, reading


def shown(actor: Actor, of: Any) -> Shown:
    """Return which rows of Task or Instance are whole to this person, and which are closed."""
    if is_system(actor):
        return Shown(whole=of.key.is_not(None), closed=false())
    whole: list[ColumnElement[bool]] = [false()]
    closed = [bars.closed_tasks(actor) if of is Task else bars.closed_cases(actor)]
    projects = sorted(actor.tenants() - {COMPANY})
    for tenant in projects:
        here = of.tenant_id == tenant
        whole.append(here & _of(of, actor.groups(tenant), Reach.ALL))
        closed.append(here & _of(of, actor.groups(tenant), None))
    elsewhere = of.tenant_id.not_in(projects)
    groups = actor.groups(COMPANY)
    whole.append(elsewhere & _of(of, groups, Reach.ALL))
    closed.append(elsewhere & _of(of, groups, None))
    return Shown(whole=or_(*whole), closed=or_(*closed))


def _of(of: Any, groups: frozenset[str], reach: Reach | None) -> ColumnElement[bool]:
    """Return the condition for rows of the kinds that groups read exactly so far."""
    named = sorted(key for key, kind in PROCESSES.items() if _best(kind, groups) == reach)
    others = sorted(set(PROCESSES) - set(named))
    if _best(Object.OTHER, groups) == reach:
        return ~_processes(of, others) if others else of.key.is_not(None)
    return _processes(of, named) if named else and_(false())


def _best(kind: Object, groups: frozenset[str]) -> Reach | None:
    held = (reading(kind, group) for group in groups)
    return max((one for one in held if one is not None), default=None)


def _processes(of: Any, named: list[str]) -> ColumnElement[bool]:
    found: ColumnElement[bool] = (
        of.definition_key.in_(select(Definition.key).where(Definition.process_id.in_(named)))
        if of is Task
        else of.process_id.in_(named)
    )
    return found
