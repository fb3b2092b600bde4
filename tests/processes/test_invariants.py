"""What must hold in every complaint, whatever way it takes (requirements §3.17)."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

import processes
from engine import clock, instances, spiff
from engine.db import Database
from engine.models import (
    Event,
    FactCase,
    History,
    Instance,
    Submission,
    Task,
    TaskState,
)
from engine.ports import Actor
from engine.testing import walk
from forms import library
from processes import rights
from processes.archive import Record
from tests.conftest import MONDAY
from tests.processes.conftest import ROOT

SCENARIOS = sorted((ROOT / "complaint" / "scenarios").glob("[0-9]*.yaml"))
#: ends that need no callback; all others have asked the owner (invariant 12)
WITHOUT_CALLBACK = {"E_explained", "E_explained_disputed", "E_not_property",
                    "E_unresolved_external", "E_withdrawn", "E_merged"}  # fmt: skip
#: ends of cases that a new one carries on: their owner neither withdrew nor accepted the merge
CARRIED_ON = {"E_withdraw_declined", "E_merge_declined"}
#: steps that use the form of another one
FORM_OF = {"T8w_report": "T8r_report", "T_supervise_urge": "T4s_supervise"}
UPWARD = {"company_forwarded", "leader_instruction", "gov_hotline"}


@pytest.fixture(scope="module", params=SCENARIOS, ids=lambda path: path.stem)
def case(request: pytest.FixtureRequest, shared_project: Database) -> "Finished":
    processes.register()
    result = walk(request.param, shared_project, names={"room": "1201", "new_room": "301"})
    assert result.difference is None
    with shared_project.read() as session:
        family = instances.family(session, result.instance_key)
        keys = [one.key for one in family]
        return Finished(
            end=result.end,
            passed={element for _, element in result.passed},
            tasks=list(session.scalars(select(Task).where(Task.root_key == result.instance_key)
                                       .order_by(Task.key))),
            filled={row.element: row.data for row in session.scalars(
                select(Submission).where(Submission.instance_key.in_(keys)))},
            family=family,
            events=list(session.scalars(select(History).where(History.instance_key.in_(keys)))),
            record=session.get(Record, result.instance_key),
            fact=session.get(FactCase, result.instance_key),
        )  # fmt: skip


class Finished:
    """A walked case with its rows."""

    end: str | None
    passed: set[str]
    tasks: list[Task]
    filled: dict[str, dict[str, Any]]
    family: list[Instance]
    events: list[History]
    record: Record | None
    fact: FactCase | None

    def __init__(self, **rows: Any) -> None:
        self.__dict__.update(rows)

    def of(self, element: str) -> list[Task]:
        return [task for task in self.tasks if task.element == element and task.token is not None]


def test_a_complaint_ends_without_callback_only_where_it_says_so(case: Finished) -> None:
    assert ("T7_callback" in case.passed) == (case.end not in WITHOUT_CALLBACK | CARRIED_ON)


def test_an_unreasonable_complaint_is_explained_never_assigned(case: Finished) -> None:
    if case.end in {"E_explained", "E_explained_disputed"}:
        assert "T4_assign" not in case.passed
        assert {"T2c_confirm", "T2u_explain", "T8_file"} <= case.passed


def test_what_came_from_above_ends_with_a_written_report(case: Finished) -> None:
    came_from_above = case.filled["T1_record"]["channel"] in UPWARD

    assert bool({"T8r_report", "T8w_report"} & case.passed) == came_from_above


def test_nothing_is_carried_out_before_the_owner_agreed(case: Finished) -> None:
    agreed = [
        task.closed_at
        for element in ("T6_reply", "T6c_contact", "T6e_mediate")
        for task in case.of(element)
        if task.closed_at is not None
    ]
    for work in (*case.of("T7a_execute"), *case.of("T7r_repair")):
        assert any(moment <= work.opened_at for moment in agreed)


def test_nobody_verifies_or_calls_back_on_own_work(case: Finished) -> None:
    workers = {task.closed_by for name in ("T7a_execute", "T7r_repair") for task in case.of(name)}
    for task in (*case.of("T7b_verify"), *case.of("C1_callback")):
        earlier = {
            work.closed_by
            for name in ("T7a_execute", "T7r_repair")
            for work in case.of(name)
            if work.closed_at is not None and work.closed_at <= task.opened_at
        }
        assert earlier <= workers
        assert task.closed_by not in earlier


def test_who_verified_does_not_call_back(case: Finished) -> None:
    for task in case.of("C1_callback"):
        verifiers = {
            check.closed_by
            for check in case.of("T7b_verify")
            if check.closed_at is not None
            and check.closed_at <= task.opened_at
            and check.key < task.key  # no time passes between the steps of some scenarios
        }
        assert task.closed_by not in verifiers


def test_the_second_person_confirms_what_the_first_called_unreasonable(case: Finished) -> None:
    judges = {task.closed_by for task in case.of("T2_judge")}

    assert all(task.closed_by not in judges for task in case.of("T2c_confirm"))


def test_personal_values_stay_out_of_the_workflow_and_its_history(case: Finished) -> None:
    personal = [
        str(value)
        for element, data in case.filled.items()
        for key, value in data.items()
        if key in _personal(element) and isinstance(value, str) and len(value) > 1
    ]
    kept = repr([one.variables for one in case.family]) + repr([e.data for e in case.events])

    assert personal
    assert not [value for value in personal if value in kept]


def test_the_finished_case_stands_in_the_archive_of_its_room(case: Finished) -> None:
    assert case.record is not None  # one that a new case carries on is a record of its own
    assert case.record.room_key == 1201
    assert case.fact is not None
    assert case.fact.end_element == case.end
    assert case.fact.codes is not None
    assert case.record.codes.get("category") == case.fact.codes.get("category")


def test_everything_that_was_opened_was_closed(case: Finished) -> None:
    left = {task.element for task in case.tasks if task.state == TaskState.OPEN and task.token}

    assert left == set()
    assert {event.kind for event in case.events} >= {Event.STARTED, Event.ENDED}


def test_workers_see_whose_case_it_was_for_a_week(shared_project: Database) -> None:
    processes.register()
    result = walk(SCENARIOS[0], shared_project, names={"room": "1201", "new_room": "301"})
    assert result.difference is None
    held = frozenset({("eng_dispatch", "yj")})
    with shared_project.read() as session:
        case = session.get_one(Instance, result.instance_key)
        done_by = session.scalars(
            select(Task.closed_by).where(Task.root_key == case.key, Task.element == "T7a_execute")
        ).one()
        worker = Actor(key=done_by or 0, username="w", name="工程", memberships=held)
        stranger = Actor(key=1, username="s", name="外人", memberships=held)
        assert case.ended_at is not None

        with clock.at(lambda: (case.ended_at or MONDAY) + timedelta(days=6)):
            assert rights.can(worker, "personal.read", case)
            assert not rights.can(stranger, "personal.read", case)
        with clock.at(lambda: (case.ended_at or MONDAY) + timedelta(days=8)):
            assert not rights.can(worker, "personal.read", case)


def test_deploying_the_same_files_twice_changes_nothing(project: Database) -> None:
    with clock.at(lambda: MONDAY), project.begin() as session:
        again = processes.deploy_all(session)

    assert {row.version for row in (*again.definitions, *again.forms, *again.decisions)} == {1}


def test_the_eight_steps_carry_the_names_of_the_source() -> None:
    model = spiff.parse((ROOT / "complaint" / "complaint.bpmn").read_bytes())
    elements = model.processes["complaint"].elements
    steps = ["T1_record", "T2_judge", "T3_investigate", "T4_assign", "T5_plan", "T6_reply",
             "T7_callback", "T8_file"]  # fmt: skip

    assert [elements[step].name for step in steps] == [
        "记录投诉内容", "判定投诉性质", "调查分析投诉原因", "确定处理责任人", "提出解决投诉的方案",
        "答复业主", "回访", "总结评价",
    ]  # fmt: skip


@pytest.mark.parametrize("key", ["callback", "complaint"])
def test_every_step_says_what_is_expected_of_it(key: str) -> None:
    wanted = {
        "timeStandard", "clock", "warnAt", "escalation", "serviceStandard", "providerStandard",
        "inspectionStandard", "script", "failPoints", "contact",
    }  # fmt: skip
    model = spiff.parse((ROOT / key / f"{key}.bpmn").read_bytes())

    steps = [one for one in model.processes[key].elements.values() if one.type == "userTask"]
    assert steps
    assert {step.id: wanted - set(step.properties) for step in steps} == {
        step.id: set() for step in steps
    }


def _personal(element: str) -> frozenset[str]:
    key = "callback" if element == "C1_callback" else "complaint"
    return library.load(f"{key}/{FORM_OF.get(element, element)}").personal
