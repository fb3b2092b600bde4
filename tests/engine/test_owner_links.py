"""A link does one case's acts and keeps them in its chain, on both databases."""

from datetime import timedelta

import pytest

from engine import clock, deployments, history, inbox, instances, tasks
from engine.deployments import Resource
from engine.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from engine.models import Instance, OwnerLink, Task, TaskState
from engine.outward import acts, links
from engine.ports import OWNER, SYSTEM, ports
from tests.engine import stage

_PROPERTIES = (
    b'<zeebe:properties><zeebe:property name="owner" value="sign"/>'
    b'<zeebe:property name="seals" value="a"/></zeebe:properties>'
)


@pytest.fixture
def people(database, hands, monkeypatch):
    return stage.open_to_owners(database, monkeypatch)


@pytest.fixture
def case(database, people):
    """A case whose first step is its owner's."""
    drawn = (stage.DIAGRAMS / "two_steps.bpmn").read_bytes()
    marked = drawn.replace(b"<zeebe:formDefinition", _PROPERTIES + b"<zeebe:formDefinition", 1)
    form = (stage.DIAGRAMS / "two_steps-a.form").read_bytes()
    with database.begin() as session:
        deployments.deploy(
            session, SYSTEM, [Resource("two_steps.bpmn", marked), Resource("a.form", form)]
        )  # fmt: skip
        return instances.start(session, people["he"], "two_steps", tenant_id="yj").key


def opened(database, case, *purposes, life=timedelta(days=3)) -> str:
    with database.begin() as session:
        row = links.open_link(
            session, session.get_one(Instance, case), purposes=purposes, life=life
        )
        return links.token(row.key)


def step(database, people) -> int:
    with database.read() as session:
        return inbox.search(session, people["he"], view="groups").rows[0].task.key


def test_the_owner_completes_the_step_and_the_chain_holds(database, people, case):
    token, task = opened(database, case, "sign"), step(database, people)

    with database.begin() as session:
        acts.complete(session, links.find(session, token, "1.2.3.4"), task, {"note": "好"})

    with database.read() as session:
        row = session.get_one(Task, task)
        assert (row.state, row.closed_by) == (TaskState.COMPLETED, OWNER.key)
        assert history.of(session, case)[-1].data["act"] == "completed"
        assert list(history.broken(session, case)) == []
        assert links.of_case(session, case)[0].uses == 1
    with database.begin() as session, pytest.raises(ConflictError):
        tasks.correct(session, people["zhou"], task, {"note": "改"}, reason="改")
    with database.begin() as session, pytest.raises(NotFoundError):
        acts.complete(session, links.find(session, token, "1.2.3.4"), task, {"note": "又"})


def test_every_act_asks_for_its_purpose(database, people, case):
    token, task = opened(database, case), step(database, people)

    for act in (
        lambda session, link: acts.complete(session, link, task, {"note": "好"}),
        lambda session, link: acts.rate(session, link, score=5),
        lambda session, link: acts.reopen(session, link, "没有解决"),
        lambda session, link: acts.urge(session, link, "快一点"),
    ):
        with database.begin() as session, pytest.raises((NotFoundError, ForbiddenError)):
            act(session, links.find(session, token, "1.2.3.4"))


def test_a_link_ends_by_time_and_by_hand(database, people, case, hands):
    short = opened(database, case, life=timedelta(hours=1))
    long = opened(database, case)
    hands.moment = clock.now() + timedelta(hours=1)

    with database.read() as session, pytest.raises(links.DeadLinkError) as expired:
        links.find(session, short, "1.2.3.4")
    with database.begin() as session:
        count = links.revoke(session, people["he"], session.get_one(Instance, case))
    with database.read() as session, pytest.raises(links.DeadLinkError) as revoked:
        links.find(session, long, "1.2.3.4")

    assert count == 1
    assert expired.value.message == revoked.value.message
    with database.read() as session:
        assert history.of(session, case)[-1].data["act"] == "revoked"


def test_a_link_is_made_for_known_purposes_and_not_for_ever(database, people, case):
    with database.begin() as session:
        instance = session.get_one(Instance, case)
        for wrong in (
            {"purposes": ["admin"], "life": links.LIFE},
            {"purposes": [], "life": links.LONGEST * 2},
            {"purposes": [], "life": timedelta()},
        ):
            with pytest.raises(InvalidInputError):
                links.create(session, people["he"], instance, **wrong)
        for _ in range(links.MOST_OPEN):
            links.create(session, people["he"], instance, purposes=["urge"], life=links.LIFE)
        with pytest.raises(InvalidInputError):
            links.create(session, people["he"], instance, purposes=["urge"], life=links.LIFE)
    with database.read() as session:
        assert session.get_one(Instance, case).ended_at is None


def test_the_holder_may_do_nothing_that_is_not_written(database, people, case):
    token, task = opened(database, case, *links.PURPOSES), step(database, people)
    with database.read() as session:
        owner = links.holder(session, links.find(session, token, "1.2.3.4"))
        instance, row = session.get_one(Instance, case), session.get_one(Task, task)
        asked = {
            action: ports.can(owner, action, thing)
            for thing in (instance, row)
            for action in ("personal.read", "task.assign", "task.correct", "instance.cancel",
                           "owner.tell", "definition.read", "archive.read", "case.withdraw")
        }  # fmt: skip
        assert not any(asked.values()), asked
        assert not ports.can(owner, "instance.read", "yj")
        assert not ports.can(owner, "instance.read", None)
        assert ports.can(owner, "task.work", row)
        assert isinstance(session.get(OwnerLink, owner.link_key), OwnerLink)
