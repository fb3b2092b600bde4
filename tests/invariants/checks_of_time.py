"""The invariants about time: cash of the day, callbacks, rain, working days, outages."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from engine import rain
from engine.models import Event, Instance, Task, to_ms
from tests.invariants import reference
from tests.invariants.rows import ZONE, Case, closed, moment
from tests.invariants.verdict import must

#: step -> how it was paid, how much of it was cash
_RECEIPTS = {"PAY_desk": ("method", "amount"), "M3_fees": ("pay_method", "cash_amount")}
_CALLED_BACK = timedelta(hours=24)
#: steps of a complaint whose performers do not ask its owner afterwards
_HANDS = ("T7a_execute", "T7r_repair", "T7b_verify")
_FIRST_ANSWERS = ("T6_reply", "T2u_explain", "T2n_explain", "T_tell_merged")
_COUNTING = ("medium", "heavy")


def five(case: Case) -> int:
    """Cash of a day that was not deposited on it raises an exception the same day."""
    seen = 0
    for book in case.running("daily_cash"):
        day = book.started_at.astimezone(ZONE).date()
        if case.now < _end_of(day):
            continue
        counted = sum(_amount(case, task, "counted") for task in case.done("D1_count", within=book))
        taken = sum(_cash(at, element, data, day) for at, element, data in case.receipts)
        deposited = sum(
            _amount(case, task, "deposited") for task in case.done("D2_deposit", within=book)
            if moment(case.values(task)["deposited_at"]).astimezone(ZONE).date() == day
            and task.closed_at is not None and task.closed_at < _end_of(day)
        )  # fmt: skip
        if not max(counted, taken):
            continue
        seen += 1
        raised = any(
            task.opened_at.astimezone(ZONE).date() == day
            for task in case.of("D4_exception", within=book)
        )
        must(raised or deposited >= taken, 5, case,
             f"{taken} taken on {day}, {deposited} deposited, and nobody was told")  # fmt: skip
    return seen


def _amount(case: Case, task: Task, name: str) -> Decimal:
    return Decimal(str(case.values(task).get(name) or 0))


def _cash(at: datetime, element: str, data: Mapping[str, Any], day: date) -> Decimal:
    """Return the cash part of a receipt that was recorded on a day, before its last minute."""
    method, amount = _RECEIPTS[element]
    if data.get(method) != "cash" or at.astimezone(ZONE).date() != day or at >= _end_of(day):
        return Decimal(0)
    return Decimal(str(data.get(amount) or 0))


def _end_of(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 23, 59, tzinfo=ZONE)


def six(case: Case) -> int:
    """After an urgent repair the callback is due 24 hours later, whatever day; not by its worker.

    Nor does who worked on or verified a complaint call back, while somebody else could.
    """
    seen = _called_back_by_others(case)
    for repair in case.running("repair"):
        urgent = repair.variables.get("class") in {"emergency", "urgent"}
        for call in case.called_by(repair, "callback"):
            work = case.before(call.started_at, "R7_finish", within=repair)
            must(work is not None, 6, case, "a callback before anything was finished")
            if work is None:
                continue
            workers = {task.closed_by for task in case.done("R7_finish", within=repair)
                       if task.closed_at is not None and task.closed_at <= call.started_at}  # fmt: skip
            for task in case.of("C1_callback", within=call):
                must(task.closed_by not in workers or not closed(task), 6, case,
                     "the worker called back on the own work")  # fmt: skip
                if urgent and not repair.variables.get("leak"):
                    seen += 1
                    wanted = moment(case.values(work)["finished_at"]) + _CALLED_BACK
                    must(task.due_at == wanted, 6, case, f"due {task.due_at}, not {wanted}")
    return seen


def _called_back_by_others(case: Case) -> int:
    """Who worked on a complaint or verified it leaves the callback to another."""
    seen = 0
    for task in case.done("C1_callback"):
        hands = {
            one.closed_by for one in case.done(*_HANDS)
            if one.closed_at is not None and one.closed_at <= task.opened_at and one.key < task.key
        }  # fmt: skip
        if not hands or not _able(case, task) - hands:
            continue
        seen += 1
        must(task.closed_by not in hands, 6, case, "who worked or verified called back")
    return seen


def _able(case: Case, task: Task) -> set[int | None]:
    """Return who holds a role that a task is offered to."""
    offered = {task.group, *(task.candidates or {}).get("groups", ())}
    return {one.key for one in case.people if offered & one.groups("yj")}


def over_festival(case: Case) -> bool:
    """Say whether an urgent callback of this case was due in Spring Festival."""
    first, last = reference.FESTIVAL
    return any(
        task.due_at is not None and first <= task.due_at.astimezone(ZONE).date() <= last
        for task in case.of("C1_callback")
    )


def seven(case: Case) -> int:
    """After a leak repair: no callback before rain that counts; such rain releases it once."""
    seen = 0
    for repair in case.running("repair"):
        if not repair.variables.get("leak"):
            continue
        calls = case.called_by(repair, "callback")
        finished = [task for task in case.done("R7_finish", within=repair)
                    if case.values(task).get("repair_result") in {"fixed", "temp"}]  # fmt: skip
        must(len(calls) <= len(finished), 7, case, f"{len(calls)} callbacks")
        for call in calls:
            work = max((t for t in finished if t.closed_at and t.closed_at <= call.started_at),
                       key=lambda t: (t.closed_at, t.key))  # fmt: skip
            seen += 1
            must(_asked_anyway(case, repair, call.started_at) or _rained(case, work, call.started_at),
                 7, case, f"callback {call.started_at} without rain since {work.closed_at}")  # fmt: skip
        seen += _released(case, repair, finished, calls)
    return seen


def _asked_anyway(case: Case, repair: Instance, at: datetime) -> bool:
    """Say whether somebody decided, after sixty dry days, to call now."""
    asked = case.before(at, "R15x_no_rain", within=repair)
    return asked is not None and asked.closed_at == at and case.values(asked)["no_rain"] == "call"


def _day_of(case: Case, work: Task) -> date:
    return moment(case.values(work)["finished_at"]).astimezone(ZONE).date()


def _rained(case: Case, work: Task, by: datetime) -> bool:
    return any(
        row.on > _day_of(case, work) and row.level in _COUNTING and row.signal_key is not None
        and row.at <= by for row in case.rains
    )  # fmt: skip


def _released(case: Case, repair: Instance, finished: list[Task], calls: list[Instance]) -> int:
    """A day of rain told while a case waited must have released it."""
    waits = [event for event in case.events
             if event.instance_key == repair.key and "G_rain" in (event.data or {}).get("path", ())]  # fmt: skip
    if not waits or not finished or repair.ended_at is not None:
        return 0
    since, work = max(event.at for event in waits), finished[-1]
    asking = case.of("R15x_no_rain", within=repair)
    waiting = not any(call.started_at >= since for call in calls) and not any(
        task.opened_at >= since for task in asking
    )
    missed = [
        row for row in case.rains
        if row.signal_key is not None and row.level in _COUNTING and row.on > _day_of(case, work)
        and since < row.at + rain.GRACE <= case.now and row.withdrawn_at is None
    ]  # fmt: skip
    must(
        not (waiting and missed), 7, case, f"rain on {[row.on for row in missed]} released nothing"
    )
    return len(missed)


def eight(case: Case) -> int:
    """An oral complaint is to be answered within one working day of when it was received."""
    seen = 0
    for complaint in case.running("complaint"):
        for element in _FIRST_ANSWERS:
            answers = case.of(element, within=complaint)
            if not answers or complaint.pauses:
                continue
            # a supervisor may send the case back to be recorded again
            record = case.before(answers[0].opened_at, "T1_record", within=complaint)
            said = {} if record is None else case.values(record)
            if said.get("form") == "oral":
                seen += 1
                wanted = reference.one_working_day(moment(said["received_at"]))
                must(answers[0].due_at == wanted, 8, case,
                     f"{element} due {answers[0].due_at}, not {wanted}")  # fmt: skip
    return seen


def fifteen(case: Case) -> int:
    """Whatever fell due happened once, in due order; nothing that was due is left."""
    # what waits for the same moment twice: the warnings, limits and steps of the ladder
    told = Counter(
        (event.kind, event.task_key, data.get("of"), data.get("percent"), data.get("group"))
        for event in case.events_of(Event.WARNED, Event.OVERDUE, Event.ESCALATED)
        for data in (event.data or {},)
    )
    asked = Counter((task.cause_key, task.group) for task in case.supervising)
    fired = Counter(
        (event.instance_key, event.element, (event.data or {}).get("due"), event.at)
        for event in case.events_of(Event.TIMER_FIRED)
    )
    for what in (told, asked, fired):
        twice = {key: count for key, count in what.items() if count > 1}
        must(not twice, 15, case, f"happened more than once: {twice}")
    late = [timer for timer in case.timers if timer.due_at <= case.now]
    must(not late, 15, case, f"{len(late)} timers that were due are left")
    _in_order(case)
    return sum(told.values()) + sum(fired.values())


def _in_order(case: Case) -> None:
    """Timers of one instance fire in the order in which they were due."""
    for instance in case.family:
        dues = [
            (event.data or {})["due"] for event in case.events_of(Event.TIMER_FIRED)
            if event.instance_key == instance.key and "due" in (event.data or {})
        ]  # fmt: skip
        ats = [to_ms(event.at) for event in case.events_of(Event.TIMER_FIRED)
               if event.instance_key == instance.key and "due" in (event.data or {})]  # fmt: skip
        must(dues == sorted(dues), 15, case, f"timers of {instance.process_id} fired out of order")
        must(all(due <= at for due, at in zip(dues, ats, strict=True)), 15, case, "fired too early")
