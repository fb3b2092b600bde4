"""The rules over the matrix: the accused, repair workers and money, two pairs of eyes (§4.2)."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import cases, clock, deployments, identity, inbox, instances, notices, search, tasks
from engine.db import Database
from engine.deployments import Resource
from engine.errors import ForbiddenError, NotFoundError
from engine.models import Event, History, Instance, Notice, Task, TaskState
from engine.ports import COMPANY, SYSTEM, Actor, ports
from engine.testing import walk
from processes import rights
from tests.conftest import MONDAY
from tests.processes.conftest import ROOT

SAMPLES = yaml.safe_load((ROOT / "complaint" / "scenarios" / "_samples.yaml").read_text("utf-8"))
ROLES = ("cs_assistant", "cs_manager", "project_manager", "quality", "leader", "security")


def person(name: str, *held: tuple[str, str], key: int = 900) -> Actor:
    return Actor(key=key, username=name, name=name, memberships=frozenset(held))


def complaint(database: Database, *steps: Mapping[str, Any], **record: Any) -> int:
    """Walk a complaint's record, and further steps; return its key."""
    found = walk(
        {"title": "", "process": "complaint", "tenant": "yj", "at": "2026-11-23T10:20+08:00",
         "by": "cs_assistant", "samples": SAMPLES,
         "steps": [{"do": "T1_record", "by": "cs_assistant", "values": record}, *steps]},
        database, names={"room": "1201", "new_room": "301"},
    )  # fmt: skip
    assert found.difference is None, found.difference
    return found.instance_key


def listed(session: Session, actor: Actor, of: Any) -> set[int]:
    """Return what lists show this person: keys of tasks or of cases."""
    shown = inbox.visible(actor) if of is Task else inbox.visible_cases(actor)
    return set(session.scalars(select(of.key).where(shown)))


@pytest.fixture(scope="module")
def accused(lasting_project: Database) -> tuple[Database, int, int]:
    """A complaint of 张伟, a guard, and one of nobody by name; both on both databases."""
    of_him = complaint(lasting_project, against_dept="security", against_person="东门保安张伟")
    of_nobody = complaint(lasting_project, against_dept="security", against_person="")
    return lasting_project, of_him, of_nobody


@pytest.mark.parametrize("role", ROLES)
def test_the_accused_never_see_or_handle_their_complaint(role: str, accused: Any) -> None:
    database, of_him, of_nobody = accused
    him = person("张伟", (role, "yj" if role not in {"quality", "leader"} else COMPANY))
    with database.begin() as session:
        case, other = session.get_one(Instance, of_him), session.get_one(Instance, of_nobody)
        task = session.scalars(select(Task).filter_by(root_key=of_him, state="open")).one()
        task.assignee = him.key
        session.flush()

        assert not rights.can(him, "instance.read", case)
        assert not rights.can(him, "task.read", task)
        assert not rights.can(him, "case.press", case)
        assert task.key not in listed(session, him, Task)
        assert of_him not in listed(session, him, Instance)
        assert (of_nobody in listed(session, him, Instance)) is (
            rights.can(him, "instance.read", other)
        )
        assert inbox.counts(session, him)["mine"] == 0
        with pytest.raises(NotFoundError):
            tasks.complete(session, him, task.key, {})
        session.rollback()


def test_a_colleague_of_another_name_sees_it(accused: Any) -> None:
    database, of_him, _ = accused
    manager = person("何静", ("cs_manager", "yj"))
    with database.read() as session:
        assert rights.can(manager, "instance.read", session.get_one(Instance, of_him))
        assert of_him in listed(session, manager, Instance)


def test_the_accused_department_sees_it_no_more_than_he_does(accused: Any) -> None:
    database, of_him, of_nobody = accused
    guard = person("李强", ("security", "yj"))
    with database.begin() as session:
        for key in (of_him, of_nobody):
            task = session.scalars(select(Task).filter_by(root_key=key, state="open")).one()
            task.assignee = guard.key
        session.flush()

        assert listed(session, guard, Instance) == {of_nobody}
        assert not rights.can(guard, "instance.read", session.get_one(Instance, of_him))
        assert rights.can(guard, "instance.read", session.get_one(Instance, of_nobody))
        session.rollback()


def test_its_head_is_heard_by_name_and_is_not_told_who_complained(lasting_project: Any) -> None:
    key = complaint(lasting_project, against_dept="eng", against_person="维修工赵刚")
    head = person("周建国", ("eng_dispatch", "yj"))
    with lasting_project.begin() as session:
        task = session.scalars(select(Task).filter_by(root_key=key, state="open")).one()
        task.group = "eng_dispatch"
        session.flush()
        assert not rights.can(head, "task.read", task)
        assert key not in listed(session, head, Instance)

        task.assignee = head.key
        session.flush()
        record = cases.values(session, key, head)["T1_record"]

        assert rights.can(head, "task.read", task)
        assert key in listed(session, head, Instance)
        assert (record["complainant_name"], record["phone"]) == (None, None)
        assert record["content"]
        session.rollback()


def test_notices_reach_no_accused_and_no_worker_of_money(project: Database) -> None:
    key = complaint(project, against_dept="security", against_person="张伟")
    with clock.at(lambda: MONDAY), project.begin() as session:
        him, other = _staff(session, "张伟", "cs_manager"), _staff(session, "别人", "cs_manager")
        both = _staff(session, "兼职", "cashier", "eng_worker")
        cashier = _staff(session, "收费", "cashier")
        task = session.scalars(select(Task).filter_by(root_key=key, state=TaskState.OPEN)).one()
        payment = instances.start(session, SYSTEM, "payment_at_desk", tenant_id="yj",
                                  variables={"amount_due": 100})  # fmt: skip
        session.flush()
        desk = session.scalars(select(Task).filter_by(root_key=payment.key)).one()
        session.query(Notice).delete()

        notices.notify(session, [him.key, other.key], "urged", "催办", task=task)
        notices.notify(session, [both.key, cashier.key], "urged", "催办", task=desk)

        assert set(session.scalars(select(Notice.user_key))) == {other.key, cashier.key}


def test_names_of_the_accused_are_no_words_to_find_a_case_by(accused: Any) -> None:
    database, of_him, _ = accused
    desk = person("林晓雯", ("cs_assistant", "yj"))
    with database.read() as session:
        assert of_him not in search.find(session, desk, "accused:张伟")
        assert of_him not in search.find(session, desk, "against:security")


@pytest.fixture(scope="module")
def paid(lasting_project: Database) -> tuple[Database, int]:
    """A payment that waits at the desk."""
    with clock.at(lambda: MONDAY), lasting_project.begin() as session:
        case = instances.start(session, SYSTEM, "payment_at_desk", tenant_id="yj",
                               variables={"amount_due": 100})  # fmt: skip
        return lasting_project, case.key


@pytest.mark.parametrize("second", ["cashier", "cs_manager", "project_manager", "quality"])
def test_a_repair_worker_sees_no_payment_whatever_else_he_is(second: str, paid: Any) -> None:
    database, key = paid
    alone, both = person("丁志强", (second, "yj")), person(
        "丁志强", (second, "yj"), ("eng_worker", "yj")
    )  # fmt: skip
    with database.begin() as session:
        task = session.scalars(select(Task).filter_by(root_key=key)).one()
        task.assignee = both.key
        session.flush()

        assert task.key in listed(session, alone, Task)
        assert task.key not in listed(session, both, Task)
        assert key not in listed(session, both, Instance)
        assert inbox.counts(session, both)["mine"] == 0
        assert inbox.search(session, both, view="mine").rows == ()
        assert not rights.can(both, "instance.read", session.get_one(Instance, key))
        with pytest.raises(NotFoundError):
            tasks.complete(session, both, task.key, {})
        session.rollback()


def test_a_desk_knows_of_a_payment_only_how_it_stands(paid: Any) -> None:
    database, key = paid
    desk, manager = person("林晓雯", ("cs_assistant", "yj")), person("何静", ("cs_manager", "yj"))
    with database.read() as session:
        assert cases.tasks_of(session, key, reader=desk) == []
        assert [one.element for one in cases.tasks_of(session, key, reader=manager)] == ["PAY_desk"]


UNREASONABLE = {"category": "service", "sub_item": "service_other", "validity": "unreasonable",
                "validity_reason": "消防栓依法不得移动。"}  # fmt: skip


def test_one_person_checks_alone_where_nobody_else_holds_the_role(project: Database) -> None:
    judged = {"do": "T2_judge", "by": "cs_manager", "values": UNREASONABLE}
    key = complaint(project, judged, {"do": "T2c_confirm", "by": "cs_manager"})

    with project.read() as session:
        found = session.scalars(
            select(History).filter_by(instance_key=key, kind=str(Event.UNSEPARATED))
        ).one()

    assert found.element == "T2c_confirm"


def test_two_check_each_other_where_there_are_two(project: Database) -> None:
    key = complaint(project, {"do": "T2_judge", "by": "cs_manager", "values": UNREASONABLE})
    with clock.at(lambda: MONDAY), project.begin() as session:
        other = identity.create_user(session, username="second", name="二", password="0123456789")
        identity.add_membership(session, other.key, "project_manager", "yj")
        task = session.scalars(select(Task).filter_by(root_key=key, state=TaskState.OPEN)).one()
        excluded = (task.candidates or {})["excluded"][0]
        judge = identity.actor(session, excluded)

        assert not rights.can(judge, "task.work", task)
        with pytest.raises(ForbiddenError):
            tasks.complete(session, judge, task.key, {})


def test_who_designs_does_not_publish_while_somebody_else_may(project: Database) -> None:
    xml = (ROOT / "callback" / "callback.bpmn").read_bytes().replace(b"PT24H", b"PT23H")
    with clock.at(lambda: MONDAY), project.begin() as session:
        both = _staff(session, "both", "designer", "publisher")
        head = _staff(session, "head", "quality")
        ports.publishing(session, both, COMPANY)
        told = session.scalars(select(Notice.user_key)).all()
        _staff(session, "publisher", "publisher")

        assert told == [head.key]
        with pytest.raises(ForbiddenError):
            deployments.deploy(session, both, [Resource("callback.bpmn", xml)])


def _staff(session: Session, username: str, *groups: str) -> Actor:
    user = identity.create_user(session, username=username, name=username, password="0123456789")
    for group in groups:
        identity.add_membership(session, user.key, group, COMPANY)
    session.info.pop("members", None)
    return identity.actor(session, user.key)


def test_a_done_task_shows_no_names_a_week_after_its_case_ended(accused: Any) -> None:
    database, _, key = accused
    worker = person("工", ("eng_worker", "yj"))
    with database.begin() as session:
        case = session.get_one(Instance, key)
        task = session.scalars(select(Task).filter_by(root_key=key, state="completed")).one()
        task.closed_by = task.assignee = worker.key
        case.ended_at = task.closed_at = MONDAY
        session.flush()

        with clock.at(lambda: MONDAY + timedelta(days=6)):
            assert rights.can(worker, "personal.read", task)
        with clock.at(lambda: MONDAY + timedelta(days=8)):
            assert not rights.can(worker, "personal.read", task)
        session.rollback()
