"""What the lists show: offered to any of one's groups, assigned from outside them, never money."""

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from engine import clock, ids, inbox
from engine.db import Database
from engine.models import Instance, Task
from engine.ports import Actor
from engine.testing import walk
from tests.conftest import MONDAY

STEPS = {
    "process": "complaint", "tenant": "yj", "at": "2026-11-23T10:20+08:00", "by": "cs_assistant",
    "steps": [{"expect": {"open": ["T1_record"]}}],
}  # fmt: skip


def person(*groups: str, key: int = 7) -> Actor:
    held = frozenset((group, "yj") for group in groups)
    return Actor(key=key, username="x", name="某人", memberships=held)


@pytest.fixture
def case_key(project: Database) -> Iterator[int]:
    with clock.at(lambda: MONDAY):
        yield walk(STEPS, project).instance_key


def add_task(session: Session, case_key: int, **columns: object) -> int:
    case = session.get_one(Instance, case_key)
    row = Task(
        key=ids.new(), tenant_id="yj", instance_key=case.key, root_key=case.key,
        definition_key=case.definition_key, element="T7r_repair", name="实施维修", urged=0,
        kind="user", state="open", priority=50, opened_at=MONDAY, **columns,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row.key


def keys(database: Database, actor: Actor, view: str) -> set[int]:
    with database.read() as session:
        return {row.task.key for row in inbox.search(session, actor, view=view).rows}


def test_a_task_is_offered_to_every_group_that_may_do_it(project: Database, case_key: int) -> None:
    with project.begin() as session:
        task = add_task(
            session, case_key, group="eng_dispatch", candidates={"groups": ["eng_worker"]}
        )

    assert task in keys(project, person("eng_worker"), "groups")
    assert task in keys(project, person("eng_dispatch"), "groups")
    assert task not in keys(project, person("security"), "groups")


def test_what_is_assigned_from_another_group_is_mine(project: Database, case_key: int) -> None:
    with project.begin() as session:
        task = add_task(session, case_key, group="cs_manager", assignee=7)

    assert task in keys(project, person("eng_worker"), "mine")
    assert task not in keys(project, person("eng_worker", key=8), "all")


def test_a_repair_worker_sees_no_payment_even_as_cashier(project: Database, case_key: int) -> None:
    with project.begin() as session:
        task = add_task(session, case_key, group="cashier")

    assert task in keys(project, person("cashier"), "groups")
    assert task not in keys(project, person("cashier", "eng_worker"), "groups")
    assert task not in keys(project, person("cashier", "eng_worker"), "all")


def test_another_project_is_another_world(project: Database, case_key: int) -> None:
    with project.begin() as session:
        task = add_task(session, case_key, group="eng_dispatch")
    stranger = Actor(
        key=9, username="y", name="外人", memberships=frozenset({("eng_dispatch", "tl")})
    )

    assert task not in keys(project, stranger, "all")
    assert task not in keys(project, stranger, "groups")
