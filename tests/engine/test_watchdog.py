"""An open case that waits for nothing is found once, and what its state waits for can come back."""

import pytest
from sqlalchemy import delete, select, update

from engine import incidents, operating, spiff, watchdog
from engine.errors import ConflictError
from engine.models import Incident, Instance, Task, TaskState, Timer
from engine.runs import load
from tests.engine.diagrams_by_hand import deploy, start
from tests.engine.test_operating import act, complete, kinds, open_tasks

PATH = """
start s -> a
user a | WORK -> w
catch w timer=PT1H -> e
end e
"""


@pytest.fixture
def case(database, people):
    deploy(database, PATH)
    return start(database, people["he"])


def lose(database, case, rows):
    """Take the rows away behind the engine's back."""
    with database.begin() as session:
        if rows is Task:
            session.execute(
                update(Task).where(Task.instance_key == case).values(state=TaskState.CANCELLED)
            )
        else:
            session.execute(delete(rows).where(rows.instance_key == case))


def test_a_case_that_waits_for_something_is_left_alone(database, people, case):
    complete(database, people["he"], start(database, people["he"]), "a")

    assert watchdog.run(database) == 0


@pytest.mark.parametrize("rows", [Task, Timer], ids=["task", "timer"])
def test_a_case_that_waits_for_nothing_gets_one_incident(rows, database, people, case):
    if rows is Timer:
        complete(database, people["he"], case, "a")
    lose(database, case, rows)

    assert [watchdog.run(database), watchdog.run(database)] == [1, 0]

    with database.read() as session:
        (found,) = session.scalars(select(Incident)).all()
        assert (found.code, found.element) == ("stuck", "w" if rows is Timer else "a")


def test_trying_again_brings_back_what_the_state_waits_for(database, people, case):
    lose(database, case, Task)
    watchdog.run(database)
    with database.read() as session:
        key = session.scalars(select(Incident.key)).one()

    act(database, incidents.resolve, people["zhou"], key)

    assert set(open_tasks(database, case)) == {"a"}
    assert kinds(database, case).count("repaired") == 1
    complete(database, people["he"], case, "a")
    assert watchdog.run(database) == 0
    with database.read() as session:
        assert watchdog.missing(session, load(session, case)) == []


def test_a_suspended_case_is_not_stuck(database, people, case):
    act(database, operating.suspend, people["zhou"], case, reason="等")
    lose(database, case, Task)

    assert watchdog.run(database) == 0


def test_a_case_whose_state_waits_for_nothing_keeps_its_incident(
    database, people, case, monkeypatch
):
    lose(database, case, Task)
    watchdog.run(database)
    with database.read() as session:
        key = session.scalars(select(Incident.key)).one()
    monkeypatch.setattr(spiff, "waits", lambda *_: ())

    with pytest.raises(ConflictError):
        act(database, incidents.resolve, people["zhou"], key)

    with database.read() as session:
        assert session.get_one(Incident, key).resolved_at is None


def test_every_open_case_is_looked_at_in_batches(database, people, case, monkeypatch):
    monkeypatch.setattr(watchdog, "BATCH", 3)
    cases = [case, *(start(database, people["he"]) for _ in range(7))]
    for one in cases[1::2]:
        lose(database, one, Task)
        lose(database, one, Timer)

    assert watchdog.run(database) == 4
    with database.read() as session:
        found = set(session.scalars(select(Incident.instance_key)))
        assert found == set(cases[1::2])
        assert session.get_one(Instance, cases[1]).state == "active"
