"""Hurry a whole case: count and say it to whoever has its open tasks, raise their priority."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine import history, identity, notices
from engine.errors import N_
from engine.models import Event, Instance, Task, TaskKind, TaskState

#: tasks in the hands of people; supervising ones are somebody else's look at them
_OPEN = (Task.state == TaskState.OPEN, Task.kind == TaskKind.USER)


def urge_case(
    session: Session, root_key: int, *, actor_key: int, text: str, groups: Sequence[str] = ()
) -> int:
    """Urge every open task of a case; return how many people heard of it.

    The performers are told, and who holds one of `groups` in the case's project.
    """
    tasks = _open(session, root_key)
    for task in tasks:
        task.urged += 1
        history.add(
            session, task.instance_key, Event.URGED, actor_key, task_key=task.key,
            element=task.element,
        )  # fmt: skip
    session.flush()
    name = identity.names(session, [actor_key]).get(actor_key, "")
    number = session.get_one(Instance, root_key).business_key or ""
    params = {"by": name, "number": number, "text": text or N_("请尽快办理")}
    return tell_case(
        session, root_key, kind="urged", groups=groups, text=N_("{by} 催办 {number}：{text}"),
        params=params, but=(actor_key,),
    )  # fmt: skip


def raise_priority(session: Session, root_key: int, priority: int) -> None:
    """Let the open tasks of a case have at least this priority."""
    session.execute(
        update(Task)
        .where(Task.root_key == root_key, *_OPEN, Task.priority < priority)
        .values(priority=priority)
    )


def tell_case(  # noqa: PLR0913 — whom, what, and of which case
    session: Session,
    root_key: int,
    *,
    kind: str,
    text: str,
    params: Mapping[str, Any],
    groups: Iterable[str] = (),
    but: Iterable[int] = (),
) -> int:
    """Tell the performers of a case's open tasks, and some groups of its project, once each."""
    tenant_id = session.get_one(Instance, root_key).tenant_id
    told: set[int] = set(but)
    count = 0
    for task in _open(session, root_key):
        people = set(notices.receivers(session, task)) - told
        count += notices.notify(session, people, kind, text, params, task=task)
        told |= people
    about = _About(key=None, tenant_id=tenant_id, instance_key=root_key)
    heads = {one for group in groups for one in notices.members(session, tenant_id, group)}
    return count + notices.notify(session, heads - told, kind, text, params, task=about)


class _About:
    """A case as a notice is about it, when it is about none of its tasks."""

    def __init__(self, *, key: Any, tenant_id: str, instance_key: int) -> None:
        self.key, self.tenant_id, self.instance_key = key, tenant_id, instance_key


def _open(session: Session, root_key: int) -> list[Task]:
    query = select(Task).where(Task.root_key == root_key, *_OPEN).order_by(Task.key)
    return list(session.scalars(query))
