"""Who is told nothing of a task: notices follow the same rules as lists."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import identity, notices, search
from engine.errors import NotFoundError
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
    return found | {key for key in people if _is_closed(session, key, case, "step.see")}


def closed(session: Session, person: int, case: Any) -> bool:
    """Say whether somebody complains of a person in a case: they are given no task of it.

    Where nobody is complained of, what the unit has looked up for who works in it says so.
    """
    try:
        return bars.is_of_a_person(session, case.root_key) and (
            _is_closed(session, person, case, "task.work")
        )
    except NotFoundError:  # left the company: it opens nothing any more
        return False


def _is_closed(session: Session, person: int, case: Any, action: str) -> bool:
    step = Step(
        tenant_id=case.tenant_id, root_key=case.root_key, element=None, session=session,
        process_id=getattr(case, "process_id", None) or "",
    )  # fmt: skip
    return bars.is_closed(identity.actor(session, person), step, action)


def _marked(session: Session) -> frozenset[int]:
    """Return the cases in which somebody complains of a person; a unit of work looks once."""
    looked: dict[str, frozenset[int]] = session.info.setdefault(search.LOOKED, {})
    if "roots" not in looked:
        query = select(Word.root_key).where(Word.word == bars.EVERY)
        looked["roots"] = frozenset(session.scalars(query))
    return looked["roots"]
