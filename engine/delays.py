"""Why a task is late, in words: worked out from its row and from what happened to it."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from typing_extensions import override

from engine import calendars, clock, limits
from engine.errors import N_
from engine.models import Event, History, Task, TaskState, from_ms

#: from this share of a limit used up before a task opened, the steps before it are the reason
_MOSTLY = 75
_MANY_HANDS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why something is late: a stable code, and a gettext msgid with what fills it."""

    code: str
    text: str
    params: Mapping[str, Any] = field(default_factory=dict)

    @override
    def __str__(self) -> str:
        return self.text.format(**self.params)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Account:
    """A late task with all that the reasons look at."""

    task: Task
    due: datetime
    clocks: calendars.Clocks
    #: its events of handing over, oldest first
    handed: Sequence[History]
    #: completed tasks of its case before it opened, oldest first
    before: Sequence[Task]

    def local(self, moment: datetime) -> str:
        """Write a moment in the project's local time: today's as 09:30, others 11-20 09:30."""
        zone = self.clocks.statutory.zone
        then, today = moment.astimezone(zone), clock.now().astimezone(zone)
        return f"{then:%H:%M}" if then.date() == today.date() else f"{then:%m-%d %H:%M}"

    def used_before(self) -> int:
        """Return how many percent of the limit were used up when the task opened."""
        start = from_ms((self.task.limits or {}).get("start", 0))
        counted = limits.measure(self.task.limits or {"clock": "", "standard": ""}, self.clocks)
        span = counted.elapsed if counted else (lambda begin, end: end - begin)
        whole = span(start, self.due)
        if start >= self.task.opened_at or whole <= timedelta():
            return 0
        return int(100 * span(start, self.task.opened_at) / whole)


def reasons(session: Session, late: Sequence[Task]) -> dict[int, Reason]:
    """Return why each of these open tasks is late, by task key; three looks for all of them."""
    handed = _handed(session, late)
    before = _completed(session, {task.instance_key for task in late})
    found = {}
    for task in late:
        if task.due_at is None:
            continue
        done = [one for one in before[task.instance_key] if _closed(one) <= task.opened_at]
        account = _Account(
            task=task, due=task.due_at, clocks=calendars.clocks(session, task.tenant_id, task.group),
            handed=handed[task.key], before=done,
        )  # fmt: skip
        found[task.key] = next(filter(None, (look(account) for look in _LOOKS)))
    return found


def said(session: Session, late: Sequence[Task]) -> dict[int, str]:
    """Return what was last said about each task, with an urging or a handover."""
    kinds = (Event.URGED, Event.TASK_OFFERED, Event.EXTENDED, Event.PAUSED)
    found: dict[int, str] = {}
    for row in _events(session, late, kinds):
        text = (row.data or {}).get("reason") or (row.data or {}).get("text")
        if text and row.task_key is not None:
            found[row.task_key] = str(text)
    return found


def _paused(account: _Account) -> Reason | None:
    why = (account.task.limits or {}).get("paused_for")
    return Reason(code="paused", text=N_("已暂停：{why}"), params={"why": why}) if why else None


def _opened_late(account: _Account) -> Reason | None:
    if account.task.opened_at < account.due:
        return None
    last = account.before[-1] if account.before else None
    if last is None:
        return Reason(code="opened-late", text=N_("转来时已过时限"))
    return Reason(
        code="previous-late", text=N_("“{step}”办完时已过时限"), params={"step": last.name}
    )


def _little_left(account: _Account) -> Reason | None:
    used = account.used_before()
    if used < _MOSTLY:
        return None
    return Reason(
        code="little-left", text=N_("前面的步骤已用去时限的 {percent}%"), params={"percent": used}
    )


def _unclaimed(account: _Account) -> Reason | None:
    if account.task.assignee is not None:
        return None
    if account.handed:
        return Reason(code="handed-back", text=N_("退回小组后无人签收"))
    return Reason(code="unclaimed", text=N_("至今无人签收"))


def _claimed_late(account: _Account) -> Reason | None:
    claimed = account.task.claimed_at
    if claimed is None or claimed < account.due or _was_handed_over(account):
        return None
    moment = account.local(claimed)
    return Reason(code="claimed-late", text=N_("{moment} 才签收"), params={"moment": moment})


def _many_hands(account: _Account) -> Reason | None:
    times = sum(event.kind == Event.TASK_OFFERED for event in account.handed)
    if times < _MANY_HANDS:
        return None
    return Reason(code="many-hands", text=N_("转办 {count} 次"), params={"count": times})


def _handed_late(account: _Account) -> Reason | None:
    if not _was_handed_over(account) or account.handed[-1].at < account.due:
        return None
    moment = account.local(account.handed[-1].at)
    return Reason(code="handed-late", text=N_("超时后于 {moment} 转办"), params={"moment": moment})


def _unread(account: _Account) -> Reason | None:
    if account.task.read_at is not None:
        return None
    return Reason(code="unread", text=N_("已签收，没有打开"))


def _read_late(account: _Account) -> Reason | None:
    read = account.task.read_at
    if read is None or read < account.due:
        return None
    moment = account.local(read)
    return Reason(code="read-late", text=N_("{moment} 才打开"), params={"moment": moment})


def _again(account: _Account) -> Reason | None:
    times = sum(one.element == account.task.element for one in account.before)
    if not times:
        return None
    return Reason(code="again", text=N_("第 {count} 次办理"), params={"count": times + 1})


def _at_work(_account: _Account) -> Reason:
    return Reason(code="at-work", text=N_("已打开，没有按时办完"))


#: the first that finds something is the reason
_LOOKS: tuple[Callable[[_Account], Reason | None], ...] = (
    _paused, _opened_late, _little_left, _unclaimed, _claimed_late, _many_hands, _handed_late,
    _unread, _read_late, _again, _at_work,
)  # fmt: skip


def _was_handed_over(account: _Account) -> bool:
    return bool(account.handed) and account.handed[-1].kind == Event.TASK_OFFERED


def _handed(session: Session, late: Sequence[Task]) -> Mapping[int, list[History]]:
    """Return the handovers of tasks: given to another person, given back to the group."""
    found: dict[int, list[History]] = defaultdict(list)
    for row in _events(session, late, (Event.TASK_OFFERED, Event.TASK_CHANGED)):
        if "assignee" in (row.data or {}) and row.task_key is not None:
            found[row.task_key].append(row)
    return found


def _events(session: Session, late: Iterable[Task], kinds: Iterable[Event]) -> list[History]:
    query = (
        select(History)
        .where(
            History.instance_key.in_({task.instance_key for task in late}),
            History.task_key.in_([task.key for task in late]),
            History.kind.in_(tuple(kinds)),
        )
        .order_by(History.instance_key, History.seq)
    )
    return list(session.scalars(query))


def _completed(session: Session, instance_keys: Iterable[int]) -> Mapping[int, list[Task]]:
    query = (
        select(Task)
        .where(
            Task.instance_key.in_(tuple(instance_keys)),
            Task.state == TaskState.COMPLETED,
            Task.token.is_not(None),
        )
        .order_by(Task.closed_at, Task.key)
    )
    found: dict[int, list[Task]] = defaultdict(list)
    for task in session.scalars(query):
        found[task.instance_key].append(task)
    return found


def _closed(task: Task) -> datetime:
    return task.closed_at or task.opened_at
