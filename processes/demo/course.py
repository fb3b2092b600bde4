"""Let the invented complaints take their course: every step through the engine, on a moving clock."""

import heapq
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from engine import ids, instances, occurrences, tasks
from engine.db import Database
from engine.models import File, Instance, InstanceState, Submission, Task, TaskKind, TaskState
from engine.ports import COMPANY, Actor
from engine.testing import Hands, pass_time, settle
from processes.demo import events, owners, tours
from processes.demo.answers import ZONE, Case

_OPENS, _CLOSES = time(8, 40), time(17, 40)
#: minutes until a step is done once it is open, least and most; others take the first
_PACE: Mapping[str, tuple[int, int]] = {
    "": (15, 80),
    "T1_record": (3, 9),
    "P0_respond": (2, 4),
    "P0_duty": (4, 8),
    "T3_investigate": (40, 150),
    "T6_reply": (10, 40),
    "T6c_contact": (900, 1500),
    "T6e_mediate": (300, 900),
    "T5b_company": (240, 700),
    "T7r_repair": (300, 1500),
    "T7a_execute": (200, 1500),
    "C1_callback": (400, 2100),
    "T8_file": (60, 600),
    **tours.PACE,
}
#: what is done at any hour: the record, an emergency
_AT_ONCE = tours.AT_ONCE | {"T1_record", "P0_respond", "P0_duty"}
#: persons that a form asks for by their role
_NAMED: Mapping[str, tuple[tuple[str, str], ...]] = {
    "T8r_report": (("signed_by", "project_manager"),),
    "T7r_repair": (("worker", "eng_worker"),),
}
_PHOTOGRAPHED = tours.PICTURED | {"P0_duty", "T7r_repair"}
#: who starts a process that is not the assistants'
_STARTED_BY = {"daily_cash": "cashier"}
_SIGNED_FOR = 0.6
_LOOK_AGAIN = timedelta(hours=4)
#: what waits for rain or a week waits for days
_LOOK_LATER = timedelta(hours=12)


@dataclass(slots=True, kw_only=True)
class Course:
    """All cases under way, in the order of their next moments."""

    database: Database
    staff: Sequence[Actor]
    hands: Hands
    rng: random.Random
    #: hash and size of the photograph; None: steps that need one are left open
    picture: tuple[str, int] | None = None
    signature: tuple[str, int] | None = None

    def run(self, cases: Sequence[Case], until: datetime) -> None:
        """Do every step that falls before `until`, then let time pass up to it."""
        queue = [(case.began_at, number) for number, case in enumerate(cases)]
        heapq.heapify(queue)
        while queue:
            moment, number = heapq.heappop(queue)
            if moment > until:
                continue
            pass_time(self.database, self.hands, moment)
            coming = self._act(cases[number])
            if coming is not None:
                heapq.heappush(queue, (coming, number))
        pass_time(self.database, self.hands, until)

    def _act(self, case: Case) -> datetime | None:
        """Do the case's next step; return when the one after it is due, None when it rests."""
        if self._rests(case):
            self._leave(case)
            return None
        with self.database.begin() as session:
            if case.key is None:
                group = _STARTED_BY.get(case.process, "cs_assistant")
                starter = self._anyone(case, group, frozenset())
                started = instances.start(session, starter, case.process, tenant_id=case.tenant_id)
                case.key = started.key
            elif (task := self._next(session, case)) is not None:
                if case.reports and case.reports[0][0] == task.element:
                    self._report(session, case, case.reports.pop(0)[1])
                else:
                    self._complete(session, case, task)
                self._account_for_delays(session, case)
        settle(self.database)
        if case.key is not None:
            owners.hear(self.database, case.key)
        return self._coming(case)

    def _complete(self, session: Session, case: Case, task: Task) -> None:
        actor = self._performer(case, task)
        case.photo = partial(self._photograph, session, task, actor)
        case.sign = partial(self._sign, session, task, actor)
        case.somebody = lambda group: str(self._anyone(case, group, frozenset()).key)
        given = events.values(case, task.element, actor, self.hands.now)
        for name, group in _NAMED.get(task.element, ()):
            given[name] = str(self._anyone(case, group, frozenset()).key)
        tasks.complete(session, actor, task.key, given, files=_photo)

    def _report(self, session: Session, case: Case, name: str) -> None:
        """Let somebody report what the owner, a neighbour or the press said."""
        key = case.key or 0
        actor = self._anyone(case, events.BY[name], frozenset())
        element = occurrences.get(session, actor, key, name).element
        given = events.values(case, element, actor, self.hands.now)
        if case.main is not None and case.main.key is not None:
            given["main_case"] = session.get_one(Instance, case.main.key).business_key
        occurrences.report(session, actor, key, name, given)

    def _account_for_delays(self, session: Session, case: Case) -> None:
        """Let supervisors say why something was late, once it is done."""
        late = aliased(Task)
        query = (
            select(Task)
            .join(late, late.key == Task.cause_key)
            .where(Task.root_key == case.key, Task.state == TaskState.OPEN)
            .where(late.state != TaskState.OPEN)
        )
        for task in session.scalars(query).all():
            actor = self._performer(case, task)
            given = events.values(case, "supervise", actor, self.hands.now)
            tasks.complete(session, actor, task.key, given)

    def _photograph(self, session: Session, task: Task, actor: Actor) -> str:
        """Hang the photograph on the case, as taken by the person now."""
        return self._hang(session, task, actor, ("现场照片.jpg", *(self.picture or ("", 0))))

    def _sign(self, session: Session, task: Task, actor: Actor) -> str:
        """Let the customer sign on the staff member's screen."""
        return self._hang(session, task, actor, ("签名.jpg", *(self.signature or ("", 0))))

    def _hang(self, session: Session, task: Task, actor: Actor, image: tuple[str, str, int]) -> str:
        name, digest, size = image
        row = File(
            key=ids.new(), tenant_id=task.tenant_id, hash=digest, name=name,
            media_type="image/jpeg", size=size, instance_key=task.instance_key, by=actor.key,
            at=self.hands.now,
        )  # fmt: skip
        session.add(row)
        return str(row.key)

    def _coming(self, case: Case) -> datetime | None:
        """Return the moment of the case's next step."""
        with self.database.read() as session:
            if case.key is None or _is_over(session, case.key):
                return None
            task = self._next(session, case)
            element = None if task is None else task.element
        if element is None:
            return self.hands.now + (_LOOK_LATER if case.given else _LOOK_AGAIN)
        if element == case.stop and not case.reports:
            self._leave(case)
            return None
        least, most = _PACE.get(element, _PACE[""])
        moment = self.hands.now + timedelta(minutes=self.rng.randint(least, most))
        return moment if element in _AT_ONCE else _in_hours(moment, self.rng)

    def _rests(self, case: Case) -> bool:
        """Tell whether a timer brought the case to the step where it is to be left."""
        if case.key is None or case.reports or case.stop is None:
            return False
        with self.database.read() as session:
            task = self._next(session, case)
            return task is not None and task.element == case.stop

    def _next(self, session: Session, case: Case) -> Task | None:
        """Return the step to be done next: emergencies first, then the oldest."""
        query = select(Task).where(
            Task.root_key == case.key,
            Task.state == TaskState.OPEN,
            Task.kind == TaskKind.USER,
            Task.element.not_in(() if self.picture else sorted(_PHOTOGRAPHED)),
        )
        found = [task for task in session.scalars(query) if self._may_be_done(session, case, task)]
        return min(found, key=lambda one: (one.element not in _AT_ONCE, one.key), default=None)

    def _may_be_done(self, session: Session, case: Case, task: Task) -> bool:
        """Tell whether somebody is there for it, and the main case of a merged one answered."""
        candidates = task.candidates or {}
        excluded = frozenset(candidates.get("excluded", ()))
        groups = [group for group in (task.group, *candidates.get("groups", ())) if group]
        if task.assignee is None and not any(self._holders(case, g, excluded) for g in groups):
            return False
        if task.element != "T_tell_merged" or case.main is None or case.stop == task.element:
            return True
        answered = select(Submission.task_key).where(
            Submission.instance_key == case.main.key, Submission.element == "T6_reply"
        )
        return session.scalars(answered).first() is not None

    def _leave(self, case: Case) -> None:
        """Leave the case at this step, more often than not signed for by somebody."""
        with self.database.begin() as session:
            task = self._next(session, case)
            if task is not None and task.assignee is None and self.rng.random() < _SIGNED_FOR:
                tasks.claim(session, self._performer(case, task), task.key)

    def _performer(self, case: Case, task: Task) -> Actor:
        """Return who does a task: its assignee, else somebody of its groups who may."""
        if task.assignee is not None:
            return next(actor for actor in self.staff if actor.key == task.assignee)
        candidates = task.candidates or {}
        excluded = frozenset(candidates.get("excluded", ()))
        for group in (task.group, *candidates.get("groups", ())):
            holders = [] if group is None else self._holders(case, group, excluded)
            if holders:
                before = case.performers.get(task.element)
                chosen = next((one for one in holders if one is before), None) or self.rng.choice(
                    holders
                )
                if task.kind == TaskKind.USER:
                    case.performers[task.element] = chosen
                return chosen
        raise LookupError(f"nobody may do {task.element}")

    def _anyone(self, case: Case, group: str, excluded: frozenset[int]) -> Actor:
        return self.rng.choice(self._holders(case, group, excluded))

    def _holders(self, case: Case, group: str, excluded: frozenset[int]) -> list[Actor]:
        wanted = {(group, case.tenant_id), (group, COMPANY)}
        return [a for a in self.staff if a.memberships & wanted and a.key not in excluded]


def _is_over(session: Session, key: int) -> bool:
    return session.get_one(Instance, key).state != InstanceState.ACTIVE


def _in_hours(moment: datetime, rng: random.Random) -> datetime:
    """Move a moment outside the hours of work to the next morning."""
    local = moment.astimezone(ZONE)
    if local.time() > _CLOSES:
        local += timedelta(days=1)
    if not _OPENS <= local.time() <= _CLOSES:
        local = datetime.combine(local.date(), _OPENS, ZONE) + timedelta(minutes=rng.randint(0, 70))
    return local


def _photo(file_id: str) -> Mapping[str, object]:
    return {"key": file_id, "name": "现场照片.jpg", "media_type": "image/jpeg", "size": 1}
