"""Taking running cases to another version of their process: the dry run's table, and the move."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask import render_template, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from api import auth, texts
from api.pages import base, definitions
from api.pages.base import pages
from api.texts import _
from engine import compiled, migrating
from engine.compiled import Compiled
from engine.errors import N_, ForbiddenError, InvalidInputError
from engine.migrating import Plan, Verdict
from engine.models import Definition
from engine.ports import Actor

#: rules that a person mends by saying which step is meant
_LOST = frozenset({"migration-gone", "migration-type"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One case as the page shows it."""

    key: int
    number: str
    project: str
    steps: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A step that the new version does not have under its id, and what it may be there."""

    element: str
    name: str
    choices: tuple[tuple[str, str], ...]
    chosen: str


@pages.get("/definitions/<key>/migration")
def migration(key: str) -> str:
    """Say for each running case of a version whether it can go to another one, and why not."""
    actor = _mover()
    with base.read() as session:
        source, target = _versions(session, key, request.args.get("to", ""))
        plan = None
        page = migrating.Page(verdicts=(), after=None)
        if target is not None:
            plan = migrating.plan(session, source.key, target.key, _mapping())
            page = migrating.dry_run(session, actor, plan, after=_after())
        return _page(session, source, plan, page, moved=False)


@pages.post("/definitions/<key>/migration")
def migrate(key: str) -> str:
    """Move the next cases, each in a unit of its own; the page goes on until all were asked."""
    actor = _mover()
    with base.read() as session:
        source, target = _versions(session, key, request.form.get("to", ""))
        if target is None:
            raise InvalidInputError(N_("没有可以迁移到的版本。"))
        plan = migrating.plan(session, source.key, target.key, _mapping())
    page = migrating.move_some(base.database(), actor, plan, after=_after())
    with base.read() as session:
        return _page(session, source, plan, page, moved=True)


def _mover() -> Actor:
    actor = auth.actor()
    if not base.may(actor, "instance.migrate"):
        raise ForbiddenError(N_("换版由项目经理、品质部或系统管理员办理。"))
    return actor


def _versions(session: Session, key: str, to: str) -> tuple[Compiled, Compiled | None]:
    """Return the version and the one to go to: the newest, unless another one is named."""
    row = definitions.found(session, key)
    source = compiled.compiled(session, row.key)
    if to:
        return source, compiled.compiled(session, definitions.found(session, to).key)
    newest = compiled.newest(session, row.process_id, row.tenant_id)
    return source, None if newest.key == source.key else newest


def _mapping() -> dict[str, str]:
    """Return which steps the person named: fields `map.<old id>`."""
    given = request.values
    pairs = ((name.removeprefix("map."), given[name]) for name in given if name.startswith("map."))
    return {old: new for old, new in pairs if new}


def _after() -> int:
    given = request.values.get("after", "")
    return base.key(given) if given else 0


def _page(
    session: Session, source: Compiled, plan: Plan | None, page: migrating.Page, *, moved: bool
) -> str:
    rows = [_row(one) for one in page.verdicts]
    done = int(request.form.get("done", "0") or 0) if moved else 0
    stayed = int(request.form.get("stayed", "0") or 0) if moved else 0
    return render_template(
        "migration.html",
        source=source, target=plan.target if plan else None, versions=_others(session, source),
        rows=rows, moved=moved, after=page.after, mapping=_mapping(),
        done=done + sum(not row.reasons for row in rows),
        stayed=stayed + sum(bool(row.reasons) for row in rows),
        running=migrating.running(session, auth.actor(), source.key),
        questions=_questions(plan, page.verdicts) if plan else (),
        may_edit=base.may(auth.actor(), "definition.edit"),
    )  # fmt: skip


def _row(verdict: Verdict) -> Row:
    chinese = texts.language() == "zh"
    return Row(
        key=verdict.instance_key,
        number=verdict.business_key or str(verdict.instance_key),
        project=verdict.tenant_id,
        steps=_("、").join(verdict.steps),
        reasons=tuple(one.zh if chinese else one.en for one in verdict.problems),
    )


def _others(session: Session, source: Compiled) -> list[tuple[int, int]]:
    query = (
        select(Definition.key, Definition.version)
        .where(Definition.process_id == source.process_id, Definition.key != source.key)
        .order_by(Definition.version.desc())
    )
    return [(key, version) for key, version in session.execute(query)]


def _questions(plan: Plan, verdicts: Iterable[Verdict]) -> tuple[Question, ...]:
    """Return the steps that cases stand on and the new version has not, with what they may be."""
    lost = {
        one.element: None for verdict in verdicts for one in verdict.problems
        if one.rule in _LOST and one.element
    } | dict.fromkeys(plan.mapping)  # fmt: skip
    found = []
    for element in lost:
        before = plan.source.process.elements.get(element)
        if before is None:
            continue
        choices = tuple(
            (other.id, other.name or other.id)
            for other in plan.target.process.elements.values()
            if other.type == before.type and other.id not in plan.source.process.elements
        )
        chosen = plan.mapping.get(element, "")
        if choices:
            found.append(Question(element=element, name=before.name or element, choices=choices,
                                  chosen=chosen))  # fmt: skip
    return tuple(found)
