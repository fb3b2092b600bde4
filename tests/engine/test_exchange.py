"""Messages and waits in any order, and at the same time, meet as they should."""

import random
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from engine import correlation, housekeeping, incidents, instances, messages
from engine.messages import DuplicateMessageError
from engine.models import Broadcast, ClosedJob, Incident, Message, MessageReceipt, StartLock
from engine.ports import SYSTEM
from tests.engine import post

#: the variable tells which message a case had
WAITS = (
    "start s -> m\ncatch m message=paid@bill -> x\nxor x -> u[=amount~>=~0] e[=amount~<~0]\n"
    "user u -> e\nend e"
)
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def company(people):
    """The small company."""


def publish(database, key, number, **more):
    with database.begin() as session:
        return messages.publish(
            session, SYSTEM, "paid", key, {"amount": number}, tenant_id="yj", **more
        )


def had(database, case):
    with database.read() as session:
        return session.get(instances.Instance, case).variables.get("amount")


class Expected:
    """What must come of it, from the definition alone: the oldest of both, while it lives."""

    def __init__(self):
        self.messages, self.waits, self.pairs, self.ids = {}, {}, {}, {}

    def publish(self, key, number, now, life, message_id):
        if message_id and self.ids.get((key, message_id), now) > now:
            return False
        if message_id:
            self.ids[key, message_id] = now + life
        waiting = self.waits.get(key)
        if waiting:
            self.pairs[waiting.pop(0)] = number
        else:
            self.messages.setdefault(key, []).append((number, now + life))
        return True

    def wait(self, key, case, now):
        alive = [one for one in self.messages.get(key, []) if one[1] > now]
        if alive:
            self.pairs[case] = alive[0][0]
            self.messages[key] = alive[1:]
        else:
            self.waits.setdefault(key, []).append(case)


@pytest.mark.parametrize("seed", range(12))
def test_any_order_of_publishing_waiting_and_time_gives_the_pairs_of_the_definition(
    seed, database, hands
):
    post.deploy(database, WAITS)
    dice, expected, cases = random.Random(seed), Expected(), []
    for number in range(40):
        act, key = dice.random(), f"K{dice.randrange(3)}"
        if act < 0.4:
            life = dice.choice([0, 1, 5, 60]) * SECOND
            message_id = dice.choice([None, None, "a", "b"])
            try:
                publish(database, key, number, time_to_live=life, message_id=message_id)
                taken = True
            except DuplicateMessageError:
                taken = False
            assert taken == expected.publish(key, number, hands.moment, life, message_id)
        elif act < 0.75:
            cases.append(post.start(database, bill=key))
            expected.wait(key, cases[-1], hands.moment)
        elif act < 0.9:
            hands.moment += dice.choice([1, 3, 10]) * SECOND
        else:
            correlation.run_due(database)

    post.settle(database)

    assert {case: had(database, case) for case in cases if had(database, case) is not None} == (
        expected.pairs
    )
    hands.moment += timedelta(hours=1)
    post.settle(database)
    with database.read() as session:
        left = [session.scalar(select(func.count()).select_from(rows))
                for rows in (Message, MessageReceipt)]  # fmt: skip
    assert left == [0, 0]


def test_publishers_starters_and_clockworks_at_the_same_time_lose_and_double_nothing(
    database, hands
):
    post.deploy(database, WAITS)
    numbers = range(40)

    def work(one):
        kind, number = one
        if kind == "publish":
            publish(database, f"K{number}", number)
        elif kind == "start":
            return post.start(database, bill=f"K{number}")
        else:
            correlation.run_due(database)
        return None

    todo = [(kind, n) for n in numbers for kind in ("publish", "start", "run")]
    random.Random(7).shuffle(todo)
    with ThreadPoolExecutor(8) as crowd:
        done = [crowd.submit(copy_context().run, work, one) for one in todo]
        found = {one[1]: f.result() for one, f in zip(todo, done, strict=True) if one[0] == "start"}
    while post.settle(database):
        pass

    assert {number: had(database, case) for number, case in found.items()} == {
        number: number for number in numbers
    }
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(MessageReceipt)) == len(numbers)


def test_one_message_for_two_clockworks_starts_one_instance_a_key(database, hands):
    post.deploy(database, "start s message=paid@bill -> u\nuser u -> e\nend e")
    for number in range(12):
        publish(database, f"K{number % 3}", number)

    def run(_):
        while correlation.run_due(database):
            pass

    with ThreadPoolExecutor(4) as crowd:
        list(crowd.map(lambda _: copy_context().run(run, _), range(4)))
    post.settle(database)
    hands.moment += SECOND
    post.settle(database)

    assert len(post.started(database)) == 3


def test_resolving_the_incident_brings_the_message_again(database, hands, caplog):
    post.deploy(database, WAITS.replace("amount~<~0", "amount~<~-9"))
    case = post.start(database, bill="B")
    publish(database, "B", -5)
    for _ in range(correlation.PATIENCE):
        post.settle(database)
        with database.read() as session:
            message = session.scalars(select(Message)).one()
        hands.moment = message.due_at
    with database.begin() as session:
        session.get_one(Message, message.key).variables = {"amount": 5}
        (incident,) = session.scalars(select(Incident)).all()
        incidents.resolve(session, SYSTEM, incident.key)

    post.settle(database)

    assert (incident.code, had(database, case)) == ("message-failed", 5)


def test_housekeeping_sweeps_what_has_served_its_time(database, hands):
    post.deploy(database, "start s message=paid@bill -> e\nend e")
    publish(database, "K", 1)
    post.settle(database)
    with database.begin() as session:
        session.add(Broadcast(key=1, tenant_id="yj", name="x", variables={},
                              broadcast_at=hands.moment, broadcast_by=0))  # fmt: skip
        session.add(ClosedJob(key=1, tenant_id="yj", instance_key=1, definition_key=1, token=1,
                              element="c", type="t", outcome="completed",
                              closed_at=hands.moment))  # fmt: skip
    hands.moment += timedelta(days=31)

    housekeeping.run(database)

    with database.read() as session:
        left = [session.scalar(select(func.count()).select_from(rows))
                for rows in (Broadcast, ClosedJob, StartLock)]  # fmt: skip
    assert left == [0, 0, 0]
