"""What an owner sees of a case through a link, process by process, in plain words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import cases, clock, compiled, instances
from engine.models import Instance, InstanceState, Submission, Task, TaskKind, TaskState
from engine.ports import SYSTEM
from processes import owner_messages
from processes.searching import FIRST

_SOURCE = Path(__file__).with_suffix(".yaml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage of the way of a case."""

    words: Mapping[str, str]
    #: done, now or to come
    state: str
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the owner was told."""

    text: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What a repair will cost, as the owner is asked to agree to."""

    scope: str
    #: item, unit, price, quantity, amount
    lines: Sequence[Mapping[str, Any]]
    total: Any
    material: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    """Something that is put right in a home, and by which day that was promised."""

    text: str
    words: Mapping[str, str]
    done: bool
    promised: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Whom a case is about, for a message with a link."""

    name: str
    phone: str | None


def title(process_id: str) -> Mapping[str, str]:
    """Return what cases of a process are called towards owners, by language."""
    found: Mapping[str, str] = _known(process_id)["title"]
    return found


def stages(session: Session, root: Instance) -> list[Stage]:
    """Return the way of a case: what is done with its day, where it stands, what comes."""
    family = [one for one in cases.tasks_of(session, root.key) if one.kind == TaskKind.USER]
    table = _known(root.process_id)["stages"]
    waiting = [
        n for n, one in enumerate(table)
        if any(t.state == TaskState.OPEN and t.element in one["steps"] for t in family)
    ]  # fmt: skip
    now = min(waiting, default=-1)
    reached = _reached(table, family) if now < 0 else now
    found = []
    for n, one in enumerate(table):
        done = [t.closed_at for t in family if t.element in one["steps"]
                and t.state == TaskState.COMPLETED and t.closed_at]  # fmt: skip
        state = "now" if n == now else "done" if done and n <= reached else "later"
        found.append(Stage(words=one, state=state, at=max(done) if state == "done" else None))
    return found


def promised(session: Session, root: Instance) -> datetime | None:
    """Return until when the owner was promised the next thing; None when that is over or unsaid."""
    if root.ended_at is not None:
        return None
    query = select(Task.due_at).where(
        Task.root_key == root.key, Task.state == TaskState.OPEN, Task.due_at.is_not(None),
        Task.element.in_(_known(root.process_id)["promise"]),
    )  # fmt: skip
    due = min((one for one in session.scalars(query) if one is not None), default=None)
    if due is None and not answers(session, root):
        due = owner_messages.first_answer(session, root)
    return due if due is not None and due > clock.now() else None


def answers(session: Session, root: Instance) -> list[Answer]:
    """Return what the owner was told, newest first."""
    found = [
        Answer(text=str(row.data[one["field"]]), at=row.at)
        for one in _known(root.process_id)["answers"]
        for row in _submitted(session, root.key, one["step"])
        if row.data.get(one["field"])
    ]
    return sorted(found, key=lambda one: one.at, reverse=True)


def quote(session: Session, root: Instance) -> Quote | None:
    """Return the newest quotation of a case."""
    where: Mapping[str, str] = _known(root.process_id).get("quote") or {}
    rows = _submitted(session, root.key, where["step"]) if where else []
    if not rows:
        return None
    data = rows[-1].data
    lines = [
        {**line, "amount": float(line.get("price") or 0) * float(line["quantity"])}
        for line in data.get(where["lines"]) or ()
        if float(line.get("quantity") or 0) > 0
    ]
    return Quote(
        scope=str(data.get(where["scope"]) or ""), lines=lines, total=data.get(where["total"]),
        material=str(data.get(where["material"]) or ""),
    )  # fmt: skip


def signing(process_id: str, element: str) -> Mapping[str, str]:
    """Return what an owner's signature at a step means, by language; empty where nothing is said."""
    found: Mapping[str, str] = _known(process_id).get("signs", {}).get(element, {})
    return found


def subject(session: Session, root: Instance) -> str:
    """Return what a case is about by name: the event; empty for cases that have none."""
    where: Mapping[str, str] = _known(root.process_id).get("subject") or {}
    rows = _submitted(session, root.key, where["step"]) if where else []
    return str(rows[-1].data.get(where["field"]) or "") if rows else ""


def defects(session: Session, root: Instance) -> list[Defect]:
    """Return what is put right in a home: what it is, how it stands, the promised day."""
    where: Mapping[str, str] = _known(root.process_id).get("defects") or {}
    family = instances.family(session, root.key) if where else []
    tasks = cases.tasks_of(session, root.key) if where else []
    return [
        _defect(session, where, one, [task for task in tasks if task.instance_key == one.key])
        for one in family if one.process_id == where["process"]
    ]  # fmt: skip


def defect_of(session: Session, root: Instance, task: Task) -> str:
    """Return the defect that a step is about; empty for any other step."""
    where: Mapping[str, str] = _known(root.process_id).get("defects") or {}
    here = session.get_one(Instance, task.instance_key)
    is_one = bool(where) and here.process_id == where["process"]
    return _said(session, where, here, [task]) if is_one else ""


def contact(session: Session, root: Instance) -> Contact | None:
    """Return the name and number that the first form of a case holds; None without one."""
    first = FIRST.get(root.process_id)
    rows = _submitted(session, root.key, first.element) if first and first.person else []
    if first is None or not rows or rows[-1].data.get("anonymous"):
        return None
    data = rows[-1].data
    phone = str(data.get(first.phone) or "").strip()
    return Contact(name=str(data.get(first.person) or ""), phone=phone or None)


def _defect(
    session: Session, where: Mapping[str, str], one: Instance, tasks: Sequence[Task]
) -> Defect:  # fmt: skip
    rows = _submitted(session, one.key, where["step"])
    told = rows[-1].data.get(where["day"]) if rows else None
    table = _known(one.process_id)["stages"]
    now = [row for row in table if any(task.state == TaskState.OPEN and task.element in row["steps"]
                                       for task in tasks)]  # fmt: skip
    return Defect(
        text=_said(session, where, one, tasks), words=now[0] if now else {},
        done=one.state == InstanceState.COMPLETED, promised=date.fromisoformat(told) if told else None,
    )  # fmt: skip


def _said(
    session: Session, where: Mapping[str, str], one: Instance, tasks: Sequence[Task]
) -> str:  # fmt: skip
    """Return what is wrong: as it was put to who is liable, before that as it was found."""
    rows = _submitted(session, one.key, where["step"])
    if rows:
        return str(rows[-1].data.get(where["text"]) or "")
    asks = [task for task in tasks if task.element == where["step"] and task.form_key is not None]
    if not asks:
        return ""
    form = compiled.form(session, asks[-1].form_key or 0)
    found = cases.context(session, one, SYSTEM, form=form, token=asks[-1].token)["variables"]
    return str(found.get(where["input"]) or "")


def _reached(table: Sequence[Mapping[str, Any]], family: Sequence[Task]) -> int:
    return max((n for n, one in enumerate(table)
                if any(t.state == TaskState.COMPLETED and t.element in one["steps"]
                       for t in family)), default=-1)  # fmt: skip


def _submitted(session: Session, instance_key: int, element: str) -> list[Submission]:
    """Return the submissions of a step in the order of time."""
    query = select(Submission).where(
        Submission.instance_key == instance_key, Submission.element == element
    )
    return list(session.scalars(query.order_by(Submission.at, Submission.version)))


def _known(process_id: str) -> Mapping[str, Any]:
    plain = {"title": {"zh": "服务", "en": "Service"}, "stages": [], "answers": [], "promise": []}
    return _tables().get(process_id, plain)


@cache
def _tables() -> Mapping[str, Mapping[str, Any]]:
    found: Mapping[str, Mapping[str, Any]] = yaml.safe_load(_SOURCE.read_text("utf-8"))
    return found
