"""What those in charge do by hand: hold, change, move, skip, fail onward; all of it in the history."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from engine import history, incidents, instances, jobs, operating, spiff, tasks, timers
from engine.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    SuspendedError,
)
from engine.models import Event, Incident, Instance, Job, Task, Timer
from engine.ports import ports
from engine.runs import load
from engine.spiff import Change
from tests.engine.diagrams_by_hand import deploy, start

PATH = """
start s -> a
user a | WORK -> w
catch w timer=PT1H -> c
service c | JOB -> d
boundary wrong on=c error=broken -> x
user x | WORK -> done
end done
user d | WORK -> e
end e
"""


@pytest.fixture
def case(database, people):
    deploy(database, PATH)
    return start(database, people["he"])


def open_tasks(database, case):
    with database.read() as session:
        query = select(Task).where(Task.instance_key == case, Task.state == "open")
        return {task.element: task.key for task in session.scalars(query)}


def complete(database, actor, case, element):
    with database.begin() as session:
        tasks.complete(session, actor, open_tasks(database, case)[element], {})


def token(database, case, element):
    with database.read() as session:
        run = load(session, case)
        return next(w.token for w in spiff.waits(run.which.model, run.blob) if w.element == element)


def kinds(database, case):
    with database.read() as session:
        assert list(history.broken(session, case)) == []
        return [event.kind for event in history.of(session, case)]


def act(database, verb, *given, **more):
    with database.begin() as session:
        return verb(session, *given, **more)


def state(database, case):
    with database.read() as session:
        return session.get_one(Instance, case).state


def test_a_suspended_case_keeps_its_tasks_and_nobody_moves_it(database, people, case):
    act(database, operating.suspend, people["zhou"], case, reason="等法院")

    with pytest.raises(SuspendedError):
        complete(database, people["he"], case, "a")
    with pytest.raises(SuspendedError):
        act(database, tasks.claim, people["he"], open_tasks(database, case)["a"])
    assert state(database, case) == "suspended"
    assert kinds(database, case)[-1] == "suspended"


def test_what_came_due_meanwhile_happens_after_the_resumption(database, people, case, hands):
    complete(database, people["he"], case, "a")
    with database.read() as session:
        due_at = session.scalars(select(Timer.due_at)).one()
    act(database, operating.suspend, people["zhou"], case, reason="等法院")
    hands.moment += timedelta(hours=2)
    assert timers.run_due(database) == 1
    assert timers.run_due(database) == 0, "it is put aside and not looked at again"

    act(database, operating.resume, people["zhou"], case)

    with database.read() as session:
        assert session.scalars(select(Timer.due_at)).one() == due_at
    timers.run_due(database)
    with database.read() as session:
        assert session.scalars(select(Job.element)).one() == "c"
    assert "continued" in kinds(database, case)


def test_the_limit_of_a_suspended_case_passes_and_is_said_after_it(database, people, case, hands):
    act(database, operating.suspend, people["zhou"], case, reason="等法院")
    hands.moment += timedelta(hours=3)
    timers.run_due(database)
    assert "overdue" not in kinds(database, case)

    act(database, operating.resume, people["zhou"], case)
    timers.run_due(database)

    assert "overdue" in kinds(database, case)


def test_no_job_runs_while_its_case_is_suspended(database, people, case, hands, monkeypatch):
    done = []
    monkeypatch.setitem(ports.handlers, "outside", lambda *given: done.append(given))
    complete(database, people["he"], case, "a")
    hands.moment += timedelta(hours=2)
    timers.run_due(database)
    act(database, operating.suspend, people["zhou"], case, reason="等法院")
    assert jobs.run_due(database) == 0
    with pytest.raises(SuspendedError), database.begin() as session:
        instances.finish_job(session, session.scalars(select(Job)).one(), {}, people["he"])

    act(database, operating.resume, people["zhou"], case)

    assert jobs.run_due(database) == 1
    assert len(done) == 1
    assert set(open_tasks(database, case)) == {"d"}


def test_suspending_twice_and_resuming_twice_change_nothing(database, people, case):
    for _ in range(2):
        act(database, operating.suspend, people["zhou"], case, reason="等法院")
    for _ in range(2):
        act(database, operating.resume, people["zhou"], case)

    assert kinds(database, case)[2:] == ["suspended", "continued"]
    complete(database, people["he"], case, "a")


def test_a_suspended_case_can_be_moved_and_its_new_job_waits_for_the_resumption(
    database, people, case
):
    act(database, operating.suspend, people["zhou"], case, reason="等法院")
    change = Change(moves=[(token(database, case, "a"), "c")])

    act(database, operating.modify, people["zhou"], case, change, reason="直接办")

    with database.read() as session:
        assert session.scalars(select(Job.state)).one() == "suspended"
    act(database, operating.resume, people["zhou"], case)
    with database.read() as session:
        assert session.scalars(select(Job.state)).one() == "waiting"


def test_a_token_is_moved_and_the_history_says_from_where_to_where(database, people, case):
    change = Change(moves=[(token(database, case, "a"), "d")])

    act(database, operating.modify, people["zhou"], case, change, reason="已经办过")

    assert set(open_tasks(database, case)) == {"d"}
    with database.read() as session:
        event = next(e for e in history.of(session, case) if e.kind == Event.MOVED)
        assert event.data["moved"] == [["a", "d"]]
        assert event.data["reason"] == "已经办过"
    assert "dropped" in kinds(database, case)


def test_activating_one_element_and_cancelling_another_is_one_act(database, people, case):
    change = Change(enter=["d", "x"], cancel=[token(database, case, "a")])

    act(database, operating.modify, people["zhou"], case, change, reason="两边都办")

    assert set(open_tasks(database, case)) == {"d", "x"}


@pytest.mark.parametrize(
    "make",
    [
        lambda t: Change(cancel=[t]),
        lambda t: Change(moves=[(t, "s")]),
        lambda t: Change(moves=[(t, "nothing")]),
        lambda _: Change(enter=["wrong"]),
    ],
    ids=["nothing left", "a start event", "no element", "a boundary event"],
)
def test_a_change_that_leads_nowhere_is_refused_and_changes_nothing(make, database, people, case):
    before = kinds(database, case)

    with pytest.raises(InvalidInputError):
        act(database, operating.modify, people["zhou"], case,
            make(token(database, case, "a")), reason="试试")  # fmt: skip

    assert kinds(database, case) == before
    assert set(open_tasks(database, case)) == {"a"}


def test_variables_are_set_by_name_and_only_those_the_process_reads(database, people):
    deploy(database, "start s -> a\nuser a | WORK -> g\nxor g default=no -> no:e yes:b[=amount~>~10]\n"
                     "user b | WORK -> e\nend e")  # fmt: skip
    case = start(database, people["he"], amount=1)

    with pytest.raises(InvalidInputError) as refused:
        act(database, operating.set_variables, people["zhou"], case, {"name": "x"}, reason="更正")
    act(database, operating.set_variables, people["zhou"], case, {"amount": 11}, reason="更正")
    complete(database, people["he"], case, "a")

    assert set(refused.value.fields) == {"name"}
    assert set(open_tasks(database, case)) == {"b"}
    with database.read() as session:
        event = next(e for e in history.of(session, case) if e.kind == Event.VARIABLES_SET)
        assert (event.data["before"], event.data["routed"]) == ({"amount": 1}, {"amount": 11})


@pytest.mark.parametrize("element", ["a", "w", "c"])
def test_a_step_that_waits_for_anything_is_skipped(element, database, people, case, hands):
    if element != "a":
        change = Change(moves=[(token(database, case, "a"), element)])
        act(database, operating.modify, people["zhou"], case, change, reason="跳到这里")
    following = {"a": "w", "w": "c", "c": "d"}[element]

    act(database, operating.skip, people["zhou"], case, token(database, case, element),
        reason="线下办过")  # fmt: skip

    assert token(database, case, following)
    assert kinds(database, case).count("skipped") == 1
    with database.read() as session:
        query = select(Task.state).where(Task.instance_key == case, Task.element == "a")
        assert session.scalars(query).one() == "cancelled"


def test_a_failing_step_goes_on_by_the_error_that_the_diagram_catches(database, people, case):
    change = Change(moves=[(token(database, case, "a"), "c")])
    act(database, operating.modify, people["zhou"], case, change, reason="跳到这里")
    at = token(database, case, "c")

    with pytest.raises(InvalidInputError):
        act(
            database, operating.fail_onward, people["zhou"], case, at, code="other", reason="办不了"
        )
    act(database, operating.fail_onward, people["zhou"], case, at, code="broken", reason="办不了")

    assert set(open_tasks(database, case)) == {"x"}
    with database.read() as session:
        assert session.scalars(select(Job)).all() == []


def test_every_act_asks_for_a_reason_and_a_right(database, people, case, monkeypatch):
    with pytest.raises(InvalidInputError) as refused:
        act(database, operating.suspend, people["zhou"], case, reason="  ")
    monkeypatch.setattr(ports, "can", lambda *_: False)

    with pytest.raises(NotFoundError):
        act(database, operating.suspend, people["zhou"], case, reason="等")

    assert set(refused.value.fields) == {"reason"}


def test_an_ended_case_is_left_alone(database, people, case):
    act(database, instances.cancel, people["zhou"], case, reason="重复")

    with pytest.raises(ConflictError):
        act(database, operating.suspend, people["zhou"], case, reason="等")


def test_a_suspended_case_can_be_cancelled(database, people, case):
    act(database, operating.suspend, people["zhou"], case, reason="等")

    act(database, instances.cancel, people["zhou"], case, reason="不办了")

    assert state(database, case) == "cancelled"
    assert open_tasks(database, case) == {}
    with database.read() as session:
        assert session.scalars(select(Timer)).all() == []


def failing(session, work):
    raise RuntimeError("网关没有应答")


def test_a_failing_handler_waits_as_its_step_says_then_raises_an_incident(
    database, people, case, hands, monkeypatch
):
    monkeypatch.setitem(ports.handlers, "outside", failing)
    change = Change(moves=[(token(database, case, "a"), "c")])
    act(database, operating.modify, people["zhou"], case, change, reason="跳到这里")
    with database.read() as session:
        before = session.get_one(Instance, case).blob
    waited = []

    for _ in range(3):
        jobs.run_due(database)
        with database.read() as session:
            job = session.scalars(select(Job)).one()
        waited.append(job.due_at - hands.moment)
        hands.moment = max(job.due_at, hands.moment)

    assert waited[:2] == [timedelta(seconds=10), timedelta(minutes=1)]
    with database.read() as session:
        assert session.get_one(Instance, case).blob == before
        (incident,) = session.scalars(select(Incident)).all()
        assert (incident.element, incident.code) == ("c", "job-failed")
        assert "网关没有应答" in incident.detail
    assert jobs.run_due(database) == 0

    monkeypatch.setitem(ports.handlers, "outside", lambda *_: {})
    act(database, incidents.resolve, people["zhou"], incident.key)
    assert jobs.run_due(database) == 1
    assert set(open_tasks(database, case)) == {"d"}
    assert kinds(database, case).count("resolved") == 1


def test_skipping_a_failed_step_settles_its_incident(database, people, case, hands, monkeypatch):
    monkeypatch.setitem(ports.handlers, "outside", failing)
    change = Change(moves=[(token(database, case, "a"), "c")])
    act(database, operating.modify, people["zhou"], case, change, reason="跳到这里")
    for _ in range(3):
        jobs.run_due(database)
        hands.moment += timedelta(hours=1)

    act(
        database,
        operating.skip,
        people["zhou"],
        case,
        token(database, case, "c"),
        reason="已线下办",
    )

    with database.read() as session:
        assert incidents.open_of(session, [case]) == []
    assert set(open_tasks(database, case)) == {"d"}


def test_a_step_that_a_submission_can_not_pass_leaves_everything_and_tells_those_in_charge(
    database, people
):
    deploy(database, "start s -> a\nuser a | WORK -> r\nscript r set=n:amount.days~+~1 -> g\n"
                     "xor g -> yes:e[=n~>~10] no:b[=n~<~11]\nuser b | WORK -> e\nend e")  # fmt: skip
    case = start(database, people["he"], amount=1)
    key = open_tasks(database, case)["a"]
    with database.read() as session:
        before = session.get_one(Instance, case).blob

    from engine.errors import StepFailedError

    with pytest.raises(StepFailedError) as failed:
        complete(database, people["he"], case, "a")
    incidents.note(database, failed.value)
    incidents.note(database, failed.value)

    assert open_tasks(database, case) == {"a": key}
    with database.read() as session:
        assert session.get_one(Instance, case).blob == before
        (line,) = incidents.listed(session, people["zhou"])
        assert (line.incident.code, line.root.key) == ("step-failed", case)
    assert kinds(database, case).count("incident") == 1
