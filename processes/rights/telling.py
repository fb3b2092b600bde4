"""Who is told nothing of a task: notices follow the same rules as lists."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import identity, notices
from engine.models import Instance, Word
from engine.seen import Step
from processes.rights import bars


def untold(session: Session, task: Any, people: frozenset[int]) -> frozenset[int]:
    """Return who of these people gets no word of a task: workers of money, the accused of theirs."""
    found: frozenset[int] = frozenset()
    if getattr(task, "group", None) in bars.MONEY or (
        getattr(task, "element", None) in bars.MONEY_ELEMENTS
    ):
        found |= people & frozenset(notices.members(session, task.tenant_id, bars.WORKER))
    marked = _marked(session)
    if not marked:
        return found
    case = session.get(Instance, task.instance_key)
    if case is None or case.root_key not in marked:
        return found
    step = Step(
        tenant_id=case.tenant_id, root_key=case.root_key, process_id=case.process_id,
        element=None, session=session,
    )  # fmt: skip
    return found | {
        key for key in people
        if bars.is_closed(identity.actor(session, key), step, "step.see")
    }  # fmt: skip


def _marked(session: Session) -> frozenset[int]:
    """Return the cases in which somebody complains of a person; a unit of work looks once."""
    if "accused roots" not in session.info:
        query = select(Word.root_key).where(Word.word == bars.EVERY)
        session.info["accused roots"] = frozenset(session.scalars(query))
    found: frozenset[int] = session.info["accused roots"]
    return found
