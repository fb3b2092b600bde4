"""Takes one instance to another version: its tokens, then its rows; never into a dead end.

Nothing is written before the state of the new version was made, read back and walked a few steps
on a copy.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine import calendars, clock, compiled, feel_time, instances, lint, spiff, submissions
from engine.compiled import Compiled
from engine.errors import N_, ConflictError, DefinitionRefused, Problem
from engine.models import Event, Incident, Instance, Job, Subscription, Task, TaskState, Timer
from engine.ports import Actor
from engine.records import Effects
from engine.runs import Run

#: so many commands a walk on a copy takes before the move counts as safe
WALK = 12
#: faults that no data would mend; the walk gives none, so other faults say nothing of the version
_DEAD_ENDS = frozenset({"endless-loop", "adhoc-stuck"})
#: how errors of decisions begin in a fault's detail: they ask for data too
_FOR_WANT_OF_DATA = ("FeelError", "DmnError", "LookupError", "NotFoundError")

_TEXTS = {
    "migration-ended": ("这个案件不在办理中（{detail}）", "the instance is not running ({detail})"),
    "migration-elsewhere": ("这个案件不在“{detail}”的这个版本上", "the instance is not on this version"),
    "migration-failed": ("没有办成：{detail}", "it failed: {detail}"),
    "migration-join": (
        "并行汇聚 {detail} 在新版本里还要等一条分支，而这个案件已经走过了它的分叉",
        "the join {detail} waits for a branch of the new version whose fork is behind the instance",
    ),
    "migration-walk": (
        "在副本上试走新版本没有走通：{detail}", "a walk on a copy of it came to nothing: {detail}",
    ),
}  # fmt: skip


class MigrationRefusedError(ConflictError):
    """The instance can't go to the other version; it stays where it is."""

    code = "migration-refused"

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(
            N_("不能迁移到这个版本：{first}（共 {count} 处）。案件留在原来的版本上。"),
            first=self.problems[0].zh if self.problems else "",
            count=len(self.problems),
        )


def problem(rule: str, detail: str, element: str | None = None) -> Problem:
    """Return one reason, in words."""
    zh, en = (text.format(detail=detail) for text in _TEXTS[rule])
    return Problem(rule=rule, element=element, zh=zh, en=en)


def steps(run: Run) -> tuple[str, ...]:
    """Return the names of the steps where an instance waits for people, jobs or called processes."""
    if not run.blob:
        return ()
    waits = spiff.waits(run.which.model, run.blob)
    here = [wait for wait in waits if wait.kind in {"user", "job", "call"}] or list(waits)
    return tuple(dict.fromkeys(wait.name or wait.element for wait in here))


def prepare(
    session: Session, run: Run, target: Compiled, mapping: Mapping[str, str]
) -> list[spiff.Step]:
    """Return the steps that take an instance over; nothing is written.

    Raises MigrationRefusedError with every reason why it can't go.
    """
    if run.state != "active":
        raise MigrationRefusedError([problem("migration-ended", run.state)])
    runtime = compiled.runtime(session, target, now=clock.now())
    with feel_time.within(calendars.clocks(session, run.tenant_id)):
        try:
            step = spiff.migrate(
                run.which.model, run.blob, target.model, mapping=mapping, runtime=runtime
            )
        except DefinitionRefused as refused:
            raise MigrationRefusedError(refused.problems) from refused
        done = [_sound(step)]
        values = _newly_read(session, run, target)
        if values and not step.completed:
            done.append(_sound(spiff.set_variables(
                target.model, step.state, variables=values, runtime=runtime
            )))  # fmt: skip
        if not done[-1].completed:
            _still_waits(run, target, done[-1].state)
            _no_join_waits(target, done[-1].state)
            _walk(target, done[-1].state, runtime)
    return done


def move(
    session: Session, run: Run, target: Compiled, mapping: Mapping[str, str], actor: Actor
) -> None:
    """Take a locked instance over; open tasks, timers and subscriptions keep their rows."""
    now = clock.now()
    done = prepare(session, run, target, mapping)
    source = run.which
    run.which = target
    run.chain.add(
        Event.MIGRATED, actor.key, at=now,
        data={"from": source.key, "to": target.key, "versions": [source.version, target.version],
              "path": [passed.element for step in done for passed in step.path]}
        | ({"mapping": dict(mapping)} if mapping else {}),
    )  # fmt: skip
    session.execute(
        update(Instance).where(Instance.key == run.key).values(definition_key=target.key)
    )
    _rows(session, run, target, mapping)
    effects = Effects()
    for step in done:
        instances.record(session, run, step, actor, now=now, effects=effects)
    session.expire_all()


def _sound(step: spiff.Step) -> spiff.Step:
    fault = step.failure
    if fault is not None:
        raise MigrationRefusedError(
            [Problem(rule="migration-walk", element=fault.element, zh=fault.zh, en=fault.en)]
        )
    return step


def _still_waits(run: Run, target: Compiled, state: bytes) -> None:
    """Refuse a move after which nothing would ever wake the instance again."""
    if spiff.waits(run.which.model, run.blob) and not spiff.waits(target.model, state):
        raise MigrationRefusedError([problem("migration-walk", "迁移后不再等待任何人或事")])


def _no_join_waits(target: Compiled, state: bytes) -> None:
    """Refuse a move behind a fork whose new branch a later join would wait for in vain."""
    scopes: dict[tuple[str, int], list[str]] = {}
    for token in spiff.positions(target.model, state):
        scopes.setdefault((token.scope, token.scope_token), []).append(token.flow)
    joins = [
        join for (scope, _), flows in scopes.items()
        for join in lint.waits_for_ever(target.process, scope, flows)
    ]  # fmt: skip
    if joins:
        raise MigrationRefusedError([problem("migration-join", one, one) for one in joins])


def _newly_read(session: Session, run: Run, target: Compiled) -> dict[str, Any]:
    """Return what was submitted and only the new version reads; personal fields never."""
    wanted = target.routed - run.which.routed
    found: dict[str, Any] = {}
    if not wanted:
        return found
    for row in submissions.latest(session, [run.key]):
        form = None if row.form_key is None else compiled.form(session, row.form_key)
        personal = frozenset() if form is None else form.personal
        found |= {k: v for k, v in row.data.items() if k in wanted and k not in personal}
    return found


def _walk(target: Compiled, state: bytes, runtime: spiff.Runtime) -> None:
    """Walk on from a state; what stops for want of data is no fault of the version."""
    for _ in range(WALK):
        waits = spiff.waits(target.model, state)
        ready = [wait for wait in waits if wait.kind in {"user", "job", "call"}] or list(waits)
        if not ready:
            return
        step = _command(target, state, ready[0], runtime)
        if step.failure is not None and _is_dead_end(step.failure):
            fault = step.failure
            raise MigrationRefusedError([problem("migration-walk", fault.zh, fault.element)])
        if step.failure is not None or step.completed:
            return
        state = step.state


def _is_dead_end(fault: spiff.Failure) -> bool:
    if fault.code == "step-failed":
        return not fault.detail.startswith(_FOR_WANT_OF_DATA)
    return fault.code in _DEAD_ENDS


def _command(
    target: Compiled, state: bytes, wait: spiff.Wait, runtime: spiff.Runtime
) -> spiff.Step:
    if wait.kind in {"user", "job"}:
        return spiff.complete(target.model, state, wait.token, runtime=runtime)
    if wait.kind == "timer":
        return spiff.fire(target.model, state, wait.token, runtime=runtime)
    return spiff.deliver(target.model, state, wait.token, runtime=runtime)


def _rows(session: Session, run: Run, target: Compiled, mapping: Mapping[str, str]) -> None:
    """Let the rows that stay name the version and its elements."""
    open_tasks = (Task.instance_key == run.key, Task.state == TaskState.OPEN)
    session.execute(update(Task).where(*open_tasks).values(definition_key=target.key))
    session.execute(
        update(Job).where(Job.instance_key == run.key).values(definition_key=target.key)
    )
    for rows in (Task, Job, Subscription, Incident):
        _renamed(session, rows, run.key, mapping)
    _relabel(session, open_tasks, target)
    for timer in session.scalars(select(Timer).where(Timer.instance_key == run.key)):
        data = timer.data or {}
        if data.get("element") in mapping:
            timer.data = {**data, "element": mapping[data["element"]]}
    session.flush()


def _renamed(session: Session, rows: Any, key: int, mapping: Mapping[str, str]) -> None:
    """Let open rows stand at the new ids; swapped ids are told apart by one look before."""
    query = select(rows.key, rows.element).where(
        rows.instance_key == key, rows.element.in_(list(mapping))
    )
    if rows is Task:
        query = query.where(Task.state == TaskState.OPEN)
    for row, element in session.execute(query).all():
        session.execute(update(rows).where(rows.key == row).values(element=mapping[element]))


def _relabel(session: Session, open_tasks: Sequence[Any], target: Compiled) -> None:
    """Call open tasks as the new version calls their steps."""
    query = select(Task.key, Task.element, Task.name).where(*open_tasks, Task.kind == "user")
    for key, element, name in session.execute(query).all():
        there = target.process.elements.get(element)
        if there is not None and there.name and there.name != name:
            session.execute(update(Task).where(Task.key == key).values(name=there.name))
