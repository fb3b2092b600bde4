"""What those in charge do to a case by hand: hold it, change its data, move it, help it on.

Every act asks for a reason and is in the history. A suspended case keeps its tasks, but nobody
claims or completes them, and no timer, job or message moves it; its limits go on counting, because
what was promised to the owner was promised.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine import (
    clock,
    incidents,
    instances,
    messages,
    notices,
    outlook,
    runs,
    spiff,
    stepping,
    timers,
)
from engine.errors import (
    N_,
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    TaskClosedError,
)
from engine.models import Event, Instance, InstanceState, Job, JobState
from engine.ports import Actor, ports
from engine.records import Effects
from engine.runs import Run

LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class _Act:
    """What history keeps of one act by hand."""

    kind: Event
    element: str | None
    given: Mapping[str, Any]
    data: Mapping[str, Any]


def allowed(
    session: Session, actor: Actor, instance_key: int, *, action: str = "instance.operate"
) -> Run:
    """Lock an open instance for somebody who may operate it; raises what stands against it."""
    run = runs.lock(session, instance_key)
    row = session.get_one(Instance, instance_key)
    seen = ports.can(actor, "instance.read", row) or ports.can(actor, "incident.read", row)
    if not seen:
        raise NotFoundError(N_("没有这个案件，或者它不在您负责的项目里。"))
    if not ports.can(actor, action, row):
        raise ForbiddenError(N_("干预案件由项目经理、品质部或系统管理员办理。"))
    if not runs.is_open(run):
        raise ConflictError(N_("这个案件已经结束，不能再改动。"))
    session.expire(row)
    return run


def suspend(session: Session, actor: Actor, instance_key: int, *, reason: str) -> None:
    """Hold a case with everything it called; holding it twice changes nothing."""
    run, reason = allowed(session, actor, instance_key), given_reason(reason)
    now = clock.now()
    keys = _switch(session, run, actor, Event.SUSPENDED, reason)
    session.execute(update(Instance).where(Instance.key.in_(keys)).values(suspended_at=now))
    session.execute(
        update(Job)
        .where(Job.instance_key.in_(keys), Job.state.in_((JobState.WAITING, JobState.LEASED)))
        .values(state=JobState.SUSPENDED, worker=None, leased_until=None)
    )


def resume(session: Session, actor: Actor, instance_key: int, *, reason: str = "") -> None:
    """Let a suspended case go on; what came due meanwhile happens now."""
    run = allowed(session, actor, instance_key)
    keys = _switch(session, run, actor, Event.CONTINUED, reason.strip()[:LONGEST_REASON])
    session.execute(update(Instance).where(Instance.key.in_(keys)).values(suspended_at=None))
    session.execute(
        update(Job)
        .where(Job.instance_key.in_(keys), Job.state == JobState.SUSPENDED)
        .values(state=JobState.WAITING)
    )
    timers.release(session, keys)
    messages.look_again(session, keys)


def set_variables(
    session: Session, actor: Actor, instance_key: int, variables: Mapping[str, Any], *, reason: str
) -> Effects:
    """Change what the process reads; names that it does not read are refused."""
    run, reason = allowed(session, actor, instance_key), given_reason(reason)
    change = spiff.Change(variables=_known(run, variables))
    return change_by(session, run, actor, change, reason=reason, kind=Event.VARIABLES_SET)


def modify(
    session: Session, actor: Actor, instance_key: int, change: spiff.Change, *, reason: str
) -> Effects:
    """Move tokens, put them on elements, take them away; all of it or nothing."""
    run, reason = allowed(session, actor, instance_key), given_reason(reason)
    _known(run, change.variables)
    return change_by(session, run, actor, change, reason=reason, kind=Event.MOVED)


def skip(
    session: Session, actor: Actor, instance_key: int, token: int, *,
    variables: Mapping[str, Any] | None = None, reason: str,
) -> Effects:  # fmt: skip
    """Let a waiting step count as done, with the data that it would have given."""
    run, reason = allowed(session, actor, instance_key), given_reason(reason)
    wait, given, now = waiting(run, token), _known(run, variables or {}), clock.now()
    step = _serve(session, run, wait, given, now)
    if step.failure is not None:
        raise outlook.failed(step.failure)
    # its task was not done by anybody: it is dropped, not completed
    closed = [replace(one, completed=one.completed and one.token != token) for one in step.closed]
    act = _Act(Event.SKIPPED, wait.element, given, {"reason": reason, "wait": wait.kind})
    return _record(session, run, actor, replace(step, closed=tuple(closed)), act)


def fail_onward(  # noqa: PLR0913 — what is thrown, where, and why
    session: Session, actor: Actor, instance_key: int, token: int, *, code: str,
    variables: Mapping[str, Any] | None = None, reason: str,
) -> Effects:  # fmt: skip
    """Throw a BPMN error where a step waits; what catches it in the diagram goes on."""
    run, reason = allowed(session, actor, instance_key), given_reason(reason)
    wait, given = waiting(run, token), _known(run, variables or {})
    if not code.strip():
        raise InvalidInputError(N_("请写明错误代码。"), fields={"code": [N_("必填")]})
    event = spiff.Thrown(kind="error", name=code.strip(), payload=given)
    step = stepping.throw(session, run, token, event, clock.now())
    if step.failure is not None and step.failure.code == "error-uncaught":
        raise InvalidInputError(
            N_("流程里没有事件接住错误“{code}”。"), code=code.strip(),
            fields={"code": [N_("流程里没有事件接住它。")]},
        )  # fmt: skip
    data = {"reason": reason, "code": code.strip()}
    return _record(session, run, actor, step, _Act(Event.FAILED_ONWARD, wait.element, given, data))


def waiting(run: Run, token: int) -> spiff.Wait:
    """Return what waits at a token; TaskClosedError when nothing does any more."""
    for wait in spiff.waits(run.which.model, run.blob):
        if wait.token == token:
            return wait
    raise TaskClosedError(N_("这一步已经不在等待，请刷新后再看。"))


def given_reason(reason: str) -> str:
    """Return the reason without blanks; there has to be one."""
    given = reason.strip()
    if not given:
        raise InvalidInputError(N_("请写明原因。"), fields={"reason": [N_("必填")]})
    if len(given) > LONGEST_REASON:
        raise InvalidInputError(
            N_("原因太长，最多 {most} 字。"), most=LONGEST_REASON, fields={"reason": [N_("太长")]}
        )
    return given


def _switch(session: Session, run: Run, actor: Actor, kind: Event, reason: str) -> list[int]:
    """Take a whole family from one state to the other; return those that changed."""
    before, after = _SWITCHES[kind]
    query = select(Instance.key).where(
        (Instance.key == run.root_key) | (Instance.root_key == run.root_key),
        Instance.state == before,
    )
    keys = list(session.scalars(query.order_by(Instance.key)))
    for key in keys:
        one = runs.load(session, key)
        one.state = after
        data = {"reason": reason} if reason else None
        one.chain.add(kind, actor.key, at=clock.now(), data=data)
        one.save(session)
    session.flush()
    session.expire_all()
    return keys


_SWITCHES = {
    Event.SUSPENDED: (InstanceState.ACTIVE, InstanceState.SUSPENDED),
    Event.CONTINUED: (InstanceState.SUSPENDED, InstanceState.ACTIVE),
}


def _known(run: Run, variables: Mapping[str, Any]) -> dict[str, Any]:
    """Refuse names that the process does not read: nothing else goes into the workflow."""
    if unknown := sorted(set(variables) - run.which.routed):
        raise InvalidInputError(
            N_("流程不读取 {names}，不能改动。"), names="、".join(unknown),
            fields={name: [N_("流程不读取这个名称。")] for name in unknown},
        )  # fmt: skip
    return dict(variables)


def change_by(
    session: Session, run: Run, actor: Actor, change: spiff.Change, *, reason: str, kind: Event
) -> Effects:
    """Carry out a change as an act of a kind; the caller has asked for the right."""
    names = {place.token: place.element for place in spiff.places(run.which.model, run.blob)}
    names |= {wait.token: wait.element for wait in spiff.waits(run.which.model, run.blob)}
    step = stepping.modify(session, run, change, clock.now())
    moved = [[names.get(token, ""), target] for token, target in change.moves]
    taken = [names.get(token, "") for token in change.cancel]
    before = {name: run.variables.get(name) for name in change.variables}
    parts = {"moved": moved, "entered": list(change.enter), "taken": taken, "before": before}
    data = {name: part for name, part in parts.items() if part} | {"reason": reason}
    element = next(iter([*(pair[0] for pair in moved), *taken, *change.enter]), None)
    act = _Act(kind, element, change.variables, data)
    return _record(session, run, actor, step, act)


def _serve(
    session: Session, run: Run, wait: spiff.Wait, given: Mapping[str, Any], now: datetime
) -> spiff.Step:
    """Give a wait what it waits for."""
    if wait.kind in {"user", "job"}:
        return stepping.complete(session, run, wait.token, given, now)
    if wait.kind != "timer":
        return stepping.deliver(session, run, wait.token, given, now)
    if given:
        raise InvalidInputError(N_("定时事件不接收数据，请先改动流程数据。"))
    return stepping.fire(session, run, wait.token, now)


def _record(session: Session, run: Run, actor: Actor, step: spiff.Step, act: _Act) -> Effects:
    if step.failure is not None:
        raise outlook.failed(step.failure)
    now, effects = clock.now(), Effects()
    data = outlook.account(step, act.given) | dict(act.data)
    run.chain.add(act.kind, actor.key, at=now, element=act.element, data=data)
    instances.record(session, run, step, actor, now=now, effects=effects)
    notices.opened(session, run, effects.tasks, actor)
    incidents.settle(session, [run.key], actor)
    session.flush()
    session.expire_all()
    return effects
