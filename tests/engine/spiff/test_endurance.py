"""Long lives: thousands of rounds cost the same each, and nothing grows."""

from engine import spiff
from tests.engine.spiff.drawing import draw
from tests.engine.spiff.driving import runtime

LOOP = """
start s -> m
xor m -> f
and f -> a b
user a -> j
boundary late on=a timer=PT8H cancelActivity=false -> r
user r -> re
end re
service b job=look -> j
and j -> g
xor g default=again -> done:e[=ok] again:m
end e
"""


def rounds(model: spiff.Model, step: spiff.Step, count: int) -> spiff.Step:
    for number in range(count):
        for wait in step.opened:
            if wait.kind != "timer":
                last = step = spiff.complete(
                    model, step.state, wait.token, runtime=runtime(),
                    variables={"ok": False, "round": number},
                )  # fmt: skip
        assert last.failure is None
    return step


def test_two_thousand_rounds_stay_flat_in_size() -> None:
    model = spiff.parse(draw(LOOP))
    step = rounds(model, spiff.start(model, "p", runtime=runtime()), 50)
    size = len(step.state)
    step = rounds(model, step, 2000)

    assert not step.completed
    assert len(spiff.waits(model, step.state)) == 3
    assert len(step.state) <= size + 16, "only the numbers of tokens get longer"


def test_five_hundred_tasks_in_a_row_are_parsed_and_run() -> None:
    tasks = "\n".join(f"task t{number} -> t{number + 1}" for number in range(497))
    model = spiff.parse(draw(f"start s -> t0\n{tasks}\ntask t497 -> e\nend e"))

    step = spiff.start(model, "p", runtime=runtime())

    assert step.completed
    assert len(step.path) == 500


def test_a_circle_without_waiting_is_stopped_and_changes_nothing() -> None:
    model = spiff.parse(
        draw("""
        start s -> u
        user u -> m
        xor m -> t
        task t -> m
    """)
    )
    step = spiff.start(model, "p", runtime=runtime())

    failed = spiff.complete(model, step.state, step.opened[0].token, runtime=runtime())

    assert failed.failure is not None
    assert failed.failure.code == "endless-loop"
    assert failed.state == step.state
