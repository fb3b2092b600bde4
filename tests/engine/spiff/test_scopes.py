"""Ad-hoc work, complex gateways, conditional flows, quantities, shared and several events."""

import pytest

from engine import spiff
from tests.engine.spiff.drawing import draw
from tests.engine.spiff.driving import Drive


@pytest.mark.parametrize("ordering", ["Parallel", "Sequential"])
def test_an_ad_hoc_sub_process_does_each_of_its_tasks_once(ordering: str) -> None:
    drive = Drive(draw(f"""
        start s -> box
        {{ adhoc box ordering={ordering} -> e
          user a
          user b -> c
          user c
        }}
        end e
    """).replace(b"ordering=", b"ordering=", 1).replace(
        b'<bpmn:adHocSubProcess id="box">', f'<bpmn:adHocSubProcess id="box" ordering="{ordering}">'.encode()
    ))  # fmt: skip

    assert drive.open == (["a", "b"] if ordering == "Parallel" else ["a"])
    drive.complete("a")
    drive.complete("b")
    assert not drive.step.completed
    drive.complete("c")

    assert drive.step.completed


def test_an_ad_hoc_sub_process_ends_when_its_condition_holds() -> None:
    xml = draw("start s -> box\n{ adhoc box -> e\nuser a\nuser b\n}\nend e").replace(
        b"</bpmn:adHocSubProcess>",
        b"<bpmn:completionCondition>=enough</bpmn:completionCondition></bpmn:adHocSubProcess>",
    )

    drive = Drive(xml).complete("a", enough=True)
    assert drive.step.completed

    drive = Drive(xml).complete("a", enough=False).complete("b", enough=False)
    assert drive.failure.code == "adhoc-stuck"
    assert drive.open == ["b"]


COMPLEX = """
start s -> f
and f -> a b c
user a -> x
user b -> x
user c -> x
complex x -> first:u[=waitingForStart] rest:v[=not(waitingForStart)]
user u
user v
"""


def test_a_complex_gateway_goes_on_at_two_of_three_and_eats_the_third() -> None:
    xml = draw(COMPLEX).replace(
        b"</bpmn:complexGateway>",
        b"<bpmn:activationCondition>=activationCount &gt;= 2</bpmn:activationCondition>"
        b"</bpmn:complexGateway>",
    )
    drive = Drive(xml).complete("b")
    assert drive.open == ["a", "c"]

    drive.complete("c")
    assert drive.open == ["a", "u"]
    drive.complete("a")
    assert drive.open == ["u", "v"]
    drive.complete("u").complete("v")

    assert drive.step.completed


@pytest.mark.parametrize(
    ("values", "open_now"),
    [
        ({"a": True, "b": True}, ["always", "x", "y"]),
        ({"a": True, "b": False}, ["always", "x"]),
        ({"a": False, "b": False}, ["always", "z"]),
    ],
)
def test_a_task_may_choose_among_its_outgoing_flows(values, open_now) -> None:
    drive = Drive(
        draw("""
        start s -> t
        user t default=d -> always x[=a] y[=b] d:z
        user always
        user x
        user y
        user z
    """)
    ).complete("t", **values)

    assert drive.open == open_now


def test_quantities_multiply_and_gather_tokens() -> None:
    drive = Drive(
        draw("""
        start s -> a
        task a completionQuantity=3 -> b
        user b -> c
        task c startQuantity=3 -> d
        user d
    """)
    )

    assert drive.open == ["b", "b", "b"]
    drive.complete("b").complete("b")
    assert drive.open == ["b"]
    drive.complete("b")

    assert drive.open == ["d"]


def test_a_global_task_is_called_as_a_process() -> None:
    xml = draw("start s -> c\ncall c calls=approve -> e\nend e").replace(
        b"</bpmn:definitions>", b'<bpmn:globalUserTask id="approve"/></bpmn:definitions>'
    )
    model = spiff.parse(xml)

    step = spiff.start(model, "approve", runtime=spiff.Runtime(now=Drive(xml).now))

    assert [(wait.kind, wait.element) for wait in step.opened] == [("user", "approve#task")]


def test_a_receive_task_may_start_a_process() -> None:
    xml = draw("receive r asTask=1 message=hello instantiate=true -> u\nuser u")
    xml = xml.replace(b'<bpmn:receiveTask id="r"', b'<bpmn:receiveTask id="r" instantiate="true"')
    model = spiff.parse(xml)

    step = spiff.start(
        model, "p", element="r", variables={"word": 1}, runtime=spiff.Runtime(now=Drive(xml).now)
    )

    assert [wait.element for wait in step.opened] == ["u"]
    assert step.variables == {"word": 1}


def test_an_event_definition_may_be_shared() -> None:
    xml = (
        draw("start s -> c\ncatch c signal=rain -> e\nend e")
        .replace(
            b'<bpmn:signalEventDefinition signalRef="signal_rain"/>',
            b"<bpmn:eventDefinitionRef>shared</bpmn:eventDefinitionRef>",
        )
        .replace(
            b"<bpmn:process",
            b'<bpmn:signalEventDefinition id="shared" signalRef="signal_rain"/><bpmn:process', 1,
        )
    )  # fmt: skip

    drive = Drive(xml)
    assert drive.wait("c").message == "rain"
    drive.deliver("c")

    assert drive.step.completed


def test_the_first_of_several_events_is_enough() -> None:
    drive = Drive(draw(
        "start s -> c\ncatch c timer=PT1H signal=rain message=two@no -> e\nend e"
    ), no=1)  # fmt: skip
    assert sorted(wait.kind for wait in drive.waits) == ["message", "signal", "timer"]

    drive.fire("c")

    assert drive.step.completed
    assert sorted(closed.completed for closed in drive.step.closed) == [False, False, True]


def test_drawn_data_moves_nothing() -> None:
    xml = draw("start s -> a\nuser a -> e\nend e").replace(
        b"</bpmn:userTask>",
        b'<bpmn:property id="p1"/><bpmn:dataInputAssociation id="d1"><bpmn:sourceRef>ref'
        b"</bpmn:sourceRef><bpmn:targetRef>p1</bpmn:targetRef></bpmn:dataInputAssociation>"
        b'</bpmn:userTask><bpmn:dataObject id="obj"/><bpmn:dataObjectReference id="ref" '
        b'dataObjectRef="obj"/><bpmn:textAnnotation id="note"/>',
    )

    assert Drive(xml, x=1).complete("a").variables == {"x": 1}


def test_an_ad_hoc_sub_process_may_choose_its_tasks() -> None:
    xml = draw("start s -> box\n{ adhoc box -> e\nuser a\nuser b\nuser c\n}\nend e").replace(
        b'<bpmn:adHocSubProcess id="box">',
        b'<bpmn:adHocSubProcess id="box"><bpmn:extensionElements>'
        b'<zeebe:adHoc activeElementsCollection="=chosen"/></bpmn:extensionElements>',
    )

    assert Drive(xml, chosen=["c", "a"]).open == ["a", "c"]
    assert Drive(xml, chosen=[]).step.completed


def test_a_scope_without_start_and_end_begins_where_nothing_leads() -> None:
    drive = Drive(draw("user a -> b\n{ sub b\nuser x\nuser y\n}\nuser c"))

    assert drive.open == ["a", "c"]
    drive.complete("a").complete("x").complete("c")
    assert drive.open == ["y"]
    assert drive.complete("y").step.completed


def test_a_path_inside_an_ad_hoc_sub_process_may_stop_at_a_plain_event() -> None:
    xml = draw("start s -> box\n{ adhoc box -> e\nuser a -> t\nthrow t\nuser b\n}\nend e")

    drive = Drive(xml).complete("a")
    assert "t" in drive.path
    assert not drive.step.completed

    assert drive.complete("b").step.completed
