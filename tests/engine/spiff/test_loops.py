"""Repetition: multi-instance of each kind and behaviour, standard loops, their limits."""

import pytest

from engine import spiff
from tests.engine.spiff.drawing import draw
from tests.engine.spiff.driving import DIAGRAMS, Drive


def test_parallel_instances_collect_in_the_order_of_the_collection() -> None:
    drive = Drive(
        draw("""
        start s -> a
        user a multi==items x=item out=results element=answer -> e
        end e
    """),
        items=["甲", "乙", "丙"],
    )
    waits = drive.waits
    assert [wait.element for wait in waits] == ["a", "a", "a"]

    for place in (2, 0, 1):
        step = spiff.complete(
            drive.model, drive.step.state, waits[place].token,
            variables={"answer": f"答{place}"}, runtime=spiff.Runtime(now=drive.now),
        )  # fmt: skip
        drive._note(step)

    assert drive.step.completed
    assert drive.variables == {"items": ["甲", "乙", "丙"], "results": ["答0", "答1", "答2"]}
    assert drive.path.count("a") == 1


def test_a_completion_condition_cancels_the_remaining_instances() -> None:
    drive = Drive((DIAGRAMS / "multi_parallel.bpmn").read_bytes(), process="multi_parallel",
                  items=[1, 2, 3, 4, 5])  # fmt: skip

    drive.complete("each").complete("each").complete("each")

    assert drive.step.completed
    assert [c.completed for c in drive.step.closed if c.kind == "user"] == [True, False, False]


def test_a_border_timer_of_a_multi_instance_is_one_for_all() -> None:
    drive = Drive((DIAGRAMS / "multi_parallel.bpmn").read_bytes(), process="multi_parallel",
                  items=[1, 2, 3])  # fmt: skip

    assert drive.open == ["each", "each", "each", "stop"]
    drive.complete("each").fire("stop")

    assert drive.step.ends == ("e2",)
    assert drive.step.completed


@pytest.mark.parametrize("kind", ["multi", "seq"])
def test_an_empty_collection_passes_through(kind: str) -> None:
    drive = Drive(draw(
        f"start s -> a\nuser a {kind}==items x=item out=results element=item -> e\nend e"
    ), items=[])  # fmt: skip

    assert drive.step.completed
    assert drive.variables["results"] == []


@pytest.mark.parametrize("value", ["many", 5, None, {"a": 1}])
def test_a_collection_that_is_no_list_fails_the_step(value: object) -> None:
    drive = Drive(draw(
        "start s -> u\nuser u -> a\nuser a multi==items x=item -> e\nend e"
    )).complete("u", items=value)  # fmt: skip

    assert drive.failure.code == "collection"
    assert drive.open == ["u"]


def test_a_fan_out_beyond_the_limit_fails_instead_of_flooding() -> None:
    drive = Drive(draw(
        "start s -> u\nuser u -> a\nuser a multi==items x=item -> e\nend e"
    )).complete("u", items=list(range(1001)))  # fmt: skip

    assert drive.failure.code == "too-many-instances"


def test_a_standard_loop_ends_by_its_condition_or_its_maximum() -> None:
    xml = (DIAGRAMS / "standard_loop.bpmn").read_bytes()
    drive = Drive(xml, process="standard_loop", ok=False)
    drive.complete("try", ok=False).complete("try", ok=True)
    assert drive.step.completed

    drive = Drive(xml, process="standard_loop", ok=False)
    for _ in range(4):
        drive.complete("try", ok=False)

    assert drive.step.completed


def behaving(behavior: str, inner: str = "") -> bytes:
    """A sequential task of three turns that throws implicitly, with a border that catches it."""
    xml = draw("""
        start s -> a
        service a job=a -> e
        boundary b on=a signal=Done -> n
        user n -> e2
        end e
        end e2
    """)
    reference = "" if inner else f' {behavior.lower()}BehaviorEventRef="shared"'
    return xml.replace(
        b"</bpmn:extensionElements></bpmn:serviceTask>",
        (
            f'</bpmn:extensionElements><bpmn:multiInstanceLoopCharacteristics behavior="{behavior}"'
            f'{reference} isSequential="true"><bpmn:loopCardinality>3</bpmn:loopCardinality>{inner}'
            "</bpmn:multiInstanceLoopCharacteristics></bpmn:serviceTask>"
        ).encode(),
    ).replace(
        b"<bpmn:process",
        b'<bpmn:signalEventDefinition id="shared" signalRef="signal_Done"/><bpmn:process', 1,
    )  # fmt: skip


SECOND = (
    "<bpmn:complexBehaviorDefinition><bpmn:condition>numberOfCompletedInstances = 2"
    '</bpmn:condition><bpmn:event><bpmn:signalEventDefinition signalRef="signal_Done"/>'
    "</bpmn:event></bpmn:complexBehaviorDefinition>"
)


@pytest.mark.parametrize(
    ("behavior", "inner", "notes"),
    [("None", "", [1, 2, 3]), ("One", "", [1, 1, 1]), ("Complex", SECOND, [0, 1, 1])],
)
def test_instances_throw_when_their_behaviour_says_so(behavior, inner, notes) -> None:
    drive = Drive(behaving(behavior, inner))
    seen = []
    for _ in range(3):
        drive.complete("a")
        seen.append(drive.open.count("n"))

    assert seen == notes
    assert "e" in drive.path
