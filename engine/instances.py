"""Start, move and end instances, and bring their rows into line with each step."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from decisions import feel
from engine import (
    case_clocks,
    clock,
    compiled,
    facts,
    ids,
    incidents,
    messages,
    numbers,
    outlook,
    records,
    runs,
    spiff,
    stepping,
)
from engine.compiled import Compiled
from engine.db import read_once
from engine.errors import N_, ConflictError, ForbiddenError, NotFoundError
from engine.history import Chain
from engine.models import Event, Instance, InstanceState, Job, Timer, to_ms
from engine.ports import SYSTEM, Actor, ports
from engine.records import Effects
from engine.runs import Run
from engine.sql import Insert, json

_insert = Insert(
    Instance,
    columns=("key", "tenant_id", "definition_key", "process_id", "parent_key", "parent_token",
             "root_key", "business_key", "title", "state", "revision", "blob", "variables",
             "history_seq", "history_hash", "priority", "started_by", "started_at",
             "policy_edition", "pauses"),
)  # fmt: skip


def get(session: Session, actor: Actor, instance_key: int) -> Instance:
    """Return an instance that this person may see."""
    row = read_once(
        session, ("instance", instance_key), lambda: session.get(Instance, instance_key)
    )
    if row is None or not ports.can(actor, "instance.read", row):
        raise NotFoundError(N_("没有这个案件，或者它不在您负责的项目里。"))
    return row


def start(
    session: Session,
    actor: Actor,
    process_id: str,
    *,
    tenant_id: str,
    variables: Mapping[str, Any] | None = None,
    business_key: str | None = None,
) -> Instance:
    """Start the version of a process that is in force, in a project."""
    which = compiled.newest(session, process_id, tenant_id)
    return start_version(
        session, actor, which, tenant_id=tenant_id, variables=variables, business_key=business_key
    )


def start_version(  # noqa: PLR0913 — version, place, values, number and start event
    session: Session,
    actor: Actor,
    which: Compiled,
    *,
    tenant_id: str,
    variables: Mapping[str, Any] | None = None,
    business_key: str | None = None,
    element: str | None = None,
) -> Instance:
    """Start a given version of a process in a project; only routed variables are kept."""
    if not ports.can(actor, "instance.start", (which.process_id, tenant_id)):
        raise ForbiddenError(N_("您不能在这个项目里发起“{name}”。"), name=which.name)
    key = ids.new()
    _begin(
        session, actor, which, key=key, tenant_id=tenant_id, business_key=business_key,
        variables=route(which, variables or {}), parent=None, effects=Effects(), element=element,
    )  # fmt: skip
    return session.get_one(Instance, key)


def cancel(session: Session, actor: Actor, instance_key: int, *, reason: str) -> None:
    """End an instance and everything it called, for a reason that stays in its history."""
    run = runs.lock(session, instance_key)
    row = session.get_one(Instance, instance_key)
    if not ports.can(actor, "instance.read", row):
        raise NotFoundError(N_("没有这个案件，或者它不在您负责的项目里。"))
    if not ports.can(actor, "instance.cancel", row):
        raise ForbiddenError(N_("您不能作废这个案件，请联系项目经理。"))
    if not runs.is_open(run):
        raise ConflictError(N_("这个案件已经结束，不能作废。"))
    _cancel(session, run, actor, clock.now(), reason=reason)
    session.expire(row)


def record(
    session: Session,
    run: Run,
    step: spiff.Step,
    actor: Actor,
    *,
    now: datetime,
    effects: Effects,
) -> None:
    """Write everything that a step changed: the only writer of an instance's row."""
    if step.failure is not None:
        raise outlook.failed(step.failure)
    run.blob, run.variables = step.state, step.variables
    for decided in step.decisions:
        run.chain.add(
            Event.DECIDED, actor.key, at=now, element=decided.element,
            data={"decision": decided.decision_id, "version": decided.version,
                  "rules": [hit.rules for hit in decided.hits], "value": feel.to_json(decided.value)},
        )  # fmt: skip
    for called in records.close_waits(session, run, step.closed, actor, now):
        _cancel(session, runs.lock(session, called), actor, now, reason="superseded")
    opened, jobs = records.open_waits(session, run, step.opened, actor, now)
    effects.tasks += opened
    effects.jobs += jobs
    messages.thrown(session, run, step.thrown, now)
    outlook.entitle(session, run)
    run.end_element = outlook.outcome(run, step) or run.end_element
    if step.completed:
        _end(session, run, step, actor, now)
        effects.ended.append(run.key)
    run.save(session)
    for wait in step.opened:
        if wait.kind == "call":
            _call(session, run, wait, actor, effects)
    if run.parent_key is not None:
        _report(session, run, step, actor, now=now, effects=effects)


def fire(session: Session, timer: Timer) -> None:
    """Let a token's timer fire; the row goes with the wait that it stood for."""
    if timer.instance_key is None or timer.token is None:
        raise ValueError("this timer belongs to no token")
    run = runs.lock(session, timer.instance_key)
    now = clock.now()
    waits = spiff.waits(run.which.model, run.blob) if runs.is_active(run) else ()
    element = next((wait.element for wait in waits if wait.token == timer.token), None)
    if element is None:
        session.delete(timer)
        return
    step = stepping.fire(session, run, timer.token, now)
    run.chain.add(
        Event.TIMER_FIRED, SYSTEM.key, at=now, element=element,
        data={"due": to_ms(timer.due_at), **outlook.fired(step)},
    )  # fmt: skip
    record(session, run, step, SYSTEM, now=now, effects=Effects())


def finish_job(session: Session, job: Job, variables: Mapping[str, Any], actor: Actor) -> Effects:
    """Let the token of a job go on with the variables that its handler gave."""
    run = runs.lock_moving(session, job.instance_key)
    now = clock.now()
    given = route(run.which, variables)
    step = stepping.complete(session, run, job.token, given, now)
    run.chain.add(
        Event.JOB_DONE, actor.key, at=now, element=job.element,
        data=outlook.account(step, given),
    )  # fmt: skip
    effects = Effects()
    record(session, run, step, actor, now=now, effects=effects)
    return effects


def route(which: Compiled, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return those values that the process reads; nothing else goes into the workflow."""
    return {name: value for name, value in values.items() if name in which.routed}


def family(session: Session, root_key: int) -> list[Instance]:
    """Return an instance and everything it called, oldest first."""

    def read() -> Sequence[Instance]:
        query = select(Instance).where((Instance.key == root_key) | (Instance.root_key == root_key))
        return session.scalars(query.order_by(Instance.key)).all()

    return list(read_once(session, ("family", root_key), read))


def _begin(  # noqa: PLR0913 — an instance has that many roots
    session: Session,
    actor: Actor,
    which: Compiled,
    *,
    key: int,
    tenant_id: str,
    business_key: str | None,
    variables: Mapping[str, Any],
    parent: tuple[Run, int] | None,
    effects: Effects,
    element: str | None = None,
) -> None:
    now = clock.now()
    if business_key is None and parent is None:
        business_key = numbers.case_number(session, which.process, tenant_id, now)
    if "business_key" in which.routed:  # messages find the case by its number
        variables = {**variables, "business_key": business_key}
    step = stepping.start(session, which, tenant_id, variables, now, element)
    root_key = key if parent is None else parent[0].root_key
    run = Run(
        key=key, tenant_id=tenant_id, parent_key=parent[0].key if parent else None,
        parent_token=parent[1] if parent else None, root_key=root_key,
        business_key=business_key, title=None, revision=1, blob=step.state,
        state=InstanceState.ACTIVE if parent is None else parent[0].state,
        variables=step.variables, started_at_ms=to_ms(now), chain=Chain(key, 0, b""), which=which,
    )  # fmt: skip
    case_clocks.begin(session, run, None if parent is None else parent[0])
    _insert(session, [(
        key, tenant_id, which.key, which.process_id, run.parent_key, run.parent_token, root_key,
        business_key, None, str(run.state), 1, b"", json(step.variables), 0, b"", 50, actor.key,
        to_ms(now), run.policy_edition, json(run.pauses),
    )])  # fmt: skip
    run.chain.add(
        Event.STARTED, actor.key, at=now,
        data=outlook.account(step, variables) | {"definition": which.key},
    )  # fmt: skip
    facts.case_started(session, run, now)
    record(session, run, step, actor, now=now, effects=effects)


def _call(session: Session, run: Run, wait: spiff.Wait, actor: Actor, effects: Effects) -> None:
    """Start the instance that a call activity asks for; the parent waits for its answer."""
    if wait.called is None:
        raise ValueError(f"{wait.element} calls nothing")
    called = compiled.compiled(session, compiled.called_key(session, run.which, wait.called))
    _begin(
        session, actor, called, key=ids.new(), tenant_id=run.tenant_id,
        business_key=run.business_key, variables=route(called, wait.variables),
        parent=(run, wait.token), effects=effects,
    )  # fmt: skip


def _report(
    session: Session, run: Run, step: spiff.Step, actor: Actor, *, now: datetime, effects: Effects
) -> None:
    """Tell the caller what a called instance threw, or resume it when the instance has ended."""
    if run.parent_key is None or run.parent_token is None:
        return
    token = run.parent_token
    thrown = [event for event in step.thrown if event.kind in {"error", "escalation"}]
    answers: list[tuple[str, Callable[[Run], spiff.Step]]] = [
        (event.name, partial(stepping.throw, session, token=token, event=event, now=now))
        for event in thrown
    ]
    if step.completed and not any(event.kind == "error" for event in thrown):
        resume = partial(stepping.deliver, session, token=token, payload=run.variables, now=now)
        answers.append(("called", resume))
    for name, answer in answers:
        parent = runs.lock(session, run.parent_key)
        if not runs.is_open(parent):
            return
        told = answer(parent)
        parent.chain.add(
            Event.MESSAGE, actor.key, at=now,
            data={"name": name, "instance": run.key, "path": outlook.path_of(told)},
        )  # fmt: skip
        record(session, parent, told, actor, now=now, effects=effects)


def _end(session: Session, run: Run, step: spiff.Step, actor: Actor, now: datetime) -> None:
    run.state, run.ended_at = InstanceState.COMPLETED, now
    run.end_element = run.end_element or (step.ends[-1] if step.ends else None)
    run.blob = b""
    run.chain.add(Event.ENDED, actor.key, at=now, element=run.end_element)
    facts.case_ended(session, run, now)
    if run.parent_key is None:
        ports.ended(session, run, now)


def _cancel(session: Session, run: Run, actor: Actor, now: datetime, *, reason: str) -> None:
    records.close_all(session, run, actor, now)
    called = select(Instance.key).where(
        Instance.root_key == run.root_key,
        Instance.parent_key == run.key,
        Instance.ended_at.is_(None),
    )
    for key in list(session.scalars(called)):
        _cancel(session, runs.lock(session, key), actor, now, reason=reason)
    incidents.close_all(session, run.key, actor, now)
    run.state, run.ended_at, run.blob = InstanceState.CANCELLED, now, b""
    run.chain.add(Event.CANCELLED, actor.key, at=now, data={"reason": reason})
    facts.case_ended(session, run, now)
    run.save(session)
