"""Puts in force what is shipped with the product, and leaves what a designer has changed since.

A process folder goes together: its diagram, tables and forms were made for each other. Where a
designer's version is in force, a newer shipped one is offered to the publishers instead.
"""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import deployments, notices
from engine.deployments import Deployed, Resource
from engine.errors import N_, NotFoundError
from engine.models import Content, DecisionVersion, Definition, Deployment, FormVersion
from engine.ports import COMPANY, SYSTEM, Actor

#: the name of a deployment of shipped files; any other is somebody's own
SHIPPED = "随产品提供的流程"
_KINDS: tuple[tuple[Any, Any], ...] = (
    (Definition, Definition.process_id),
    (FormVersion, FormVersion.form_id),
    (DecisionVersion, DecisionVersion.decision_id),
)


def update(session: Session, resources: Sequence[Resource]) -> Deployed | None:
    """Put in force what is shipped and new; offer what would replace a designer's version."""
    shipped = {_hash(one): one for one in resources}
    known = set(session.scalars(select(Content.hash).where(Content.hash.in_(shipped))))
    if known == set(shipped):
        return None
    changed = changed_folders(session)
    _offer(session, [one for one in resources if _folder(one) in changed])
    fresh = [one for one in resources if _folder(one) not in changed]
    if all(_hash(one) in known for one in fresh):
        return None
    return deployments.deploy(session, SYSTEM, fresh, tenant_id=COMPANY, name=SHIPPED)


def adopt(session: Session, actor: Actor, folder: str, resources: Sequence[Resource]) -> Deployed:
    """Put the shipped version of a folder in force in place of the designer's, on request."""
    wanted = changed_folders(session) - {folder}
    chosen = [one for one in resources if _folder(one) not in wanted]
    if folder not in {_folder(one) for one in chosen}:
        raise NotFoundError(N_("没有名为 {process_id} 的流程"), process_id=folder)
    return deployments.deploy(session, actor, chosen, tenant_id=COMPANY, name=SHIPPED)


def offered(session: Session, resources: Sequence[Resource]) -> list[str]:
    """Return the folders whose shipped version differs from the designer's that is in force."""
    changed = changed_folders(session)
    return sorted({_folder(one) for one in resources if _folder(one) in changed})


def changed_folders(session: Session) -> set[str]:
    """Return the folders of which something in force was made by somebody else."""
    found: set[str] = set()
    for table, identity in _KINDS:
        query = (
            select(identity, table.resource, table.hash, Deployment.name)
            .join(Deployment, Deployment.key == table.deployment_key)
            .where(table.tenant_id == COMPANY)
            .order_by(identity, table.version)
        )
        found |= set(_changed(list(session.execute(query))))
    return found


def _changed(rows: Sequence[Any]) -> Iterator[str]:
    """Yield the folder of each id whose newest version is not a shipped one."""
    home = {row[0]: row[1].split("/")[0] for row in rows if row[3] == SHIPPED}
    ours = {row[2] for row in rows if row[3] == SHIPPED}
    newest = {row[0]: row for row in rows}
    for identity, row in newest.items():
        if identity in home and row[3] != SHIPPED and row[2] not in ours:
            yield home[identity]


def _offer(session: Session, kept: Sequence[Resource]) -> None:
    """Keep the bytes, so that this is said once, and tell who may put them in force."""
    new = [one for one in kept if session.get(Content, _hash(one)) is None]
    session.add_all(Content(hash=_hash(one), body=one.body) for one in new)
    for folder in sorted({_folder(one) for one in new}):
        name = deployments.newest(session, folder).name or folder
        people = notices.everywhere(session, "publisher")
        notices.notify(
            session, people, "shipped",
            N_("新版本带来了“{name}”的改进。您改过的版本仍然有效，可以在“流程设计”里换成随产品提供的版本"),
            {"name": name},
        )  # fmt: skip


def _folder(resource: Resource) -> str:
    return resource.name.split("/")[0]


def _hash(resource: Resource) -> str:
    return hashlib.sha256(resource.body).hexdigest()
