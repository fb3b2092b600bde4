"""Put diagrams, forms and decisions in force: check them, keep them as the next versions."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock, ids, starts
from engine.compiled import Compiled, compiled, decision, forget, form, model
from engine.errors import N_, ForbiddenError, NotFoundError
from engine.models import Content, DecisionVersion, Definition, Deployment, FormVersion
from engine.ports import COMPANY, Actor, ports
from engine.resources import Parsed, Resource, decision_inputs, read, world
from engine.routing import routed

__all__ = [
    "Compiled",
    "Deployed",
    "Resource",
    "compiled",
    "decision",
    "deploy",
    "forget",
    "form",
    "model",
    "newest",
    "newest_form",
    "world",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """What a deployment put in force, or found in force already."""

    deployment: Deployment
    definitions: tuple[Definition, ...] = ()
    forms: tuple[FormVersion, ...] = ()
    decisions: tuple[DecisionVersion, ...] = ()


def deploy(
    session: Session,
    actor: Actor,
    resources: Sequence[Resource],
    *,
    tenant_id: str = COMPANY,
    name: str | None = None,
) -> Deployed:
    """Check the resources and put them in force together.

    The same bytes as in the newest version make no new version. Raises DefinitionRefused with
    every problem (element, line, rule); nothing is stored then.
    """
    if not ports.can(actor, "definition.deploy", tenant_id):
        raise ForbiddenError(N_("发布流程由流程发布人办理。需要发布，请联系流程发布人。"))
    ports.publishing(session, actor, tenant_id)
    parsed = read(session, resources, tenant_id=tenant_id)
    deployment = Deployment(
        key=ids.new(),
        tenant_id=tenant_id,
        name=name,
        deployed_at=clock.now(),
        deployed_by=actor.key,
    )
    session.add(deployment)
    session.flush()
    kept_forms = [
        _keep(session, FormVersion, deployment, r, {"form_id": f.id}, name=f.name)
        for r, f in parsed.forms
    ]
    kept_decisions = [
        _keep(session, DecisionVersion, deployment, r,
              {"decision_id": d.id}, name=d.name, requirements_id=m.id)
        for r, m in parsed.decisions
        for d in m.decisions.values()
    ]  # fmt: skip
    bindings = {f"form:{f.form_id}": f.key for f in kept_forms}
    bindings |= {f"decision:{d.decision_id}": d.key for d in kept_decisions}
    definitions = _keep_diagrams(session, deployment, parsed, bindings)
    session.flush()
    starts.replace(session, [d for d in definitions if d.deployment_key == deployment.key])
    return Deployed(
        deployment=deployment,
        definitions=tuple(definitions),
        forms=tuple(kept_forms),
        decisions=tuple(kept_decisions),
    )


def newest(session: Session, process_id: str, tenant_id: str = COMPANY) -> Definition:
    """Return the version of a process that is in force for a project."""
    found: Definition | None = _newest(session, Definition, {"process_id": process_id}, tenant_id)
    if found is None:
        raise NotFoundError(N_("没有名为 {process_id} 的流程"), process_id=process_id)
    return found


def newest_form(session: Session, form_id: str, tenant_id: str = COMPANY) -> FormVersion:
    """Return the version of a form that is in force for a project."""
    found: FormVersion | None = _newest(session, FormVersion, {"form_id": form_id}, tenant_id)
    if found is None:
        raise NotFoundError(N_("没有名为 {form_id} 的表单"), form_id=form_id)
    return found


def _keep_diagrams(
    session: Session, deployment: Deployment, parsed: Parsed, bindings: Mapping[str, int]
) -> list[Definition]:
    """Keep every executable process; called processes of the same deployment are bound to it."""
    together = {
        process_id: ids.new() for _, model in parsed.diagrams for process_id in model.processes
    }
    processes = {f"process:{process_id}": key for process_id, key in together.items()}
    siblings = {p.id: p for _, diagram in parsed.diagrams for p in diagram.processes.values()}
    inputs = decision_inputs(session, parsed, deployment.tenant_id)
    kept: list[Definition] = [
        _keep(
            session, Definition, deployment, resource, {"process_id": process.id},
            name=process.name or process.id,
            version_tag=process.version_tag,
            key=together[process.id],
            routed=sorted(routed(session, process, siblings, inputs)),
            bindings={**bindings, **processes},
            deployed_at=deployment.deployed_at,
        )
        for resource, diagram in parsed.diagrams
        for process in diagram.processes.values()
    ]  # fmt: skip
    unchanged = {f"process:{d.process_id}": d.key for d in kept}
    for definition in kept:
        if definition.deployment_key == deployment.key:
            definition.bindings = {**definition.bindings, **unchanged}
    return kept


def _keep(
    session: Session,
    table: Any,
    deployment: Deployment,
    resource: Resource,
    identity: Mapping[str, str],
    **columns: Any,
) -> Any:
    """Return the newest version if nothing it rests on changed, else store the next one."""
    digest = hashlib.sha256(resource.body).hexdigest()
    newest_one = _newest(session, table, identity, deployment.tenant_id)
    if newest_one is not None and newest_one.tenant_id == deployment.tenant_id:
        same = newest_one.hash == digest and newest_one.resource == resource.name
        if same and _same_bindings(newest_one, columns.get("bindings", {})):
            return newest_one
    if session.get(Content, digest) is None:
        session.add(Content(hash=digest, body=resource.body))
    version = 1 if newest_one is None else newest_one.version + 1
    columns.setdefault("key", ids.new())
    columns.setdefault("version_tag", None)
    row = table(
        tenant_id=deployment.tenant_id, version=version, resource=resource.name, hash=digest,
        deployment_key=deployment.key, **identity, **columns,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def _same_bindings(row: Any, bindings: Mapping[str, int]) -> bool:
    """Compare what a diagram is bound to; processes deployed together get new keys each time."""
    held = getattr(row, "bindings", None)
    if held is None:
        return True
    return all(held.get(k) == v for k, v in bindings.items() if not k.startswith("process:"))


def _newest(session: Session, table: Any, identity: Mapping[str, str], tenant_id: str) -> Any:
    """Return the newest version; a project's own one goes before the company's."""
    query = (
        select(table)
        .filter_by(**identity)
        .where(table.tenant_id.in_((tenant_id, COMPANY)))
        .order_by(table.tenant_id == COMPANY, table.version.desc())
        .limit(1)
    )
    return session.scalars(query).first()
