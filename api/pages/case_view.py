"""A case as its page shows it: what was filled in, what happened, where the tokens stand."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

import forms
from api import auth, texts
from api.pages import base, lookups, owner_links, owner_messages, photos, steps, words
from api.texts import _, named
from engine import cases, clock, compiled, disclosures, instances, tasks
from engine.cases import MASK
from engine.models import Event, Instance, Task, TaskKind, TaskState
from engine.ports import SYSTEM, Actor
from engine.seen import Seen
from processes import rights

#: events that stand in the rows of other events, or are for machines
_QUIET = frozenset({
    Event.TASK_READ, Event.ROUTED, Event.TIMER_DUE, Event.NOTICE,
})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """One submission, read back."""

    step: str
    by: str
    at: datetime
    versions: int
    lines: Sequence[tuple[str, str]]
    task_key: int
    reason: str = ""
    correct: bool = False
    strips: Sequence[photos.Strip] = ()
    #: label and key of tables that have a page of their own
    tables: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the timeline in words."""

    icon: str
    family: str
    who: str
    text: str
    at: datetime
    said: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagram:
    """A diagram of the case with its figures."""

    name: str
    xml_url: str
    figures: Mapping[str, Any]


def submissions(session: Session, actor: Actor, root: Instance) -> list[Filled]:
    """Return what was filled in, step by step, with the reader's rights."""
    by_task = {task.key: task for task in cases.tasks_of(session, root.key)}
    found, filled = [], cases.filled(session, actor, root.key)

    def closed(one: cases.Filled) -> photos.Closed:
        thing = by_task.get(one.submission.task_key) or root
        return closed_to(session, actor, thing, one.submission.data)

    before = photos.latest_before(filled, closed)
    for one in filled:
        row, task = one.submission, by_task.get(one.submission.task_key)
        lines = (
            [] if one.form is None else read_back(session, actor, task or root, one.form, row.data)
        )
        found.append(Filled(
            step=named(one.step), by=one.by, at=row.at, versions=one.versions, lines=lines,
            task_key=row.task_key, reason=row.reason or "",
            correct=task is not None and _may_correct(actor, task),
            strips=photos.strips(one, closed(one), before),
            tables=_tables(one, closed(one)),
        ))  # fmt: skip
    return found


def _tables(one: cases.Filled, closed: photos.Closed) -> list[tuple[str, str]]:
    chinese = texts.language() == "zh"
    return [
        (field.label if chinese else field.label_en, field.key)
        for field in (one.form.fields if one.form is not None else ())
        if field.type == "wf-sheet" and one.submission.data.get(field.key) and not closed(field)
    ]


def read_back(
    session: Session, actor: Actor, thing: Any, form: forms.Form, data: Mapping[str, Any]
) -> list[tuple[str, str]]:
    """Return the lines of a submission; what is personal is masked without the right."""
    lines = form.show(
        data,
        lookups.finder(session),
        actor=actor,
        language=texts.language(),
        zone=base.here(),
    )
    closed = closed_to(session, actor, thing, data)
    return [(label, MASK if closed(field) else text) for label, text, field in lines]


def closed_to(
    session: Session, actor: Actor, thing: Any, data: Mapping[str, Any]
) -> Callable[[forms.FieldInfo], bool]:
    """Return what tells whether a field of a submission is masked for the reader."""
    root_key = getattr(thing, "root_key", thing.key)
    open_to_reader = base.may(actor, "personal.read", thing) or disclosures.is_open(
        session, actor, root_key
    )
    hidden = rights.hidden(actor, thing, data)
    numbers = base.may(actor, "id_number.read", thing)
    return lambda field: (
        field.key in hidden
        or (field.personal and not open_to_reader)
        or (field.secret and not numbers)
    )


def events(session: Session, actor: Actor, root: Instance) -> list[Line]:
    """Return what happened, newest first, in words."""
    supervising = {
        task.key for task in cases.tasks_of(session, root.key) if task.kind == TaskKind.SUPERVISE
    }
    told = owner_messages.by_key(session, actor, root)
    open_to_reader = base.may(actor, "personal.read", root) or disclosures.is_open(
        session, actor, root.root_key
    )
    lines = [
        _of_link(line) or (_of_owner(line, told) if _is_of_owner(line, told) else _line(line))
        for line in cases.timeline(session, actor, root.key)
        if _is_shown_of_link(line)
        and (
            _is_of_owner(line, told)
            or (
                line.kind in words.EVENTS
                and line.kind not in _QUIET
                # that a step came under supervision is told by the escalation itself
                and not (line.kind == Event.TASK_OPENED and line.task_key in supervising)
                # the grounds of a decision may tell who lives there
                and (line.kind != Event.DECIDED or (open_to_reader and _grounds(line.data)))
            )
        )
    ]
    return list(reversed(lines))


def diagrams(session: Session, root: Instance) -> list[Diagram]:
    """Return the case's diagram, and those of processes that it called and that still run."""
    known = cases.tasks_of(session, root.key, reader=auth.actor())
    found = []
    family = Seen(session, auth.actor(), instances.family(session, root.key)).cases()
    running = [one for one in family if one.key == root.key or one.ended_at is None]
    passed = cases.passed(session, [one.key for one in running])
    for one in running:
        which = compiled.compiled(session, one.definition_key)
        found.append(Diagram(
            name=named(which.name),
            xml_url=url_for("pages.definition_xml", key=one.definition_key),
            figures=_figures(one, passed[one.key],
                             [t for t in known if t.instance_key == one.key]),
        ))  # fmt: skip
    return found


def _figures(one: Instance, passed: Mapping[str, int], known: Sequence[Task]) -> dict[str, Any]:
    now = clock.now()
    marks: dict[str, dict[str, Any]] = {
        element: {"passed": often} for element, often in passed.items()
    }
    numbers = steps.numbers(one.process_id)
    for element, number in numbers.items():
        marks.setdefault(element, {})["number"] = number
    waiting = [t for t in known if t.state == TaskState.OPEN and t.kind == TaskKind.USER]
    for task in waiting:
        mark = marks.setdefault(task.element, {})
        mark["open"] = mark.get("open", 0) + 1
        if task.due_at is not None and task.due_at <= now:
            mark["late"] = mark.get("late", 0) + 1
    return {"marks": marks, "current": [task.element for task in waiting]}


def _line(line: cases.Line) -> Line:
    icon, family, template = words.EVENTS[line.kind]
    return Line(
        icon=icon,
        family=family,
        who="" if line.actor == SYSTEM.name or line.kind == Event.TASK_OPENED else line.actor,
        text=_text(line, template),
        at=line.at,
        said=_said(line.data),
    )


def _is_shown_of_link(line: cases.Line) -> bool:
    """Tell whether a line is no link's event, or one that does not stand there by itself."""
    found = owner_links.in_words(line)
    return found is None or bool(found[2])


def _of_link(line: cases.Line) -> Line | None:
    found = owner_links.in_words(line)
    if found is None:
        return None
    icon, family, text = found
    return Line(icon=icon, family=family, who=line.actor, text=text, at=line.at)


def _is_of_owner(line: cases.Line, told: Mapping[int, Any]) -> bool:
    return line.data.get("message") in told or line.data.get("rating") in told


def _of_owner(line: cases.Line, told: Mapping[int, Any]) -> Line:
    """Say what an owner was told with its outcome, or how they rated."""
    found = told[line.data.get("message") or line.data["rating"]]
    return Line(icon=found.icon, family=found.family, who="", text=found.line, at=line.at,
                said=found.said)  # fmt: skip


def _text(line: cases.Line, template: str) -> str:
    """Return what happened in words; a message is called as the diagram calls its event."""
    if line.kind == Event.MESSAGE and line.data.get("number"):
        return _("{number} 并入本案", number=line.data["number"])
    if line.kind == Event.MESSAGE and line.step:
        return named(line.step)
    template = words.of_time(line.kind, line.data) or template
    return _(template, step=named(line.step or ""), to=_to(line.data), **_by_hand(line.data))


def _grounds(data: Mapping[str, Any]) -> dict[str, str]:
    """Return what a decision came to and why, where its table gives a ground."""
    value = data.get("value")
    if not isinstance(value, dict) or not value.get("basis"):
        return {}
    return {"priority": str(value.get("priority") or ""), "basis": named(str(value["basis"]))}


def _by_hand(data: Mapping[str, Any]) -> dict[str, str]:
    """Return what the words for an act by hand name: the place, the data, the error."""
    targets = [*(pair[1] for pair in data.get("moved_names", ())), *data.get("entered_names", ())]
    return {
        "target": _("、").join(map(named, targets)),
        "what": _("、").join(data.get("routed", ())),
        "code": str(data.get("code", "")),
        **_grounds(data),
    }


def _to(data: Mapping[str, Any]) -> str:
    names = data.get("assignee_names") or ["", ""]
    return names[-1] or _("同组")


def _said(data: Mapping[str, Any]) -> str:
    if data.get("reason") == "superseded":
        return ""
    behind = data.get("instead_of_name")
    instead = _("代{who}办理", who=behind) if behind else ""
    return _("；").join(filter(None, [instead, str(data.get("text") or data.get("reason") or "")]))


def _may_correct(actor: Actor, task: Task) -> bool:
    return task.form_key is not None and tasks.may_correct(actor, task)
