"""A task in the hands of the command that works on it: read with its instance in one look."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import and_, bindparam, case, exists, null, or_, select, update
from sqlalchemy.orm import Session, object_session

from engine import runs
from engine.errors import N_, NotFoundError, TaskClosedError
from engine.models import Definition, Event, History, Instance, Task, TaskState, to_ms
from engine.ports import COMPANY, Actor
from engine.sql import Statement, table

_t, _h = table(Task).c, table(History).c
_FIRED = (Event.WARNED, Event.OVERDUE, Event.ESCALATED)
_COLUMNS = (
    _t.key, _t.tenant_id, _t.instance_key, _t.root_key, _t.kind, _t.token, _t.element, _t.name,
    _t.state, _t.group_key, _t.assignee, _t.candidates, _t.form_key, _t.due_at, _t.opened_at,
    _t.claimed_at,
)  # fmt: skip
_by_key = Statement(
    select(*_COLUMNS, *runs.COLUMNS)
    .join_from(table(Task), table(Instance), _t.instance_key == table(Instance).c.key)
    .where(_t.key == bindparam("k"))
)
_close = Statement(
    update(table(Task))
    .where(_t.key == bindparam("k"), _t.state == TaskState.OPEN)
    .values(
        state="completed",
        closed_at=bindparam("at"),
        closed_by=bindparam("by"),
        assignee=bindparam("assignee"),
        claimed_at=bindparam("claimed"),
        # done after its limit, before the clockwork looked: late all the same
        late_at=case(
            (and_(_t.late_at.is_(None), _t.due_at <= bindparam("at")), bindparam("at")),
            else_=_t.late_at,
        ),
        # clocks of claiming and opening that nothing came of have nothing to account for
        limits=case(
            (
                and_(
                    _t.due_at.is_(None),
                    ~exists().where(
                        _h.instance_key == _t.instance_key,
                        _h.task_key == _t.key,
                        or_(*(_h.kind == str(kind) for kind in _FIRED)),
                    ),
                ),
                null(),
            ),
            else_=_t.limits,
        ),
    )
)


@dataclass(slots=True)
class Held:
    """The columns of a task that a command needs; instants as the rows keep them."""

    key: int
    tenant_id: str
    instance_key: int
    root_key: int
    kind: str
    token: int | None
    element: str
    name: str
    state: str
    group: str | None
    assignee: int | None
    candidates: dict[str, Any] | None
    form_key: int | None
    due_ms: int | None
    opened_ms: int
    claimed_ms: int | None
    closed_by: int | None = field(default=None)
    #: what rights ask about it: of which process it is, and where more can be looked up
    process_id: str | None = field(default=None)
    session: Session | None = field(default=None, repr=False, compare=False)

    @classmethod
    def of(cls, task: "Task | Held") -> "Held":
        """Return a task's row as a command holds it."""
        if isinstance(task, Held):
            return cls(
                task.key, task.tenant_id, task.instance_key, task.root_key, task.kind, task.token,
                task.element, task.name, task.state, task.group, task.assignee, task.candidates,
                task.form_key, task.due_ms, task.opened_ms, task.claimed_ms, task.closed_by,
                task.process_id, task.session,
            )  # fmt: skip
        session = object_session(task)
        which = None if session is None else session.get(Definition, task.definition_key)
        return cls(
            task.key, task.tenant_id, task.instance_key, task.root_key, task.kind, task.token,
            task.element, task.name, task.state, task.group, task.assignee, task.candidates,
            task.form_key, _ms(task.due_at), to_ms(task.opened_at), _ms(task.claimed_at),
            task.closed_by, None if which is None else which.process_id, session,
        )  # fmt: skip

    @property
    def excluded(self) -> frozenset[int]:
        """Return who may not do this: they did what it checks."""
        return frozenset((self.candidates or {}).get("excluded", ()))

    def account(self, actor: Actor) -> dict[str, Any]:
        """Return what history keeps of a completed task beside the values."""
        lender = None if not actor.lent or self.group is None else self._lender(actor)
        known = {"for": self.assignee, "due": self.due_ms, "instead_of": lender}
        return {key: value for key, value in known.items() if value is not None}

    def _lender(self, actor: Actor) -> int | None:
        """Return whom a deputy stands in for when they do a task of a group that is not theirs."""
        here = (self.tenant_id, COMPANY)
        lent = [who for group, tenant, who in actor.lent if group == self.group and tenant in here]
        return min(lent, default=None)

    def fact(self, actor: Actor, now: datetime, *, completed: bool) -> tuple[Any, ...]:
        """Return the line of this step for reports."""
        return (
            self.key, self.instance_key, self.tenant_id, self.element, self.group, actor.key,
            self.opened_ms, self.claimed_ms, to_ms(now), self.due_ms, completed,
        )  # fmt: skip


def load(session: Session, task_key: int) -> tuple[Held, runs.Run]:
    """Lock a task's family, then read the task with its instance."""
    runs.lock_of_task(session, task_key)
    row = _by_key(session, {"k": task_key}).fetchone()
    if row is None:
        raise NotFoundError(N_("没有这项任务，或者它不在您负责的范围里。"))
    values = list(row)
    task, instance = values[: len(_COLUMNS)], values[len(_COLUMNS) :]
    task[11] = None if task[11] is None else orjson.loads(task[11])
    run = runs.from_row(session, instance)
    held = Held(*task)
    held.process_id, held.session = run.which.process_id, session
    return held, run


def close(session: Session, held: Held, actor: Actor, now: datetime) -> None:
    """Mark a task as done by this person; raises TaskClosedError when it is not open any more."""
    done = _close(
        session,
        {
            "k": held.key,
            "at": to_ms(now),
            "by": actor.key,
            "assignee": actor.key if held.assignee is None else held.assignee,
            "claimed": held.claimed_ms if held.claimed_ms is not None else to_ms(now),
        },
    )
    if done.rowcount != 1:
        raise TaskClosedError(N_("“{task}”已经办结或取消。"), task=held.name)


def _ms(moment: datetime | None) -> int | None:
    return None if moment is None else to_ms(moment)
