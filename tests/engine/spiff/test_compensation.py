"""Compensation and transactions: what was done is undone, backwards, once."""

from engine import spiff
from tests.engine.spiff.drawing import draw
from tests.engine.spiff.driving import Drive

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


def test_a_compensation_that_does_not_wait_is_refused() -> None:
    xml = draw("start s -> t\nthrow t compensate= -> e\nend e").replace(
        b"<bpmn:compensateEventDefinition/>",
        b'<bpmn:compensateEventDefinition waitForCompletion="false"/>',
    )

    assert [problem.rule for problem in spiff.refusals(xml)] == ["compensation-no-wait"]
