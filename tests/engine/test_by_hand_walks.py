"""Random acts by hand between random completions: rows and state agree, the history holds, nothing is lost."""

import random
from datetime import timedelta

import pytest
from sqlalchemy import select

from engine import (
    history,
    incidents,
    instances,
    jobs,
    operating,
    outbox,
    restarting,
    returning,
    runs,
    spiff,
    standing,
    tasks,
    timers,
    watchdog,
)
from engine.errors import EngineError
from engine.models import Event, Incident, Instance, Job, Submission, Subscription, Task, Timer
from engine.ports import SYSTEM, ports
from engine.spiff import Change
from tests.engine.diagrams_by_hand import deploy

ACTS, WALKS = 40, 6
DIAGRAMS = {
    "rework": """
start s -> m
xor m -> a
user a | WORK -> b
boundary late on=a timer=PT4H cancelActivity=false -> note
user note | WORK -> noted
end noted
user b | WORK -> q
xor q default=q_out -> q_back:m[=again~=~true] q_out:c
service c | JOB -> d
boundary wrong on=c error=broken -> x
user x | WORK -> d
user d | WORK -> z
task z -> e
end e
""",
    "parallel": """
start s -> f
and f -> a b w
user a | WORK -> a2
user a2 | WORK -> j
service b | JOB -> j
catch w timer=PT2H -> j
and j -> g
xor g default=no -> no:c yes:h[=amount~>~10]
user c | WORK -> e
user h | WORK -> e
end e
""",
    "nested": """
start s -> a
user a | WORK -> box
{ sub box -> race
start t -> x
user x | WORK -> y
user y | WORK -> u
end u
}
boundary out on=box timer=PT6H -> late
user late | WORK -> e
event race -> paid time
catch paid message=paid@bill -> k
catch time timer=PT3H -> k
xor k -> l
user l | WORK -> e
end e
""",
}


class Walk:
    """One case in the hands of dice."""

    def __init__(self, database, people, hands, name: str, seed: int) -> None:
        self.database, self.people, self.hands = database, people, hands
        self.dice = random.Random(f"{name}-{seed}")
        self.submitted, self.stuck = 0, False
        self.refused: list[str] = []
        with database.begin() as session:
            self.case = instances.start(
                session, people["he"], name, tenant_id="yj",
                variables={"again": False, "amount": 3, "bill": f"{name}{seed}"},
            ).key  # fmt: skip
        self.check()

    def act(self) -> None:
        """Do one thing; a refusal in words changes nothing."""
        verbs = [
            self.complete, self.complete, self.complete, self.later, self.work, self.suspend,
            self.resume, self.resume, self.move, self.send_back, self.set, self.skip, self.fail,
            self.enter_and_cancel, self.message,
        ]  # fmt: skip
        verb = self.dice.choice(verbs)
        if self.stuck:
            self.resume()
            watchdog.run(self.database)
            with self.database.read() as session:
                (found,) = incidents.open_of(session, [self.case])
                assert found.code == incidents.STUCK
            verb = self.move
        before = self.picture()
        try:
            verb()
        except EngineError as error:
            self.refused.append(error.code)
            assert self.picture() == before, (verb.__name__, "a refusal changed something")
        self.check()

    def picture(self) -> tuple:
        with self.database.read() as session:
            row = session.get_one(Instance, self.case)
            return row.revision, row.blob, row.history_seq, watchdog.tokens(session, self.case)

    def tasks(self) -> list[int]:
        with self.database.read() as session:
            query = select(Task.key).where(Task.instance_key == self.case, Task.state == "open",
                                           Task.kind == "user")  # fmt: skip
            return sorted(session.scalars(query))

    def complete(self) -> None:
        if keys := self.tasks():
            with self.database.begin() as session:
                tasks.complete(session, self.people["he"], self.dice.choice(keys), {})
            self.submitted += 1

    def later(self) -> None:
        self.hands.moment += timedelta(minutes=self.dice.choice([10, 90, 300]))
        while timers.run_due(self.database):
            pass

    def work(self) -> None:
        ok = self.dice.random() < 0.5

        def handler(_session, _work):
            if not ok:
                raise RuntimeError("no answer")
            return {}

        ports.handlers["outside"] = handler
        try:
            jobs.run_due(self.database)
        finally:
            del ports.handlers["outside"]
        with self.database.begin() as session:
            for one in incidents.open_of(session, [self.case]):
                incidents.resolve(session, self.people["zhou"], one.key)

    def message(self) -> None:
        with self.database.begin() as session:
            row = session.scalars(
                select(Subscription).where(Subscription.instance_key == self.case)
            ).first()
            if row is not None:
                run = runs.lock_moving(session, self.case)
                assert run.key == self.case
        outbox.run_due(self.database)

    def by_hand(self, verb, *given, **more) -> None:
        with self.database.begin() as session:
            verb(session, self.people["zhou"], *given, reason="掷骰子", **more)

    def suspend(self) -> None:
        self.by_hand(operating.suspend, self.case)

    def resume(self) -> None:
        self.by_hand(operating.resume, self.case)

    def standing(self) -> list[standing.Standing]:
        with self.database.read() as session:
            return standing.of(session, self.people["zhou"], self.case)

    def move(self) -> None:
        if found := [one for one in self.standing() if one.targets]:
            one = self.dice.choice(found)
            target = self.dice.choice([t for t, _ in one.targets if t != "e"])
            self.by_hand(operating.modify, self.case, Change(moves=[(one.token, target)]))

    def enter_and_cancel(self) -> None:
        if found := [one for one in self.standing() if one.targets]:
            one = self.dice.choice(found)
            target = self.dice.choice([t for t, _ in one.targets if t != "e"])
            self.by_hand(operating.modify, self.case, Change(enter=[target], cancel=[one.token]))

    def send_back(self) -> None:
        if keys := self.tasks():
            key = self.dice.choice(keys)
            with self.database.read() as session:
                steps = returning.earlier(session, session.get_one(Task, key))
            if steps:
                self.by_hand(returning.send_back, key, element=self.dice.choice(steps).element)

    def set(self) -> None:
        name, value = self.dice.choice([("again", True), ("again", False), ("amount", 11)])
        self.by_hand(operating.set_variables, self.case, {name: value})

    def skip(self) -> None:
        if found := self.standing():
            self.by_hand(operating.skip, self.case, self.dice.choice(found).token)

    def fail(self) -> None:
        if found := [one for one in self.standing() if one.errors]:
            self.by_hand(operating.fail_onward, self.case, self.dice.choice(found).token,
                         code="broken")  # fmt: skip

    def unstick(self, *, waits: bool) -> None:
        """Tokens left alone at a join by a move are found by the watchdog and can be moved on."""
        self.stuck = not waits
        if not waits:
            assert {one.kind for one in self.standing()} == {"join"}

    @property
    def over(self) -> bool:
        with self.database.read() as session:
            return session.get_one(Instance, self.case).ended_at is not None

    def check(self) -> None:
        """Rows equal waits, the chain holds, what was submitted is there."""
        with self.database.read() as session:
            row = session.get_one(Instance, self.case)
            assert list(history.broken(session, self.case)) == []
            count = len(session.scalars(
                select(Submission).where(Submission.instance_key == self.case)).all())  # fmt: skip
            assert count == self.submitted
            waits = set()
            if row.ended_at is None:
                run = runs.load(session, self.case)
                waits = {wait.token for wait in spiff.waits(run.which.model, run.blob)}
                self.unstick(waits=bool(waits))
            assert watchdog.tokens(session, self.case) == waits
            due = {
                timer.token: timer for timer in session.scalars(
                    select(Timer).where(Timer.instance_key == self.case, Timer.kind == "token"))
            }  # fmt: skip
            assert set(due) <= waits
            held = {job.state for job in session.scalars(
                select(Job).where(Job.instance_key == self.case))}  # fmt: skip
            if row.state == "suspended":
                assert held <= {"suspended", "failed"}
            else:
                assert "suspended" not in held


@pytest.mark.slow
@pytest.mark.parametrize("name", DIAGRAMS)
def test_acts_by_hand_between_completions_keep_everything_whole(name, database, people, hands):
    deploy(database, DIAGRAMS[name], name=name)
    acted: set[str] = set()

    for seed in range(WALKS):
        walk = Walk(database, people, hands, name, seed)
        for _ in range(ACTS):
            if walk.over:
                break
            walk.act()
        with database.read() as session:
            acted |= {event.kind for event in history.of(session, walk.case)}
        if not walk.over:
            with database.begin() as session:
                if walk.dice.random() < 0.5:
                    restarting.restart(session, SYSTEM, walk.case, reason="掷骰子")
                else:
                    instances.cancel(session, people["zhou"], walk.case, reason="掷骰子")
        walk.check()

    assert watchdog.run(database) == 0
    assert {Event.SUSPENDED, Event.CONTINUED, Event.MOVED, Event.SKIPPED} <= acted
    with database.read() as session:
        stuck = select(Incident).where(Incident.code == incidents.STUCK)
        assert name == "parallel" or session.scalars(stuck).all() == []
