"""The walking project behind its HTTP interface, for those who try to get round an invariant."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import func, select
from werkzeug.test import TestResponse

from api import tokens
from api.app import create_app
from api.settings import Settings
from engine import clock, identity, instances, tasks
from engine.models import History, Instance, Submission, Task, TaskKind, TaskState, User
from engine.ports import SYSTEM, Actor, ports
from engine.testing import Hands, pass_time, settle
from tests.invariants.filling import Filler
from tests.invariants.walker import any_file
from tests.invariants.world import World

PASSWORD = "一个够长的口令-2026"
#: people who try things
TOKENS = ("worker", "worker-2", "worker-cashier", "worker-assistant", "worker-head", "assistant",
          "assistant-2", "manager", "cashier", "dispatcher", "guard", "leader", "finance")  # fmt: skip
BEGIN = datetime.fromisoformat("2026-03-10T09:00+08:00")


class Office:
    """A project where cases are brought as far as a trial needs, then tried through the API."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world, self.hands = world, Hands(now=BEGIN)
        self.database = world.database
        identity.use_password_cost(time_cost=1, memory_kib=64)
        with clock.at(self.hands), self.database.begin() as session:
            for name in TOKENS:
                user = session.get_one(User, world.people[name].key)
                identity.set_password(session, user, PASSWORD)
        settings = Settings(database_url=self.database.url, folder=folder, company="试验")
        self.app = create_app(settings, self.database)
        self._filler = Filler(world, Random(1), {})

    def begin(self, process_id: str, **variables: Any) -> int:
        """Start a case; return its key."""
        with self.database.begin() as session:
            key = instances.start(session, SYSTEM, process_id, tenant_id="yj",
                                  variables=variables).key  # fmt: skip
        settle(self.database)
        return key

    def go(self, case: int, element: str, by: str | None = None, **values: Any) -> Task:
        """Complete a step by somebody who may, with its sample and these values."""
        task = self.task(case, element)
        person = self.world.people[by] if by else self._somebody(task)
        filled = {**self.sample(case, element), **values}
        with self.database.begin() as session:
            tasks.complete(session, person, task.key, filled, files=any_file)
        settle(self.database)
        return task

    def sample(self, case: int, element: str) -> dict[str, Any]:
        """Return what the scenarios fill a step in with."""
        with self.database.read() as session:
            process_id = session.get_one(Instance, case).process_id
        return self._filler.start([process_id, "complaint", "repair"], element)

    def task(self, case: int, element: str, kind: TaskKind = TaskKind.USER) -> Task:
        """Return the open task of a step in a case or in what it called."""
        with self.database.read() as session:
            query = select(Task).where(
                Task.root_key == case, Task.element == element, Task.kind == kind,
                Task.state == TaskState.OPEN,
            )  # fmt: skip
            found = session.scalars(query.order_by(Task.key)).first()
            assert found is not None, f"{element} is not open"
            session.expunge_all()
            return found

    def open(self, case: int) -> set[str]:
        """Return the steps that wait for somebody."""
        with self.database.read() as session:
            query = select(Task.element).where(
                Task.root_key == case, Task.state == TaskState.OPEN, Task.kind == TaskKind.USER
            )
            return set(session.scalars(query))

    def past(self, **span: float) -> None:
        """Let time pass."""
        pass_time(self.database, self.hands, self.hands.now + timedelta(**span))

    def ask(self, who: str, method: str, path: str, json: Any = None) -> TestResponse:
        """Ask as somebody with an ordinary sign-in."""
        client = self.app.test_client(use_cookies=False)
        return client.open(path, method=method, auth=(who, PASSWORD), json=json)

    def complete(self, who: str, task: Task, values: Mapping[str, Any]) -> TestResponse:
        """Try to complete a task."""
        return self.ask(who, "POST", f"/api/v1/tasks/{task.key}/completion",
                        {"variables": dict(values)})  # fmt: skip

    def rows(self) -> tuple[int, ...]:
        """Count what a refused request must leave alone."""
        with self.database.read() as session:
            return tuple(
                session.scalar(select(func.count()).select_from(table)) or 0
                for table in (Task, Submission, History, Instance)
            )

    def _somebody(self, task: Task) -> Actor:
        people = sorted(
            self.world.people.values(), key=lambda one: (len(one.memberships), one.username)
        )
        with self.database.read() as session:
            row = session.get_one(Task, task.key)
            return next(one for one in people if ports.can(one, "task.work", row))


@contextmanager
def office(world: World, folder: Path) -> Iterator[Office]:
    """Open the office with its own clock."""
    tokens.forget()
    made = Office(world, folder)
    with clock.at(made.hands):
        yield made
    tokens.forget()


def refused(answer: TestResponse, status: int, code: str, *fields: str) -> None:
    """Check that a request was refused as it should be: status, stable code, fields at fault."""
    body = answer.get_json(silent=True) or {}
    assert (answer.status_code, body.get("code")) == (status, code), answer.text[:500]
    assert set(fields) <= set(body.get("fields") or body.get("errors") or {}), body
