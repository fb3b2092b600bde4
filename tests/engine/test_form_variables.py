"""A form reads what its step knows: `variables`, with the step's own inputs."""

import pytest

from engine import cases, compiled, instances, tasks
from engine.errors import InvalidVariablesError
from engine.models import Instance, Task
from tests.engine import stage


@pytest.fixture
def desk(database, people):
    """The key of a task that was handed a sum of 12.50."""
    stage.deploy(database, "desk")
    with database.begin() as session:
        started = instances.start(
            session, people["he"], "desk", tenant_id="yj", variables={"quote": {"total": 12.5}}
        )
        return session.query(Task).filter_by(instance_key=started.key).one().key


def test_a_form_is_prefilled_from_the_inputs_of_its_step(database, people, desk):
    with database.read() as session:
        task = session.get_one(Task, desk)
        here = session.get_one(Instance, task.instance_key)
        form = compiled.form(session, task.form_key)
        context = cases.context(session, here, people["he"], form=form, token=task.token)
        assert form.prefill(context)["due"] == 12.5


def test_what_was_handed_over_is_not_taken_from_the_browser(database, people, desk):
    with pytest.raises(InvalidVariablesError) as refused, database.begin() as session:
        tasks.complete(session, people["he"], desk, {"due": 99, "paid": 20})
    assert list(refused.value.fields) == ["f2"]
    with database.begin() as session:
        tasks.complete(session, people["he"], desk, {"due": 99, "paid": 12})
    with database.read() as session:
        task = session.get_one(Task, desk)
        (filled,) = cases.filled(session, people["he"], task.instance_key)
    assert (filled.submission.data["due"], filled.submission.data["paid"]) == ("12.5", "12")
