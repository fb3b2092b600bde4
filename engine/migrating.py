"""Takes running instances to another version of their process: plan, dry run, the move itself.

An instance goes only if every token finds its place in the new version and a walk on a copy gets
on from there; who can't go is told why and stays as it is. Tasks keep their keys and with them
claims, drafts, forms and due instants; timers keep their moments, subscriptions their keys.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session

from engine import compiled, moving, runs
from engine.compiled import Compiled
from engine.db import Database
from engine.errors import N_, EngineError, ForbiddenError, InvalidInputError, NotFoundError, Problem
from engine.models import Definition, Instance, InstanceState
from engine.moving import MigrationRefusedError
from engine.ports import COMPANY, Actor, ports

#: the most instances that one call looks at or moves
MOST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """From which version to which, and how elements are called there that have another id now."""

    source: Compiled
    target: Compiled
    mapping: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether one instance can go, or went; the problems say why not."""

    instance_key: int
    business_key: str | None
    tenant_id: str
    #: names of the steps where it stands
    steps: tuple[str, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def movable(self) -> bool:
        """Tell whether nothing is in the way."""
        return not self.problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some verdicts, in the order of the instances' keys."""

    verdicts: tuple[Verdict, ...]
    #: give this to see the next ones; None at the end
    after: int | None


def plan(
    session: Session, source_key: int, target_key: int, mapping: Mapping[str, str] | None = None
) -> Plan:
    """Pair two versions of a process; the mapping may name only what is there, and alike."""
    source, target = compiled.compiled(session, source_key), _target(session, target_key)
    if source.process_id != target.process_id:
        raise InvalidInputError(
            N_("只能迁移到同一流程的另一个版本。"),
            fields={"targetProcessDefinitionKey": [N_("这个版本属于另一个流程。")]},
        )
    if source.key == target.key:
        raise InvalidInputError(
            N_("已经是这个版本，不用迁移。"),
            fields={"targetProcessDefinitionKey": [N_("已经是这个版本，不用迁移。")]},
        )
    _check(source, target, mapping or {})
    return Plan(source=source, target=target, mapping=dict(mapping or {}))


def _target(session: Session, key: int) -> Compiled:
    if session.get(Definition, key) is None:
        raise InvalidInputError(
            N_("没有编号为 {key} 的流程版本"), key=key,
            fields={"targetProcessDefinitionKey": [N_("没有这个流程版本")]},
        )  # fmt: skip
    return compiled.compiled(session, key)


def _check(source: Compiled, target: Compiled, mapping: Mapping[str, str]) -> None:
    wrong = []
    for old, new in mapping.items():
        before, after = source.process.elements.get(old), target.process.elements.get(new)
        if before is None or after is None or before.type != after.type:
            wrong.append(f"{old} → {new}")
    if wrong:
        raise InvalidInputError(
            N_("对应关系不成立：{pairs}。两边的元素都要存在，且种类相同。"),
            pairs=", ".join(wrong),
            fields={"mappingInstructions": [N_("两边的元素都要存在，且种类相同。")]},
        )


def running(session: Session, actor: Actor, definition_key: int) -> int:
    """Return how many instances of a version are on their way, of those this person may see."""
    query = select(func.count()).select_from(Instance).where(*_of(actor, definition_key))
    return session.scalar(query) or 0


def dry_run(
    session: Session, actor: Actor, plan: Plan, *, after: int = 0, limit: int = MOST
) -> Page:
    """Say for each instance whether it can move and why not; nothing changes."""
    keys = _keys(session, actor, plan, after, limit)
    verdicts = tuple(judge(session, actor, plan, key) for key in keys)
    return Page(verdicts=verdicts, after=keys[-1] if len(keys) == limit else None)


def judge(session: Session, actor: Actor, plan: Plan, instance_key: int) -> Verdict:
    """Say whether one instance can move and why not; nothing changes."""
    run = runs.load(session, instance_key)
    _allowed(session, actor, instance_key)
    try:
        moving.prepare(session, run, plan.target, plan.mapping)
    except MigrationRefusedError as refused:
        return _verdict(run, refused.problems)
    return _verdict(run, ())


def version_of(session: Session, actor: Actor, instance_key: int) -> int:
    """Return the key of the version that an instance is on, for who may move it."""
    _allowed(session, actor, instance_key)
    return session.get_one(Instance, instance_key).definition_key


def move(session: Session, actor: Actor, plan: Plan, instance_key: int) -> Verdict:
    """Move one instance; raises MigrationRefusedError with every reason, and leaves it as it is."""
    run = runs.lock(session, instance_key)
    _allowed(session, actor, instance_key)
    if run.which.key != plan.source.key:
        raise MigrationRefusedError([moving.problem("migration-elsewhere", plan.source.name)])
    moving.move(session, run, plan.target, plan.mapping, actor)
    return _verdict(run, ())


def move_some(
    database: Database, actor: Actor, plan: Plan, *, after: int = 0, limit: int = MOST
) -> Page:
    """Move the next instances, each in a unit of its own; what can't go is said and stays."""
    with database.read() as session:
        keys = _keys(session, actor, plan, after, limit)
    verdicts = tuple(_move_alone(database, actor, plan, key) for key in keys)
    return Page(verdicts=verdicts, after=keys[-1] if len(keys) == limit else None)


def _move_alone(database: Database, actor: Actor, plan: Plan, key: int) -> Verdict:
    try:
        with database.begin() as session:
            return move(session, actor, plan, key)
    except MigrationRefusedError as refused:
        problems = refused.problems
    except EngineError as error:
        problems = (moving.problem("migration-failed", str(error)),)
    with database.read() as session:
        return _verdict(runs.load(session, key), problems)


def _keys(session: Session, actor: Actor, plan: Plan, after: int, limit: int) -> list[int]:
    query = select(Instance.key).where(*_of(actor, plan.source.key), Instance.key > after)
    return list(session.scalars(query.order_by(Instance.key).limit(max(1, min(limit, MOST)))))


def _of(actor: Actor, definition_key: int) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions for the instances that this person may move."""
    projects = [one for one in sorted(actor.tenants()) if _may(actor, one)]
    everywhere = COMPANY in projects or actor.kind == "system"
    return (
        Instance.definition_key == definition_key,
        Instance.state.not_in((InstanceState.COMPLETED, InstanceState.CANCELLED)),
        true() if everywhere else Instance.tenant_id.in_(projects),
    )


def _may(actor: Actor, tenant_id: str) -> bool:
    return ports.can(actor, "instance.migrate", tenant_id)


def _allowed(session: Session, actor: Actor, instance_key: int) -> None:
    row = session.get(Instance, instance_key)
    may = row is not None and ports.can(actor, "instance.migrate", row.tenant_id)
    if row is None or not (may or ports.can(actor, "instance.read", row)):
        raise NotFoundError(N_("没有这个案件"))
    if not may:
        raise ForbiddenError(N_("换版由项目经理、品质部或系统管理员办理。"))


def _verdict(run: runs.Run, problems: tuple[Problem, ...]) -> Verdict:
    return Verdict(
        instance_key=run.key, business_key=run.business_key, tenant_id=run.tenant_id,
        steps=moving.steps(run), problems=problems,
    )  # fmt: skip
