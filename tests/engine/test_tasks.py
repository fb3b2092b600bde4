"""A task's life: offered, claimed, handed over, completed once, corrected."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from engine import clock, history, idempotency, inbox, instances, submissions, tasks
from engine.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    InvalidVariablesError,
    KeyReusedError,
    NotFoundError,
    TaskClosedError,
)
from engine.models import Event, FactCase, FactStep, Instance, Submission, Task
from tests.engine import stage


@pytest.fixture
def case(database, people):
    stage.deploy(database, "two_steps")
    with database.begin() as session:
        return instances.start(session, people["he"], "two_steps", tenant_id="yj").key


@pytest.fixture
def first(database, people, case):
    with database.read() as session:
        (row,) = inbox.search(session, people["he"], view="groups").rows
        return row.task.key


def complete(database, actor, key, values=None):
    with database.begin() as session:
        return tasks.complete(session, actor, key, values if values is not None else {"note": "x"})


def kinds(database, case):
    with database.read() as session:
        assert list(history.broken(session, case)) == []
        return [event.kind for event in history.of(session, case)]


def test_a_case_goes_from_step_to_step_to_its_end(database, people, case, first):
    done = complete(database, people["he"], first)
    assert [(task.element, task.group) for task in done.opened] == [("b", "cs_manager")]

    last = complete(database, people["zhou"], done.opened[0].key)

    assert last.ended
    with database.read() as session:
        instance = session.get_one(Instance, case)
        assert (instance.state, instance.end_element, instance.blob) == ("completed", "e", b"")
        assert instance.business_key == "TS-YJ-20261123-001"
        assert session.scalar(select(func.count()).select_from(FactStep)) == 2
        assert session.get_one(FactCase, case).end_element == "e"
    assert kinds(database, case) == [
        "started", "opened", "completed", "opened", "completed", "ended",
    ]  # fmt: skip


def test_the_limit_of_a_step_is_pinned_when_it_opens(database, people, case, first):
    done = complete(database, people["he"], first)

    # Monday 10:20 + 4 hours of the service calendar, which has no lunch break
    assert done.opened[0].due_at.isoformat() == "2026-11-23T06:20:00+00:00"


def test_wrong_values_are_refused_by_field_and_nothing_changes(database, people, case, first):
    with pytest.raises(InvalidVariablesError) as refused:
        complete(database, people["he"], first, {"note": ""})

    assert set(refused.value.fields) == {"note"}
    assert kinds(database, case) == ["started", "opened"]


@pytest.mark.parametrize(("who", "error"), [("lu", ForbiddenError)], ids=["another group"])
def test_a_task_of_others_is_refused(who, error, database, people, first):
    with pytest.raises(error):
        complete(database, people[who], first)


def test_completing_twice_is_a_conflict(database, people, first):
    complete(database, people["he"], first)

    with pytest.raises(TaskClosedError):
        complete(database, people["he"], first)


def attempt(database, actor, task_key, key):
    def command(session):
        done = tasks.complete(session, actor, task_key, {"note": "x"})
        return idempotency.Answer(200, {"opened": [task.key for task in done.opened]})

    try:
        answer = idempotency.run(
            database, actor_key=actor.key, key=key, request={"task": task_key}, command=command
        )
    except ConflictError as error:
        return error.code, None
    return answer.status, str(answer.body)


@pytest.mark.parametrize("one_key", [False, True], ids=["distinct keys", "one key"])
def test_200_simultaneous_completions_have_one_effect(
    one_key, database, people, case, first, hands
):
    gate = threading.Barrier(20)

    def person(number):
        with clock.at(hands):
            gate.wait()
            return [
                attempt(database, people["he"], first, "same" if one_key else f"{number}-{turn}")
                for turn in range(10)
            ]

    with ThreadPoolExecutor(20) as crowd:
        outcomes = [outcome for person_ in crowd.map(person, range(20)) for outcome in person_]

    if one_key:
        assert len(set(outcomes)) == 1
        assert outcomes[0][0] == 200
    else:
        codes = [code for code, _ in outcomes]
        assert (codes.count(200), codes.count("task-closed")) == (1, 199)
    assert kinds(database, case).count(Event.TASK_COMPLETED) == 1
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Submission)) == 1


def test_a_key_of_another_request_is_refused(database, people, first):
    attempt(database, people["he"], first, "k")

    with pytest.raises(KeyReusedError):
        idempotency.run(
            database, actor_key=people["he"].key, key="k", request={"task": 1},
            command=lambda _session: idempotency.Answer(200, None),
        )  # fmt: skip


def test_claiming_makes_a_task_mine_and_nobody_elses(database, people, case, first):
    with database.begin() as session:
        tasks.claim(session, people["he"], first)

    with pytest.raises(ConflictError), database.begin() as session:
        tasks.claim(session, people["zhou"], first)
    with pytest.raises(ForbiddenError):
        complete(database, people["zhou"], first)
    with database.begin() as session:
        tasks.unclaim(session, people["he"], first)
    complete(database, people["zhou"], first)

    assert kinds(database, case)[2:5] == ["claimed", "changed", "completed"]


def test_a_supervisor_hands_a_task_to_somebody_who_may_do_it(database, people, first):
    with pytest.raises(InvalidInputError), database.begin() as session:
        tasks.assign(session, people["zhou"], first, people["lu"].key)
    with pytest.raises(ForbiddenError), database.begin() as session:
        tasks.assign(session, people["he"], first, people["he"].key)
    with database.begin() as session:
        tasks.assign(session, people["zhou"], first, people["he"].key, reason="休假")

    with database.read() as session:
        assert inbox.counts(session, people["he"]) == {"mine": 1, "groups": 0, "overdue": 0}


def test_a_draft_stays_until_the_task_is_done(database, people, first):
    for text in ("一", "一二"):
        with database.begin() as session:
            tasks.save_draft(session, people["he"], first, {"note": text})

    with database.read() as session:
        assert tasks.draft(session, people["he"], first) == {"note": "一二"}
        assert tasks.draft(session, people["zhou"], first) is None
    complete(database, people["he"], first)
    with pytest.raises(TaskClosedError), database.begin() as session:
        tasks.save_draft(session, people["he"], first, {"note": "late"})


def test_the_performer_corrects_for_a_day_a_manager_later(database, people, case, first, hands):
    complete(database, people["he"], first)

    def correct(who, text, reason="写错了"):
        with database.begin() as session:
            tasks.correct(session, people[who], first, {"note": text}, reason=reason)

    correct("he", "更正一")
    with pytest.raises(InvalidInputError):
        correct("he", "更正二", reason=" ")
    hands.moment += timedelta(hours=24, seconds=1)
    with pytest.raises(ForbiddenError):
        correct("he", "更正二")
    correct("zhou", "更正三")

    with database.read() as session:
        held = submissions.versions(session, case, first)
        assert [(row.version, row.data["note"], row.by) for row in held] == [
            (1, "x", people["he"].key),
            (2, "更正一", people["he"].key),
            (3, "更正三", people["zhou"].key),
        ]
        assert session.get_one(Task, first).state == "completed"
    assert kinds(database, case).count("corrected") == 2


def test_a_task_of_another_project_is_not_there(database, people, first):
    stranger = people["he"].__class__(
        key=7, username="x", name="外人", memberships=frozenset({("cs_assistant", "tl")})
    )

    with pytest.raises(NotFoundError):
        complete(database, stranger, first)
    with database.read() as session:
        assert inbox.search(session, stranger, view="all").rows == ()


def test_cancelling_a_case_closes_what_it_waited_for(database, people, case, first):
    with database.begin() as session:
        instances.cancel(session, people["zhou"], case, reason="重复登记")

    with database.read() as session:
        assert session.get_one(Instance, case).state == "cancelled"
        assert session.get_one(Task, first).state == "cancelled"
    assert kinds(database, case) == ["started", "opened", "dropped", "cancelled"]
    with pytest.raises(TaskClosedError):
        complete(database, people["he"], first)


def test_the_inbox_sorts_by_limit_and_pages_by_position(database, people):
    stage.deploy(database, "two_steps")
    for _ in range(7):
        with database.begin() as session:
            key = instances.start(session, people["he"], "two_steps", tenant_id="yj").key
            task = session.scalars(select(Task).where(Task.instance_key == key)).one()
            task.due_at = clock.now() + timedelta(hours=(key * 7919) % 5)
    with database.read() as session:
        whole = inbox.search(session, people["he"], view="groups").rows
        pages, after = [], None
        while True:
            page = inbox.search(session, people["he"], view="groups", after=after, limit=3)
            pages += page.rows
            after = page.after
            if after is None:
                break

    assert [row.task.due_at for row in whole] == sorted(row.task.due_at for row in whole)
    assert [row.task.key for row in pages] == [row.task.key for row in whole]
