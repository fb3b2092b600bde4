"""The files of a deployment: read, and checked against everything that exists."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from decisions import dmn
from engine import lint, spiff
from engine.compiled import compiled, decision, form
from engine.errors import DefinitionRefused, Problem
from engine.models import DecisionVersion, Definition, FormVersion
from engine.ports import COMPANY, ports
from forms import Form, FormError
from forms import parse as parse_form


@dataclass(frozen=True, slots=True)
class Resource:
    """A file to deploy; its name's ending says what it is: .bpmn, .dmn, .form."""

    name: str
    body: bytes


@dataclass(slots=True)
class Parsed:
    """The resources of one deployment, read."""

    diagrams: list[tuple[Resource, spiff.Model]] = field(default_factory=list)
    forms: list[tuple[Resource, Form]] = field(default_factory=list)
    decisions: list[tuple[Resource, dmn.Model]] = field(default_factory=list)


def world(session: Session, *, tenant_id: str = COMPANY) -> lint.World:
    """Return what exists, for checking a diagram against it before deployment."""
    return _world(session, Parsed(), tenant_id=tenant_id)


def read(session: Session, resources: Sequence[Resource], *, tenant_id: str) -> Parsed:
    """Parse and lint everything; raise with all problems at once."""
    if not resources:
        raise DefinitionRefused(
            [
                Problem(
                    rule="nothing-deployed", zh="没有要发布的文件", en="there is no file to deploy"
                )
            ]
        )
    problems: list[Problem] = []
    parsed = Parsed()
    for resource in resources:
        problems += _read_one(resource, parsed)
    world_then = _world(session, parsed, tenant_id=tenant_id)
    together = [spiff.outline(r.body)[0] for r in resources if r.name.endswith((".bpmn", ".xml"))]
    own = [process for model in together for process in model.processes.values()]
    world_then = replace(
        world_then,
        processes=world_then.processes | {process.id for process in own},
        deployed=world_then.deployed | {process.id for process in own},
        steps=world_then.steps.union(*(process.elements for process in own)),
    )
    for resource in resources:
        if resource.name.endswith((".bpmn", ".xml")):
            found = lint.check(resource.body, world=world_then)
            problems += [_named(p, resource) for p in found if p.severity == "error"]
    if problems:
        raise DefinitionRefused(list(dict.fromkeys(problems)))
    for resource in resources:
        if resource.name.endswith((".bpmn", ".xml")):
            parsed.diagrams.append((resource, spiff.parse(resource.body)))
    return parsed


def _read_one(resource: Resource, parsed: Parsed) -> list[Problem]:
    """Read a form or a decision file into `parsed`; a diagram is read after the lint."""
    try:
        if resource.name.endswith(".form"):
            parsed.forms.append((resource, parse_form(resource.body)))
        elif resource.name.endswith(".dmn"):
            parsed.decisions.append((resource, dmn.parse(resource.body)))
        elif not resource.name.endswith((".bpmn", ".xml")):
            return [
                Problem(
                    rule="unknown-resource",
                    resource=resource.name,
                    zh=f"{resource.name} 不是 .bpmn、.dmn 或 .form 文件",
                    en=f"{resource.name} is no .bpmn, .dmn or .form file",
                )
            ]
    except (FormError, dmn.DmnError) as error:
        return [_foreign(p, resource) for p in error.problems]
    return []


def _foreign(problem: Any, resource: Resource) -> Problem:
    """Turn a problem of a form or a table into ours."""
    return Problem(
        rule=problem.code,
        element=getattr(problem, "field", None) or getattr(problem, "element", None),
        line=getattr(problem, "line", None),
        zh=problem.zh,
        en=problem.en,
        resource=resource.name,
    )


def _named(problem: Problem, resource: Resource) -> Problem:
    return Problem(
        rule=problem.rule, element=problem.element, line=problem.line, zh=problem.zh,
        en=problem.en, severity=problem.severity, resource=resource.name,
    )  # fmt: skip


def _world(session: Session, parsed: Parsed, *, tenant_id: str) -> lint.World:
    known_forms = {f.id: f for _, f in parsed.forms}
    for row in _all_newest(session, FormVersion, "form_id", tenant_id):
        if row.form_id not in known_forms:
            known_forms[row.form_id] = form(session, row.key)
    rows = _all_newest(session, Definition, "process_id", tenant_id)
    in_force = {row.process_id: compiled(session, row.key).process for row in rows}
    return lint.World(
        forms=known_forms,
        decisions=decision_inputs(session, parsed, tenant_id),
        roles=dict(ports.roles),
        handlers=frozenset(ports.handlers),
        processes=frozenset(in_force),
        steps=frozenset(step for process in in_force.values() for step in process.elements),
        deployed=frozenset(
            {
                *(f.id for _, f in parsed.forms),
                *(d for _, m in parsed.decisions for d in m.decisions),
            }
        ),
        functions=frozenset(ports.feel_functions),
    )


def decision_inputs(session: Session, parsed: Parsed, tenant_id: str) -> dict[str, frozenset[str]]:
    """Return what each decision reads: those deployed now, then those in force."""
    found = {d.id: frozenset(d.inputs) for _, m in parsed.decisions for d in m.decisions.values()}
    for row in _all_newest(session, DecisionVersion, "decision_id", tenant_id):
        if row.decision_id not in found:
            held = decision(session, row.key).decisions[row.decision_id]
            found[row.decision_id] = frozenset(held.inputs)
    return found


def _all_newest(session: Session, table: Any, column: str, tenant_id: str) -> list[Any]:
    identity = getattr(table, column)
    latest = (
        select(identity, func.max(table.version).label("version"))
        .where(table.tenant_id.in_((tenant_id, COMPANY)))
        .group_by(identity)
        .subquery()
    )
    query = select(table).join(
        latest, (identity == latest.c[0]) & (table.version == latest.c.version)
    )
    return list(session.scalars(query))
