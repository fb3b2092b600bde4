"""Due timers in slices: read in one look, what limits need with them; their writes sent at once.

A slice's limits are worked out in memory from one read, each case's hash chain is carried on in
Python, and every table is written by one statement. Nothing of a slice stays when one fails.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import BigInteger, Integer, Select, and_, any_, bindparam, select, union_all
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from engine import clock, history
from engine.history import Chain
from engine.models import Instance, InstanceState, Task, Timer, from_ms, to_ms
from engine.sql import Statement, dialect, gathered, table

_timer, _task, _instance = table(Timer), table(Task), table(Instance)
_t, _k, _i = _timer.c, _task.c, _instance.c
_TIMER = (_t.key, _t.kind, _t.due_at, _t.instance_key, _t.task_key, _t.data)
_CASE = (_i.state, _i.history_seq, _i.history_hash)
_TASK = (
    _k.key, _k.tenant_id, _k.instance_key, _k.root_key, _k.definition_key, _k.element, _k.name,
    _k.state, _k.group_key, _k.assignee, _k.candidates, _k.priority, _k.limits, _k.due_at,
    _k.opened_at, _k.claimed_at, _k.read_at,
)  # fmt: skip


@dataclass(slots=True)
class Late:
    """A task whose limit has a moment now: what of its row a limit looks at."""

    key: int
    tenant_id: str
    instance_key: int
    root_key: int
    definition_key: int
    element: str
    name: str
    state: str
    group: str | None
    assignee: int | None
    candidates: dict[str, Any] | None
    priority: int
    limits: dict[str, Any] | None
    due_at: datetime | None
    opened_at: datetime
    claimed_at: datetime | None
    read_at: datetime | None


@dataclass(slots=True)
class Due:
    """A timer that is due, with its task and the end of its case's history."""

    key: int
    kind: str
    due_at: datetime
    instance_key: int | None
    data: dict[str, Any] | None
    suspended: bool
    head: tuple[int, bytes] | None
    task: Late | None


@dataclass(slots=True)
class Slice:
    """Limits that are handled together."""

    now: datetime
    chains: dict[int, Chain] = field(default_factory=dict)

    @classmethod
    def of(cls, some: Sequence[Due]) -> "Slice":
        """Begin a slice: the chains of its cases stand where the rows have them."""
        made = cls(clock.now())
        for one in some:
            if one.task is not None and one.head is not None:
                key = one.task.instance_key
                made.chains.setdefault(key, Chain(key, *one.head))
        return made

    def write(self, session: Session) -> None:
        """Write the events of every case, and where its chain stands now."""
        for chain in self.chains.values():
            history.carry_on(session, chain)


def together(session: Session, some: Sequence[Due]) -> None:
    """Let limits run out together: all of them, or none when one fails."""
    from engine import deadlines  # it arms timers, which are looked after here

    these = Slice.of(some)
    with gathered(session):
        for one in some:
            task = one.task
            if task is None or task.instance_key not in these.chains:
                deadlines.drop_fired(session, one.key)
            else:
                chain = these.chains[task.instance_key]
                deadlines.run_out(session, task, chain, one.data, these.now)
        these.write(session)


def claim(session: Session, limit: int) -> list[Due]:
    """Take due timers for this unit; the roots of their cases are locked first, as commands do."""
    now = to_ms(clock.now())
    if dialect(session) == "sqlite":
        rows = _first(session, {"now": now, "n": limit}).fetchall()
    else:
        locked = _lock(session, {"now": now, "n": limit}).fetchall()
        if not locked:
            return []
        # looked at again, now that nobody drops a row
        rows = _these(session, {"keys": [row[0] for row in locked], "now": now}).fetchall()
        rows = rows[:limit]
    return [_due(row) for row in rows]


def _due(row: Sequence[Any]) -> Due:
    key, kind, due_at, instance_key, task_key, data = row[:6]
    state, seq, head = row[6:9]
    return Due(
        key, kind, from_ms(due_at), instance_key, None if data is None else orjson.loads(data),
        state == InstanceState.SUSPENDED, None if seq is None else (seq, bytes(head)),
        None if task_key is None or row[9] is None else _late(row[9:]),
    )  # fmt: skip


def _late(row: Sequence[Any]) -> Late:
    values = list(row)
    for place in (10, 12):  # JSON
        values[place] = None if values[place] is None else orjson.loads(values[place])
    for place in (13, 14, 15, 16):  # instants
        values[place] = None if values[place] is None else from_ms(values[place])
    return Late(*values)


def _whole() -> Select[Any]:
    """Return the look at timers with their tasks and cases, in the order in which they are due."""
    return (
        select(*_TIMER, *_CASE, *_TASK)
        .select_from(
            _timer.outerjoin(_instance, _i.key == _t.instance_key).outerjoin(
                _task, _k.key == _t.task_key
            )
        )
        .where(_t.due_at <= bindparam("now"))
        .order_by(_t.due_at, _t.key)
    )


def _locking() -> Select[Any]:
    """Return the look that locks the roots of due timers' cases; a timer of no case, itself."""
    case, root = _instance.alias("own"), _instance.alias("root")
    due, n = _t.due_at <= bindparam("now"), bindparam("n", type_=Integer)
    keys = select(_t.key.label("key")).order_by(_t.due_at, _t.key).limit(n)
    of_cases = (
        keys.join(case, case.c.key == _t.instance_key)
        .join(root, root.c.key == case.c.root_key)
        .where(due)
        .with_for_update(of=root, skip_locked=True)
        .cte("of_cases")
    )
    alone = (
        keys.where(and_(due, _t.instance_key.is_(None)))
        .with_for_update(of=_timer, skip_locked=True)
        .cte("alone")
    )
    both = union_all(select(of_cases.c.key), select(alone.c.key)).subquery("both")
    return select(both.c.key)


_first = Statement(_whole().limit(bindparam("n", type_=Integer)))
_lock = Statement(_locking())
_these = Statement(_whole().where(_t.key == any_(bindparam("keys", type_=ARRAY(BigInteger)))))
