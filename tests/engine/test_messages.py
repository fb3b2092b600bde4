"""Messages find who waits: whichever comes first, once to each process, while they live."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from engine import correlation, instances, messages, tasks
from engine.errors import ForbiddenError, InvalidInputError, NotFoundError
from engine.messages import DuplicateMessageError
from engine.models import Incident, Message, MessageReceipt, Task
from engine.ports import SYSTEM
from tests.engine import post

WAITS = "start s -> m\ncatch m message=paid@bill -> u\nuser u -> e\nend e"
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def company(people):
    """The small company."""


def publish(database, key="B-7", name="paid", **more):
    with database.begin() as session:
        return messages.publish(
            session, SYSTEM, name, key, more.pop("variables", {}), tenant_id="yj", **more
        )


def test_a_message_reaches_the_token_that_waits_for_its_key(database, hands):
    post.deploy(database, WAITS)
    other, case = post.start(database, bill="B-8"), post.start(database, bill="B-7")

    publish(database, "B-7")
    post.settle(database)

    assert post.received(database, case) == ["m"]
    assert post.received(database, other) == []


def test_a_message_that_came_first_is_kept_until_its_token_waits(database, hands):
    post.deploy(database, WAITS)
    publish(database, time_to_live=HOUR)
    post.settle(database)
    hands.moment += HOUR - timedelta(seconds=1)

    case = post.start(database, bill="B-7")
    post.settle(database)

    assert post.received(database, case) == ["m"]


def test_a_message_is_gone_when_its_time_is_over(database, hands):
    post.deploy(database, WAITS)
    publish(database, time_to_live=HOUR)
    hands.moment += HOUR

    case = post.start(database, bill="B-7")
    post.settle(database)

    assert post.received(database, case) == []
    assert post.kept(database) == 0


def test_a_token_that_waited_in_time_gets_a_message_that_was_looked_at_late(database, hands):
    post.deploy(database, WAITS)
    publish(database, time_to_live=HOUR)
    hands.moment += timedelta(minutes=30)
    case = post.start(database, bill="B-7")
    hands.moment += 2 * HOUR  # no clockwork ran meanwhile

    post.settle(database)

    assert post.received(database, case) == ["m"]
    assert post.kept(database) == 0


def test_a_message_without_time_to_live_is_for_those_who_wait_already(database, hands):
    post.deploy(database, WAITS)
    early = post.start(database, bill="B-7")
    publish(database, time_to_live=timedelta())
    publish(database, "B-8", time_to_live=timedelta())
    late = post.start(database, bill="B-8")

    post.settle(database)

    assert post.received(database, early) == ["m"]
    assert post.received(database, late) == []
    assert post.kept(database) == 0


def test_a_message_goes_to_the_oldest_token_of_each_process_once(database, hands):
    post.deploy(database, WAITS)
    post.deploy(database, WAITS, process="q")
    first, second = post.start(database, bill="B-7"), post.start(database, bill="B-7")
    elsewhere = post.start(database, "q", bill="B-7")

    publish(database)
    post.settle(database)

    assert [post.received(database, key) for key in (first, second, elsewhere)] == [
        ["m"],
        [],
        ["m"],
    ]
    publish(database)
    post.settle(database)
    assert post.received(database, second) == ["m"]


def test_a_kept_message_comes_to_a_process_once_and_to_a_later_one_too(database, hands):
    post.deploy(database, WAITS)
    publish(database)
    first, second = post.start(database, bill="B-7"), post.start(database, bill="B-7")
    post.settle(database)

    post.deploy(database, WAITS, process="q")
    other = post.start(database, "q", bill="B-7")
    post.settle(database)

    assert [post.received(database, key) for key in (first, second, other)] == [["m"], [], ["m"]]


def test_messages_come_in_their_order(database, hands):
    post.deploy(database, "start s -> m\ncatch m message=paid@bill -> n\n"
                          "catch n message=paid@bill -> u\nuser u -> e\nend e")  # fmt: skip
    for number in (1, 2, 3):
        publish(database, variables={"amount": number})

    case = post.start(database, bill="B-7")
    post.settle(database)

    assert post.received(database, case) == ["m", "n"]
    with database.read() as session:
        oldest = session.scalars(select(Message.key).order_by(Message.key)).all()
        had = session.scalars(select(MessageReceipt.message_key)).all()
    assert sorted(had) == oldest[:2]


def test_the_same_id_is_taken_once_while_the_message_lives(database, hands):
    publish(database, message_id="x", time_to_live=HOUR)
    with pytest.raises(DuplicateMessageError):
        publish(database, message_id="x")
    publish(database, message_id="y")
    publish(database, "B-8", message_id="x")

    hands.moment += HOUR
    publish(database, message_id="x")

    post.settle(database)
    assert post.kept(database) == 3


def test_a_message_of_another_project_is_not_heard(database, hands):
    post.deploy(database, WAITS)
    case = post.start(database, tenant_id="tl", bill="B-7")

    publish(database)
    post.settle(database)

    assert post.received(database, case) == []


def test_a_boundary_message_and_a_completion_race_for_one_task(database, hands, people):
    post.deploy(database, "start s -> u\nuser u -> e\nend e\n"
                          "boundary b on=u message=stop@bill -> f\nend f")  # fmt: skip
    first, second = post.start(database, bill="B-1"), post.start(database, bill="B-2")
    publish(database, "B-1", name="stop")
    publish(database, "B-2", name="stop")
    with database.begin() as session:
        task = session.scalars(select(Task.key).where(Task.instance_key == first)).one()
        tasks.complete(session, SYSTEM, task, {})

    post.settle(database)

    assert post.path(database, first) == ["s", "u", "e"]
    assert post.path(database, second)[-2:] == ["b", "f"]
    assert post.state(database, first) == post.state(database, second) == "completed"
    assert post.waiting(database) == 0


def test_a_listener_that_does_not_interrupt_hears_every_message(database, hands):
    post.deploy(database, "start s -> u\nuser u -> e\nend e\n"
                          "boundary b on=u message=note@bill cancelActivity=false -> f\nend f")  # fmt: skip
    publish(database, name="note")
    case = post.start(database, bill="B-7")
    publish(database, name="note")
    post.settle(database)
    publish(database, name="note")
    post.settle(database)

    assert post.received(database, case) == ["b", "b", "b"]
    assert post.waiting(database) == 1


@pytest.mark.parametrize("interrupts", [True, False])
def test_event_sub_processes_hear_messages(database, hands, interrupts):
    post.deploy(database, "start s -> u\nuser u -> e\nend e\n{ sub x triggeredByEvent=true\n"
                          f"start xs message=press@bill isInterrupting={str(interrupts).lower()} -> xe\n"
                          "end xe\n}")  # fmt: skip
    case = post.start(database, bill="B-7")
    for _ in range(2):
        publish(database, name="press")
        post.settle(database)

    assert post.received(database, case) == (["xs"] if interrupts else ["xs", "xs"])
    assert post.state(database, case) == ("completed" if interrupts else "active")


def test_what_a_diagram_throws_goes_the_same_way(database, hands):
    post.deploy(database, WAITS)
    post.deploy(database, "start s -> t\nthrow t message=paid@bill -> u\n"
                          "send u asTask=1 message=late@bill -> e\nend e message=over@bill",
                process="thrower")  # fmt: skip
    for name in ("late", "over"):
        post.deploy(database, WAITS.replace("paid", name), process=name)
    waiting = [post.start(database, process, bill="B-7") for process in ("p", "late", "over")]

    post.start(database, "thrower", bill="B-7")
    post.settle(database)

    assert [post.received(database, key) for key in waiting] == [["m"]] * 3


def test_a_suspended_case_gets_its_message_when_it_moves_again(database, hands):
    post.deploy(database, WAITS)
    case = post.start(database, bill="B-7")
    set_state(database, case, "suspended")
    publish(database)
    post.settle(database)
    before = post.received(database, case)

    set_state(database, case, "active")
    with database.begin() as session:
        messages.look_again(session, [case])
    post.settle(database)

    assert (before, post.received(database, case)) == ([], ["m"])


def set_state(database, case, state):
    with database.begin() as session:
        session.get_one(instances.Instance, case).state = state


def test_a_message_that_breaks_its_case_comes_again_and_raises_an_incident(
    database, hands, monkeypatch, caplog
):
    post.deploy(database, "start s -> m\ncatch m message=paid@bill -> x\n"
                          "xor x -> u[=amount~>~1] e[=amount~<~1]\nuser u -> e\nend e")  # fmt: skip
    case = post.start(database, bill="B-7")
    publish(database, variables={"amount": 1})  # no flow is for it
    waits = []
    for _ in range(correlation.PATIENCE):
        post.settle(database)
        with database.read() as session:
            message = session.scalars(select(Message)).one()
        waits.append((message.due_at - hands.moment).total_seconds())
        hands.moment = message.due_at

    assert waits == [10, 20, 40, 80, 160, 320, 640, 86400]
    assert post.received(database, case) == []
    with database.read() as session:
        assert session.scalars(select(Incident.code)).all() == ["message-failed"]
    publish(database, variables={"amount": 2})  # what comes later is not held up
    post.settle(database)
    assert post.received(database, case) == ["m"]


def test_correlation_answers_at_once_or_says_that_nobody_waits(database, hands):
    post.deploy(database, WAITS)
    case = post.start(database, bill="B-7")

    with database.begin() as session:
        done = correlation.correlate(session, SYSTEM, "paid", "B-7", {}, tenant_id="yj")
    with pytest.raises(NotFoundError), database.begin() as session:
        correlation.correlate(session, SYSTEM, "paid", "B-7", {}, tenant_id="yj")

    assert done.instance_key == case
    assert post.received(database, case) == ["m"]
    assert post.kept(database) == 0


def test_who_may_not_send_and_how_long_a_message_may_live(database, people, monkeypatch):
    monkeypatch.setattr("engine.messages.ports.can", lambda *_: False)
    with pytest.raises(ForbiddenError), database.begin() as session:
        messages.publish(session, people["he"], "paid", "B-7", {}, tenant_id="yj")
    monkeypatch.undo()
    with pytest.raises(InvalidInputError):
        publish(database, time_to_live=timedelta(seconds=-1))
