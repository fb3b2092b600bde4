"""The rows that mirror waiting tokens: the one writer of open tasks, jobs, timers, subscriptions."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from decisions import feel
from engine import assigning, compiled, deadlines, identity, ids, spiff, timers
from engine.models import (
    Event,
    FactStep,
    Instance,
    InstanceState,
    Job,
    Subscription,
    Task,
    TaskState,
    Timer,
    TimerKind,
    to_ms,
)
from engine.ports import Actor, ports
from engine.runs import Run
from engine.sql import Insert, Statement, json, table

_t = table(Task).c
_insert_task = Insert(
    Task,
    columns=(
        "key", "tenant_id", "instance_key", "root_key", "definition_key", "kind", "token",
        "element", "name", "state", "group_key", "assignee", "candidates", "form_key", "priority",
        "limits", "warn_at", "due_at", "opened_at", "claimed_at", "follow_up_at", "urged",
    ),
)  # fmt: skip
_insert_timer = Insert(
    Timer,
    columns=("key", "tenant_id", "kind", "due_at", "instance_key", "token", "task_key", "data",
             "attempts"),
)  # fmt: skip
_insert_job = Insert(
    Job,
    columns=("key", "tenant_id", "instance_key", "definition_key", "token", "element", "type",
             "state", "retries", "headers", "variables", "due_at"),
)  # fmt: skip
_insert_subscription = Insert(
    Subscription,
    columns=("key", "tenant_id", "instance_key", "token", "element", "kind", "name",
             "correlation_key", "opened_at"),
)  # fmt: skip
insert_fact_step = Insert(
    FactStep,
    columns=("task_key", "instance_key", "tenant_id", "element", "group_key", "closed_by",
             "opened_at", "claimed_at", "closed_at", "due_at", "completed"),
)  # fmt: skip
_cancel_task = Statement(
    update(table(Task))
    .where(_t.key == bindparam("k"))
    .values(state=TaskState.CANCELLED, closed_at=bindparam("at"), closed_by=bindparam("by"))
)


@dataclass(slots=True)
class Opened:
    """A task that this unit opened, for the answer to the person who caused it."""

    key: int
    element: str
    name: str
    group: str | None
    assignee: int | None
    due_at: datetime | None


@dataclass(slots=True)
class Effects:
    """What one unit opened and ended, over all instances it touched."""

    tasks: list[Opened] = field(default_factory=list)
    #: instances that ended in this unit
    ended: list[int] = field(default_factory=list)
    jobs: int = 0


def open_waits(
    session: Session, run: Run, waits: Sequence[spiff.Wait], actor: Actor, now: datetime
) -> tuple[list[Opened], int]:
    """Write the rows of waits that began; return the opened tasks and how many jobs."""
    opened = [_open_task(session, run, w, actor, now) for w in waits if w.kind == "user"]
    jobs = [w for w in waits if w.kind == "job"]
    _insert_job(session, [_job(run, wait, now) for wait in jobs])
    _insert_timer(session, [_timer(run, wait) for wait in waits if wait.kind == "timer"])
    _insert_subscription(
        session,
        [_subscription(run, wait, now) for wait in waits if wait.kind in {"message", "signal"}],
    )
    if jobs or any(wait.kind == "message" for wait in waits):
        timers.wake(session, now)
    for wait in waits:
        if wait.kind == "timer" and wait.due_at is not None:
            timers.wake(session, wait.due_at)
            run.chain.add(
                Event.TIMER_DUE, actor.key, at=now, element=wait.element,
                data={"due": to_ms(wait.due_at)},
            )  # fmt: skip
    return opened, len(jobs)


def close_waits(
    session: Session, run: Run, closed: Sequence[spiff.Closed], actor: Actor, now: datetime
) -> list[int]:
    """Bring the rows of waits that ended into line; return called instances to cancel."""
    tokens: dict[str, list[int]] = {}
    for wait in closed:
        if wait.kind != "user" or not wait.completed:
            tokens.setdefault(wait.kind, []).append(wait.token)
    if "user" in tokens:
        _cancel_tasks(session, run, tokens["user"], actor, now)
    for kind, rows in (("timer", Timer), ("job", Job), ("message", Subscription),
                        ("signal", Subscription)):  # fmt: skip
        if kind in tokens:
            _delete(session, rows, run.key, tokens[kind])
    if "call" not in tokens:
        return []
    query = select(Instance.key).where(
        Instance.root_key == run.root_key,
        Instance.parent_key == run.key,
        Instance.parent_token.in_(tokens["call"]),
        Instance.ended_at.is_(None),
    )
    return list(session.scalars(query))


def close_all(session: Session, run: Run, actor: Actor, now: datetime) -> None:
    """Drop everything that an instance waits for: it was cancelled."""
    query = select(Task.token).where(
        Task.instance_key == run.key, Task.state == TaskState.OPEN, Task.token.is_not(None)
    )
    _cancel_tasks(session, run, list(session.scalars(query)), actor, now)
    supervising = select(Task.key).where(Task.instance_key == run.key, Task.state == TaskState.OPEN)
    for key in list(session.scalars(supervising)):
        _cancel_task(session, {"k": key, "at": to_ms(now), "by": actor.key})
    for rows in (Timer, Job, Subscription):
        session.execute(delete(rows).where(rows.instance_key == run.key))


def _open_task(session: Session, run: Run, wait: spiff.Wait, actor: Actor, now: datetime) -> Opened:
    which = run.which
    groups = wait.candidate_groups or tuple(filter(None, [ports.roles.get(wait.lane or "")]))
    group = groups[0] if groups else None
    assignee = identity.resolve(session, wait.assignee) if wait.assignee else None
    candidates = _candidates(session, run, wait, groups[1:])
    assignee, instead_of = assigning.performer(
        session, assignee, group=group, case=run,
        excluded=frozenset((candidates or {}).get("excluded", ())),
    )  # fmt: skip
    plan = deadlines.plan(
        session, properties=wait.properties, context=context_of(run, now),
        tenant_id=run.tenant_id, priority=wait.priority, now=now, group=group,
        step=(which.process_id, wait.element), edition=run.policy_edition, pauses=run.pauses,
        held=assignee is not None,
    )  # fmt: skip
    key = ids.new()
    due = None if plan is None else plan.due_at
    form_key = None if wait.form is None else compiled.form_key(session, which, wait.form)
    name = wait.name or wait.element
    _insert_task(session, [(
        key, run.tenant_id, run.key, run.root_key, which.key, "user", wait.token, wait.element,
        name, "open", group, assignee, json(candidates), form_key, wait.priority or 50,
        json(plan.limits) if plan else None, _ms(plan.warn_at if plan else None), _ms(due),
        to_ms(now), None, _ms(wait.follow_up_date), 0,
    )])  # fmt: skip
    if plan is not None:
        deadlines.arm(session, key=key, run_key=run.key, tenant_id=run.tenant_id, plan=plan)
    run.chain.add(
        Event.TASK_OPENED, actor.key, at=now, task_key=key, element=wait.element,
        data=_some(group=group, due=_ms(due), form=form_key, assignee=assignee,
                   instead_of=instead_of),
    )  # fmt: skip
    _say_routed(run, wait, key, actor, now)
    return Opened(key, wait.element, name, group, assignee, due)


def _say_routed(run: Run, wait: spiff.Wait, key: int, actor: Actor, now: datetime) -> None:
    """Put on record whom an expression gave a task to, and which expression it was."""
    element = run.which.process.elements[wait.element]
    said = {
        name: source
        for name, source in (("groups", element.candidate_groups),
                             ("users", element.candidate_users), ("to", element.assignee))
        if source and source.startswith("=") and feel.compile(source[1:]).names
    }  # fmt: skip
    if said:
        given = {"groups": wait.candidate_groups, "users": wait.candidate_users,
                 "to": wait.assignee}  # fmt: skip
        run.chain.add(
            Event.ROUTED, actor.key, at=now, task_key=key, element=wait.element,
            data={name: [source, given[name]] for name, source in said.items()},
        )  # fmt: skip


def context_of(run: Run, now: datetime) -> dict[str, Any]:
    """Return what FEEL in the properties of steps may read: routed variables, now, the case."""
    return {**run.variables, "now": now, "instance": {"started_at": run.started_at_ms}}


def _candidates(
    session: Session, run: Run, wait: spiff.Wait, further: Sequence[str]
) -> dict[str, Any] | None:
    users = [identity.resolve(session, name) for name in wait.candidate_users]
    excluded: list[int] = []
    if elements := wait.properties.get("excludePerformerOf"):
        query = select(Task.closed_by).where(
            Task.root_key == run.root_key,
            Task.element.in_([part.strip() for part in elements.split(",")]),
            Task.state == TaskState.COMPLETED,
            Task.closed_by.is_not(None),
        )
        excluded = sorted({key for key in session.scalars(query) if key is not None})
    return _some(users=users, groups=list(further), excluded=excluded)


def _cancel_tasks(
    session: Session, run: Run, tokens: Sequence[int], actor: Actor, now: datetime
) -> None:
    query = select(Task).where(
        Task.instance_key == run.key, Task.token.in_(tokens), Task.state == TaskState.OPEN
    )
    for task in session.scalars(query).all():
        _cancel_task(session, {"k": task.key, "at": to_ms(now), "by": actor.key})
        deadlines.disarm(session, [task.key])
        run.chain.add(
            Event.TASK_CANCELLED, actor.key, at=now, task_key=task.key, element=task.element
        )
        insert_fact_step(session, [(
            task.key, run.key, run.tenant_id, task.element, task.group, actor.key,
            to_ms(task.opened_at), _ms(task.claimed_at), to_ms(now), _ms(task.due_at), False,
        )])  # fmt: skip
        session.expunge(task)


def _job(run: Run, wait: spiff.Wait, now: datetime) -> tuple[Any, ...]:
    job = wait.job
    if job is None:
        raise ValueError(f"{wait.element} waits for a job without saying which")
    return (
        ids.new(), run.tenant_id, run.key, run.which.key, wait.token, wait.element, job.type,
        "suspended" if run.state == InstanceState.SUSPENDED else "waiting", int(job.retries), json(dict(job.headers)), json(dict(wait.variables)),
        to_ms(now),
    )  # fmt: skip


def _timer(run: Run, wait: spiff.Wait) -> tuple[Any, ...]:
    if wait.due_at is None:
        raise ValueError(f"{wait.element} waits for no moment")
    return (ids.new(), run.tenant_id, str(TimerKind.TOKEN), to_ms(wait.due_at), run.key,
            wait.token, None, json({"element": wait.element}), 0)  # fmt: skip


def _subscription(run: Run, wait: spiff.Wait, now: datetime) -> tuple[Any, ...]:
    return (ids.new(), run.tenant_id, run.key, wait.token, wait.element, wait.kind,
            wait.message, wait.correlation_key, to_ms(now))  # fmt: skip


def _delete(session: Session, rows: Any, instance_key: int, tokens: Sequence[int]) -> None:
    session.execute(delete(rows).where(rows.instance_key == instance_key, rows.token.in_(tokens)))


def _ms(moment: datetime | None) -> int | None:
    return None if moment is None else to_ms(moment)


def _some(**values: Any) -> dict[str, Any] | None:
    """Return the values that are there; None for none, so that no empty JSON is stored."""
    return {k: v for k, v in values.items() if v not in (None, [], ())} or None
