"""What the task pane shows, read with the reader's rights."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import g, url_for
from sqlalchemy.orm import Session

from api.pages import (
    base,
    case_view,
    files,
    given,
    labels,
    limits,
    returns,
    rows,
    sheets,
    steps,
    subjects,
    words,
)
from api.pages.times import Words
from api.texts import _, named
from engine import (
    cases,
    clock,
    compiled,
    identity,
    owner_access,
    secret_fields,
    submissions,
    tasks,
)
from engine.compiled import Compiled
from engine.models import Instance, Task, TaskKind, TaskState
from engine.ports import Actor
from engine.spiff import Element

#: where looking ahead ends: somebody or another process has the case, or it is over
_STOPS = frozenset({"userTask", "callActivity", "endEvent"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Verbs:
    """What this person may do here; what is not allowed is absent, not grey."""

    work: bool
    claim: bool
    unclaim: bool
    assign: bool
    urge: bool
    correct: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What stands beside the form: standards, words to say, what often goes wrong."""

    service: str = ""
    provider: str = ""
    inspection: str = ""
    script: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The task pane."""

    key: int
    root_key: int
    name: str
    subject: subjects.Subject
    title: str
    number: str
    kind: str
    state: str
    words: Words
    priority: tuple[str, str, str]
    holder: str
    group: str
    verbs: Verbs
    steps: list[steps.Step]
    advice: Advice
    next_steps: tuple[str, ...]
    #: what the form's element is given; None without a form
    form: Mapping[str, Any] | None
    correcting: bool
    lines: list[tuple[str, str]]
    versions: int
    cause: Task | None
    standing: returns.Standing
    #: what came through owners' links
    by_link: given.Shown | None = None
    #: what can be printed of the case now
    papers: Sequence[sheets.Link] = ()
    counts: Mapping[str, int] = field(default_factory=dict)


def of(session: Session, actor: Actor, key: int, *, correcting: bool = False) -> Shown:
    """Read everything that the pane shows of a task."""
    task = tasks.get(session, actor, key)
    root = session.get_one(Instance, task.root_key)
    here = session.get_one(Instance, task.instance_key)
    which = compiled.compiled(session, here.definition_key)
    g.zone = base.zone(session, task.tenant_id)
    family = cases.tasks_of(session, root.key, reader=actor)
    names = identity.names(session, [t.assignee for t in family] + [t.closed_by for t in family])
    subject = subjects.of(session, actor, {root.key: (task, root.title)})[root.key]
    standing = returns.of(session, actor, task)
    verbs = _verbs(session, actor, task, suspended=standing.suspended)
    return Shown(
        key=task.key,
        root_key=root.key,
        name=named(task.name),
        subject=subject,
        title=rows.name_of(task, subject.title),
        number=root.business_key or "",
        kind=task.kind,
        state=task.state,
        words=limits.words(session, task),
        priority=words.badge(task),
        holder=names.get(task.closed_by or task.assignee or 0, "")
        if task.closed_by or task.assignee
        else "",
        group=words.role(task.group),
        verbs=verbs,
        steps=_bar(session, root, family, names),
        advice=_advice(which, task.element),
        next_steps=_next_steps(which, task),
        form=_form(session, actor, task, correcting=correcting)
        if verbs.work or (correcting and verbs.correct)
        else None,
        correcting=correcting and verbs.correct,
        lines=_lines(session, actor, task),
        versions=len(submissions.versions(session, task.instance_key, task.key)),
        cause=session.get(Task, task.cause_key) if task.cause_key else None,
        standing=standing,
        by_link=given.of(session, actor, task) if verbs.work else None,
        papers=sheets.of_case(session, root),
        counts={"timeline": 0, "files": len(files.of_case(session, root))},
    )


def tab(session: Session, actor: Actor, task: Task, name: str) -> dict[str, Any]:
    """Read one further tab."""
    g.zone = base.zone(session, task.tenant_id)
    root = session.get_one(Instance, task.root_key)
    if name == "case":
        return {"submissions": case_view.submissions(session, actor, root)}
    if name == "timeline":
        return {"events": case_view.events(session, actor, root)}
    if name == "files":
        return {"files": files.of_case(session, root)}
    return {"diagrams": case_view.diagrams(session, root)}


def _verbs(session: Session, actor: Actor, task: Task, *, suspended: bool) -> Verbs:
    is_open = task.state == TaskState.OPEN
    mine = task.assignee == actor.key
    work = is_open and not suspended and base.may(actor, "task.work", task)
    lead = is_open and base.may(actor, "task.assign", task)
    return Verbs(
        work=work,
        claim=work and task.assignee is None,
        unclaim=is_open and task.assignee is not None and task.group is not None
        and (mine or lead),
        assign=is_open and (mine or lead),
        urge=is_open and not mine and base.may(actor, "task.urge", task),
        correct=task.form_key is not None and tasks.may_correct(actor, task)
        and not owner_access.is_sealed(session, task),
    )  # fmt: skip


def _bar(
    session: Session, root: Instance, family: list[Task], names: dict[int, str]
) -> list[steps.Step]:
    now = clock.now()
    said = {t.key: limits.words(session, t, now) for t in family if t.state == TaskState.OPEN}
    zone = base.zone(session, root.tenant_id)
    return steps.bar(root.process_id, family, names, said, now, zone)


def _advice(which: Compiled, element: str) -> Advice:
    found = which.process.elements.get(element)
    told = found.properties if found is not None else {}
    return Advice(
        service=told.get("serviceStandard", ""),
        provider=told.get("providerStandard", ""),
        inspection=told.get("inspectionStandard", ""),
        script=_sentences(told.get("script", "")),
        checks=_sentences(told.get("failPoints", "")),
    )


def _sentences(text: str) -> tuple[str, ...]:
    parts = (part.strip(" 。；") for part in text.replace("\n", "；").split("；"))
    return tuple(part for part in parts if part)


def _next_steps(which: Compiled, task: Task) -> tuple[str, ...]:
    """Return what may follow, past gateways and automatic steps, with the answer that leads there."""
    if task.kind == TaskKind.SUPERVISE or task.element not in which.process.elements:
        return ()
    elements, flows = which.process.elements, which.process.flows
    found: dict[str, str] = {}
    numbers = steps.numbers(which.process_id)
    here = numbers.get(task.element, 0)
    seen: set[str] = set()
    todo = [(task.element, "")]
    while todo:
        at, answer = todo.pop(0)
        for flow in (flows[key] for key in elements[at].outgoing):
            reached = elements[flow.target]
            said = _("，").join(part for part in (answer, named(flow.name or "")) if part)
            if reached.type in _STOPS:
                found.setdefault(reached.id, _step_words(reached, said))
            elif flow.target not in seen:
                seen.add(flow.target)
                todo.append((flow.target, said))
    # forward first, then back, then what runs beside the numbered steps
    order = sorted(
        found, key=lambda element: (element not in numbers, numbers.get(element, 0) < here)
    )
    return tuple(found[element] for element in order if found[element])


def _step_words(reached: Element, answer: str) -> str:
    step = named(reached.name)
    if reached.type == "userTask" and reached.lane:
        step = _("{step} · {who}", step=step, who=named(reached.lane))
    return _("{answer}：{step}", answer=answer, step=step) if answer and step else step


def _form(session: Session, actor: Actor, task: Task, *, correcting: bool) -> dict[str, Any] | None:
    if task.form_key is None:
        return None
    form = compiled.form(session, task.form_key)
    here = session.get_one(Instance, task.instance_key)
    context = cases.context(session, here, actor, form=form, token=task.token)
    saved = _last(session, task) if correcting else submissions.draft(session, task.key, actor.key)
    begun = saved if correcting else given.begin(session, actor, task, form)
    data = form.prefill(context, begun)
    if form.secret:
        data = secret_fields.shown(form, data)
    stem = "correct" if correcting else "complete"
    return {
        "schema": form.schema,
        "data": data,
        "labels": labels.of(session, actor, form, data),
        "submit_url": url_for(f"pages.{stem}", key=task.key),
        "draft_url": None if correcting else url_for("pages.save_draft", key=task.key),
        "drafted": bool(saved) and not correcting,
    }


def _last(session: Session, task: Task) -> dict[str, Any]:
    found = submissions.versions(session, task.instance_key, task.key)
    return dict(found[-1].data) if found else {}


def _lines(session: Session, actor: Actor, task: Task) -> list[tuple[str, str]]:
    """Return what a closed task's form was filled in with."""
    if task.state != TaskState.COMPLETED or task.form_key is None:
        return []
    form = compiled.form(session, task.form_key)
    shown = case_view.read_back(session, actor, task, form, _last(session, task))
    return [(label, text) for label, text in shown]
