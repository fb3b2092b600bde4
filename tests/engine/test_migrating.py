"""Instances go to another version of their process with everything they hold, or stay and finish.

Issue C must show 6: two hundred random edits while instances are on their way.
"""

import random
from collections import Counter

import pytest
from sqlalchemy import select

from engine import (
    clock,
    compiled,
    deployments,
    history,
    instances,
    migrating,
    receiving,
    spiff,
    tasks,
)
from engine.deployments import Resource
from engine.errors import DefinitionRefused, ForbiddenError, InvalidInputError
from engine.models import (
    Draft,
    Event,
    Instance,
    Job,
    Subscription,
    Task,
    TaskState,
    Timer,
)
from engine.moving import MigrationRefusedError
from engine.ports import SYSTEM
from engine.spiff import state as codec
from engine.spiff.specs.gateways import Joining
from tests.engine import stage
from tests.engine.edits import Edit, Editor
from tests.engine.spiff.drawing import draw

#: edits in one run of the suite
EDITS = 200
WORK = (
    '<zeebe:assignmentDefinition candidateGroups="cs_assistant"/><zeebe:userTask/><zeebe:properties>'
    '<zeebe:property name="timeStandard" value="PT2H"/></zeebe:properties>'
)
JOB = (
    '<zeebe:taskDefinition type="outside"/><zeebe:properties><zeebe:property name="worker" '
    'value="external"/></zeebe:properties>'
)
INPUTS = "<bpmn:extensionElements><zeebe:properties><zeebe:property name='inputs' value='again,no,items'/></zeebe:properties></bpmn:extensionElements>"

DIAGRAMS = {
    "rework": """
start s -> m
xor m -> a
user a | WORK -> b
boundary late on=a timer=PT4H cancelActivity=false -> note
user note | WORK -> noted
end noted
user b | WORK -> q
xor q default=q_out -> q_back:m[=again~=~true] q_out:c
service c | JOB -> d
user d | WORK -> z
task z -> e
end e
""",
    "parallel": """
start s -> a0
user a0 | WORK -> f
and f -> a b box
user a | WORK -> j
boundary late on=a timer=P3D -> gone
user gone | WORK -> j2
service b | JOB -> k
catch k timer=PT6H -> j
{ sub box -> j
start s2 -> i1
user i1 | WORK -> i2
user i2 | WORK -> e2
end e2
}
and j -> j2
xor j2 -> y
user y | WORK -> e
end e
{ sub es triggeredByEvent=true
start urged message=urge@no isInterrupting=false -> n2
user n2 | WORK -> ee
end ee
}
""",
    "race": """
start s -> a
user a | WORK -> w
event w -> w1 w2
catch w1 message=answer@no -> x
catch w2 timer=P2D -> x
xor x -> v
user v multi==items x=item | WORK -> u
user u | WORK -> t
boundary b1 on=u signal=rain cancelActivity=false -> b2
user b2 | WORK -> b3
end b3
service t | JOB -> e
end e
""",
}  # fmt: skip


def diagram(name: str, key: str) -> bytes:
    text = DIAGRAMS[name].replace("| WORK", f"| {WORK}").replace("| JOB", f"| {JOB}")
    xml = draw(text, process=key).decode()
    opening = f'<bpmn:process id="{key}" isExecutable="true">'
    return xml.replace(opening, opening + INPUTS).encode()


def deploy(database, key: str, xml: bytes) -> int:
    with database.begin() as session:
        done = deployments.deploy(session, SYSTEM, [Resource(f"{key}.bpmn", xml)])
        return done.definitions[0].key


def serve(database, case: int, dice: random.Random, people, *, again: bool) -> bool:
    """Let one thing happen that the instance waits for; tell whether there was anything."""
    with database.read() as session:
        open_ones = [
            *session.scalars(select(Task).filter_by(instance_key=case, state=TaskState.OPEN)),
            *session.scalars(select(Job).filter_by(instance_key=case)),
            *session.scalars(select(Subscription).filter_by(instance_key=case, name="answer")),
        ]  # fmt: skip
        session.expunge_all()
    if not open_ones:
        return False
    one = dice.choice(open_ones)
    with database.begin() as session:
        if isinstance(one, Task):
            tasks.complete(session, people["he"], one.key, {})
        elif isinstance(one, Job):
            row = session.get_one(Job, one.key)
            instances.finish_job(session, row, {"again": again}, SYSTEM)
        else:
            receiving.deliver(session, receiving.hold(session, one.key), {}, SYSTEM)
    return True


def under_way(database, key: str, dice: random.Random, people) -> int:
    """Start an instance and take it some way; then somebody claims, and types a draft."""
    given = {"again": False, "no": "C1", "items": [1, 2]}
    with database.begin() as session:
        case = instances.start(session, SYSTEM, key, tenant_id="yj", variables=given).key
    for _ in range(dice.randint(0, 5)):
        serve(database, case, dice, people, again=dice.random() < 0.5)
    with database.begin() as session:
        open_ones = session.scalars(select(Task).filter_by(instance_key=case, state="open")).all()
        for task in open_ones[:2]:
            tasks.claim(session, people["he"], task.key)
            tasks.save_draft(session, people["he"], task.key, {"note": "写了一半"})
        if session.get_one(Instance, case).state == "active":
            return case
    return under_way(database, key, dice, people)


def held(database, case: int):
    """Return what must not change: tasks with due instants and claims, drafts, timers, subscriptions."""
    with database.read() as session:
        found = {}
        for task in session.scalars(select(Task).filter_by(instance_key=case, state="open")):
            found["task", task.key] = (
                task.token, task.due_at, task.warn_at, task.assignee, task.claimed_at, task.group,
                task.form_key, task.limits, task.opened_at, task.priority,
            )  # fmt: skip
            for draft in session.scalars(select(Draft).filter_by(task_key=task.key)):
                found["draft", task.key] = (draft.user_key, draft.data)
        for timer in session.scalars(select(Timer).filter_by(instance_key=case)):
            found["timer", timer.key] = (timer.due_at, timer.token, timer.task_key)
        for sub in session.scalars(select(Subscription).filter_by(instance_key=case)):
            found["subscription", sub.key] = (sub.name, sub.correlation_key, sub.token)
        return found


def positions(database, case: int) -> tuple[set[str], set[str]]:
    """Return the elements where tokens stand, with their scopes, and the flows of waiting ones."""
    with database.read() as session:
        row = session.get_one(Instance, case)
        model = compiled.model(session, row.definition_key)
        instance = codec.load(row.blob, model, spiff.Runtime(now=clock.now()))
        tokens = [token for token in instance.tasks.values() if token is not instance.task_tree]
        return (
            {token.task_spec.name.partition("#")[0] for token in tokens},
            {token.flow for token in tokens if isinstance(token.task_spec, Joining)},
        )  # fmt: skip


def apart(edit: Edit, places: tuple[set[str], set[str]]) -> bool:
    """Tell whether an edit lies strictly behind or ahead of every token."""
    return not (edit.elements & places[0] or edit.flows & places[1])


def edited(xml: bytes, seed: int) -> tuple[Edit, int]:
    """Return an edit that may be deployed; edits that break the diagram are drawn again."""
    for attempt in range(40):
        edit = Editor(xml, random.Random(seed * 100 + attempt)).make()
        try:
            spiff.parse(edit.xml)
        except DefinitionRefused:
            continue
        return edit, attempt
    raise AssertionError("no edit was sound")


def finish(database, case: int, people) -> None:
    dice = random.Random(1)
    for _ in range(60):
        with database.read() as session:
            if session.get_one(Instance, case).state == "completed":
                return
        if not serve(database, case, dice, people, again=False):
            with database.begin() as session:
                due = session.scalars(select(Timer).filter_by(instance_key=case)).first()
                assert due is not None, "it waits for nothing"
                session.expunge(due)
                instances.fire(session, due)
    raise AssertionError("it does not come to an end")


@pytest.mark.slow
def test_two_hundred_random_edits_move_instances_or_leave_them(database, people) -> None:
    outcome: Counter[tuple[bool, bool]] = Counter()
    for seed in range(EDITS):
        dice = random.Random(seed)
        name, key = dice.choice(sorted(DIAGRAMS)), f"p{seed}"
        xml = diagram(name, key)
        deploy(database, key, xml)
        case = under_way(database, key, dice, people)
        edit, _ = edited(xml, seed)
        try:
            target = deploy(database, key, edit.xml)
        except DefinitionRefused:
            continue  # the whole lint is stricter than what can run at all
        away = apart(edit, positions(database, case))

        moved = try_to_move(database, case, target)

        outcome[away, moved] += 1
        assert moved or not away, (seed, edit.kind, edit.elements, edit.flows)
        finish(database, case, people)
        with database.read() as session:
            assert list(history.broken(session, case)) == []
    total = outcome.total()
    moved = outcome[True, True] + outcome[False, True]
    print(
        f"\n{total} edits: {moved} moved, {outcome[True, True]} of them behind or ahead of all tokens"
    )
    assert total > EDITS * 0.8
    assert moved >= total * 0.7


def try_to_move(database, case: int, target: int) -> bool:
    """Move an instance if it can go; whether or not, what people hold is as before."""
    with database.read() as session:
        before = session.get_one(Instance, case)
        source, blob = before.definition_key, before.blob
        plan = migrating.plan(session, source, target)
        verdict = migrating.judge(session, SYSTEM, plan, case)
    mine = held(database, case)
    if not verdict.movable:
        with pytest.raises(MigrationRefusedError), database.begin() as session:
            migrating.move(session, SYSTEM, plan, case)
        assert held(database, case) == mine
        with database.read() as session:
            row = session.get_one(Instance, case)
            assert (row.definition_key, row.blob) == (source, blob)
        assert all(one.zh and one.en and one.rule for one in verdict.problems)
        return False
    with database.begin() as session:
        migrating.move(session, SYSTEM, plan, case)
    after = held(database, case)
    with database.read() as session:
        row = session.get_one(Instance, case)
        assert row.definition_key == target
        waits = {wait.token for wait in spiff.waits(compiled.model(session, target), row.blob)}
        assert history.of(session, case)[-1].kind in set(Event)
    gone = {name for name in mine if name not in after}
    assert {name: after[name] for name in mine if name in after} == {
        name: value for name, value in mine.items() if name not in gone
    }
    assert all(kind != "task" for kind, _ in gone), "no task is lost"
    assert all(kind != "draft" for kind, _ in gone), "no draft is lost"
    assert {value[0] for (kind, _), value in after.items() if kind == "task"} <= waits
    return True


def case_of(database, key: str, *, name: str = "rework") -> tuple[int, int]:
    source = deploy(database, key, diagram(name, key))
    with database.begin() as session:
        given = {"no": "C1"}
        case = instances.start(session, SYSTEM, key, tenant_id="yj", variables=given).key
    return source, case


def test_a_step_with_another_id_is_followed_by_its_task_its_timer_and_its_incident(
    database, people
) -> None:
    source, case = case_of(database, "p")
    xml = diagram("rework", "p").decode()
    for old, new in (("a", "a9"), ("late", "late9")):
        for attribute in ("id", "sourceRef", "targetRef", "attachedToRef"):
            xml = xml.replace(f'{attribute}="{old}"', f'{attribute}="{new}"')
    target = deploy(database, "p", xml.encode())
    with database.read() as session:
        lost = migrating.judge(session, SYSTEM, migrating.plan(session, source, target), case)
        plan = migrating.plan(session, source, target, {"a": "a9", "late": "late9"})
    assert [(one.rule, one.element) for one in lost.problems] == [("migration-gone", "a")]

    with database.begin() as session:
        migrating.move(session, SYSTEM, plan, case)

    with database.read() as session:
        task = session.scalars(select(Task).filter_by(instance_key=case)).one()
        timer = session.scalars(select(Timer).filter_by(instance_key=case, kind="token")).one()
        assert (task.element, task.definition_key) == ("a9", target)
        assert timer.data == {"element": "late9"}
        event = history.of(session, case)[-1]
        assert (event.kind, event.data["versions"]) == (Event.MIGRATED, [1, 2])
        assert event.data["mapping"] == {"a": "a9", "late": "late9"}
    finish(database, case, people)


def test_what_only_the_new_version_reads_comes_from_what_was_submitted(database, people) -> None:
    stage.deploy(database, "two_steps")
    with database.begin() as session:
        case = instances.start(session, people["he"], "two_steps", tenant_id="yj").key
        source = session.get_one(Instance, case).definition_key
    with database.begin() as session:
        task = session.scalars(select(Task).filter_by(instance_key=case, state="open")).one()
        tasks.complete(session, people["he"], task.key, {"note": "漏水"})
    xml = (stage.DIAGRAMS / "two_steps.bpmn").read_text("utf-8")
    reading = xml.replace("</bpmn:process>", READER + "</bpmn:process>")
    with database.begin() as session:
        done = deployments.deploy(session, SYSTEM, [Resource("two_steps.bpmn", reading.encode())])
        target = done.definitions[0].key
        assert "note" not in session.get_one(Instance, case).variables

    with database.begin() as session:
        migrating.move(session, SYSTEM, migrating.plan(session, source, target), case)

    with database.read() as session:
        assert session.get_one(Instance, case).variables["note"] == "漏水"


READER = """
<bpmn:subProcess id="watch" name="留意" triggeredByEvent="true">
<bpmn:startEvent id="noted" name="有备注" isInterrupting="false"><bpmn:conditionalEventDefinition>
<bpmn:condition>=note = "无此备注"</bpmn:condition></bpmn:conditionalEventDefinition></bpmn:startEvent>
<bpmn:endEvent id="seen" name="已留意"/><bpmn:sequenceFlow id="w1" sourceRef="noted" targetRef="seen"/>
</bpmn:subProcess>"""


def test_an_instance_behind_a_fork_does_not_go_where_its_join_would_wait_for_ever(
    database, people
) -> None:
    source, case = case_of(database, "p", name="parallel")
    serve(database, case, random.Random(0), people, again=False)  # a0: the fork is behind it
    wide = diagram("parallel", "p").decode()
    wide = wide.replace("</bpmn:process>", BRANCH + "</bpmn:process>").encode()
    target = deploy(database, "p", wide)

    with database.read() as session:
        plan = migrating.plan(session, source, target)
        verdict = migrating.judge(session, SYSTEM, plan, case)

    assert [(one.rule, one.element) for one in verdict.problems] == [("migration-join", "j")]


BRANCH = (
    '<bpmn:manualTask id="x" name="并行的新步骤"/><bpmn:sequenceFlow id="x1" sourceRef="f" '
    'targetRef="x"/><bpmn:sequenceFlow id="x2" sourceRef="x" targetRef="j"/>'
)


def test_many_go_in_small_units_and_each_is_told_of(database, people) -> None:
    source, first = case_of(database, "p")
    with database.begin() as session:
        cases = [first] + [
            instances.start(session, SYSTEM, "p", tenant_id="yj").key for _ in range(4)
        ]
    serve(database, cases[2], random.Random(0), people, again=False)
    retyped = diagram("rework", "p").decode().replace('userTask id="a"', 'manualTask id="a"', 1)
    head, _, tail = retyped.partition('<bpmn:manualTask id="a">')
    _inside, _, rest = tail.partition("</bpmn:userTask>")
    target = deploy(database, "p", f'{head}<bpmn:manualTask id="a"/>{rest}'.encode())

    with database.read() as session:
        plan = migrating.plan(session, source, target)
        asked = migrating.dry_run(session, SYSTEM, plan, limit=3)
        assert migrating.running(session, SYSTEM, source) == 5
    done = migrating.move_some(database, SYSTEM, plan, limit=3)
    more = migrating.move_some(database, SYSTEM, plan, after=done.after or 0, limit=3)

    assert [one.movable for one in asked.verdicts] == [False, False, True]
    assert [one.movable for one in done.verdicts] == [False, False, True]
    assert asked.after == done.after == cases[2]
    assert ([one.movable for one in more.verdicts], more.after) == ([False, False], None)
    with database.read() as session:
        assert migrating.running(session, SYSTEM, source) == 4


def test_a_plan_names_two_versions_of_one_process_and_elements_of_one_kind(
    database, people
) -> None:
    source, _case = case_of(database, "p")
    other, _case = case_of(database, "p2")
    target = deploy(database, "p", Editor(diagram("rework", "p"), random.Random(0)).make().xml)
    with database.read() as session:
        for plan in ((source, other), (source, source), (source, target, {"a": "q"}),
                     (source, target, {"nothing": "a"})):  # fmt: skip
            with pytest.raises(InvalidInputError):
                migrating.plan(session, *plan)


def test_only_those_who_may_move_instances(database, people) -> None:
    source, case = case_of(database, "p")
    target = deploy(database, "p", Editor(diagram("rework", "p"), random.Random(3)).make().xml)
    with database.begin() as session:
        plan = migrating.plan(session, source, target)
        assert migrating.running(session, people["lu"], source) == 0
        with pytest.raises(ForbiddenError):
            migrating.move(session, people["he"], plan, case)
        assert migrating.move(session, people["zhou"], plan, case).movable
