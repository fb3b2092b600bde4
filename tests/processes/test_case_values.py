"""What later forms of a case may read of earlier ones, reader by reader."""

from sqlalchemy import select

from engine import cases
from engine.db import Database
from engine.models import Instance, Submission, Task
from engine.ports import Actor
from engine.testing import walk
from tests.processes.conftest import ROOT


def reader(group: str, key: int = 1) -> Actor:
    return Actor(key=key, username=group, name=group, memberships=frozenset({(group, "yj")}))


def told(database: Database, actor: Actor, *, anonymous: bool) -> dict[str, object]:
    """Walk a case to its end and return what the reader's forms are given of its record."""
    import yaml

    path = ROOT / "complaint" / "scenarios"
    scenario = yaml.safe_load((path / "01_oral_closed.yaml").read_text("utf-8"))
    scenario["samples"] = yaml.safe_load((path / "_samples.yaml").read_text("utf-8"))
    scenario["steps"][1]["values"] = {"anonymous": anonymous}
    case = walk(scenario, database, names={"room": "1201", "new_room": "301"})
    assert case.difference is None, case.difference
    with database.read() as session:
        done_by = session.scalars(
            select(Submission.by).where(
                Submission.instance_key == case.instance_key, Submission.element == "T7a_execute"
            )
        ).one()
        root = session.get_one(Instance, case.instance_key)
        if actor.key == 0:
            actor = reader("eng_dispatch", done_by)
        return cases.values(session, root.key, actor)["T1_record"]


WORKER = Actor(key=0, username="who did it", name="")


def test_forms_of_a_handler_are_given_no_name_of_an_anonymous_person(project: Database) -> None:
    record = told(project, WORKER, anonymous=True)

    assert (record["complainant_name"], record["phone"]) == (None, None)
    assert record["content"]


def test_forms_of_a_handler_are_given_the_name_of_anybody_else(project: Database) -> None:
    record = told(project, WORKER, anonymous=False)

    assert (record["complainant_name"], record["phone"]) == ("周明", "13800000001")


def test_forms_of_the_manager_are_given_the_name_of_an_anonymous_person(project: Database) -> None:
    record = told(project, reader("cs_manager"), anonymous=True)

    assert record["complainant_name"] == "周明"


def test_forms_of_a_reader_without_the_right_are_given_nothing_personal(project: Database) -> None:
    record = told(project, reader("leader"), anonymous=True)

    assert {record[key] for key in ("complainant_name", "phone", "content", "demand")} == {None}
    assert record["channel"] == "phone"


def test_the_word_of_a_supervisor_does_not_hide_what_the_late_step_said(project: Database) -> None:
    import yaml

    folder = ROOT / "complaint" / "scenarios"
    scenario = yaml.safe_load((folder / "15_oral_limit_passes.yaml").read_text("utf-8"))
    scenario["samples"] = yaml.safe_load((folder / "_samples.yaml").read_text("utf-8"))
    answered = next(n for n, step in enumerate(scenario["steps"]) if step.get("do") == "T6_reply")
    word = {"do": "T6_reply", "by": "cs_manager", "kind": "supervise", "like": "T_supervise_urge"}
    scenario["steps"][answered + 1 :] = [word]
    case = walk(scenario, project, names={"room": "1201"})
    assert case.difference is None, case.difference

    with project.read() as session:
        supervised = session.scalars(
            select(Task.element).where(
                Task.root_key == case.instance_key, Task.kind == "supervise",
                Task.state == "completed",
            )
        ).all()  # fmt: skip
        known = cases.values(session, case.instance_key, reader("cs_manager"))
    assert supervised == ["T6_reply"]
    assert known["T6_reply"]["reply_text"]
