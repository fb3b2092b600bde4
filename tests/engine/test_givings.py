"""What an owner gives into a step of staff is kept beside the drafts and joins the form."""

from datetime import timedelta

import pytest

from engine import history, housekeeping, submissions, tasks
from engine.deployments import Resource, deploy
from engine.errors import ConflictError, InvalidVariablesError, NotFoundError, TaskClosedError
from engine.instances import start
from engine.models import Task, TaskState
from engine.outward import acts, givings, links
from engine.ports import SYSTEM
from tests.engine import stage
from tests.engine.test_owner_links import opened, step

_PROPERTIES = (
    b'<zeebe:properties><zeebe:property name="owner" value="sign"/>'
    b'<zeebe:property name="ownerGives" value="mark"/></zeebe:properties>'
)
_FORM = b"""{"type": "default", "id": "two_steps-a", "name": "A", "schemaVersion": 19, "components": [
  {"type": "textfield", "id": "note", "key": "note", "label": "note", "validate": {"required": true}},
  {"type": "textfield", "id": "mark", "key": "mark", "label": "mark", "validate": {"required": true}}
]}"""


@pytest.fixture
def people(database, hands, monkeypatch):
    return stage.open_to_owners(database, monkeypatch)


@pytest.fixture
def case(database, people):
    """A case whose first step is staff's, with one field for the owner."""
    drawn = (stage.DIAGRAMS / "two_steps.bpmn").read_bytes()
    marked = drawn.replace(b"<zeebe:formDefinition", _PROPERTIES + b"<zeebe:formDefinition", 1)
    with database.begin() as session:
        deploy(session, SYSTEM, [Resource("two_steps.bpmn", marked), Resource("a.form", _FORM)])
        return start(session, people["he"], "two_steps", tenant_id="yj").key


def test_the_owner_gives_their_field_alone_and_once(database, people, case):
    token, task = opened(database, case, "sign"), step(database, people)

    def give(**values):
        with database.begin() as session:
            givings.answer(session, links.find(session, token, "1.2.3.4"), task, values)

    with pytest.raises(InvalidVariablesError):
        give(note="mine")
    give(mark="x", note="mine")
    with pytest.raises(ConflictError):
        give(mark="y")
    with pytest.raises(NotFoundError), database.begin() as session:
        acts.complete(
            session, links.find(session, token, "1.2.3.4"), task, {"mark": "y", "note": "z"}
        )

    with database.read() as session:
        known = givings.of(session, task)
        assert known is not None
        assert dict(known.values) == {"mark": "x"}
        assert session.get_one(Task, task).state == TaskState.OPEN
        assert submissions.draft(session, task, people["he"].key) is None
        assert history.of(session, case)[-1].data["act"] == "gave"
        assert list(history.broken(session, case)) == []
        assert links.of_case(session, case)[0].uses == 1


def test_what_was_given_goes_once_the_step_is_done(database, people, case):
    token, task = opened(database, case, "sign"), step(database, people)
    with database.begin() as session:
        givings.answer(session, links.find(session, token, "1.2.3.4"), task, {"mark": "x"})
    with database.begin() as session:
        tasks.complete(session, people["he"], task, {"note": "ours", "mark": "x"})
    with pytest.raises(TaskClosedError), database.begin() as session:
        givings.answer(session, links.find(session, token, "1.2.3.4"), task, {"mark": "y"})

    housekeeping.run(database)

    with database.read() as session:
        assert givings.of(session, task) is None


@pytest.mark.parametrize(
    ("draft", "newer", "expected"),
    [
        (None, True, {"n": 2, "words": "b"}),
        ({"n": 1, "words": "mine"}, True, {"n": 2, "words": "mine"}),
        ({"n": 7, "words": "mine"}, False, {"n": 7, "words": "mine"}),
        ({"n": None, "words": ""}, False, {"n": 2, "words": "b"}),
    ],
)
def test_counts_follow_the_newest_and_words_of_staff_stay(hands, draft, newer, expected):
    given = givings.Given(values={"n": 2, "words": "b"}, at=hands.moment, counted=["n"])
    drafted_at = hands.moment + timedelta(minutes=-1 if newer else 1)

    assert givings.merged(given, draft, drafted_at, {}) == expected


def test_a_new_signature_takes_the_place_of_one_from_before(hands):
    signed = givings.Given(values={"sign": "2"}, at=hands.moment)
    counted = givings.Given(values={"n": 1}, at=hands.moment, counted=["n"])

    assert givings.merged(signed, {}, None, {"sign": "1", "note": "x"}) == {
        "sign": "2",
        "note": "x",
    }
    assert givings.merged(counted, {}, None, {"n": 20}) == {"n": 20}
