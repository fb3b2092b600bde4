"""The designer's pages: which diagrams are in force, their versions, the editor."""

from urllib.parse import quote

from flask import Response, jsonify, render_template, request
from sqlalchemy import func, select
from sqlalchemy.orm import Session

import processes
from api import auth
from api.pages import base, steps
from api.pages.base import pages
from engine import compiled, identity
from engine.errors import N_, ForbiddenError, NotFoundError
from engine.models import (
    Content,
    DecisionVersion,
    Definition,
    Deployment,
    FormVersion,
    Instance,
    InstanceState,
)
from engine.ports import ports
from processes import shipping


@pages.get("/definitions")
def definitions() -> str:
    """List every process with its version in force."""
    _require("definition.read")
    with base.read() as session:
        newest = select(Definition.process_id, func.max(Definition.version)).group_by(
            Definition.process_id
        )
        rows = [
            session.scalars(select(Definition).filter_by(process_id=p, version=v)).one()
            for p, v in session.execute(newest)
        ]
        running = dict(_running(session))
        return render_template(
            "definitions.html",
            rows=rows,
            running=running,
            offered=shipping.offered(session, processes.resources()),
            may_deploy=base.may(auth.actor(), "definition.deploy"),
            may_edit=base.may(auth.actor(), "definition.edit"),
        )


@pages.get("/definitions/<process_id>/versions")
def definition_versions(process_id: str) -> str:
    """Show a process: its diagram and every version with who deployed it when."""
    _require("definition.read")
    with base.read() as session:
        rows = session.execute(
            select(Definition, Deployment)
            .join(Deployment, Deployment.key == Definition.deployment_key)
            .where(Definition.process_id == process_id)
            .order_by(Definition.version.desc())
        ).all()
        if not rows:
            raise NotFoundError(N_("没有名为 {process_id} 的流程"), process_id=process_id)
        names = identity.names(session, [deployment.deployed_by for _row, deployment in rows])
        which = compiled.compiled(session, rows[0][0].key)
        return render_template(
            "definition.html", rows=rows, names=names, process=which.process,
            running=_versions(session, process_id), may_move=base.may(auth.actor(), "instance.migrate"),
            forms=_forms(session, rows[0][0]), numbers=_numbers(process_id),
            may_edit=base.may(auth.actor(), "definition.edit"),
        )  # fmt: skip


@pages.get("/definitions/<key>/xml")
def definition_xml(key: str) -> Response:
    """Give a version's diagram, for the picture, the editor or as a download."""
    _require("definition.read")
    with base.read() as session:
        row = found(session, key)
        body = session.get_one(Content, row.hash).body
        name = f"{row.process_id}-v{row.version}.bpmn"
    answer = Response(body, content_type="application/xml; charset=utf-8")
    answer.headers["Cache-Control"] = "private, max-age=86400"
    if "download" in request.args:
        answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return answer


@pages.get("/definitions/<key>/edit")
def edit_definition(key: str) -> str:
    """Open a deployed diagram in the editor; only publishers put the outcome in force."""
    _require("definition.edit")
    with base.read() as session:
        row = found(session, key)
        session.expunge(row)
    return render_template(
        "modeler.html", row=row, may_deploy=base.may(auth.actor(), "definition.deploy")
    )


@pages.get("/definitions/choices")
def choices() -> Response:
    """Give the editor's panel what may be chosen: forms, decisions, processes, groups."""
    _require("definition.edit")
    with base.read() as session:
        return jsonify({
            "forms": _named(session, FormVersion, "form_id"),
            "decisions": _named(session, DecisionVersion, "decision_id"),
            "processes": _named(session, Definition, "process_id"),
            "groups": [{"id": key, "name": label} for label, key in ports.roles.items()],
        })  # fmt: skip


def _require(action: str) -> None:
    if not base.may(auth.actor(), action):
        raise ForbiddenError(N_("流程图由流程设计员维护。需要修改，请联系流程设计员。"))


def found(session: Session, key: str) -> Definition:
    """Return a version by its key in an address."""
    row = session.get(Definition, base.key(key))
    if row is None:
        raise NotFoundError(N_("没有这个流程版本"))
    return row


def _running(session: Session) -> list[tuple[str, int]]:
    query = (
        select(Instance.process_id, func.count())
        .where(Instance.state == InstanceState.ACTIVE)
        .group_by(Instance.process_id)
    )
    return [(process_id, number) for process_id, number in session.execute(query)]


def _versions(session: Session, process_id: str) -> dict[int, int]:
    """Return how many cases are on their way on each version."""
    query = (
        select(Instance.definition_key, func.count())
        .where(Instance.process_id == process_id, Instance.state == InstanceState.ACTIVE)
        .group_by(Instance.definition_key)
    )
    found = session.execute(query)
    return {key: number for key, number in found}  # noqa: C416 — rows are no pairs to mypy


def _forms(session: Session, row: Definition) -> list[FormVersion]:
    query = select(FormVersion).where(FormVersion.deployment_key == row.deployment_key)
    return list(session.scalars(query.order_by(FormVersion.form_id)))


def _numbers(process_id: str) -> dict[str, dict[str, int]]:
    return {element: {"number": n} for element, n in steps.numbers(process_id).items()}


def _named(session: Session, table: type, column: str) -> list[dict[str, str]]:
    identifier = getattr(table, column)
    name = getattr(table, "name")  # noqa: B009 — three tables with the same column
    query = select(identifier, func.max(name)).group_by(identifier).order_by(identifier)
    return [{"id": key, "name": label or key} for key, label in session.execute(query)]
