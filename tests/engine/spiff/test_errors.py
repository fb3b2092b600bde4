"""Errors, escalations and terminate: who catches what, and what ends by it."""

import pytest

from engine import spiff
from tests.engine.spiff.drawing import draw
from tests.engine.spiff.driving import Drive, runtime

ERRORS = """
start s -> box
{{ sub box -> e
  start s1 -> w
  service w job=work -> e1
  boundary own on=w error=OWN -> w2
  user w2 -> e1
  end e1
  {inner}
}}
boundary known on=box error=KNOWN -> repair
boundary every on=box error= -> rest
user repair -> e
user rest -> e
end e
"""


INNER = """{ sub es triggeredByEvent=true
start x error=INNER -> xe
user xe -> xend
end xend error=INNER
}"""


@pytest.mark.parametrize(
    ("code", "inner", "open_now"),
    [("OWN", "", "w2"), ("KNOWN", "", "repair"), ("OTHER", "", "rest"), ("INNER", INNER, "xe")],
)
def test_an_error_goes_to_the_nearest_catcher_that_names_it(code, inner, open_now) -> None:
    drive = Drive(draw(ERRORS.format(inner=inner)))

    drive.throw("w", code, reason="broken")

    assert drive.open == [open_now]
    assert drive.variables["reason"] == "broken"


def test_an_error_inside_an_event_sub_process_leaves_its_scope() -> None:
    drive = Drive(draw(ERRORS.format(inner=INNER))).throw("w", "INNER")

    drive.complete("xe")

    assert drive.open == ["rest"], "the same event sub-process does not catch its own error"


def test_an_error_of_a_job_that_nobody_catches_changes_nothing() -> None:
    drive = Drive(draw("start s -> w\nservice w job=work -> e\nend e"))

    drive.throw("w", "UNKNOWN")

    assert drive.failure.code == "error-uncaught"
    assert drive.open == ["w"]


def test_an_error_end_that_nobody_catches_ends_the_instance_and_says_so() -> None:
    drive = Drive(
        draw("""
        start s -> f
        and f -> a b
        user a
        user b -> x
        end x error=LOST
    """)
    )

    drive.complete("b")

    assert drive.step.completed
    assert [(thrown.kind, thrown.name) for thrown in drive.thrown] == [("error", "LOST")]
    assert [(c.element, c.completed) for c in drive.step.closed] == [("a", False), ("b", True)]


@pytest.mark.parametrize(
    ("cancel", "open_now"), [("", ["boss"]), ("cancelActivity=false", ["boss", "u"])]
)
def test_an_escalation_lets_its_thrower_go_on_unless_it_is_interrupted(cancel, open_now) -> None:
    drive = Drive(
        draw(f"""
        start s -> box
        {{ sub box -> e
          start s1 -> t
          throw t escalation=HELP -> u
          user u -> e1
          end e1
        }}
        boundary up on=box escalation=HELP {cancel} -> boss
        user boss -> e
        end e
    """)
    )

    assert drive.open == open_now


def test_an_escalation_that_nobody_catches_is_for_the_caller() -> None:
    drive = Drive(draw("start s -> t\nthrow t escalation=HELP -> u\nuser u"))

    assert drive.open == ["u"]
    assert [(thrown.kind, thrown.name) for thrown in drive.thrown] == [("escalation", "HELP")]


def test_a_call_takes_errors_and_escalations_of_what_it_called() -> None:
    diagram = draw("""
        start s -> c
        call c calls=other -> e
        boundary failed on=c error=BAD -> fix
        boundary asked on=c escalation=HELP cancelActivity=false -> boss
        user fix -> e
        user boss -> e
        end e
    """)
    drive = Drive(diagram)
    token = drive.wait("c").token

    step = spiff.throw(
        drive.model, drive.step.state, token, error_code="HELP", kind="escalation",
        runtime=runtime(),
    )  # fmt: skip
    assert [wait.element for wait in step.opened] == ["boss"]
    assert not step.closed
    step = spiff.throw(drive.model, step.state, token, error_code="BAD", runtime=runtime())

    assert [wait.element for wait in step.opened] == ["fix"]
    assert [closed.element for closed in step.closed] == ["c"]


def test_terminate_ends_its_scope_only() -> None:
    drive = Drive(
        draw("""
        start s -> f
        and f -> box a
        { sub box -> after
          start s1 -> g
          and g -> u v
          user u -> stop
          user v
          end stop terminate=1
        }
        user after
        user a
    """)
    )

    drive.complete("u")

    assert drive.open == ["a", "after"]
