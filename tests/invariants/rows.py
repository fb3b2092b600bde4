"""What a case left in the tables, read back for the checks; nothing of what its walker knew."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

import forms
from engine import clock, compiled, instances, ports
from engine.models import (
    Event,
    FactCase,
    History,
    Instance,
    InstanceState,
    Job,
    Rain,
    Submission,
    Task,
    TaskKind,
    TaskState,
    Timer,
)
from engine.ports import Actor
from processes.archive import Record
from tests.invariants.world import World

#: steps that take money
RECEIPTS = ("PAY_desk", "M3_fees")
ZONE = ZoneInfo("Asia/Shanghai")


@dataclass(slots=True)
class Case:
    """A case and everything it called, as rows."""

    root: Instance
    family: list[Instance]
    #: user tasks of diagrams, oldest first
    tasks: list[Task]
    supervising: list[Task]
    submissions: list[Submission]
    events: list[History]
    timers: list[Timer]
    jobs: list[Job]
    facts: dict[int, FactCase]
    records: dict[int, Record]
    rains: list[Rain]
    #: what was paid at the desk in the whole project, first versions, with when it was recorded
    receipts: list[tuple[datetime, str, dict[str, Any]]]
    #: who works there
    people: list[Actor]
    #: form key -> keys of its personal fields
    personal: dict[int, frozenset[str]]
    now: datetime
    #: what the walk was, for the message
    said: str = ""
    _by_task: dict[int, Submission] = field(default_factory=dict)

    def of(self, *elements: str, within: Instance | None = None) -> list[Task]:
        """Return the user tasks of steps, oldest first; of one instance or of all."""
        return [
            task for task in self.tasks
            if task.element in elements and (within is None or task.instance_key == within.key)
        ]  # fmt: skip

    def done(self, *elements: str, within: Instance | None = None) -> list[Task]:
        """Return those of them that somebody completed, in the order they were completed."""
        found = [one for one in self.of(*elements, within=within) if closed(one)]
        return sorted(found, key=lambda one: (one.closed_at, one.key))

    def values(self, task: Task) -> dict[str, Any]:
        """Return what a task was completed with: version 1, the one that routed the case."""
        if not self._by_task:
            self._by_task = {row.task_key: row for row in self.submissions if row.version == 1}
        found = self._by_task.get(task.key)
        return {} if found is None else found.data

    def before(self, moment: datetime, *elements: str, within: Instance) -> Task | None:
        """Return the last of these steps that was completed by a moment."""
        found = [
            one for one in self.done(*elements, within=within)
            if one.closed_at is not None and one.closed_at <= moment
        ]  # fmt: skip
        return found[-1] if found else None

    def running(self, process_id: str) -> Iterator[Instance]:
        """Yield the instances of a process in this family."""
        yield from (one for one in self.family if one.process_id == process_id)

    def called_by(self, caller: Instance, process_id: str) -> list[Instance]:
        """Return what an instance called, oldest first."""
        return [one for one in self.running(process_id) if one.parent_key == caller.key]

    def events_of(self, *kinds: Event) -> list[History]:
        return [event for event in self.events if event.kind in kinds]


def closed(task: Task) -> bool:
    """Say whether somebody completed a task."""
    return task.state == TaskState.COMPLETED


def moment(text: Any) -> datetime:
    """Read a moment of a form."""
    return datetime.fromisoformat(str(text))


def read(world: World, root_key: int, said: str = "") -> Case:
    """Read everything that a case left."""
    with world.database.read() as session:
        family = list(instances.family(session, root_key))
        keys = [one.key for one in family]
        tasks = list(
            session.scalars(select(Task).where(Task.root_key == root_key).order_by(Task.key))
        )
        submissions = list(
            session.scalars(
                select(Submission)
                .where(Submission.instance_key.in_(keys))
                .order_by(Submission.at, Submission.task_key, Submission.version)
            )
        )
        watching = {one.key for one in tasks if one.kind == TaskKind.SUPERVISE}
        case = Case(
            root=session.get_one(Instance, root_key), family=family,
            tasks=[one for one in tasks if one.kind == TaskKind.USER and one.token is not None],
            supervising=[one for one in tasks if one.kind == TaskKind.SUPERVISE],
            submissions=[one for one in submissions if one.task_key not in watching],
            events=list(session.scalars(select(History).where(History.instance_key.in_(keys))
                                        .order_by(History.instance_key, History.seq))),
            timers=list(session.scalars(select(Timer).where(Timer.instance_key.in_(keys)))),
            jobs=list(session.scalars(select(Job).where(Job.instance_key.in_(keys)))),
            facts=_by_key(session, FactCase, keys), records=_by_key(session, Record, keys),
            rains=list(session.scalars(
                select(Rain).where(Rain.tenant_id == family[0].tenant_id).order_by(Rain.at))),
            receipts=[
                (task.closed_at, task.element, row.data)
                for task, row in session.execute(
                    select(Task, Submission).join(Submission, Submission.task_key == Task.key)
                    .where(Task.element.in_(RECEIPTS), Task.kind == TaskKind.USER,
                           Submission.version == 1))
            ],
            people=list(world.people.values()),
            personal={one.form_key: _personal(compiled.form(session, one.form_key))
                      for one in submissions if one.form_key is not None},
            now=clock.now(), said=said,
        )  # fmt: skip
        session.expunge_all()
    return case


def told(case: Case) -> str:
    """Return everything of a case that lies outside its submissions, as text."""
    parts: list[Any] = [
        [(one.title, one.business_key, one.variables) for one in case.family],
        [(one.element, one.data) for one in case.events],
        [(one.element, one.variables, one.headers, one.error) for one in case.jobs],
        [one.codes for one in (*case.facts.values(), *case.records.values())],
        [(one.name, one.limits) for one in case.tasks],
    ]
    return json.dumps(parts, ensure_ascii=False, default=str)


def ended(instance: Instance) -> bool:
    """Say whether an instance came to one of its ends (and was not cancelled)."""
    return instance.state == InstanceState.COMPLETED


def may(person: Actor, action: str, thing: Any) -> bool:
    """Ask the table of rights."""
    return ports.ports.can(person, action, thing)


def _personal(form: forms.Form) -> frozenset[str]:
    """Return the personal fields that people fill in; what a process shows them it knew before."""
    shown = {
        part["key"] for part in form.schema["components"]
        if part.get("readonly")
        and str(part.get("properties", {}).get("default", "")).startswith("=variables.")
    }  # fmt: skip
    return form.personal - shown


def _by_key(session: Session, table: Any, keys: list[int]) -> dict[int, Any]:
    query = select(table).where(table.instance_key.in_(keys))
    return {row.instance_key: row for row in session.scalars(query)}
