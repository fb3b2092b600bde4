"""Withdrawing, urging, merging, press interest: what each leaves in the rows and who is told."""

from datetime import timedelta
from typing import Any

import pytest
from lxml import etree
from sqlalchemy import func, select

import processes
from engine import clock, links, occurrences
from engine.db import Database
from engine.deployments import Resource, deploy
from engine.errors import ConflictError, ForbiddenError
from engine.models import (
    Draft,
    Event,
    History,
    Instance,
    LinkKind,
    Notice,
    Subscription,
    Task,
    TaskState,
)
from engine.ports import SYSTEM, Actor
from engine.testing import walk
from processes.complaint import alike
from tests.conftest import MONDAY
from tests.processes.conftest import ROOT

COMPLAINT = ROOT / "complaint"
SCENARIOS = COMPLAINT / "scenarios"
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"


def walked(database: Database, *steps: Any, **more: Any):
    """Walk a complaint through its record and some steps; return what came of it."""
    import yaml

    samples = yaml.safe_load((SCENARIOS / "_samples.yaml").read_text("utf-8"))
    result = walk(
        {"process": "complaint", "tenant": "yj", "at": "2026-11-23T10:20+08:00",
         "by": "cs_assistant", "samples": samples,
         "steps": [{"do": "T1_record", "by": "cs_assistant"}, *steps], **more},
        database, names={"room": "1201", "new_room": "301"},
    )  # fmt: skip
    assert result.difference is None, result.difference
    return result


def person(database: Database, key: int, group: str) -> Actor:
    return Actor(key=key, username=group, name=group, memberships=frozenset({(group, "yj")}))


def test_an_urged_case_is_told_to_its_performers_and_their_manager(project: Database) -> None:
    judged = {"do": "T2_judge", "by": "cs_manager"}
    case = walked(project, judged, {"report": "urge", "by": "cs_assistant 2"}).instance_key

    with project.read() as session:
        told = session.scalars(select(Notice).where(Notice.kind == "urged")).all()
        names = {_user(session, notice.user_key) for notice in told}
        task = session.scalars(select(Task).where(Task.root_key == case,
                                                  Task.state == TaskState.OPEN)).one()  # fmt: skip
        urged = session.scalars(select(History).where(History.instance_key == case,
                                                      History.kind == Event.URGED)).all()  # fmt: skip
    assert names == {"yj-cs_assistant", "yj-cs_manager"}
    assert task.urged == 1
    assert [event.data for event in urged] == [None]  # what the owner said is in the form alone


def test_a_case_takes_its_message_only_while_it_waits_for_it(project: Database) -> None:
    case = walked(project, {"report": "withdraw", "by": "cs_assistant"}).instance_key
    manager = person(project, 1, "cs_manager")

    with project.read() as session:
        assert occurrences.offers(session, manager, case) == []
        assert session.scalars(select(Subscription).where(Subscription.instance_key == case)).all() == []  # fmt: skip
        with pytest.raises(ConflictError):
            occurrences.get(session, manager, case, "urge")


def test_each_role_is_offered_what_its_rights_allow(project: Database) -> None:
    case = walked(project).instance_key

    with project.read() as session:
        offered = {
            group: [offer.name for offer in
                    occurrences.offers(session, person(project, 1, group), case)]
            for group in ("cs_assistant", "cs_manager", "quality", "leader")
        }  # fmt: skip
        with pytest.raises(ForbiddenError):
            occurrences.get(session, person(project, 1, "quality"), case, "withdraw")
    assert offered == {
        "cs_assistant": ["urge", "press", "withdraw", "merge"],
        "cs_manager": ["urge", "press", "withdraw", "merge"],
        "quality": ["urge", "press"],
        "leader": ["urge", "press"],
    }


def test_a_message_from_outside_finds_the_case_by_its_number(project: Database) -> None:
    case = walked(project).instance_key

    with project.read() as session:
        number = session.get_one(Instance, case).business_key
        keys = session.scalars(
            select(Subscription.correlation_key).where(Subscription.instance_key == case)
        ).all()
    assert set(keys) == {number}
    assert len(keys) == 4


def test_a_merged_case_and_its_main_case_know_each_other(project: Database) -> None:
    result = walk(SCENARIOS / "21_merged.yaml", project, names={"room": "1201", "new_room": "301"})
    assert result.difference is None

    with project.read() as session:
        (to_main,) = links.of(session, result.instance_key)
        (from_merged,) = links.of(session, to_main.case.key)
        told = session.scalars(select(History).where(History.instance_key == to_main.case.key,
                                                     History.kind == Event.MESSAGE)).all()  # fmt: skip
        merged = session.get_one(Instance, result.instance_key)
    assert (to_main.kind, to_main.outward) == (LinkKind.MERGED, True)
    assert (from_merged.kind, from_merged.outward) == (LinkKind.MERGED, False)
    assert from_merged.case.key == result.instance_key
    assert [event.data["number"] for event in told if event.data] == [merged.business_key]


@pytest.mark.parametrize(
    ("also", "steps", "merge"),
    [
        ([], [], {"main_case": "@case"}),
        (["main"], [{"do": "T1_record", "by": "cs_assistant", "of": "main"},
                    {"report": "withdraw", "by": "cs_manager", "of": "main"},
                    {"do": "T_confirm_withdraw", "by": "cs_manager", "of": "main"}], {}),
        (["main", "third"], [{"do": "T1_record", "by": "cs_assistant", "of": "main"},
                             {"do": "T1_record", "by": "cs_assistant", "of": "third"},
                             {"report": "merge", "by": "cs_manager", "of": "main",
                              "values": {"main_case": "@third"}}], {}),
        (["main", "third"], [{"do": "T1_record", "by": "cs_assistant", "of": "main"},
                             {"do": "T1_record", "by": "cs_assistant", "of": "third"},
                             {"report": "merge", "by": "cs_manager", "of": "third",
                              "values": {"main_case": "@case"}}], {}),
    ],
    ids=["into itself", "into one that is over", "into one that was merged", "one with others in it"],
)  # fmt: skip
def test_merging_never_leaves_somebody_without_an_answer(
    project: Database, also: list[str], steps: list[Any], merge: dict[str, str]
) -> None:
    refused = {"report": "merge", "by": "cs_manager", "values": merge,
               "refused": "invalid-variables", "fields": ["Field_main_case"]}  # fmt: skip

    walked(project, *steps, refused, also=[*also])


def test_what_came_from_above_is_never_merged_away(project: Database) -> None:
    case = walked(
        project, also=["main"], steps=[
            {"do": "T1_record", "by": "cs_assistant", "of": "main"},
            {"do": "T1_record", "by": "cs_assistant",
             "values": {"channel": "gov_hotline", "origin_doc_no": "12345-1"}},
            {"report": "merge", "by": "cs_manager", "refused": "invalid-variables"},
        ],
    ).instance_key  # fmt: skip

    with project.read() as session:
        assert links.of(session, case) == []


def test_a_case_not_withdrawn_is_carried_on_with_its_record(project: Database) -> None:
    result = walk(
        SCENARIOS / "19_not_withdrawn.yaml", project, names={"room": "1201", "new_room": "301"}
    )
    assert result.difference is None

    with project.read() as session:
        (link,) = links.of(session, result.instance_key)
        new = link.case
        task = session.scalars(select(Task).where(Task.root_key == new.key)).one()
        recorder = session.scalars(select(Task.closed_by).where(
            Task.root_key == result.instance_key, Task.element == "T1_record")).one()  # fmt: skip
        draft = session.get_one(Draft, (task.key, recorder)).data
    assert (link.kind, link.outward) == (LinkKind.CONTINUES, False)
    assert (task.element, task.assignee) == ("T1_record", recorder)
    assert draft["content"].startswith("3栋2单元的电梯")
    assert draft["received_at"] == "2026-11-23T10:10+08:00"  # the limit of the answer runs on


def test_the_press_is_told_to_the_head_office_and_open_work_becomes_urgent(
    project: Database,
) -> None:
    case = walked(project, {"report": "press", "by": "cs_manager"}).instance_key

    with project.read() as session:
        open_ones = session.scalars(
            select(Task).where(Task.root_key == case, Task.state == TaskState.OPEN)
        ).all()
        kinds = session.scalars(select(func.count()).where(Notice.kind == "press")).one()
    assert {task.priority for task in open_ones} == {90}
    assert kinds >= 1


def test_the_rooms_open_cases_and_those_of_thirty_days_are_found(project: Database) -> None:
    done = walk(
        SCENARIOS / "01_oral_closed.yaml", project, names={"room": "1201", "new_room": "301"}
    ).instance_key
    judged = {"do": "T2_judge", "by": "cs_manager"}
    running = walked(project, judged).instance_key
    reader = person(project, 1, "cs_assistant")

    with project.read() as session, clock.at(lambda: MONDAY + timedelta(days=10)):
        found = alike.of_room(session, reader, "yj", 1201, sub_item="lift")
        assert [(one.case.key, one.open, one.same) for one in found] == [
            (running, True, True), (done, False, True),
        ]  # fmt: skip
        assert alike.of_room(session, reader, "yj", 1202) == []
        assert alike.of_room(session, person(project, 1, "security"), "yj", 1201) == []
    with project.read() as session, clock.at(lambda: MONDAY + timedelta(days=40)):
        assert [one.case.key for one in alike.of_room(session, reader, "yj", 1201)] == [running]


def test_a_case_of_the_diagram_before_keeps_running_beside_the_new_one(
    project: Database,
) -> None:
    """An installation that is updated: its open cases know nothing of the new events."""
    with clock.at(lambda: MONDAY), project.begin() as session:
        deploy(session, SYSTEM, _before(), tenant_id="*")
    old = walked(project, {"do": "T2_judge", "by": "cs_manager"})
    with clock.at(lambda: MONDAY), project.begin() as session:
        processes.deploy_all(session)
    new = walked(project)

    with project.read() as session, clock.at(lambda: MONDAY):
        manager = person(project, 1, "cs_manager")
        assert occurrences.offers(session, manager, old.instance_key) == []
        assert len(occurrences.offers(session, manager, new.instance_key)) == 4
        task = session.scalars(select(Task).where(Task.root_key == old.instance_key,
                                                  Task.state == TaskState.OPEN)).one()  # fmt: skip
        versions = {session.get_one(Instance, one.instance_key).definition_key
                    for one in (old, new)}  # fmt: skip
    assert task.element == "T3_investigate"
    assert len(versions) == 2
    _finish(project, old.instance_key)


def _finish(database: Database, case: int) -> None:
    """Do every step that is left, as somebody who may."""
    import yaml

    from engine.testing.passing import Hands
    from engine.testing.state import Walk, Walked
    from engine.testing.walker import _step

    samples = yaml.safe_load((SCENARIOS / "_samples.yaml").read_text("utf-8"))
    held = Walk(now=MONDAY + timedelta(hours=1), database=database, tenant_id="yj",
                names={"room": "1201", "new_room": "301"}, result=Walked(title=""), samples=samples,
                cases={"": case})  # fmt: skip
    assert isinstance(held, Hands)
    with clock.at(held):
        for element, who in (
            ("T3_investigate", "cs_assistant"), ("T4_assign", "cs_manager"),
            ("T5_plan", "eng_dispatch"), ("T6_reply", "cs_assistant"),
            ("T7a_execute", "eng_dispatch"), ("T7b_verify", "cs_assistant"),
            ("C1_callback", "cs_assistant 2"), ("T8_file", "cs_assistant"),
        ):  # fmt: skip
            _step(held, {"do": element, "by": who})
    with database.read() as session:
        assert session.get_one(Instance, case).end_element == "E_closed"


def _before() -> list[Resource]:
    """Return the shipped files with a diagram that has no event sub-processes."""
    tree = etree.fromstring((COMPLAINT / "complaint.bpmn").read_bytes())
    gone = {node.get("id") for node in tree.iter(f"{BPMN}subProcess")}
    for node in list(tree.iter(f"{BPMN}subProcess")):
        gone |= {inner.get("id") for inner in node.iter() if inner.get("id")}
        node.getparent().remove(node)
    for node in list(tree.iter(f"{BPMN}flowNodeRef")):
        if node.text in gone:
            node.getparent().remove(node)
    for node in list(tree.iter()):
        if isinstance(node.tag, str) and node.get("bpmnElement") in gone:
            node.getparent().remove(node)
    declared = next(n for n in tree.iter() if n.get("name") == "inputs")
    declared.set("value", "raised, press")
    body = etree.tostring(tree, xml_declaration=True, encoding="UTF-8")
    return [
        Resource(one.name, body) if one.name == "complaint/complaint.bpmn" else one
        for one in processes.resources()
    ]


def _user(session: Any, key: int) -> str:
    from engine.models import User

    return str(session.get_one(User, key).username)
