"""A case whose clocks stand still: for a reason of the list, until a moment, with approval.

Paused time belongs to the case: every limit that may pause is lengthened by what it would have
counted, also one that opens later, and another policy does not lose it. A pause has its latest end
from the beginning; resuming earlier gives back the rest.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from engine import (
    calendars,
    case_clocks,
    clock,
    deadlines,
    editions,
    history,
    notices,
    runs,
    time_requests,
    timers,
)
from engine.errors import N_, ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from engine.models import (
    Event,
    Instance,
    InstanceState,
    RequestState,
    Timer,
    TimeRequest,
    TimerKind,
    from_ms,
    to_ms,
)
from engine.policies import PauseReason
from engine.ports import SYSTEM, Actor, ports
from engine.time_requests import PAUSE

_GRANTED = select(TimeRequest).where(
    TimeRequest.kind == PAUSE, TimeRequest.state == RequestState.GRANTED
)


def reasons(session: Session) -> list[PauseReason]:
    """Return the reasons for which a case may be paused now."""
    return list(editions.current(session).reasons.values())


def running(root: Instance, now: datetime | None = None) -> tuple[datetime, datetime] | None:
    """Return from when until when at the latest a case stands still now; None when it runs."""
    last = (root.pauses or [None])[-1]
    if last is None or from_ms(last[1]) <= (now or clock.now()):
        return None
    return from_ms(last[0]), from_ms(last[1])


def latest(session: Session, root: Instance, reason: PauseReason) -> tuple[datetime, datetime]:
    """Return until when a pause may last without approval, and at most."""
    clocks, working = calendars.clocks(session, root.tenant_id), reason.clock == "working"
    now = clock.now()
    return (clocks.due(now, reason.free, working=working),
            clocks.due(now, reason.longest, working=working))  # fmt: skip


def ask(
    session: Session, actor: Actor, instance_key: int, *, code: str, until: datetime | None,
    text: str,
) -> TimeRequest:  # fmt: skip
    """Pause a case, or ask for it when it would last longer than this person may decide.

    Without `until` it lasts as long as is free of approval. What P0 limits and others that never
    pause count goes on.
    """
    root = _root(session, instance_key, actor)
    task = next((t for t in time_requests.open_tasks(session, root.key)
                 if ports.can(actor, "limit.pause", t)), None)  # fmt: skip
    if not ports.can(actor, "limit.pause", root) and task is None:
        raise ForbiddenError(N_("暂停计时由经办人或经理申请。"))
    if running(root) is not None:
        raise ConflictError(N_("这个案件的计时已经暂停。"))
    if any(one.kind == PAUSE for one in time_requests.open_requests(session, actor, root.key)):
        raise ConflictError(N_("已经有一项暂停申请在等批准。"))
    reason = editions.current(session).reasons.get(code)
    if reason is None:
        raise InvalidInputError(N_("请选择暂停的原因。"), fields={"code": [N_("必填")]})
    free, longest = latest(session, root, reason)
    until = until or free
    if until > longest:
        zone = calendars.clocks(session, root.tenant_id).statutory.zone
        raise InvalidInputError(
            N_("“{reason}”最长暂停到 {moment}。"), reason=reason.name,
            moment=f"{longest.astimezone(zone):%Y-%m-%d %H:%M}",
            fields={"until": [N_("超过最长时间")]},
        )  # fmt: skip
    request = time_requests.add(session, actor, root, kind=PAUSE, code=code, text=text, until=until)
    if until <= free or ports.can(actor, "limit.grant", root):
        request.decided_by, request.decided_at = actor.key, clock.now()
        grant(session, actor, request)
    else:
        _note(session, root, request, actor, state=RequestState.ASKED)
        time_requests.ask(session, actor, request, N_("{by} 申请暂停“{task}”的计时：{text}"))
    return request


def grant(session: Session, actor: Actor, request: TimeRequest) -> None:
    """Let the clocks of a case stand still until the moment of the request."""
    root = _root(session, request.root_key)
    now = clock.now()
    if request.until <= now:
        raise ConflictError(N_("申请的时间已经过去，请重新申请。"))
    if running(root) is not None:
        raise ConflictError(N_("这个案件的计时已经暂停。"))
    request.state = RequestState.GRANTED
    reason = editions.current(session).reasons.get(request.code or "")
    word = reason.name if reason else request.text
    pauses = [*(root.pauses or []), [to_ms(now), to_ms(request.until), word]]
    moved = _set(session, root, pauses, word)
    session.add(
        Timer(key=request.key, tenant_id=root.tenant_id, kind=TimerKind.PAUSE,
              due_at=request.until, instance_key=root.key, data={}, attempts=0)
    )  # fmt: skip
    session.flush()
    timers.wake(session, request.until)
    _note(session, root, request, actor, state=RequestState.GRANTED, moved=moved, word=word)


def refuse(session: Session, actor: Actor, request: TimeRequest) -> None:
    """Leave the clocks running."""
    request.state = RequestState.REFUSED
    root = _root(session, request.root_key)
    _note(session, root, request, actor, state=RequestState.REFUSED)


def resume(session: Session, actor: Actor, instance_key: int) -> None:
    """Let the clocks of a case run on before the latest end of its pause."""
    root = _root(session, instance_key, actor)
    mine = any(ports.can(actor, "limit.pause", t)
               for t in time_requests.open_tasks(session, root.key))  # fmt: skip
    if not mine and not ports.can(actor, "limit.pause", root):
        raise ForbiddenError(N_("恢复计时由经办人或经理办理。"))
    stood = running(root)
    if stood is None:
        raise ConflictError(N_("这个案件的计时没有暂停。"))
    _end(session, root, actor, clock.now())


def on_due(session: Session, timer: Timer) -> None:
    """End a pause at its latest moment; its limits have counted on from there already."""
    request = session.get_one(TimeRequest, timer.key)
    runs.lock(session, request.root_key)
    root = session.get_one(Instance, request.root_key, populate_existing=True)
    if root.state != InstanceState.ACTIVE:  # it ended while it stood still
        request.state = RequestState.ENDED
        session.execute(delete(Timer).where(Timer.key == timer.key))
        return
    _end(session, root, SYSTEM, timer.due_at)
    for task in time_requests.open_tasks(session, root.key):
        notices.notify(
            session, notices.receivers(session, task), "resumed",
            N_("“{task}”的暂停到期，计时已恢复"), {"task": task.name}, task=task,
        )  # fmt: skip


def _root(session: Session, instance_key: int, actor: Actor = SYSTEM) -> Instance:
    """Return the root of a case with its family locked, if this person may see it."""
    runs.lock(session, instance_key)
    found = session.get_one(Instance, instance_key)
    root = session.get_one(Instance, found.root_key, populate_existing=True)
    if not ports.can(actor, "instance.read", root):
        raise NotFoundError(N_("没有这个案件，或者它不在您负责的项目里。"))
    if root.state != InstanceState.ACTIVE:
        raise ConflictError(N_("这个案件已经结束。"))
    return root


def _end(session: Session, root: Instance, actor: Actor, at: datetime) -> None:
    pauses = [list(pair) for pair in root.pauses or []]
    planned, pauses[-1][1] = pauses[-1][1], to_ms(at)
    moved = _set(session, root, pauses, None)
    request = session.scalars(_GRANTED.where(TimeRequest.root_key == root.key)).first()
    if request is not None:
        request.state = RequestState.ENDED
        session.execute(delete(Timer).where(Timer.key == request.key))
    with history.several(session, root.key) as chain:
        chain.add(
            Event.RESUMED, actor.key, at=clock.now(),
            data={"from": pauses[-1][0], "to": to_ms(at), "until": planned, "due": moved,
                  "request": None if request is None else request.key},
        )  # fmt: skip
    session.flush()


def _set(
    session: Session, root: Instance, pauses: list[list[Any]], word: str | None
) -> list[list[int | None]]:
    """Write the pauses of a case and lengthen its open limits; return [task, due before, after]."""
    session.execute(
        update(Instance)
        .where((Instance.key == root.key) | (Instance.root_key == root.key),
               Instance.state == InstanceState.ACTIVE)
        .values(pauses=pauses)
    )  # fmt: skip
    session.refresh(root)
    moved: list[list[int | None]] = []
    for task in time_requests.open_tasks(session, root.key):
        limits = dict(task.limits or {})
        if not limits or limits.get("fixed"):
            continue
        limits |= {"pauses": pauses}
        limits.pop("paused_for", None)
        if word is not None:
            limits["paused_for"] = word
        before = deadlines.move(session, task, deadlines.worked_out(session, task, limits))
        moved.append([task.key, *(None if m is None else to_ms(m) for m in (before, task.due_at))])
    case_clocks.rearm(session, root)
    return moved


def _note(  # noqa: PLR0913 — an event and what it says
    session: Session, root: Instance, request: TimeRequest, actor: Actor, *, state: RequestState,
    moved: list[list[int | None]] | None = None, word: str = "",
) -> None:  # fmt: skip
    data = {
        "state": str(state), "request": request.key, "code": request.code, "for": word,
        "reason": request.answer if state == RequestState.REFUSED else request.text,
        "until": to_ms(request.until), "asked_by": request.asked_by,
    }  # fmt: skip
    with history.several(session, root.key) as chain:
        chain.add(
            Event.PAUSED, actor.key, at=clock.now(), data=data | ({"due": moved} if moved else {})
        )
