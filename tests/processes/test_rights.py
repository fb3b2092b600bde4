"""Who may do what: the table of requirements §4.2, asked role by role."""

from types import SimpleNamespace
from typing import Any

import pytest

from engine.ports import COMPANY, SYSTEM, Actor
from processes import rights, roles


def person(*memberships: tuple[str, str], key: int = 7) -> Actor:
    return Actor(key=key, username="x", name="某人", memberships=frozenset(memberships))


def task(group: str = "eng_dispatch", **changes: Any) -> SimpleNamespace:
    row = {
        "tenant_id": "yj", "group": group, "element": "T5_plan", "assignee": None,
        "closed_by": None, "candidates": None,
    }  # fmt: skip
    return SimpleNamespace(**{**row, **changes})


def test_nobody_without_a_role_may_do_anything() -> None:
    nobody = person()

    assert not any(rights.can(nobody, action, task()) for action in rights.GRANTS)


def test_an_unknown_action_is_denied_to_everybody() -> None:
    everyone = person(*((role.key, COMPANY) for role in roles.ROLES))

    assert not rights.can(everyone, "task.explode", task())


def test_the_engine_itself_may_do_everything() -> None:
    assert rights.can(SYSTEM, "definition.deploy", COMPANY)


@pytest.mark.parametrize("action", sorted(rights.GRANTS))
def test_no_right_reaches_into_another_project(action: str) -> None:
    everything_next_door = person(*((role.key, "tl") for role in roles.ROLES))

    assert not rights.can(everything_next_door, action, task("cs_assistant"))


@pytest.mark.parametrize(
    ("role", "offered", "allowed"),
    [
        ("cs_assistant", "cs_assistant", True),
        ("cs_assistant", "eng_dispatch", False),
        ("cs_manager", "cs_assistant", False),
        ("eng_worker", "eng_worker", True),
        ("designer", "designer", False),
        ("admin", "cs_assistant", False),
        ("auditor", "cs_assistant", False),
    ],
)
def test_a_task_is_done_by_its_own_group(role: str, offered: str, *, allowed: bool) -> None:
    assert rights.can(person((role, "yj")), "task.work", task(offered)) is allowed


def test_an_assigned_task_is_no_longer_the_groups() -> None:
    colleague = person(("eng_dispatch", "yj"))

    assert not rights.can(colleague, "task.work", task(assignee=99))
    assert rights.can(person(("eng_worker", "yj"), key=99), "task.work", task(assignee=99))


def test_a_repair_worker_never_works_on_payments_even_with_a_second_role() -> None:
    both = person(("eng_worker", "yj"), ("cashier", "yj"))

    assert not rights.can(both, "task.work", task("cashier"))
    assert not rights.can(both, "task.read", task("cashier", assignee=7))
    assert not rights.can(both, "task.work", task("cs_assistant", element="PAY_desk", assignee=7))
    assert not rights.can(both, "group.see", "cashier")
    assert rights.can(person(("cashier", "yj")), "task.work", task("cashier"))


def test_whoever_did_the_work_may_not_verify_it() -> None:
    excluded = task("cs_assistant", candidates={"excluded": [7]})

    assert not rights.can(person(("cs_assistant", "yj")), "task.work", excluded)
    assert rights.can(person(("cs_assistant", "yj"), key=8), "task.work", excluded)


def test_designer_and_publisher_are_two_people() -> None:
    designer, publisher = person(("designer", COMPANY)), person(("publisher", COMPANY))

    assert rights.can(designer, "definition.edit", COMPANY)
    assert not rights.can(designer, "definition.deploy", COMPANY)
    assert rights.can(publisher, "definition.deploy", COMPANY)


def test_a_publisher_of_one_project_publishes_nothing_for_the_company() -> None:
    assert not rights.can(person(("publisher", "yj")), "definition.deploy", COMPANY)


@pytest.mark.parametrize(
    "role", ["designer", "publisher", "admin", "auditor", "finance_hq", "eng_worker"]
)
def test_these_roles_see_no_personal_data_of_a_project(role: str) -> None:
    assert not rights.can(person((role, COMPANY)), "personal.read", "yj")


def test_a_case_is_started_with_process_and_project() -> None:
    assistant = person(("cs_assistant", "yj"))

    assert rights.can(assistant, "instance.start", ("complaint", "yj"))
    assert not rights.can(assistant, "instance.start", ("complaint", "tl"))


def test_lists_show_workers_their_own_groups_and_managers_all() -> None:
    worker, manager = person(("eng_worker", "yj")), person(("cs_manager", "yj"))

    assert rights.can(worker, "group.see", "eng_worker")
    assert not rights.can(worker, "group.see", "cs_assistant")
    assert rights.can(manager, "group.see", "cs_assistant")


def test_every_role_in_the_table_exists() -> None:
    named = {role for granted in rights.GRANTS.values() for role in granted}

    assert named <= set(roles.BY_KEY)
    assert set(roles.SUPERVISORS.values()) <= set(roles.BY_KEY)
    assert {one.group for one in roles.DEPARTMENTS} <= set(roles.BY_KEY)
