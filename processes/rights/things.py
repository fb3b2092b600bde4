"""What a thing asked about is: its project, its kind, its session, and whether it is the person's."""

from typing import Any

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session, object_session

from engine.models import Definition, Instance, Task, TaskState
from engine.ports import Actor
from processes.rights.table import Object, kind_of


def tenant_of(thing: Any) -> str | None:
    """Return the project of a row, of (process id, project), or of a project's own id."""
    if isinstance(thing, tuple):
        thing = thing[-1]
    return thing if isinstance(thing, str) else getattr(thing, "tenant_id", None)


def is_task(thing: Any) -> bool:
    """Say whether it is a task, as a row or as a command holds it."""
    return hasattr(thing, "assignee")


def is_case(thing: Any) -> bool:
    """Say whether rights to it also ask whether its case may be read."""
    return isinstance(thing, Instance) or is_task(thing)


def kind(thing: Any) -> Object:
    """Return which row of the matrix a case, a task or (process id, project) falls under."""
    if isinstance(thing, tuple):
        return kind_of(thing[0])
    process_id = getattr(thing, "process_id", None)
    if process_id is None and isinstance(thing, Task):
        process_id = _process_of(thing)
    return kind_of(process_id)


def session_of(thing: Any) -> Session | None:
    """Return the unit of work that a row was read in."""
    if isinstance(thing, Instance | Task):
        return object_session(thing)
    return getattr(thing, "session", None)


def root_of(thing: Any) -> Instance | None:
    """Return the outermost case of a case or a task."""
    session, key = session_of(thing), getattr(thing, "root_key", None)
    if isinstance(thing, Instance) and thing.key == key:
        return thing
    return None if session is None or key is None else session.get(Instance, key)


def is_own(actor: Actor, thing: Any) -> bool:
    """Say whether a task is the person's or a case one that they take part in.

    A whole project is nobody's own; None asks only whether the right exists anywhere.
    """
    if isinstance(thing, Instance):
        return thing.started_by == actor.key or _takes_part(actor, thing)
    if is_task(thing):
        return _is_my_task(actor, thing)
    return thing is None


def _process_of(task: Task) -> str | None:
    """Return the process of a task; a unit of work asks once a definition, however long its list."""
    session = object_session(task)
    if session is None:
        return None
    known: dict[int, str | None] = session.info.setdefault("processes", {})
    if task.definition_key not in known:
        query = select(Definition.process_id).where(Definition.key == task.definition_key)
        known[task.definition_key] = session.scalar(query)
    return known[task.definition_key]


def _is_my_task(actor: Actor, task: Any) -> bool:
    """Say whether a task is assigned to the person, was done by them, or waits for their group."""
    if actor.key in (task.assignee, getattr(task, "closed_by", None)):
        return True
    if task.assignee is not None:
        return False
    candidates = getattr(task, "candidates", None) or {}
    offered = {task.group, *candidates.get("groups", ())}
    return bool(offered & actor.groups(task.tenant_id)) or actor.key in candidates.get("users", ())


def _takes_part(actor: Actor, instance: Instance) -> bool:
    """Say whether the person has or had a task in the case, or could take one now."""
    session = object_session(instance)
    if session is None:
        return False
    mine = or_(Task.assignee == actor.key, Task.closed_by == actor.key)
    offered = and_(
        Task.state == TaskState.OPEN,
        Task.assignee.is_(None),
        Task.group.in_(actor.groups(instance.tenant_id)),
    )
    here = Task.root_key == instance.root_key
    return bool(session.scalar(select(exists().where(here, or_(mine, offered)))))
