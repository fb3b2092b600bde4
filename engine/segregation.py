"""Two pairs of eyes: whoever did a step does not check it, unless nobody else holds the role.

Where a small project has nobody else, its work goes on: the case's history says that one person
did both, and a supervisor looks at it later (requirements §4.2, §9). The rule that keeps repair
workers from payments is not one of these and never gives way.
"""

from typing import Any

from sqlalchemy.orm import Session

from engine import notices
from engine.models import Event
from engine.ports import Actor
from engine.runs import Run


def is_barred(session: Session | None, person: int, task: Any) -> bool:
    """Tell whether a person did what this task checks, and somebody else is there to check it."""
    candidates = task.candidates or {}
    excluded = set(candidates.get("excluded", ()))
    if person not in excluded:
        return False
    if session is None:
        return True
    groups = [group for group in (task.group, *candidates.get("groups", ())) if group]
    others = {key for group in groups for key in notices.members(session, task.tenant_id, group)}
    return bool((others | set(candidates.get("users", ()))) - excluded)


def note(run: Run, actor: Actor, task: Any, now: Any) -> None:
    """Put on record that who did a step also checked it."""
    if actor.key in (task.candidates or {}).get("excluded", ()):
        run.chain.add(Event.UNSEPARATED, actor.key, at=now, task_key=task.key, element=task.element)
