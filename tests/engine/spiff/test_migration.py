"""Moving: a token by hand, an instance to another version; who can't go is told why and stays."""

import random

import pytest

from engine import spiff
from engine.errors import DefinitionRefused, InvalidInputError, TaskClosedError
from tests.engine.spiff.drawing import draw
from tests.engine.spiff.driving import NOW, Drive, runtime

OLD = """
start s -> f
and f -> a b
user a | <zeebe:assignmentDefinition assignee="=who"/> -> j
boundary late on=a timer=PT4H cancelActivity=false -> note
user note
user b -> j
and j -> c
user c -> e
end e
"""


def moved(drive: Drive, text: str, **mapping: str) -> spiff.Step:
    return spiff.migrate(
        drive.model, drive.step.state, spiff.parse(draw(text)), mapping=mapping, runtime=runtime()
    )


def refused(drive: Drive, text: str, **mapping: str) -> set[tuple[str, str | None]]:
    new = spiff.parse(draw(text))
    state = drive.step.state
    problems = spiff.obstacles(drive.model, state, new, mapping=mapping, runtime=runtime())
    with pytest.raises(DefinitionRefused):
        spiff.migrate(drive.model, state, new, mapping=mapping, runtime=runtime())
    assert spiff.waits(drive.model, state) == drive.waits, "it stays where it was"
    return {(problem.rule, problem.element) for problem in problems}


def test_an_instance_goes_on_by_the_new_version() -> None:
    drive = Drive(draw(OLD), who="zhang").complete("b")
    before = {wait.token: wait for wait in drive.waits}
    text = OLD.replace("user c -> e", "user c -> d\nuser d -> e").replace(
        "and j -> c", "and j -> x\ntask x -> c"
    )

    step = moved(drive, text)
    new = spiff.parse(draw(text))

    assert (step.opened, step.closed) == ((), ())
    after = {wait.token: wait for wait in spiff.waits(new, step.state)}
    assert after == before, "tokens, assignee and due instant are kept"
    step = spiff.complete(new, step.state, drive.wait("a").token, runtime=runtime())
    assert [passed.element for passed in step.path] == ["a", "j", "x"]
    assert [wait.element for wait in step.opened] == ["c"]


def test_renamed_elements_are_followed_even_at_a_waiting_join() -> None:
    drive = Drive(draw(OLD), who="zhang").complete("b")
    text = OLD
    for old, new in (
        ("user b -> j", "user b9 -> j9"),
        ("f -> a b", "f -> a b9"),
        (" -> j\n", " -> j9\n"),
        ("and j ", "and j9 "),
    ):
        text = text.replace(old, new)

    step = moved(drive, text, j="j9", b="b9")
    new = spiff.parse(draw(text))
    step = spiff.complete(new, step.state, drive.wait("a").token, runtime=runtime())

    assert [wait.element for wait in step.opened] == ["c"]


def test_what_is_drawn_beside_a_token_is_armed_and_what_is_gone_is_dropped() -> None:
    drive = Drive(draw(OLD), who="zhang")
    text = (
        OLD.replace("boundary late on=a timer=PT4H", "boundary soon on=a timer=PT1H")
        + "{ sub es triggeredByEvent=true\nstart urged signal=urge isInterrupting=false -> n2\n"
        "user n2 -> ee\nend ee\n}"
    )

    step = moved(drive, text)

    assert sorted(wait.element for wait in step.opened) == ["soon", "urged"]
    assert [closed.element for closed in step.closed] == ["late"]


REFUSALS = {
    "gone": (OLD.replace("user a ", "user a2 ").replace("f -> a b", "f -> a2 b").replace("on=a", "on=a2"), ("migration-gone", "a")),
    "another-kind": (OLD.replace("user b -> j", "service b job=x -> j"), ("migration-type", "b")),
    "another-loop": (OLD.replace("user b -> j", "user b multi==x x=i -> j"), ("migration-loop", "b")),
    "another-event": (OLD.replace("timer=PT4H", "signal=x"), ("migration-event", "late")),
    "another-host": (OLD.replace("on=a", "on=b"), ("migration-scope", "late")),
    "another-scope": (
        OLD.replace("user b -> j", "{ sub box -> j\nstart s2 -> b\nuser b -> e2\nend e2\n}").replace("f -> a b", "f -> a box"),
        ("migration-scope", "b"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), REFUSALS.values(), ids=REFUSALS)
def test_an_instance_that_can_t_go_is_told_why_and_stays(text: str, expected) -> None:
    drive = Drive(draw(OLD), who="zhang")

    assert expected in refused(drive, text)


def test_a_join_whose_flow_is_gone_keeps_its_instances() -> None:
    drive = Drive(draw(OLD), who="zhang").complete("b")
    text = OLD.replace("user b -> j", "user b -> k").replace(
        "and j -> c", "user k -> j\nand j -> c"
    )

    assert refused(drive, text) == {("migration-flow", "j")}


@pytest.mark.parametrize("seed", range(60))
def test_random_edits_move_an_instance_or_leave_it_and_it_always_finishes(seed: int) -> None:
    dice = random.Random(seed)
    drive = Drive(draw(OLD), who="zhang")
    for element in dice.sample(["a", "b"], dice.randint(0, 2)):
        drive.complete(element)
    lines = OLD.strip().splitlines()
    extra = dice.choice([
        ("user c -> e", "user c -> c2\nuser c2 -> e"), ("and j -> c", "and j -> c0\ntask c0 -> c"),
        ("timer=PT4H", "timer=PT9H"), ("user note", "task note"), ("start s -> f", "start s -> s0\ntask s0 -> f"),
        ("user b -> j", "service b job=x -> j"), ("user c -> e", "service c job=x -> e"),
    ])  # fmt: skip
    text = "\n".join(lines).replace(*extra)
    new = spiff.parse(draw(text))
    model, state = drive.model, drive.step.state
    dues = {wait.token: wait.due_at for wait in drive.waits}

    if not spiff.obstacles(model, state, new, runtime=runtime()):
        state = spiff.migrate(model, state, new, runtime=runtime()).state
        model = new
        assert {wait.token: wait.due_at for wait in spiff.waits(model, state)} == dues

    for _ in range(20):
        open_ones = [wait for wait in spiff.waits(model, state) if wait.kind in ("user", "job")]
        if not open_ones:
            break
        step = spiff.complete(model, state, open_ones[0].token, runtime=spiff.Runtime(now=NOW))
        assert step.failure is None
        state = step.state
    assert step.completed


def test_work_is_sent_back_to_an_earlier_step() -> None:
    drive = Drive(draw("start s -> a\nuser a -> b\nuser b -> c\nuser c -> e\nend e"), x=1)
    drive.complete("a").complete("b")

    step = spiff.move(
        drive.model, drive.step.state, drive.wait("c").token, element="a", runtime=runtime()
    )

    assert [wait.element for wait in step.opened] == ["a"]
    assert [(closed.element, closed.completed) for closed in step.closed] == [("c", False)]
    assert step.variables == {"x": 1}


def test_a_token_is_not_moved_where_it_could_never_have_come() -> None:
    drive = Drive(draw(OLD), who="zhang")
    token = drive.wait("a").token

    for element in ("nowhere", "j", "late", "s"):
        with pytest.raises(InvalidInputError):
            spiff.move(drive.model, drive.step.state, token, element=element, runtime=runtime())
    with pytest.raises(TaskClosedError):
        spiff.move(
            drive.model, drive.step.state, drive.wait("late").token, element="c", runtime=runtime()
        )
