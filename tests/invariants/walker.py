"""Takes a case a random way: random people, values, waiting, rain, reports, reassignments, restarts.

The walker only brings things about; it does not know what is right. A walk is told by its process
and its number alone, so that whatever it finds can be found again.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import select

import forms
from engine import clock, compiled, instances, messages, occurrences, rain, returning, tasks, timers
from engine.errors import EngineError, InvalidInputError
from engine.models import Instance, InstanceState, Task, TaskKind, TaskState
from engine.ports import SYSTEM, Actor, ports
from engine.testing import Hands, pass_time, settle
from tests.invariants import rows
from tests.invariants.filling import Filler, local_now
from tests.invariants.world import Template, World

#: moments at which cases begin: ordinary days, and the edges of holidays (local times are +8)
BEGINNINGS = (
    "2026-03-10T09:00", "2026-02-13T16:00", "2026-02-14T15:30", "2026-02-16T23:00",
    "2026-09-30T16:00", "2026-10-09T17:55", "2026-04-30T18:00", "2026-01-31T10:00",
    "2026-06-01T12:30", "2026-09-18T08:29",
)  # fmt: skip
#: minutes that pass between two things that people do
PASSING = (0, 5, 30, 90, 300, 720, 1_440, 4_320, 11_520, 36_000)
OFTEN = (30, 20, 20, 15, 10, 8, 6, 4, 2, 1)
STEPS = 70
_REPORTS = ("urge", "withdraw", "merge", "press")


class Walk:
    """One case on its way."""

    def __init__(self, world: World, process_id: str, number: int) -> None:
        self.world, self.process_id, self.number = world, process_id, number
        self.random = Random(f"{process_id} {number}")
        begins = datetime.fromisoformat(self.random.choice(BEGINNINGS) + "+08:00").astimezone(UTC)
        self.hands = Hands(now=begins + timedelta(minutes=self.random.choice((0, 7, 200))))
        #: some walks are rash: people who are late, sick owners, wrong values
        self.rashness = self.random.choice((0.0, 0.1, 0.35))
        self.names: dict[str, str] = {}
        self.root_key = 0
        #: what was done, for who has to understand a finding
        self.said: list[str] = []

    def run(self) -> rows.Case:
        """Take the whole way; return what it left."""
        with clock.at(self.hands):
            self._start()
            for _ in range(STEPS):
                if not self._open():
                    break
                self._step()
            settle(self.world.database)
            return rows.read(
                self.world, self.root_key, f"{self.process_id} {self.number}: {self.said}"
            )

    def _start(self) -> None:
        database = self.world.database
        others = [("main", 1)] if self.process_id == "complaint" else []
        for name, _ in (*others, ("", 1)):
            with database.begin() as session:
                case = instances.start(session, SYSTEM, self.process_id, tenant_id="yj")
                self.root_key = case.key
                if name:
                    self.names[name] = case.business_key or ""
            settle(database)
            if name:
                self._work_on(self._tasks()[0], plain=True)
                settle(database)

    def _open(self) -> bool:
        with self.world.database.read() as session:
            return session.get_one(Instance, self.root_key).state == InstanceState.ACTIVE

    def _step(self) -> None:
        open_tasks = self._tasks()
        chosen: Callable[[], None] = self.random.choices(
            (self._work, self._wait, self._report, self._hand_over, self._send_back, self._rain,
             self._publish, self._restart),
            weights=(60 if open_tasks else 0, 14, 3, 4, 2, 5, 1, 3),
        )[0]  # fmt: skip
        chosen()
        settle(self.world.database)
        if not open_tasks and not self._tasks():
            self._wait_for_something()

    def _tasks(self) -> list[Task]:
        with self.world.database.read() as session:
            query = select(Task).where(Task.root_key == self.root_key, Task.state == TaskState.OPEN)
            found = list(session.scalars(query.order_by(Task.key)))
            session.expunge_all()
            return found

    def _work(self) -> None:
        found = self._tasks()
        ordinary = [one for one in found if one.kind == TaskKind.USER] or found
        self._work_on(self.random.choice(ordinary if self.random.random() < 0.9 else found))
        minutes = self.random.choices(PASSING, OFTEN)[0] if self.random.random() < 0.5 else 0
        if minutes:
            self._pass(timedelta(minutes=minutes))

    def _work_on(self, task: Task, *, plain: bool = False) -> None:
        """Let somebody complete a task: mostly who may, now and then just anybody."""
        everyone = sorted(self.world.people.values(), key=lambda one: one.username)
        who = [one for one in everyone if ports.can(one, "task.work", task)]
        if not who or (not plain and self.random.random() < 0.08):
            who = everyone
        person = self.random.choice(who)
        if ports.can(person, "task.read", task):
            self._submit(task, person, plain=plain)

    def _submit(self, task: Task, person: Actor, *, plain: bool) -> None:
        with self.world.database.read() as session:
            process_id = session.get_one(Instance, task.instance_key).process_id
            form = None if task.form_key is None else compiled.form(session, task.form_key)
        filler = Filler(self.world, self.random, self.names)
        sample = filler.start([process_id, self.process_id, "complaint"], task.element)
        if task.kind == TaskKind.SUPERVISE:
            sample = filler.start(["complaint"], "T4s_supervise")
        values = sample if plain or form is None else self._varied(filler, form, task, sample)
        for attempt in range(6):
            try:
                self._complete(task, person, values)
            except InvalidInputError as refused:
                if form is None:
                    break
                self.said.append(f"{task.element} refused {sorted(refused.fields)}")
                base = values if attempt < 4 else sample
                values = filler.mend(form, base, list(refused.fields))
            except EngineError as refused:
                self.said.append(f"{task.element} by {person.username}: {refused.code}")
                return
            else:
                self.said.append(f"{task.element} by {person.username}")
                return

    def _varied(
        self, filler: Filler, form: forms.Form, task: Task, sample: dict[str, Any]
    ) -> dict[str, Any]:
        """Change what the sample says, and now and then spoil it."""
        values = sample if task.kind == TaskKind.SUPERVISE else filler.vary(form, sample)
        return filler.spoil(form, values) if self.random.random() < self.rashness else values

    def _complete(self, task: Task, person: Actor, values: dict[str, Any]) -> None:
        with self.world.database.begin() as session:
            tasks.complete(session, person, task.key, values, files=any_file)

    def _wait(self) -> None:
        self._pass(timedelta(minutes=self.random.choices(PASSING, OFTEN)[0]))

    def _wait_for_something(self) -> None:
        """Nobody has anything to do: go to the next moment of this case, or let a day go by."""
        if self.random.random() < 0.5:
            self._pass(timedelta(days=1))
            self._rain()
            return
        with self.world.database.read() as session:
            keys = [one.key for one in instances.family(session, self.root_key)]
            query = select(timers.Timer.due_at).where(timers.Timer.instance_key.in_(keys))
            coming = min(session.scalars(query), default=self.hands.now + timedelta(days=1))
        self._pass(max(coming - self.hands.now, timedelta(minutes=1)))

    def _pass(self, span: timedelta) -> None:
        """Let time pass with the clockwork running, or find it all due at once after an outage."""
        if self.random.random() < 0.85:
            pass_time(self.world.database, self.hands, self.hands.now + span)
            return
        self.hands.now += span
        self.said.append(f"{span} outage")
        settle(self.world.database)

    def _report(self) -> None:
        name = self.random.choice(_REPORTS)
        person = self.random.choice(self.world.of_group("cs_manager"))
        self._tried(f"report {name}", lambda: self._reported(name, person))

    def _reported(self, name: str, person: Actor) -> None:
        with self.world.database.begin() as session:
            offer = occurrences.get(session, person, self.root_key, name)
            sample = Filler(self.world, self.random, self.names).start(
                [self.process_id], offer.element)  # fmt: skip
            occurrences.report(session, person, self.root_key, name, sample, files=any_file)

    def _hand_over(self) -> None:
        found = self._tasks()
        if not found:
            return
        task, manager = self.random.choice(found), self.world.people["manager"]
        person = self.random.choice(sorted(self.world.people.values(), key=lambda p: p.username))
        self._tried(f"assign {task.element} to {person.username}",
                    lambda: self._assigned(task.key, manager, person.key))  # fmt: skip

    def _assigned(self, task_key: int, manager: Actor, to: int) -> None:
        with self.world.database.begin() as session:
            tasks.assign(session, manager, task_key, to)

    def _send_back(self) -> None:
        found = [one for one in self._tasks() if one.token is not None]
        if not found:
            return
        task = self.random.choice(found)
        self._tried(f"send back {task.element}", lambda: self._sent_back(task))

    def _sent_back(self, task: Task) -> None:
        with self.world.database.begin() as session:
            ways = returning.earlier(session, session.get_one(Task, task.key))
            if ways:
                way = self.random.choice(ways)
                self.said.append(f"… to {way.element}")
                returning.send_back(session, self.world.people["manager"], task.key,
                                    element=way.element, reason="再核对一次")  # fmt: skip

    def _rain(self) -> None:
        on = local_now().date() - timedelta(days=self.random.choice((0, 0, 1, 3)))
        level = self.random.choice(tuple(rain.LEVELS))
        self._tried(f"rain {on} {level}", lambda: self._rained(on, level))
        if self.random.random() < 0.5:
            self._pass(timedelta(minutes=15))

    def _rained(self, on: Any, level: str) -> None:
        with self.world.database.begin() as session:
            rain.record(session, self.world.people["guard"], "yj", on, level=level)

    def _publish(self) -> None:
        """A message of another system that names this case."""
        name = self.random.choice(("case.urge", "case.merge", "rain.ended", "callback.done"))
        self._tried(f"message {name}", lambda: self._published(name))

    def _published(self, name: str) -> None:
        with self.world.database.begin() as session:
            number = session.get_one(Instance, self.root_key).business_key
            messages.publish(session, SYSTEM, name, number, {}, tenant_id="yj")

    def _restart(self) -> None:
        compiled.forget()
        self.said.append("restart")

    def _tried(self, what: str, act: Callable[[], None]) -> None:
        try:
            act()
        except EngineError as refused:
            what += f": {refused.code}"
        self.said.append(what)


def any_file(file_id: str) -> dict[str, Any]:
    """Take any id for an uploaded picture."""
    return {"key": file_id, "name": "照片.jpg", "media_type": "image/jpeg", "size": 1}


class CashWalk(Walk):
    """A day or two at the desk: cash comes in early and late, the book opens at four."""

    def run(self) -> rows.Case:
        """Take the whole way; return the first day's book."""
        with clock.at(self.hands):
            self.hands.now = self.hands.now.replace(hour=2, minute=0)
            book = 0
            for _ in range(self.random.choice((1, 2))):
                self._take_cash(self.random.choice((0, 1, 2)), hour=3)
                self._until(8)
                book = self._open_book() or book
                self._some_work(self.random.randrange(5))
                self._take_cash(self.random.choice((0, 0, 1)), hour=11)
                self._some_work(self.random.randrange(3))
                self._until(26 if self.random.random() < 0.8 else 16)
                self._some_work(self.random.randrange(4))
            self._until(40)
            settle(self.world.database)
            return rows.read(self.world, book, f"cash {self.number}: {self.said}")

    def _open_book(self) -> int:
        with self.world.database.begin() as session:
            case = instances.start(session, SYSTEM, "daily_cash", tenant_id="yj")
            self.root_key = case.key
        settle(self.world.database)
        return self.root_key

    def _take_cash(self, count: int, *, hour: int) -> None:
        """Let people pay at the desk, mostly in cash."""
        self._until(hour)
        for _ in range(count):
            with self.world.database.begin() as session:
                bill = instances.start(
                    session, SYSTEM, "payment_at_desk", tenant_id="yj",
                    variables={"amount_due": 130, "bill": [], "weight": 50},
                )  # fmt: skip
            book, self.root_key = self.root_key, bill.key
            settle(self.world.database)
            if found := self._tasks():
                self._work_on(found[0])
            self.root_key = book

    def _some_work(self, count: int) -> None:
        for _ in range(count):
            if self._tasks():
                self._work()
            settle(self.world.database)

    def _until(self, hour: int) -> None:
        """Let the clock show an hour (UTC) of the day that is under way, or of the next."""
        midnight = self.hands.now.replace(hour=0, minute=0)
        pass_time(
            self.world.database, self.hands, max(self.hands.now, midnight + timedelta(hours=hour))
        )


def walk(template: Template, process_id: str, number: int) -> rows.Case:
    """Take one walk in a world of its own."""
    with template.copy() as world:
        return walk_in(world, process_id, number)


def walk_in(world: World, process_id: str, number: int) -> rows.Case:
    """Take one walk in a world that nobody else walked in."""
    kind = CashWalk if process_id == "daily_cash" else Walk
    return kind(world, process_id, number).run()
