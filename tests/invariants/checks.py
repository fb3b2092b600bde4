"""Each invariant of requirements §3.17 as a question to the rows of a case.

A check raises Broken, or returns how often the case put it to the test: a hundred walks that
never come near an invariant would prove nothing.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from engine.models import Event, Instance
from tests.invariants.checks_of_time import eight, fifteen, five, seven, six
from tests.invariants.rows import Case, closed, ended, may, moment, told
from tests.invariants.verdict import Broken, must

#: named ends of a complaint that need no callback (requirements §3.1, invariant 12)
WITHOUT_CALLBACK = frozenset({
    "E_explained", "E_explained_disputed", "E_not_property", "E_unresolved_external",
    "E_withdrawn", "E_merged",
})  # fmt: skip
#: ends of cases that a new one carries on: their owner neither withdrew nor accepted the merge
CARRIED_ON = frozenset({"E_withdraw_declined", "E_merge_declined"})
UPWARD = frozenset({"company_forwarded", "leader_instruction", "gov_hotline"})
REPORTS = ("T8r_report", "T8w_report", "T8m_report")
#: steps that handle money
MONEY = frozenset({"PAY_desk", "M3_fees", "D1_count", "D2_deposit", "D3_check"})
_POINTS = frozenset({"picture", "brief", "complete", "greeting", "phone"})
_LONGEST_PREPAID = 12
_LEAST_PLAN = 5


def one(case: Case) -> int:
    """No paid work without an accepted quote; accepted ≤ started; no more taken than accepted."""
    seen = 0
    for repair in case.running("repair"):
        for work in case.of("R7_finish", within=repair):
            quote = case.before(work.opened_at, "R5_quote", within=repair)
            must(quote is not None, 1, case, "work without anything confirmed with the customer")
            if quote is None or case.values(quote).get("payable") != "paid":
                continue
            seen += 1
            accepted = _accepted(case, repair, work.opened_at)
            must(accepted is not None, 1, case, "paid work opened without an accepted quote")
            started = case.values(work).get("started_at")
            if accepted is not None and started is not None:
                must(moment(accepted) <= moment(started), 1, case,
                     f"work started {started}, the quote was accepted {accepted}")  # fmt: skip
        seen += _taken(case, repair)
    return seen


def _accepted(case: Case, repair: Instance, by: datetime) -> str | None:
    """Return when the newest quote before a moment was accepted."""
    answer = case.before(by, "R5_quote", "R5c_consent", within=repair)
    values = {} if answer is None else case.values(answer)
    return str(values["consent_at"]) if values.get("consent") == "agree" else None


def _taken(case: Case, repair: Instance) -> int:
    """The desk takes no more than the quote that was accepted before the bill."""
    seen = 0
    for bill in case.called_by(repair, "payment_at_desk"):
        quote = case.before(bill.started_at, "R5_quote", within=repair)
        accepted = _number({} if quote is None else case.values(quote), "total")
        paid = sum(
            _number(case.values(task), "amount") for task in case.done("PAY_desk", within=bill)
        )
        must(paid <= accepted, 1, case, f"{paid} taken, {accepted} accepted")
        seen += 1
    return seen


def _number(values: Mapping[str, Any], name: str) -> Decimal:
    return Decimal(str(values.get(name) or 0))


def two(case: Case) -> int:
    """A repair worker never sees, holds or does what handles money, whatever else they are."""
    workers = [one for one in case.people if "eng_worker" in {g for g, _ in one.memberships}]
    keys = {one.key for one in workers}
    money = [task for task in (*case.tasks, *case.supervising) if task.element in MONEY]
    for task in money:
        must(not (closed(task) and task.closed_by in keys), 2, case, f"a worker did {task.element}")
        must(task.assignee not in keys, 2, case, f"a worker holds {task.element}")
        for worker in workers:
            for action in ("task.read", "task.work", "task.assign", "task.correct"):
                must(not may(worker, action, task), 2, case,
                     f"{worker.username} may {action} {task.element}")  # fmt: skip
    paid = {task.key for task in money}
    for event in case.events_of(Event.TASK_CLAIMED, Event.TASK_READ, Event.TASK_COMPLETED,
                                Event.TASK_OFFERED, Event.CORRECTED):  # fmt: skip
        must(event.task_key not in paid or event.actor not in keys, 2, case,
             f"a worker touched {event.element}: {event.kind}")  # fmt: skip
    return len(money)


def three(case: Case) -> int:
    """The keys' task does not exist before the accept sheet is signed."""
    keys = case.of("M7_handover")
    for task in keys:
        sheet = next((
            done for done in case.done("M6_accept")
            if done.instance_key == task.instance_key and done.closed_at is not None
            and done.closed_at <= task.opened_at
        ), None)  # fmt: skip
        must(sheet is not None, 3, case, "keys before the sheet was signed")
        signed = {} if sheet is None else case.values(sheet)
        must(bool(signed.get("customer_sign")), 3, case, "the customer did not sign the sheet")
    return len(keys)


def four(case: Case) -> int:
    """No property fee is prepaid for more than twelve months, by no version of the fees."""
    fees = [row for row in case.submissions if row.element == "M3_fees"]
    for row in fees:
        must(
            0 < _number(row.data, "months") <= _LONGEST_PREPAID,
            4,
            case,
            f"{row.data['months']} months",
        )
    return len(fees)


def nine(case: Case) -> int:
    """An unreasonable complaint is never assigned, ends with an explanation and is counted."""
    seen = 0
    for complaint in case.running("complaint"):
        for confirmed in case.done("T2c_confirm", within=complaint):
            if case.values(confirmed).get("confirmed") != "confirm":
                continue
            seen += 1
            _stays_unassigned(case, complaint, confirmed.closed_at)
        if complaint.end_element in {"E_explained", "E_explained_disputed"}:
            must(bool(case.done("T2u_explain", within=complaint)), 9, case, "no explanation")
            fact = case.facts.get(complaint.key)
            counted = None if fact is None or fact.codes is None else fact.codes.get("validity")
            must(counted == "unreasonable", 9, case, f"counted as {counted}")
    return seen


def _stays_unassigned(case: Case, complaint: Instance, since: datetime | None) -> None:
    """Nothing is investigated or assigned until new facts or another judgement say so."""
    turned = [
        task.closed_at
        for task in case.done("T2u2_second_talk", "T2_judge", "T2c_confirm", within=complaint)
        if since is not None and task.closed_at is not None and task.closed_at > since
        and (case.values(task).get("second_outcome") == "reopen"
             or case.values(task).get("validity") in {"reasonable", "partly"}
             or case.values(task).get("confirmed") not in {None, "confirm"})
    ]  # fmt: skip
    for task in case.of("T3_investigate", "T4_assign", within=complaint):
        if since is not None and task.opened_at >= since and not _put_there_by_hand(case, task.key):
            must(any(at <= task.opened_at for at in turned), 9, case,
                 f"{task.element} of an unreasonable complaint")  # fmt: skip


def _put_there_by_hand(case: Case, task_key: int) -> bool:
    """Say whether a supervisor sent the case back to a step that it had reached before."""
    opened = next((e for e in case.events if e.task_key == task_key and e.kind == "opened"), None)
    return opened is not None and any(
        event.kind == "returned" and event.instance_key == opened.instance_key
        and event.at == opened.at for event in case.events
    )  # fmt: skip


def ten(case: Case) -> int:
    """What came from above does not end without a written report."""
    seen = 0
    for complaint in case.running("complaint"):
        record = case.done("T1_record", within=complaint)
        above = bool(record) and case.values(record[-1]).get("channel") in UPWARD
        if above and ended(complaint) and complaint.end_element not in CARRIED_ON:
            seen += 1
            reports = case.done(*REPORTS, within=complaint)
            must(any(case.values(one).get("report_text") for one in reports), 10, case,
                 f"{complaint.end_element} without a report")  # fmt: skip
    return seen


def eleven(case: Case) -> int:
    """Carrying out opens at once with the owner's agreement, and does not exist before it."""
    seen = 0
    for complaint in case.running("complaint"):
        agreed = [
            task for task in case.done("T6_reply", "T6c_contact", "T6e_mediate", within=complaint)
            if "agree" in (case.values(task).get("customer_agrees"), case.values(task).get("mediation"))
            or case.values(task).get("mediation") == "agreed"
        ]  # fmt: skip
        work = case.of("T7a_execute", "T7r_repair", within=complaint)
        for task in work:
            must(any(one.closed_at is not None and one.closed_at <= task.opened_at for one in agreed),
                 11, case, f"{task.element} before the owner agreed")  # fmt: skip
        for task in agreed:
            seen += 1
            must(any(one.opened_at == task.closed_at for one in work), 11, case,
                 f"nothing opened when the owner agreed in {task.element}")  # fmt: skip
    return seen


def twelve(case: Case) -> int:
    """A complaint does not end without a callback, except by the ends that say so."""
    seen = 0
    for complaint in case.running("complaint"):
        if ended(complaint) and complaint.end_element not in CARRIED_ON | WITHOUT_CALLBACK:
            seen += 1
            calls = case.called_by(complaint, "callback")
            must(any(ended(call) and case.done("C1_callback", within=call) for call in calls),
                 12, case, f"{complaint.end_element} without a callback")  # fmt: skip
    return seen


def thirteen(case: Case) -> int:
    """No event passes its planning without both plans; nothing is published without a number."""
    seen = 0
    for event in case.running("community_event"):
        for task in case.of("E4_review", within=event):
            plan = case.before(task.opened_at, "E3_plan", within=event)
            values = {} if plan is None else case.values(plan)
            for name in ("plan_none", "plan_many"):
                text = str(values.get(name) or "")
                must(len(text) >= _LEAST_PLAN, 13, case, f"reviewed without {name}")
            seen += 1
        for task in case.done("E7_publicity", within=event):
            points = set(case.values(task).get("points") or ())
            must(points >= _POINTS, 13, case, f"published with only {sorted(points)}")
            seen += 1
    return seen


def fourteen(case: Case) -> int:
    """Personal values stay in the submissions: no variable, event, job, code or title has them."""
    elsewhere = told(case)
    staff = {str(one.key) for one in case.people}
    routed = {name for one in case.family for name in one.variables or {}}
    seen = 0
    for row in case.submissions:
        for key in case.personal.get(row.form_key or 0, ()):
            value = row.data.get(key)
            if isinstance(value, list):
                continue
            if value in staff:  # who works there stands in every event, that it is they in none
                must(key not in routed, 14, case, f"{row.element}.{key} is routed")
            elif isinstance(value, str) and len(value) > 3:
                seen += 1
                must(value not in elsewhere, 14, case, f"{row.element}.{key} is outside its form")
    return seen


CHECKS: Mapping[int, Callable[[Case], int]] = MappingProxyType({
    1: one, 2: two, 3: three, 4: four, 5: five, 6: six, 7: seven, 8: eight, 9: nine, 10: ten,
    11: eleven, 12: twelve, 13: thirteen, 14: fourteen, 15: fifteen,
})  # fmt: skip
__all__ = ["CHECKS", "Broken"]
