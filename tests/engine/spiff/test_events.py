"""Events: thrown, caught, on borders, in sub-processes; who hears them and who does not."""

import pytest

from engine import spiff
from engine.errors import NotFoundError, TaskClosedError
from tests.engine.spiff.drawing import draw
from tests.engine.spiff.driving import DIAGRAMS, Drive, runtime

TWO = """
start s -> f
and f -> t b
throw t signal=rain -> e
user b -> j
boundary stop on=b signal=rain -> shelter
user shelter -> j
xor j -> e
end e
"""


def test_a_signal_finds_listeners_that_the_same_step_arms() -> None:
    drive = Drive(draw(TWO))

    assert drive.open == ["shelter"]
    assert [(thrown.kind, thrown.name) for thrown in drive.thrown] == [("signal", "rain")]


def test_a_signal_that_nobody_awaits_is_gone() -> None:
    drive = Drive(draw("start s -> t\nthrow t signal=rain -> c\ncatch c signal=rain -> e\nend e"))

    assert drive.open == ["c"]
    drive.deliver("c", mm=12)

    assert drive.step.completed
    assert drive.variables == {"mm": 12}


def test_a_non_interrupting_message_repeats_and_keeps_its_token() -> None:
    drive = Drive(
        draw("""
        start s -> a
        user a -> e
        boundary urged on=a message=urge@no cancelActivity=false -> note
        script note set=last:word -> e2
        end e
        end e2
    """),
        no="C1",
    )
    wait = drive.wait("urged")
    assert (wait.correlation_key, wait.boundary_of, wait.once) == ("C1", "a", False)

    for word in ("first", "second", "third"):
        drive.deliver("urged", word=word)
        assert drive.wait("urged").token == wait.token
        assert not drive.step.closed

    assert drive.variables["last"] == "third"
    drive.complete("a")
    assert drive.step.completed
    assert [(c.element, c.kind, c.completed) for c in drive.step.closed] == [
        ("a", "user", True), ("urged", "message", False),
    ]  # fmt: skip


def test_an_interrupting_event_sub_process_stops_everything_around_it() -> None:
    drive = Drive(
        (DIAGRAMS / "event_sub_process.bpmn").read_bytes(), process="event_sub_process", no="C1"
    )
    drive.deliver("urged").deliver("urged")
    assert drive.open == ["a", "tell", "tell", "urged", "withdrawn"]

    drive.deliver("withdrawn")
    assert drive.open == ["confirm"]
    drive.complete("confirm")

    assert drive.step.completed
    assert drive.step.ends == ("stopped",)


def test_a_non_interrupting_event_sub_process_keeps_its_scope_open() -> None:
    drive = Drive(
        (DIAGRAMS / "event_sub_process.bpmn").read_bytes(), process="event_sub_process", no="C1"
    )

    drive.deliver("urged").complete("a").complete("b")
    assert not drive.step.completed
    drive.complete("tell")

    assert drive.step.completed


def test_a_conditional_event_waits_until_a_variable_makes_it_true() -> None:
    drive = Drive(
        draw("""
        start s -> f
        and f -> c u
        catch c when==amount>100 -> e
        user u -> u2
        user u2 -> e
        end e
    """),
        amount=1,
    )

    drive.complete("u", amount=50)
    assert "c" not in drive.path
    drive.complete("u2", amount=500)

    assert "c" in drive.path
    assert drive.step.completed


def test_a_non_interrupting_condition_fires_each_time_it_becomes_true() -> None:
    drive = Drive(
        draw("""
        start s -> u
        user u -> e
        boundary hot on=u when==heat>30 cancelActivity=false -> fan
        user fan
        end e
    """),
        heat=20,
    )

    for heat in (35, 36, 20, 40):
        step = spiff.set_variables(
            drive.model, drive.step.state, variables={"heat": heat}, runtime=runtime()
        )
        drive._note(step)

    assert drive.open.count("fan") == 2


def test_setting_variables_can_let_an_instance_go_on() -> None:
    drive = Drive(draw("start s -> c\ncatch c when==ok=true -> u\nuser u"), ok=False)

    drive._note(
        spiff.set_variables(
            drive.model, drive.step.state, variables={"ok": True}, runtime=runtime()
        )
    )

    assert drive.open == ["u"]


def test_a_link_goes_on_at_its_other_end() -> None:
    drive = Drive(
        draw("""
        start s -> g
        xor g default=b -> a:t[=one=true] b:t2
        throw t link=L
        throw t2 link=L
        catch c link=L -> e
        end e
    """),
        one=True,
    )

    assert drive.step.completed
    assert drive.path == ["s", "g", "t", "c", "e"]


def test_messages_are_left_to_others_with_name_key_and_content() -> None:
    drive = Drive(
        draw("""
        start s -> t
        throw t message=ready@no -> m
        send m asTask=1 message=gone@no -> e
        end e message=done@no
    """),
        no="C7",
    )

    assert [(t.kind, t.name, t.correlation_key, t.element) for t in drive.thrown] == [
        ("message", "ready", "C7", "t"),
        ("message", "gone", "C7", "m"),
        ("message", "done", "C7", "e"),
    ]
    assert drive.thrown[0].payload == {"no": "C7"}


def test_a_throw_event_may_be_work_for_a_handler() -> None:
    drive = Drive(draw("start s -> t\nthrow t job=publish message=x -> e\nend e job=bye message=x"))
    assert drive.wait("t").job.type == "publish"

    drive.complete("t")
    assert drive.step.ends == ()
    drive.complete("e")

    assert drive.step.ends == ("e",)
    assert not drive.thrown


def test_several_starts_are_told_apart() -> None:
    model = spiff.parse(
        draw("""
        start plain -> a
        start told message=hello -> b
        start daily cycle=R/P1D -> c
        user a
        user b
        user c
    """)
    )

    def first(element: str | None) -> list[str]:
        step = spiff.start(model, "p", element=element, runtime=runtime())
        return [wait.element for wait in step.opened]

    assert [first(None), first("told"), first("daily")] == [["a"], ["b"], ["c"]]
    assert [element.id for element in model.processes["p"].starts] == ["plain", "told", "daily"]
    with pytest.raises(NotFoundError):
        first("a")


def test_parallel_multiple_events_wait_for_all_of_them() -> None:
    drive = Drive(
        draw("start s -> c\ncatch c parallelMultiple=true signal=one message=two@no -> e\nend e"),
        no=1,
    )

    assert drive.open == ["c", "c"]
    first, second = drive.waits
    step = spiff.deliver(
        drive.model, drive.step.state, first.token, payload={"a": 1}, runtime=runtime()
    )
    assert not step.completed
    step = spiff.deliver(drive.model, step.state, second.token, payload={"b": 2}, runtime=runtime())

    assert step.completed
    assert (step.variables["a"], step.variables["b"]) == (1, 2)


def test_the_second_use_of_a_token_is_refused() -> None:
    drive = Drive(draw("start s -> a\nuser a -> b\nuser b -> e\nend e"))
    token = drive.wait("a").token
    drive.complete("a")

    with pytest.raises(TaskClosedError):
        spiff.complete(drive.model, drive.step.state, token, runtime=runtime())
    with pytest.raises(TaskClosedError):
        spiff.fire(drive.model, drive.step.state, drive.wait("b").token, runtime=runtime())
