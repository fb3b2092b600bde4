"""Who is complained of by name or by choice is kept out of the case, and nobody else is (P8)."""

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import assigning, clock, identity, inbox, notices, tasks
from engine.db import Database
from engine.errors import InvalidInputError, NotFoundError
from engine.models import Event, History, Instance, Notice, Submission, Task, TaskState
from engine.ports import SYSTEM, Actor
from processes import rights
from tests.conftest import MONDAY
from tests.processes import test_rights_rules as rules

JUDGED = (
    {"do": "T2_judge", "by": "cs_manager"},
    {"do": "T3_investigate", "by": "cs_manager"},
)


@pytest.fixture(scope="module")
def staff(lasting_project: Database) -> dict[str, Actor]:
    """Two people of one name, one with a nickname, and two guards."""
    people = {
        "one": ("张伟", "cs_manager"), "other": ("张伟", "cs_manager"),
        "guo": ("郭大勇", "cs_manager"), "head": ("周建国", "eng_dispatch"),
        "guard": ("彭勇", "security"), "colleague": ("李强", "security"),
    }  # fmt: skip
    with clock.at(lambda: MONDAY), lasting_project.begin() as session:
        found = {}
        for username, (name, group) in people.items():
            user = identity.create_user(
                session, username=username, name=name, password="0123456789"
            )
            identity.add_membership(session, user.key, group, "yj")
            found[username] = identity.actor(session, user.key)
        return found


def complaint(
    database: Database, *steps: Mapping[str, Any], of: Actor | None = None, text: str = "",
    dept: str = "cs",
) -> int:  # fmt: skip
    """Record a complaint of a chosen person, or of one by name, and walk on; return its key."""
    record = {"against_staff": None if of is None else str(of.key), "against_person": text,
              "against_dept": dept}  # fmt: skip
    return rules.complaint(database, *steps, **record)


def open_task(session: Session, case: int) -> Task:
    return session.scalars(select(Task).filter_by(root_key=case, state=TaskState.OPEN)).one()


def is_shut_out(session: Session, person: Actor, case: int) -> bool:
    """Ask lists, single rows and commands whether somebody is kept out; all say the same."""
    row, task = session.get_one(Instance, case), open_task(session, case)
    told = {
        rights.can(person, "instance.read", row), rights.can(person, "task.read", task),
        rights.can(person, "task.work", task), case in rules.listed(session, person, Instance),
        task.key in rules.listed(session, person, Task),
        any(one.task.key == task.key for one in inbox.search(session, person, view="groups").rows),
    }  # fmt: skip
    assert len(told) == 1, told
    return told == {False}


def test_of_two_people_of_one_name_only_the_chosen_is_kept_out(
    lasting_project: Database, staff: dict[str, Actor]
) -> None:
    case = complaint(lasting_project, of=staff["one"])

    with clock.at(lambda: MONDAY), lasting_project.begin() as session:
        assert is_shut_out(session, staff["one"], case)
        assert not is_shut_out(session, staff["other"], case)
        with pytest.raises(NotFoundError):
            tasks.complete(session, staff["one"], open_task(session, case).key, {})
        session.rollback()


def test_a_name_that_is_written_keeps_out_everybody_who_is_called_so(
    lasting_project: Database, staff: dict[str, Actor]
) -> None:
    case = complaint(lasting_project, of=staff["one"], text="前台张伟")

    with lasting_project.read() as session:
        assert is_shut_out(session, staff["one"], case)
        assert is_shut_out(session, staff["other"], case)
        assert not is_shut_out(session, staff["guo"], case)


def test_a_nickname_says_nothing_of_who_was_chosen(
    lasting_project: Database, staff: dict[str, Actor]
) -> None:
    named = complaint(lasting_project, text="小郭")
    chosen = complaint(lasting_project, of=staff["guo"], text="小郭")

    with lasting_project.read() as session:
        assert not is_shut_out(session, staff["guo"], named)
        assert is_shut_out(session, staff["guo"], chosen)
        assert not is_shut_out(session, staff["one"], chosen)


def test_the_department_of_who_was_chosen_keeps_out_too(
    lasting_project: Database, staff: dict[str, Actor]
) -> None:
    case = complaint(lasting_project, of=staff["guard"], dept="security")

    with lasting_project.begin() as session:
        open_task(session, case).assignee = staff["colleague"].key
        session.flush()
        row = session.get_one(Instance, case)

        assert not rights.can(staff["guard"], "instance.read", row)
        assert not rights.can(staff["colleague"], "instance.read", row)
        data = session.scalars(select(Submission).filter_by(instance_key=case)).one().data
        assert rights.hidden(staff["colleague"], row, data) >= rights.WHO
        session.rollback()


def test_no_task_is_handed_to_who_was_chosen_and_nothing_is_told(
    lasting_project: Database, staff: dict[str, Actor]
) -> None:
    case = complaint(lasting_project, of=staff["one"])

    with clock.at(lambda: MONDAY), lasting_project.begin() as session:
        task = open_task(session, case)
        with pytest.raises(InvalidInputError):
            assigning.assign(session, SYSTEM, task.key, staff["one"].key)
        assigning.assign(session, SYSTEM, task.key, staff["other"].key)
        session.query(Notice).delete()
        notices.notify(session, [staff["one"].key, staff["other"].key], "urged", "催办", task=task)

        assert task.assignee == staff["other"].key
        assert list(session.scalars(select(Notice.user_key))) == [staff["other"].key]
        session.rollback()


def made_responsible(person: Actor, **more: Any) -> dict[str, Any]:
    """Return the step that lets one person plan and carry out."""
    values = {"resp_type": "person", "resp_dept": None, "resp_person": str(person.key)}
    return {"do": "T4_assign", "by": "cs_manager", "values": values, **more}


def test_who_was_chosen_is_not_made_responsible(
    lasting_project: Database, staff: dict[str, Actor]
) -> None:
    refused = made_responsible(
        staff["one"], refused="invalid-variables", fields=["Field_resp_person"]
    )
    case = complaint(lasting_project, *JUDGED, refused, made_responsible(staff["other"]),
                     of=staff["one"])  # fmt: skip

    with lasting_project.read() as session:
        assert open_task(session, case).assignee == staff["other"].key


def test_a_plan_by_who_is_named_is_left_to_the_managers(
    lasting_project: Database, staff: dict[str, Actor]
) -> None:
    left = complaint(lasting_project, *JUDGED, made_responsible(staff["one"]), text="张伟")
    given = complaint(lasting_project, *JUDGED, made_responsible(staff["guo"]), text="张伟")

    with lasting_project.read() as session:
        plan, other = open_task(session, left), open_task(session, given)
        assert (plan.element, plan.assignee, plan.group) == ("T5_plan", None, "cs_manager")
        assert (other.element, other.assignee) == ("T5_plan", staff["guo"].key)


def test_the_head_of_the_department_is_heard_by_name(
    lasting_project: Database, staff: dict[str, Actor]
) -> None:
    heard = made_responsible(staff["head"])
    case = complaint(lasting_project, *JUDGED, heard, text="维修工赵刚", dept="eng")

    with lasting_project.read() as session:
        assert open_task(session, case).assignee == staff["head"].key


def test_a_correction_shuts_out_who_is_meant_and_lets_in_who_is_not(
    lasting_project: Database, staff: dict[str, Actor]
) -> None:
    case = complaint(lasting_project, of=staff["other"], text="张伟")
    one, other, at = staff["one"], staff["other"], lambda: MONDAY
    with clock.at(at), lasting_project.begin() as session:
        assert is_shut_out(session, one, case)
        assert is_shut_out(session, other, case)
        corrected(session, case, against_staff=str(other.key), against_person="")

        assert not is_shut_out(session, one, case)
        assigning.assign(session, SYSTEM, open_task(session, case).key, one.key)
        corrected(session, case, against_staff=str(one.key), against_person="")

        assert is_shut_out(session, one, case)
        assert not is_shut_out(session, other, case)
        assert open_task(session, case).assignee is None
        back = session.scalars(
            select(History).filter_by(instance_key=case, kind=str(Event.TASK_CHANGED))
        ).one()
        assert back.data == {"assignee": [one.key, None]}
        session.rollback()


def corrected(session: Session, case: int, **values: Any) -> None:
    """Correct the record as its recorder does."""
    record = session.scalars(select(Task).filter_by(root_key=case, element="T1_record")).one()
    latest = session.scalars(
        select(Submission).filter_by(task_key=record.key).order_by(Submission.version.desc())
    ).first()
    assert latest is not None
    assert record.closed_by is not None
    recorder = identity.actor(session, record.closed_by)
    tasks.correct(session, recorder, record.key, {**latest.data, **values}, reason="认错了人")
    session.flush()


def test_whom_it_is_about_goes_nowhere_but_into_the_record(
    lasting_project: Database, staff: dict[str, Actor]
) -> None:
    case = complaint(lasting_project, *JUDGED, of=staff["one"])

    with lasting_project.read() as session:
        row = session.get_one(Instance, case)
        events = session.scalars(select(History).filter_by(instance_key=case))
        told = [row.title, row.variables, *(event.data for event in events)]
        assert str(staff["one"].key) not in str(told)
