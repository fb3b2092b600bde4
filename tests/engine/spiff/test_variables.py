"""Variables: scopes and mappings as in Camunda 8, reads, assignments, JSON in and JSON out."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from engine import spiff
from tests.engine.spiff.drawing import draw
from tests.engine.spiff.driving import NOW, Drive, decide, runtime


def mapped(kind: str, inputs: str = "", outputs: str = "", more: str = "") -> Drive:
    def of(tag: str, text: str) -> str:
        pairs = [pair.split(":=") for pair in text.split(";;") if pair]
        return "".join(f'<zeebe:{tag} source="{s}" target="{t}"/>' for t, s in pairs)

    mapping = f"<zeebe:ioMapping>{of('input', inputs)}{of('output', outputs)}</zeebe:ioMapping>"
    return Drive(draw(f"start s -> t\n{kind} t {more} | {mapping} -> u\nuser u -> e\nend e"),
                 amount=10, name="甲")  # fmt: skip


def test_without_mappings_everything_submitted_goes_to_the_process() -> None:
    drive = mapped("user").complete("t", amount=20, note="新")

    assert drive.variables == {"amount": 20, "name": "甲", "note": "新"}


def test_inputs_are_local_and_vanish_with_the_task() -> None:
    drive = mapped("service", "double:==amount*2;;greeting:==&quot;您好&quot;", more="job=x")
    assert drive.wait("t").variables["double"] == 20
    assert drive.wait("t").variables["greeting"] == "您好"

    drive.complete("t", double=99)

    assert drive.variables == {"amount": 10, "name": "甲"}, "a local variable stays local"


def test_outputs_say_what_leaves_a_task() -> None:
    drive = mapped("user", outputs="total:==amount+extra;;last:==total").complete("t", extra=5)

    assert drive.variables == {"amount": 10, "name": "甲", "total": 15, "last": 15}


def test_a_constant_mapping_is_text() -> None:
    assert mapped("user", outputs="kind:=repair").complete("t").variables["kind"] == "repair"


def test_variables_of_a_sub_process_live_and_die_with_it() -> None:
    drive = Drive(
        draw("""
        start s -> box
        { sub box | <zeebe:ioMapping><zeebe:input source="=0" target="count"/></zeebe:ioMapping> -> u
          start s1 -> a
          user a -> b
          script b set=seen:count -> e1
          end e1
        }
        user u -> e
        end e
    """)
    ).complete("a", count=7)

    assert drive.variables == {"seen": 7}


def test_a_decision_and_a_script_set_their_result() -> None:
    drive = Drive(
        draw("""
        start s -> d
        rule d decides=priority:level -> c
        script c set=text:"级别"+level -> u
        user u -> e
        end e
    """),
        danger=True,
    )

    assert drive.variables == {"danger": True, "level": "P0", "text": "级别P0"}
    assert [(d.decision_id, d.value, d.element) for d in drive.step.decisions] == [
        ("priority", "P0", "d")
    ]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (Decimal(12), 12), (Decimal("0.5"), 0.5), (date(2026, 5, 1), "2026-05-01"),
        (datetime(2026, 5, 1, 9, tzinfo=UTC), "2026-05-01T09:00:00Z"),
        ([Decimal(1), {"a": Decimal("2.5")}], [1, {"a": 2.5}]), (None, None), (True, True),
    ],
)  # fmt: skip
def test_variables_are_json_whatever_is_handed_in(given: object, kept: object) -> None:
    drive = mapped("user").complete("t", value=given)

    assert drive.variables["value"] == kept
    assert type(drive.variables["value"]) is type(kept)


def test_a_call_passes_variables_down_and_takes_them_back_as_it_says() -> None:
    def call(attributes: str) -> Drive:
        called = f'<zeebe:calledElement processId="=target" {attributes}/>'
        mapping = '<zeebe:ioMapping><zeebe:input source="=1" target="own"/></zeebe:ioMapping>'
        text = f"start s -> c\ncall c | {called}{mapping} -> u\nuser u -> e\nend e"
        return Drive(draw(text), target="callback", secret=2)

    both = call("")
    assert both.wait("c").called.process_id == "callback"
    assert both.wait("c").variables == {"target": "callback", "secret": 2, "own": 1}
    assert both.deliver("c", answer=3).variables["answer"] == 3
    neither = call('propagateAllParentVariables="false" propagateAllChildVariables="false"')
    assert neither.wait("c").variables == {"own": 1}
    assert "answer" not in neither.deliver("c", answer=3).variables


def test_assignments_are_worked_out_when_the_task_opens() -> None:
    extensions = (
        '<zeebe:assignmentDefinition assignee="=worker" candidateGroups="clerk, manager" '
        'candidateUsers="=[worker, &quot;li&quot;]"/>'
        '<zeebe:taskSchedule dueDate="=day" followUpDate="2026-03-05T09:00:00"/>'
        '<zeebe:priorityDefinition priority="=if danger then 90 else 50"/>'
        '<zeebe:formDefinition formId="complaint-T1" bindingType="deployment"/>'
        '<zeebe:properties><zeebe:property name="clock" value="working"/></zeebe:properties>'
    )
    drive = Drive(draw(f"start s -> a\nuser a | {extensions} -> e\nend e"),
                  worker="zhang", danger=True, day="2026-03-04T18:00:00+08:00")  # fmt: skip

    wait = drive.wait("a")

    assert (wait.assignee, wait.candidate_groups, wait.candidate_users, wait.priority) == (
        "zhang", ("clerk", "manager"), ("zhang", "li"), 90,
    )  # fmt: skip
    assert wait.due_date == datetime(2026, 3, 4, 10, tzinfo=UTC)
    assert wait.follow_up_date == datetime(2026, 3, 5, 1, tzinfo=UTC)
    assert wait.form == spiff.FormRef(form_id="complaint-T1", binding="deployment")
    assert wait.properties == {"clock": "working"}


@pytest.mark.parametrize(
    ("extension", "code"),
    [
        ('<zeebe:assignmentDefinition assignee="=5"/>', "assignee"),
        ('<zeebe:assignmentDefinition candidateGroups="=5"/>', "candidates"),
        ('<zeebe:priorityDefinition priority="=500"/>', "priority"),
        ('<zeebe:taskSchedule dueDate="=&quot;soon&quot;"/>', "date-invalid"),
    ],
)
def test_a_wrong_assignment_fails_the_step_and_loses_nothing(extension: str, code: str) -> None:
    drive = Drive(draw(f"start s -> u\nuser u -> a\nuser a | {extension} -> e\nend e")).complete(
        "u"
    )

    assert (drive.failure.code, drive.failure.element) == (code, "a")
    assert drive.open == ["u"]


def test_a_process_tells_which_variables_its_expressions_read() -> None:
    model = spiff.parse(
        draw("""
        start s -> a
        user a | <zeebe:assignmentDefinition assignee="=clerk.name"/><zeebe:properties><zeebe:property name="startFrom" value="received_at"/><zeebe:property name="title" value="=room + &quot;投诉&quot;"/></zeebe:properties><zeebe:ioMapping><zeebe:output source="=fee * 2" target="double"/></zeebe:ioMapping> -> g
        xor g default=d -> x:c[=danger] d:t
        call c | <zeebe:calledElement processId="other"/> -> t
        catch t timer==wait -> m
        user m multi==rooms x=item element=answer out=all -> e
        end e message=done@case_no
    """)
    )

    process = model.processes["p"]

    assert process.reads == {
        "clerk", "received_at", "room", "fee", "danger", "wait", "rooms", "answer", "case_no",
    }  # fmt: skip
    assert ("a", "assignee", frozenset({("clerk", "name")})) in {
        (usage.element, usage.place, usage.names) for usage in process.expressions
    }


def test_the_caller_s_functions_are_at_hand() -> None:
    model = spiff.parse(draw("start s -> c\nscript c set=n:twice(4) -> e\nend e"))

    step = spiff.start(
        model,
        "p",
        runtime=spiff.Runtime(now=NOW, decide=decide, functions={"twice": lambda n: n * 2}),
    )

    assert step.variables == {"n": 8}


@pytest.mark.parametrize("value", ["yes", None, 1, [True]])
def test_a_condition_that_is_no_boolean_fails_the_step_at_its_flow(value: object) -> None:
    drive = Drive(
        draw("""
        start s -> u
        user u -> g
        xor g default=no -> yes:e[=ok] no:e2
        end e
        end e2
    """)
    ).complete("u", ok=value)

    assert (drive.failure.code, drive.failure.element) == ("condition-not-boolean", "yes")
    assert drive.failure.zh
    assert drive.open == ["u"]


def test_no_condition_and_no_default_fails_the_step_at_its_gateway() -> None:
    drive = Drive(
        draw("""
        start s -> u
        user u -> g
        xor g -> e[=ok] e2[=no]
        end e
        end e2
    """)
    ).complete("u", ok=False, no=False)

    assert (drive.failure.code, drive.failure.element) == ("no-flow-taken", "g")


def test_a_decision_that_breaks_fails_the_step_with_the_real_error() -> None:
    def broken(_id: str, _reference: object, _context: object) -> spiff.Decided:
        raise KeyError("table 5")

    model = spiff.parse(draw("start s -> u\nuser u -> d\nrule d decides=x:y -> e\nend e"))
    step = spiff.start(model, "p", runtime=runtime())

    failed = spiff.complete(
        model, step.state, step.opened[0].token, variables={"kept": False},
        runtime=spiff.Runtime(now=NOW, decide=broken),
    )  # fmt: skip

    assert failed.failure.element == "d"
    assert "KeyError" in failed.failure.detail
    assert "table 5" in failed.failure.zh
    assert failed.state == step.state
    assert spiff.variables(model, step.state) == {}


def test_a_large_state_is_deflated_and_a_strange_one_refused() -> None:
    from engine.errors import ConflictError

    drive = mapped("user").complete("t", text="很长的说明" * 1000)
    assert len(drive.step.state) < 1000
    assert drive.variables["text"].startswith("很长")
    assert spiff.variables(drive.model, drive.step.state) == drive.variables
    other = spiff.parse(draw("start s -> x\nuser x -> e\nend e"))

    with pytest.raises(ConflictError):
        spiff.waits(other, drive.step.state)
    with pytest.raises(ConflictError):
        spiff.waits(other, b"[99]")
    for broken in (b"", b"{", b"zzz", drive.step.state[:-9]):
        with pytest.raises(ConflictError):
            spiff.waits(drive.model, broken)


def test_lanes_name_who_works_the_inner_one_wins() -> None:
    xml = draw("start s -> a\nuser a -> box\n{ sub box -> e\nstart s1 -> b\nuser b\n}\nend e").replace(
        b'<bpmn:startEvent id="s">',
        '<bpmn:laneSet id="ls"><bpmn:lane id="l1" name="客服"><bpmn:flowNodeRef>a</bpmn:flowNodeRef>'
        '<bpmn:flowNodeRef>box</bpmn:flowNodeRef><bpmn:childLaneSet id="c"><bpmn:lane id="l2" '
        'name="前台"><bpmn:flowNodeRef>a</bpmn:flowNodeRef></bpmn:lane></bpmn:childLaneSet>'
        '</bpmn:lane></bpmn:laneSet><bpmn:startEvent id="s">'.encode(), 1,
    )  # fmt: skip
    drive = Drive(xml)

    assert drive.wait("a").lane == "前台"
    assert drive.complete("a").wait("b").lane == "客服"


def test_headers_are_handed_to_whoever_works() -> None:
    headers = '<zeebe:taskHeaders><zeebe:header key="channel" value="sms"/></zeebe:taskHeaders>'
    drive = Drive(
        draw(f"start s -> a\nservice a job=x | {headers} -> b\nuser b | {headers} -> e\nend e")
    )

    assert drive.wait("a").job.headers == {"channel": "sms"}
    assert drive.complete("a").wait("b").headers == {"channel": "sms"}


def test_a_version_tag_is_read() -> None:
    xml = draw("start s -> a\nuser a -> e\nend e").replace(
        b'isExecutable="true">',
        b'isExecutable="true"><bpmn:documentation>why</bpmn:documentation><bpmn:extensionElements>'
        b'<zeebe:versionTag value="2026-03"/></bpmn:extensionElements>',
    ).replace(b'<bpmn:userTask id="a"', b'<bpmn:userTask id="a" zeebe:modelerTemplate="t"')  # fmt: skip

    process = spiff.parse(xml).processes["p"]

    assert (process.version_tag, process.documentation) == ("2026-03", "why")
