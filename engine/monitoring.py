"""What supervisors watch: what is late over their projects and why, and acting on several at once."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, false, func, not_, or_, select
from sqlalchemy.orm import Session, aliased

from engine import calendars, clock, delays, inbox, limits, tasks
from engine.db import Database
from engine.delays import Reason
from engine.errors import N_, EngineError, ForbiddenError, InvalidInputError
from engine.models import Instance, Task, TaskKind, TaskState, Tenant, User, from_ms, to_ms
from engine.ports import Actor, ports

LATE, SOON = "late", "soon"
_HEAD = (
    N_("项目"), N_("编号"), N_("步骤"), N_("事项"), N_("责任人"), N_("应完成"), N_("已超时（分钟）"),
    N_("计时方式"), N_("原因"), N_("说明"), N_("催办次数"), N_("优先级"),
)  # fmt: skip
#: the most that one bulk action takes, and that one export holds
MOST, MOST_EXPORTED = 200, 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What a list is narrowed to; None means all."""

    state: str = LATE
    tenant_id: str | None = None
    process_id: str | None = None
    element: str | None = None
    group: str | None = None
    #: a person's key; 0 for what nobody has claimed
    assignee: int | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One late task as the list shows it and the export writes it."""

    task: Task
    project: str
    number: str
    title: str
    process_id: str
    person: str | None
    due_at: datetime
    #: minutes beyond the limit in its own clock; negative before it
    late_minutes: int
    #: whether those are working minutes, and how many make a day
    working: bool
    day_minutes: int
    reason: Reason
    #: what was last said about it: with an urging, a handover
    said: str
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Page:
    """One page of lines; `after` continues it, None at its end."""

    lines: tuple[Line, ...]
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of one item of a bulk action."""

    task_key: int
    error: EngineError | None = None


def overdue(
    session: Session,
    actor: Actor,
    chosen: Filter | None = None,
    *,
    after: str | None = None,
    limit: int = 50,
) -> Page:
    """Return a page of what is late (or soon will be) in the projects this person supervises.

    The longest late come first; tasks that the person may not read are left out.
    """
    query = _query(_where(session, actor, chosen or Filter()))
    if after:
        due, key = _position(after)
        query = query.where(or_(Task.due_at > due, and_(Task.due_at == due, Task.key > key)))
    found = session.execute(query.limit(limit + 1)).all()
    more = len(found) > limit
    mark = f"{to_ms(found[limit - 1][0].due_at)}-{found[limit - 1][0].key}" if more else None
    return Page(_lines(session, actor, found[:limit]), mark)


def count(session: Session, actor: Actor, chosen: Filter | None = None) -> int:
    """Return how many tasks the list holds over all its pages."""
    where = _where(session, actor, chosen or Filter())
    query = select(func.count()).select_from(_query(where).subquery())
    return session.scalars(query).one()


def everything(
    session: Session, actor: Actor, chosen: Filter | None = None, *, most: int = MOST_EXPORTED
) -> Iterator[Line]:
    """Yield all lines of the list in its order: what an export writes."""
    after, given = None, 0
    while given < most:
        page = overdue(session, actor, chosen, after=after, limit=min(MOST, most - given))
        yield from page.lines
        after, given = page.after, given + len(page.lines)
        if after is None:
            return


def table(lines: Iterable[Line], say: Callable[[str], str] = str) -> Iterator[list[Any]]:
    """Yield the head and the rows of an export; `say` translates what is ours."""
    yield [say(text) for text in _HEAD]
    for line in lines:
        unit = N_("工作时间") if line.working else N_("自然时间")
        yield [
            line.project, line.number, line.task.name, line.title, line.person or "",
            _local(line), line.late_minutes, say(unit), say(line.reason.text).format(
                **line.reason.params), line.said, line.task.urged, line.task.priority,
        ]  # fmt: skip


def scope(session: Session, actor: Actor) -> dict[str, str]:
    """Return the projects this person supervises: key -> name."""
    rows = session.execute(select(Tenant.tenant_id, Tenant.name).order_by(Tenant.tenant_id))
    return {key: name for key, name in rows if ports.can(actor, "report.read", key)}


def reassign_many(
    database: Database, actor: Actor, task_keys: Iterable[int], assignee: int, *,
    reason: str | None = None,
) -> list[Result]:  # fmt: skip
    """Hand several tasks to one person, each in a unit of its own; one result an item."""

    def act(session: Session, key: int) -> object:
        return tasks.assign(session, actor, key, assignee, reason=reason)

    return _each(database, task_keys, act)


def urge_many(
    database: Database, actor: Actor, task_keys: Iterable[int], *, text: str | None = None
) -> list[Result]:
    """Urge several tasks, each in a unit of its own; one result an item."""

    def act(session: Session, key: int) -> object:
        return tasks.urge(session, actor, key, text=text)

    return _each(database, task_keys, act)


def _each(
    database: Database, task_keys: Iterable[int], act: Callable[[Session, int], object]
) -> list[Result]:
    keys = list(dict.fromkeys(task_keys))
    if len(keys) > MOST:
        raise InvalidInputError(N_("一次最多处理 {most} 项，请分批办理。"), most=MOST)
    return [_one(database, key, act) for key in keys]


def _one(database: Database, key: int, act: Callable[[Session, int], object]) -> Result:
    try:
        with database.begin() as session:
            act(session, key)
    except EngineError as error:
        return Result(task_key=key, error=error)
    return Result(task_key=key)


def _where(session: Session, actor: Actor, chosen: Filter) -> list[ColumnElement[bool]]:
    projects = scope(session, actor)
    if not projects:
        raise ForbiddenError(N_("超时督办由经理和品质部查看。"))
    if chosen.tenant_id is not None:
        projects = {key: name for key, name in projects.items() if key == chosen.tenant_id}
    denied = [group for group in ports.roles.values() if not ports.can(actor, "group.see", group)]
    where = [
        Task.state == TaskState.OPEN,
        Task.kind == TaskKind.USER,
        Task.tenant_id.in_(sorted(projects)),
        inbox.visible(actor),
        *(not_(func.coalesce(inbox.of_group(group), false())) for group in denied),
        *_in_time(chosen.state),
    ]
    exact: list[tuple[Any, Any]] = [
        (Instance.process_id, chosen.process_id), (Task.element, chosen.element),
    ]  # fmt: skip
    where += [column == value for column, value in exact if value is not None]
    if chosen.group is not None:
        where.append(inbox.of_group(chosen.group))
    if chosen.assignee == 0:
        where.append(Task.assignee.is_(None))
    elif chosen.assignee is not None:
        free = and_(Task.assignee.is_(None), inbox.offered_by_name(chosen.assignee))
        where.append((Task.assignee == chosen.assignee) | free)
    return where + [_matches(word) for word in (chosen.text or "").split()]


def _in_time(state: str) -> tuple[ColumnElement[bool], ...]:
    now = clock.now()
    if state == LATE:
        return (Task.due_at <= now,)
    if state == SOON:
        return (Task.due_at > now, Task.warn_at <= now)
    raise InvalidInputError(N_("没有名为 {view} 的列表"), view=state)


_root = aliased(Instance)


def _query(where: list[ColumnElement[bool]]) -> Any:  # a Select of five columns
    return (
        select(Task, _root.business_key, _root.title, Instance.process_id, User.name)
        .join(Instance, Instance.key == Task.instance_key)
        .join(_root, _root.key == Task.root_key)
        .outerjoin(User, User.key == Task.assignee)
        .where(*where)
        .order_by(Task.due_at, Task.key)
    )


def _matches(word: str) -> ColumnElement[bool]:
    columns = (Task.name, _root.title, _root.business_key, User.name)
    return or_(*(column.icontains(word, autoescape=True) for column in columns))


def _position(after: str) -> tuple[datetime, int]:
    due, _, key = after.partition("-")
    if not (due.isdigit() and key.isdigit()):
        raise InvalidInputError(N_("翻页标记无效，请从头查看。"))
    return from_ms(int(due)), int(key)


def _lines(session: Session, actor: Actor, found: Iterable[Any]) -> tuple[Line, ...]:
    rows = [row for row in found if ports.can(actor, "task.read", row[0])]
    projects = scope(session, actor)
    late = [row[0] for row in rows]
    reasons, said = delays.reasons(session, late), delays.said(session, late)
    return tuple(_line(session, row, projects, reasons, said) for row in rows)


def _line(
    session: Session, row: Any, projects: Mapping[str, str], reasons: Mapping[int, Reason],
    said: Mapping[int, str],
) -> Line:  # fmt: skip
    task, number, title, process_id, person = row
    clocks = calendars.clocks(session, task.tenant_id, task.group)
    counted = limits.measure(task.limits, clocks)
    now = clock.now()
    late = counted.elapsed(task.due_at, now) if counted else now - task.due_at
    return Line(
        task=task,
        project=projects[task.tenant_id],
        number=number or "",
        title=title or "",
        process_id=process_id,
        person=person,
        due_at=task.due_at,
        late_minutes=int(late.total_seconds() / 60),
        working=counted is not None,
        day_minutes=counted.day_minutes() if counted else 24 * 60,
        reason=reasons[task.key],
        said=said.get(task.key, ""),
        zone=clocks.statutory.zone,
    )


def _local(line: Line) -> str:
    return f"{line.due_at.astimezone(line.zone):%Y-%m-%d %H:%M}"
