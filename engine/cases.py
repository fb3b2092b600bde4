"""A case as people read it: what was submitted, what happened, where it stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import forms
from engine import (
    calendars,
    clock,
    compiled,
    encryption,
    identity,
    instances,
    links,
    policies,
    spiff,
    submissions,
)
from engine.db import read_once
from engine.models import Event, History, Instance, LinkKind, Submission, Task
from engine.ports import SYSTEM, Actor, ports
from engine.runs import Run
from engine.seen import Seen

#: what a reader without the right sees instead of a personal value
MASK = "＊＊＊"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One event of a case's timeline, with names instead of keys."""

    seq: int
    instance_key: int
    at: datetime
    kind: Event
    actor: str
    element: str | None
    step: str
    task_key: int | None
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """One submission in force, with its form and all its versions."""

    submission: Submission
    form: forms.Form | None
    step: str
    by: str
    versions: int


def context(
    session: Session, run: Run | Instance, reader: Actor, *, form: forms.Form | None = None,
    token: int | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Return what a form's FEEL may read: `case.<step>.<field>`, `variables`, `user`, `now` (local).

    Submissions and variables are read only when the form asks for them; personal values only
    with the right. `token` is the waiting step's: it also sees its own inputs and loop element.
    """
    zone = calendars.clocks(session, run.tenant_id).statutory.zone
    known: dict[str, Any] = {
        "now": clock.now().astimezone(zone),
        "user": {"key": str(reader.key), "name": reader.name,
                 "groups": sorted(reader.groups(run.tenant_id))},
        "instance": {"business_key": run.business_key, "tenant_id": run.tenant_id},
    }  # fmt: skip
    if form is None or form.reads_case:
        known["case"] = values(session, run.root_key, reader)
    if form is not None and form.reads_linked:
        known["case"] |= _linked(session, run.root_key, reader)
    if form is not None and form.reads_variables:
        known["variables"] = _variables(session, run, token)
    return known


def _variables(session: Session, run: Run | Instance, token: int | None) -> Mapping[str, Any]:
    """Return what a waiting step knows; of a step that is done, what its process knows now."""
    if token is None or not run.blob:
        return run.variables or {}
    which = run.which if isinstance(run, Run) else compiled.compiled(session, run.definition_key)
    return spiff.known(which.model, run.blob, token)


def _linked(session: Session, root_key: int, reader: Actor) -> dict[str, Any]:
    """Return `main`, the values and state of the case it was merged into, and `related`."""
    found: dict[str, Any] = {"main": None, "related": None}
    main = links.target(session, root_key, (LinkKind.MERGED,))
    if main is not None and ports.can(reader, "instance.read", main):
        found["main"] = {**values(session, main.key, reader), "state": main.state}
    related = links.target(
        session, root_key, (LinkKind.RELATED, LinkKind.CONTINUES, LinkKind.REOPENS)
    )
    if related is not None:
        found["related"] = related.business_key
    return found


def values(session: Session, root_key: int, reader: Actor) -> dict[str, dict[str, Any]]:
    """Return the values in force of a case by step and field, with the reader's rights."""
    family = instances.family(session, root_key)
    seen = Seen(session, reader, family)
    open_to_reader = bool(family) and ports.can(reader, "personal.read", family[0])
    found: dict[str, dict[str, Any]] = {}
    for row in seen.only(submissions.latest(session, [one.key for one in family])):
        data = encryption.masked(row.data)
        form = None if row.form_key is None else compiled.form(session, row.form_key)
        if form is not None and form.id == policies.supervising_form():
            continue  # it stands at the element that was late, whose own values count
        closed = ports.hidden(reader, family[0], data)
        if not open_to_reader and form is not None:
            closed |= form.personal
        found[row.element] = {k: (None if k in closed else v) for k, v in data.items()}
    return found


def filled(session: Session, actor: Actor, instance_key: int) -> list[Filled]:
    """Return the submissions of a case and of what it called, in the order of their steps."""
    root_key = instances.get(session, actor, instance_key).root_key
    family = {one.key: one for one in instances.family(session, root_key)}
    seen = Seen(session, actor, family.values())
    rows = seen.only(submissions.latest(session, list(family)))
    names = identity.names(session, [row.by for row in rows])
    return [
        Filled(
            submission=row,
            form=None if row.form_key is None else compiled.form(session, row.form_key),
            step=step_name(session, family[row.instance_key], row.element),
            by=names.get(row.by, ""),
            versions=row.version,
        )
        for row in rows
    ]


def timeline(session: Session, actor: Actor, instance_key: int) -> list[Line]:
    """Return what happened in a case and in what it called, oldest first."""
    instance = instances.get(session, actor, instance_key)
    family = {one.key: one for one in instances.family(session, instance.root_key)}
    query = select(History).where(History.instance_key.in_(family)).order_by(
        History.at, History.instance_key, History.seq
    )  # fmt: skip
    rows = Seen(session, actor, family.values()).only(session.scalars(query))
    names = identity.names(session, _people(rows))
    return [
        Line(
            seq=row.seq, instance_key=row.instance_key, at=row.at, kind=Event(row.kind),
            actor=names.get(row.actor, ""), element=row.element, task_key=row.task_key,
            step=step_name(session, family[row.instance_key], row.element),
            data=_with_names(row.data or {}, names)
            | _with_steps(session, family[row.instance_key], row.data or {}),
        )
        for row in rows
    ]  # fmt: skip


def _with_steps(session: Session, instance: Instance, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the names of the steps between which somebody moved tokens by hand."""
    moved, entered = data.get("moved", ()), data.get("entered", ())
    named = {
        "moved_names": [[step_name(session, instance, one) for one in pair] for pair in moved],
        "entered_names": [step_name(session, instance, one) for one in entered],
    }
    return {name: found for name, found in named.items() if found}


def tasks_of(session: Session, root_key: int, *, reader: Actor = SYSTEM) -> list[Task]:
    """Return the tasks of a case and of what it called, oldest first: those a reader may know of."""
    family = instances.family(session, root_key)

    def read() -> Sequence[Task]:
        keys = [one.key for one in family]
        query = select(Task).where(Task.instance_key.in_(keys)).order_by(Task.key)
        return session.scalars(query).all()

    found = read_once(session, ("tasks", root_key), read)
    return list(Seen(session, reader, family).only(found))


def step_name(session: Session, instance: Instance, element: str | None) -> str:
    """Return what a step is called in the instance's own version of the diagram."""
    if element is None:
        return ""
    process = compiled.compiled(session, instance.definition_key).process
    found = process.elements.get(element)
    return element if found is None else found.name or element


def passed(session: Session, instance_keys: Sequence[int]) -> dict[int, dict[str, int]]:
    """Return how often each element of instances was passed, from their history."""
    query = select(History.instance_key, History.data).where(
        History.instance_key.in_(instance_keys)
    )
    counts: dict[int, dict[str, int]] = {key: {} for key in instance_keys}
    for key, data in session.execute(query):
        for element in (data or {}).get("path", ()):
            counts[key][element] = counts[key].get(element, 0) + 1
    return counts


def _people(rows: Any) -> set[int]:
    keys = {row.actor for row in rows}
    for row in rows:
        data = row.data or {}
        assignee = data.get("assignee")
        found = assignee if isinstance(assignee, list) else [assignee, data.get("for")]
        found = [*found, data.get("instead_of")]
        keys.update(key for key in found if isinstance(key, int))
    return keys


def _with_names(data: Mapping[str, Any], names: Mapping[int, str]) -> dict[str, Any]:
    """Return an event's data with the names of the people in it beside their keys."""
    assignee = data.get("assignee")
    pair = assignee if isinstance(assignee, list) else [None, assignee]
    named = dict(data)
    if data.get("instead_of"):
        named["instead_of_name"] = names.get(data["instead_of"], "")
    if any(pair):
        named["assignee_names"] = [names.get(key, "") if key else "" for key in pair]
    return named
