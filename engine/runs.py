"""An instance in the hands of one command: locked, loaded, written back once."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from engine.compiled import Compiled, compiled
from engine.errors import N_, NotFoundError, OvertakenError, SuspendedError
from engine.history import Chain
from engine.models import Instance, InstanceState, Task, to_ms
from engine.sql import Statement, dialect, json, table

_i = table(Instance).c
_t = table(Task).c
COLUMNS = (
    _i.key, _i.tenant_id, _i.definition_key, _i.parent_key, _i.parent_token, _i.root_key,
    _i.business_key, _i.title, _i.state, _i.revision, _i.blob, _i.variables, _i.history_seq,
    _i.history_hash, _i.started_at, _i.end_element, _i.policy_edition, _i.pauses,
)  # fmt: skip

_by_key = Statement(select(*COLUMNS).where(_i.key == bindparam("k")))
_lock_root = Statement(
    select(_i.key)
    .where(_i.key == select(_i.root_key).where(_i.key == bindparam("k")).scalar_subquery())
    .with_for_update()
)
_lock_root_of_task = Statement(
    select(_i.key)
    .where(_i.key == select(_t.root_key).where(_t.key == bindparam("k")).scalar_subquery())
    .with_for_update()
)
_state = Statement(select(_i.state).where(_i.key == bindparam("k")))
_save = Statement(
    update(table(Instance))
    .where(_i.key == bindparam("k"), _i.revision == bindparam("seen"))
    .values(
        revision=bindparam("next"),
        blob=bindparam("blob"),
        variables=bindparam("variables"),
        title=bindparam("title"),
        state=bindparam("state"),
        ended_at=bindparam("ended_at"),
        end_element=bindparam("end_element"),
        history_seq=bindparam("seq"),
        history_hash=bindparam("hash"),
    )
)


#: states of an instance that has not ended
OPEN = (InstanceState.ACTIVE, InstanceState.SUSPENDED)


@dataclass(slots=True, kw_only=True)
class Run:
    """An instance's row as this unit read it, and what the unit makes of it."""

    key: int
    tenant_id: str
    parent_key: int | None
    parent_token: int | None
    root_key: int
    business_key: str | None
    title: str | None
    state: str
    revision: int
    blob: bytes
    variables: dict[str, Any]
    started_at_ms: int
    chain: Chain
    which: Compiled
    ended_at: datetime | None = None
    #: end event reached last; one with the property `side` ends a branch that names no outcome
    end_element: str | None = None
    #: the rules of time that the case began with, and when its clocks stood still
    policy_edition: int | None = None
    pauses: list[list[Any]] | None = None

    def save(self, session: Session) -> None:
        """Write the row back; raises OvertakenError when someone else did so first."""
        self.chain.write(session)
        result = _save(
            session,
            {
                "k": self.key,
                "seen": self.revision,
                "next": self.revision + 1,
                "blob": self.blob,
                "variables": json(self.variables),
                "title": self.title,
                "state": self.state,
                "ended_at": None if self.ended_at is None else to_ms(self.ended_at),
                "end_element": self.end_element,
                "seq": self.chain.seq,
                "hash": self.chain.hash,
            },
        )
        if result.rowcount != 1:
            raise OvertakenError(N_("这件事刚被别人办理过，请刷新后再看。"))
        self.revision += 1


def lock(session: Session, instance_key: int) -> Run:
    """Lock the root of an instance's family, then load the instance."""
    if dialect(session) != "sqlite":  # SQLite's units run one by one anyway
        _lock_root(session, {"k": instance_key})
    return load(session, instance_key)


def lock_moving(session: Session, instance_key: int) -> Run:
    """Lock and load an instance that is about to move; a suspended one is refused."""
    run = lock(session, instance_key)
    refuse_suspended(run)
    return run


def load(session: Session, instance_key: int) -> Run:
    """Load an instance without locking it, for a look."""
    row = _by_key(session, {"k": instance_key}).fetchone()
    if row is None:
        raise NotFoundError(N_("没有这个案件"))
    return from_row(session, row)


def lock_of_task(session: Session, task_key: int) -> None:
    """Lock the root of the instance that a task belongs to."""
    if dialect(session) != "sqlite":
        _lock_root_of_task(session, {"k": task_key})


def from_row(session: Session, row: Any) -> Run:
    """Make a run of the columns COLUMNS, in their order."""
    (key, tenant_id, definition_key, parent_key, parent_token, root_key, business_key, title,
     state, revision, blob, variables, seq, head, started_at, end_element, edition,
     pauses) = row  # fmt: skip
    return Run(
        key=key, tenant_id=tenant_id, parent_key=parent_key, parent_token=parent_token,
        root_key=root_key, business_key=business_key, title=title, state=state,
        revision=revision, blob=bytes(blob), variables=orjson.loads(variables),
        started_at_ms=started_at, chain=Chain(key, seq, bytes(head)),
        which=compiled(session, definition_key), end_element=end_element, policy_edition=edition,
        pauses=None if pauses is None else orjson.loads(pauses),
    )  # fmt: skip


def is_active(run: Run) -> bool:
    """Tell whether the instance runs and may move."""
    return run.state == InstanceState.ACTIVE


def is_open(run: Run) -> bool:
    """Tell whether the instance has not ended; a suspended one waits for being resumed."""
    return run.state in OPEN


def refuse_suspended(run: Run) -> None:
    """Refuse to move a suspended instance."""
    if run.state == InstanceState.SUSPENDED:
        raise SuspendedError(N_("这个案件已挂起，恢复办理后再继续。"))


def is_suspended(session: Session, instance_key: int | None) -> bool:
    """Tell whether an instance is suspended, without locking or loading it."""
    row = _state(session, {"k": instance_key}).fetchone()
    return row is not None and row[0] == InstanceState.SUSPENDED


def any_suspended(session: Session, instance_keys: Collection[int]) -> bool:
    """Tell whether one of several instances is suspended."""
    query = select(_i.key).where(_i.key.in_(instance_keys), _i.state == InstanceState.SUSPENDED)
    return session.execute(query.limit(1)).first() is not None
