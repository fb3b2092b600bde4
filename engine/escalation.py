"""What happens as a limit runs out: the warning, the overdue mark, supervising tasks 督办, handing on."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import bindparam, func, or_, select, update
from sqlalchemy.orm import Session

from engine import clock, ids, moments, notices, policies
from engine.errors import N_
from engine.history import Chain
from engine.models import Event, FactCase, FormVersion, Task, TaskKind, TaskState, to_ms
from engine.moments import DUE, Stage, State
from engine.policies import CLAIM, DONE, NOTIFY, OPEN, REASSIGN
from engine.ports import COMPANY, SYSTEM, ports
from engine.slices import Late
from engine.sql import Insert, Statement, json, table

#: supervising work goes before ordinary work in every list
_PRIORITY = 90
#: a ladder of supervisors that leads in a circle is left after this many steps
_LONGEST_CLIMB = 6

_t, _f = table(Task).c, table(FactCase).c
_mark_late = Statement(
    update(table(Task))
    .where(_t.key == bindparam("k"))
    .values(late_at=func.coalesce(_t.late_at, bindparam("now"))),
    later=True,
)
_count_late = Statement(
    update(table(FactCase))
    .where(_f.instance_key == bindparam("k"))
    .values(late_steps=_f.late_steps + 1),
    later=True,
)
_asked = Statement(
    select(_t.key).where(
        _t.instance_key == bindparam("i"),
        _t.cause_key == bindparam("cause"),
        _t.group_key == bindparam("group"),
    )
)
_insert = Insert(Task, columns=(
    "key", "tenant_id", "instance_key", "root_key", "definition_key", "kind", "element", "name",
    "state", "group_key", "form_key", "priority", "opened_at", "urged", "cause_key",
), later=True)  # fmt: skip
_offer = Statement(
    update(table(Task))
    .where(_t.key == bindparam("k"))
    .values(assignee=None, claimed_at=None, read_at=None, candidates=bindparam("candidates")),
    later=True,
)


def act(session: Session, task: Task | Late, stage: Stage, chain: Chain) -> None:
    """Do what a stage of one of a task's clocks asks; the events go to `chain`."""
    if stage.percent < DUE:
        _warn(session, task, stage, chain)
        return
    if stage.percent == DUE:
        _overdue(session, task, stage, chain)
    own = moments.part(task.limits or {}, stage.of, State.of(task))
    for rung in moments.rungs(own):
        if rung.percent == stage.percent:
            climb(session, task, rung, chain, of=stage.of)


def climb(
    session: Session, task: Task | Late, rung: policies.Rung, chain: Chain, *, of: str
) -> None:
    """Draw a rung's group in: tell it, give it the work, or open a supervising task for it."""
    if rung.action == NOTIFY:
        _tell(session, task, rung, chain, of)
    elif rung.action == REASSIGN:
        _hand_on(session, task, rung, chain, of)
    else:
        _supervise(session, task, rung, chain, of)


#: by clock: what the warning says, what the performers read when it is over, what supervisors do
_WARNS = {
    DONE: N_("“{task}”的时限已用去 {percent}%，请尽快办理"),
    CLAIM: N_("“{task}”还没有人签收，签收时限已用去 {percent}%"),
    OPEN: N_("“{task}”签收后还没有打开，时限已用去 {percent}%"),
}
_LATE = {
    DONE: (N_("您的“{task}”已超时，请立即办理"), N_("“{task}”已超时，请关注")),
    CLAIM: (N_("“{task}”超过签收时限，请立即签收"), N_("“{task}”超过签收时限，仍无人签收")),
    OPEN: (N_("“{task}”签收后一直没有打开，请立即查看"), N_("“{task}”签收后一直没有打开")),
}


def _warn(session: Session, task: Task | Late, stage: Stage, chain: Chain) -> None:
    told = notices.receivers(session, task)
    notices.notify(
        session, told, "warned", _WARNS[stage.of],
        {"task": task.name, "percent": stage.percent}, task=task,
    )  # fmt: skip
    _note(chain, task, Event.WARNED, told, stage.of, percent=stage.percent, due=_due(task))


def _overdue(session: Session, task: Task | Late, stage: Stage, chain: Chain) -> None:
    """Tell its performers and who supervises them; work that is late stays marked once and for all."""
    performers = notices.receivers(session, task)
    group = ports.supervisors.get(task.group or "")
    supervisors = set(notices.members(session, task.tenant_id, group) if group else ())
    supervisors -= set(performers)
    if stage.of == DONE:
        _mark_late(session, {"k": task.key, "now": to_ms(clock.now())})
        _count_late(session, {"k": task.instance_key})
    params = {"task": task.name}
    own, others = _LATE[stage.of]
    notices.notify(session, performers, "overdue", own, params, task=task)
    notices.notify(session, supervisors, "overdue", others, params, task=task)
    due = _due(task) if stage.of == DONE else to_ms(stage.at)
    _note(chain, task, Event.OVERDUE, [*performers, *sorted(supervisors)], stage.of, due=due)


def _tell(session: Session, late: Task | Late, rung: policies.Rung, chain: Chain, of: str) -> None:
    """Tell a rung's group, without giving it work."""
    group = _staffed(session, late, rung.group)
    told = notices.members(session, late.tenant_id, group)
    notices.notify(
        session, told, "overdue", N_("“{task}”的时限已用去 {percent}%，请关注"),
        {"task": late.name, "percent": rung.percent}, task=late,
    )  # fmt: skip
    _note(chain, late, Event.ESCALATED, told, of, percent=rung.percent, group=group, action=NOTIFY)


def _hand_on(
    session: Session, late: Task | Late, rung: policies.Rung, chain: Chain, of: str
) -> None:
    """Take the work from who holds it and offer it to its group and to the rung's."""
    before, candidates = late.assignee, dict(late.candidates or {})
    if rung.group and rung.group != late.group:
        candidates["groups"] = list(dict.fromkeys([*candidates.get("groups", ()), rung.group]))
    late.assignee = late.claimed_at = late.read_at = None
    late.candidates = candidates or None
    _offer(session, {"k": late.key, "candidates": json(late.candidates)})
    told = notices.receivers(session, late)
    notices.notify(
        session, told, "assigned", N_("“{task}”超时未办，已转给您所在的小组，请签收"),
        {"task": late.name}, task=late,
    )  # fmt: skip
    chain.add(
        Event.TASK_OFFERED, SYSTEM.key, at=clock.now(), task_key=late.key, element=late.element,
        data={"assignee": [before, None], "group": rung.group},
    )  # fmt: skip
    _note(chain, late, Event.ESCALATED, told, of, percent=rung.percent, group=rung.group,
          action=REASSIGN)  # fmt: skip


def _supervise(
    session: Session, late: Task | Late, rung: policies.Rung, chain: Chain, of: str
) -> None:
    """Open a supervising task for a rung's group; the same group is not asked twice."""
    group = _staffed(session, late, rung.group)
    if not _first_time(session, late, group):
        return
    task = _open(session, late, group)
    told = notices.members(session, late.tenant_id, group)
    notices.notify(
        session, told, "supervise", N_("请督办“{task}”：时限已用去 {percent}%"),
        {"task": late.name, "percent": rung.percent}, task=task,
    )  # fmt: skip
    chain.add(
        Event.TASK_OPENED, SYSTEM.key, at=clock.now(), task_key=task.key, element=task.element,
        data={"group": group, "cause": late.key},
    )  # fmt: skip
    _note(chain, late, Event.ESCALATED, told, of, percent=rung.percent, group=group, task=task.key)


def _first_time(session: Session, late: Task | Late, group: str) -> bool:
    """Tell whether a group has not been asked to supervise a task; from now on it has."""
    asked: set[tuple[int, str]] = session.info.setdefault("asked", set())
    same = {"i": late.instance_key, "cause": late.key, "group": group}
    if (late.key, group) in asked or _asked(session, same).fetchone() is not None:
        return False
    asked.add((late.key, group))
    return True


def _open(session: Session, late: Task | Late, group: str) -> Task:
    task = Task(
        key=ids.new(), tenant_id=late.tenant_id, instance_key=late.instance_key,
        root_key=late.root_key, definition_key=late.definition_key, kind=TaskKind.SUPERVISE,
        element=late.element, name=f"督办：{late.name}", state=TaskState.OPEN, group=group,
        form_key=_form_key(session, late.tenant_id), priority=max(late.priority, _PRIORITY),
        opened_at=clock.now(), urged=0, cause_key=late.key,
    )  # fmt: skip
    _insert(session, [(
        task.key, task.tenant_id, task.instance_key, task.root_key, task.definition_key,
        str(task.kind), task.element, task.name, str(task.state), task.group, task.form_key,
        task.priority, to_ms(task.opened_at), task.urged, task.cause_key,
    )])  # fmt: skip
    return task


def _form_key(session: Session, tenant_id: str) -> int | None:
    """Return the newest version of the supervising form; a unit of work looks once."""
    form_id = policies.supervising_form()
    seen: dict[str, int | None] = session.info.setdefault("supervising_form", {})
    if form_id is not None and tenant_id not in seen:
        query = (
            select(FormVersion.key)
            .where(
                FormVersion.form_id == form_id,
                or_(FormVersion.tenant_id == tenant_id, FormVersion.tenant_id == COMPANY),
            )
            .order_by(FormVersion.tenant_id == COMPANY, FormVersion.version.desc())
            .limit(1)
        )
        seen[tenant_id] = session.scalars(query).first()
    return seen.get(tenant_id)


def _staffed(session: Session, late: Task | Late, group: str) -> str:
    """Return the group, or who supervises it: when it is late itself, or nobody holds it here."""
    found: str | None = group
    for _ in range(_LONGEST_CLIMB):
        if found is None:
            break
        if found != late.group and notices.members(session, late.tenant_id, found):
            return found
        found = ports.supervisors.get(found)
    return group


def _note(
    chain: Chain, task: Task | Late, kind: Event, told: Iterable[int], of: str, /, **data: Any
) -> None:
    which = {} if of == DONE else {"of": of}
    chain.add(
        kind, SYSTEM.key, at=clock.now(), task_key=task.key, element=task.element,
        data={**data, **which, "told": list(told)},
    )  # fmt: skip


def _due(task: Task | Late) -> int | None:
    return None if task.due_at is None else to_ms(task.due_at)
