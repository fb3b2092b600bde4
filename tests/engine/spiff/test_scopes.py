"""Repetition, compensation, transactions, ad-hoc work, complex gateways, conditional flows."""

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


UNDO = """
start s -> book
service book job=book -> pay
boundary cb on=book compensate=
service unbook isForCompensation=true job=unbook
service pay job=pay -> ask
boundary cp on=pay compensate=
service refund isForCompensation=true job=refund
user ask -> g
xor g default=fine -> bad:undo[=broken] fine:e
throw undo compensate= -> after
user after -> e
end e
"""


def with_associations(xml: bytes, **pairs: str) -> bytes:
    links = "".join(
        f'<bpmn:association id="as_{source}" associationDirection="One" sourceRef="{source}" '
        f'targetRef="{target}"/>'
        for source, target in pairs.items()
    )
    return xml.replace(b"</bpmn:process>", f"{links}</bpmn:process>".encode())


def test_what_was_done_is_undone_backwards_and_only_once() -> None:
    drive = Drive(with_associations(draw(UNDO), cb="unbook", cp="refund"))
    drive.complete("book").complete("pay").complete("ask", broken=True)

    assert drive.open == ["refund"]
    drive.complete("refund")
    assert drive.open == ["unbook"]
    drive.complete("unbook")

    assert drive.open == ["after"]
    assert drive.path[-3:] == ["undo", "refund", "unbook"]


def test_only_what_was_completed_is_undone() -> None:
    xml = with_associations(
        draw("""
        start s -> f
        and f -> a b
        service a job=a -> j
        boundary ca on=a compensate=
        service ua isForCompensation=true job=ua
        service b job=b -> j
        boundary cb on=b compensate=
        service ub isForCompensation=true job=ub
        boundary failed on=b error=X -> undo
        throw undo compensate= -> e
        and j -> e
        end e
    """),
        ca="ua",
        cb="ub",
    )
    drive = Drive(xml).complete("a").throw("b", "X")

    assert drive.open == ["ua"]


def test_a_named_activity_alone_is_undone() -> None:
    text = UNDO.replace("throw undo compensate=", "throw undo compensate=book")
    drive = Drive(with_associations(draw(text), cb="unbook", cp="refund"))

    drive.complete("book").complete("pay").complete("ask", broken=True).complete("unbook")

    assert drive.open == ["after"]


TRIP = """
start s -> trip
{ transaction trip -> e
  start s1 -> hotel
  service hotel job=hotel -> ask
  boundary ch on=hotel compensate=
  service unhotel isForCompensation=true job=unhotel
  user ask -> g
  xor g default=fine -> bad:stop[=broken] fine:e1
  end stop cancel=1
  end e1
}
boundary cancelled on=trip cancel=1 -> sorry
user sorry -> e
end e
"""


def test_a_cancelled_transaction_undoes_its_work_then_leaves_by_its_border() -> None:
    xml = draw(TRIP).replace(
        b"</bpmn:transaction>",
        b'<bpmn:association id="as" sourceRef="ch" targetRef="unhotel"/></bpmn:transaction>',
    )
    drive = Drive(xml).complete("hotel").complete("ask", broken=True)

    assert drive.open == ["unhotel"]
    drive.complete("unhotel")

    assert drive.open == ["sorry"]


def test_a_completed_sub_process_is_undone_with_the_variables_it_had() -> None:
    xml = draw("""
        start s -> box
        { sub box | <zeebe:ioMapping><zeebe:input source="=room" target="local"/></zeebe:ioMapping> -> ask
          start s1 -> a
          service a job=a -> b
          boundary ca on=a compensate=
          service ua isForCompensation=true job=ua
          service b job=b -> e1
          boundary cb on=b compensate=
          service ub isForCompensation=true job=ub
          end e1
        }
        user ask -> undo
        throw undo compensate= -> e
        end e
    """).replace(
        b"</bpmn:subProcess>",
        b'<bpmn:association id="x" sourceRef="ca" targetRef="ua"/>'
        b'<bpmn:association id="y" sourceRef="cb" targetRef="ub"/></bpmn:subProcess>',
    )
    drive = Drive(xml, room="1-201").complete("a").complete("b").complete("ask")

    assert drive.open == ["ub"]
    assert drive.wait("ub").variables["local"] == "1-201"
    drive.complete("ub").complete("ua")

    assert drive.step.completed
    assert drive.path[-4:] == ["undo", "ub", "ua", "e"]


def test_a_compensation_event_sub_process_undoes_its_scope() -> None:
    drive = (
        Drive(
            draw("""
        start s -> box
        { sub box -> ask
          start s1 -> a
          user a -> e1
          end e1
          { sub es triggeredByEvent=true
            start c compensate= -> repair
            user repair -> e2
            end e2
          }
        }
        user ask -> undo
        throw undo compensate=box -> e
        end e
    """)
        )
        .complete("a")
        .complete("ask")
    )

    assert drive.open == ["repair"]
    drive.complete("repair")

    assert drive.step.completed


def test_nothing_to_undo_goes_on_at_once() -> None:
    drive = Drive(with_associations(draw(
        "start s -> t\nthrow t compensate= -> a\nservice a job=a -> e\nboundary c on=a compensate=\n"
        "service u isForCompensation=true job=u\nend e"
    ), c="u"))  # fmt: skip

    assert drive.open == ["a"]


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


def test_a_compensation_that_does_not_wait_is_refused() -> None:
    xml = draw("start s -> t\nthrow t compensate= -> e\nend e").replace(
        b"<bpmn:compensateEventDefinition/>",
        b'<bpmn:compensateEventDefinition waitForCompletion="false"/>',
    )

    assert [problem.rule for problem in spiff.refusals(xml)] == ["compensation-no-wait"]
