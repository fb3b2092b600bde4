"""退回 and 重新发起: an earlier step opens again with what was filled in; nothing that happened is lost."""

import pytest
from sqlalchemy import select

from engine import history, instances, restarting, returning, runs, spiff, tasks, ways_back
from engine.errors import ForbiddenError, InvalidInputError, SuspendedError, TaskClosedError
from engine.models import Event, Submission, Task
from engine.ports import ports
from tests.engine import stage
from tests.engine.diagrams_by_hand import deploy, start
from tests.engine.spiff.drawing import draw
from tests.engine.spiff.driving import Drive
from tests.engine.test_operating import act, complete, kinds, open_tasks

PARALLEL = """
start s -> z
user z | WORK -> m
xor m -> f
and f -> a b
user a | WORK -> a2
user a2 | WORK -> j
user b | WORK -> b2
user b2 | WORK -> j
and j -> g
xor g default=no -> no:c again:m[=again~=~true]
user c | WORK -> e
end e
"""


def drive(text, *done):
    driven = Drive(draw(text.replace("WORK", "")), again=False)
    for element in done:
        driven.complete(element)
    return driven


def way(driven, here, target):
    process = driven.model.processes["p"]
    places = spiff.places(driven.model, driven.step.state)
    found = ways_back.way(process, places, driven.wait(here).token, target)
    if found is None:
        return None
    names = {place.token: place.element for place in places}
    return sorted(names[token] for token in found.taken)


@pytest.mark.parametrize(
    ("done", "here", "target", "taken"),
    [
        (["z", "a", "b"], "a2", "a", []),
        (["z", "a", "b"], "a2", "z", ["b2"]),
        (["z", "a", "b", "b2"], "a2", "a", []),
        (["z", "a", "b", "b2"], "a2", "z", ["j"]),
        (["z", "a", "b", "a2", "b2"], "c", "z", []),
        (["z", "a", "b", "a2", "b2"], "c", "a", None),
        (["z", "a"], "a2", "a2", None),
        (["z", "a"], "b", "a", None),
    ],
    ids=["inside its branch", "before the fork", "while the other waits at the join",
         "before the fork, past a waiting join", "from behind the join", "into a closed branch",
         "to itself", "into the other branch"],
)  # fmt: skip
def test_a_way_back_takes_along_what_would_come_again(done, here, target, taken):
    assert way(drive(PARALLEL, *done), here, target) == taken


def test_what_went_back_before_a_fork_still_comes_to_the_end():
    driven = drive(PARALLEL, "z", "a", "b", "b2")
    found = ways_back.way(
        driven.model.processes["p"], spiff.places(driven.model, driven.step.state),
        driven.wait("a2").token, "z",
    )  # fmt: skip
    change = spiff.Change(moves=[(found.token, "z")], cancel=found.taken)
    driven._note(spiff.modify(driven.model, driven.step.state, change,
                              runtime=spiff.Runtime(now=driven.now)))  # fmt: skip

    for element in ("z", "a", "b", "a2", "b2", "c"):
        assert element in driven.open
        driven.complete(element)

    assert driven.step.completed


def test_from_inside_a_sub_process_one_goes_back_before_it():
    driven = drive("start s -> a\nuser a -> box\n{ sub box -> e\nstart t -> f\nand f -> x y\n"
                   "user x -> u\nend u\nuser y -> v\nend v\n}\nend e", "a")  # fmt: skip

    assert way(driven, "x", "a") == []


@pytest.fixture
def case(database, people):
    stage.deploy(database, "two_steps")
    return start(database, people["he"], "two_steps")


def fill(database, actor, case, element, **values):
    with database.begin() as session:
        tasks.complete(session, actor, open_tasks(database, case)[element], values)


def test_a_step_sent_back_opens_again_with_what_was_filled_in(database, people, case):
    fill(database, people["he"], case, "a", note="3 栋漏水")
    second = open_tasks(database, case)["b"]
    with database.read() as session:
        steps = returning.earlier(session, session.get_one(Task, second))

    act(database, returning.send_back, people["zhou"], second, element="a", reason="缺照片")

    assert [(one.element, one.by) for one in steps] == [("a", people["he"].key)]
    key = open_tasks(database, case)["a"]
    with database.read() as session:
        task = session.get_one(Task, key)
        told = returning.of(session, task)
        assert (told.reason, told.element, told.values["note"]) == ("缺照片", "b", "3 栋漏水")
        assert task.assignee == people["he"].key
        assert session.scalars(select(Submission.data)).one()["note"] == "3 栋漏水"
    assert [k for k in kinds(database, case) if k in {"returned", "dropped", "offered"}] == [
        "returned", "dropped", "offered",
    ]  # fmt: skip
    fill(database, people["he"], case, "a", note="3 栋漏水，有照片")
    with database.read() as session:
        again = session.get_one(Task, open_tasks(database, case)["b"])
        assert returning.of(session, again) is None
        assert len(session.scalars(select(Submission)).all()) == 2


@pytest.mark.parametrize(
    ("who", "to", "reason", "error"),
    [("he", "a", "缺照片", ForbiddenError), ("zhou", "b", "缺照片", InvalidInputError),
     ("zhou", "x", "缺照片", InvalidInputError), ("zhou", "a", " ", InvalidInputError)],
    ids=["no manager", "to itself", "no such step", "no reason"],
)  # fmt: skip
def test_sending_back_is_refused(  # noqa: PLR0917 — a table of refusals
    who, to, reason, error, database, people, case, monkeypatch
):
    monkeypatch.setattr(ports, "can", lambda actor, action, thing: (
        "cs_manager" in actor.groups("yj") if action == "task.return"
        else stage.can(actor, action, thing)
    ))  # fmt: skip
    fill(database, people["he"], case, "a", note="x")
    before = kinds(database, case)

    with pytest.raises(error):
        act(database, returning.send_back, people[who], open_tasks(database, case)["b"],
            element=to, reason=reason)  # fmt: skip

    assert kinds(database, case) == before


def test_nothing_is_sent_back_in_a_suspended_case(database, people, case):
    from engine import operating

    fill(database, people["he"], case, "a", note="x")
    act(database, operating.suspend, people["zhou"], case, reason="等")

    with pytest.raises(SuspendedError):
        act(database, returning.send_back, people["zhou"], open_tasks(database, case)["b"],
            element="a", reason="缺照片")  # fmt: skip


def test_a_case_begins_anew_from_its_start_data_and_both_know_the_other(database, people):
    deploy(database, "start s -> g\nxor g default=no -> no:a yes:b[=amount~>~10]\n"
                     "user a | WORK -> e\nuser b | WORK -> e\nend e")  # fmt: skip
    old = start(database, people["he"], amount=11)
    complete(database, people["he"], old, "b")

    new = act(database, restarting.restart, people["zhou"], old, reason="结论有误").key

    assert set(open_tasks(database, new)) == {"b"}
    with database.read() as session:
        assert restarting.origin(session, new) == old
        assert restarting.successor(session, old) == new
    assert kinds(database, old)[-1] == Event.RESTARTED
    assert Event.RESTARTED in kinds(database, new)


def test_beginning_anew_ends_an_open_case_and_brings_its_first_form_along(database, people, case):
    fill(database, people["he"], case, "a", note="3 栋漏水")

    new = act(database, restarting.restart, people["zhou"], case, reason="走错流程").key

    with database.read() as session:
        assert instances.get(session, people["he"], case).state == "cancelled"
        task = session.get_one(Task, open_tasks(database, new)["a"])
        assert restarting.prefill(session, task)["note"] == "3 栋漏水"
    with pytest.raises(TaskClosedError), database.begin() as session:
        tasks.complete(session, people["he"], next(iter(session.scalars(
            select(Task.key).where(Task.instance_key == case, Task.element == "b")))), {})  # fmt: skip
    with database.read() as session:
        run = runs.load(session, case)
        assert list(history.broken(session, run.key)) == []
