"""What the holder of a link may do: in its one case, its purposes, in open steps meant for owners.

A step is meant for the owner when the diagram says which kind of thing it is: `owner` is `quote`,
`sign` or `questionnaire`. `seals` names the steps whose submissions stand from then on.

Where the diagram also says `ownerGives`, the owner fills in these fields alone and staff complete
the step. `owner` is `feedback` where staff count what many people answer.
"""

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import compiled
from engine.errors import N_, ConflictError
from engine.models import Instance, Submission, Task, TaskKind, TaskState
from engine.ports import OWNER, Actor

#: the property of a user task that says what the owner does there, and its values
PROPERTY = "owner"
STEPS = ("quote", "sign", "questionnaire")
#: its value at a step where staff count answers; nobody completes that one through a link
FEEDBACK = "feedback"
#: everything that a link may be made for; looking at the progress comes with each
PURPOSES = (*STEPS, "rate", "urge", "reopen", FEEDBACK)
#: the property of a user task that names the steps whose submissions it seals
SEALS = "seals"
#: the property of a user task that names the fields which the owner fills in, staff the others
GIVES = "ownerGives"
_SPLIT = re.compile(r"[,，;；\s]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner(Actor):
    """Whoever holds a link: no name, no groups, one case."""

    link_key: int
    root_key: int
    purposes: frozenset[str]
    #: the open steps that this link may complete
    task_keys: frozenset[int]


def of(link_key: int, root_key: int, purposes: frozenset[str], tasks: list[Task]) -> Owner:
    """Return the holder of a link as an actor."""
    return Owner(
        key=OWNER.key, username=OWNER.username, name=OWNER.name, kind=OWNER.kind,
        link_key=link_key, root_key=root_key, purposes=purposes,
        task_keys=frozenset(task.key for task in tasks),
    )  # fmt: skip


def can(actor: Actor, action: str, thing: Any) -> bool:
    """Say whether the holder of a link may do this; what is not written here is denied."""
    if not isinstance(actor, Owner):
        return False
    if action in {"task.read", "task.work"}:
        return getattr(thing, "key", None) in actor.task_keys and _is_there(actor, thing)
    if action in {"instance.read", "step.see"}:
        return _is_there(actor, thing)
    return action == "case.urge" and "urge" in actor.purposes and _is_there(actor, thing)


def steps(session: Session, root_key: int, purposes: frozenset[str]) -> list[Task]:
    """Return the open steps of a case that are the owner's by a link with these purposes."""
    query = select(Task).where(
        Task.root_key == root_key, Task.state == TaskState.OPEN, Task.kind == TaskKind.USER
    )
    return [
        task for task in session.scalars(query.order_by(Task.key))
        if kind_of(session, task) in purposes
    ]  # fmt: skip


def kind_of(session: Session, task: Task) -> str | None:
    """Return what the owner does at a step: quote, sign, questionnaire; None: it is not theirs."""
    kind = _property(session, task.definition_key, task.element, PROPERTY)
    return kind if kind in STEPS and task.form_key is not None else None


def gives(session: Session, task: Task) -> tuple[str, ...]:
    """Return the fields that are the owner's at a step of staff; none: the step is theirs whole."""
    found = _property(session, task.definition_key, task.element, GIVES)
    return tuple(name for name in _SPLIT.split(found) if name)


def counting(session: Session, root_key: int) -> Task | None:
    """Return the open step of a case where staff count what people answer."""
    query = select(Task).where(
        Task.root_key == root_key, Task.state == TaskState.OPEN, Task.kind == TaskKind.USER
    )
    for task in session.scalars(query.order_by(Task.key)):
        if _property(session, task.definition_key, task.element, PROPERTY) == FEEDBACK:
            return task
    return None


def refuse_sealed(session: Session, task: Task) -> None:
    """Refuse to correct what somebody agreed to since: a price after the consent."""
    if is_sealed(session, task):
        raise ConflictError(
            N_("业主已经答复，“{task}”不能再更正。需要改动，请重新报价或重新办理这一步。"),
            task=task.name,
        )


def is_sealed(session: Session, task: Task) -> bool:
    """Say whether somebody agreed to what a step says."""
    definition_key = session.get_one(Instance, task.instance_key).definition_key
    done = select(Submission.element).where(
        Submission.instance_key == task.instance_key, Submission.task_key >= task.key
    )
    return any(
        task.element in _SPLIT.split(_property(session, definition_key, element, SEALS))
        for element in session.scalars(done.distinct())
    )


def _property(session: Session, definition_key: int, element: str, name: str) -> str:
    found = compiled.compiled(session, definition_key).process.elements.get(element)
    return "" if found is None else found.properties.get(name, "")


def _is_there(actor: Owner, thing: Any) -> bool:
    return getattr(thing, "root_key", None) == actor.root_key
