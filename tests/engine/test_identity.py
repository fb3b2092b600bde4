"""People: passwords, memberships, throttled sign-ins."""

from datetime import date, timedelta

import pytest

from engine import identity
from engine.errors import ConflictError, InvalidInputError
from engine.models import Tenant
from engine.ports import COMPANY, ports

PASSWORD = "correct horse 9"


@pytest.fixture(autouse=True)
def cheap():
    identity.use_password_cost(time_cost=1, memory_kib=64)


@pytest.fixture(autouse=True)
def roles(monkeypatch):
    monkeypatch.setattr(ports, "roles", {"客户助理": "cs_assistant", "客户经理": "cs_manager"})


@pytest.fixture
def user(database, hands):
    with database.begin() as session:
        session.add(Tenant(tenant_id="yj", name="云景花园", zone="Asia/Shanghai"))
        return identity.create_user(session, username="he.jing", name="何静", password=PASSWORD).key


def sign_in(database, password, username="he.jing"):
    with database.begin() as session:
        found = identity.authenticate(session, username, password, "127.0.0.1")
        return None if found is None else found.key


def test_the_right_password_opens(database, user):
    assert sign_in(database, PASSWORD) == user


@pytest.mark.parametrize(
    ("username", "password"), [("he.jing", "wrong"), ("nobody", PASSWORD)], ids=["password", "name"]
)
def test_the_wrong_one_does_not(username, password, database, user):
    assert sign_in(database, password, username) is None


def test_failures_make_one_wait_longer_and_longer(database, user, hands):
    for _ in range(identity.FREE_FAILURES):
        sign_in(database, "wrong")

    with pytest.raises(identity.ThrottledError) as first:
        sign_in(database, PASSWORD)
    hands.moment += timedelta(seconds=first.value.params["seconds"])
    assert sign_in(database, "wrong") is None
    with pytest.raises(identity.ThrottledError) as second:
        sign_in(database, PASSWORD)

    assert second.value.params["seconds"] > first.value.params["seconds"]


def test_waiting_is_enough_for_the_right_password(database, user, hands):
    for _ in range(identity.FREE_FAILURES):
        sign_in(database, "wrong")
    hands.moment += timedelta(minutes=1)

    assert sign_in(database, PASSWORD) == user


def test_a_user_name_is_given_once(database, user):
    with pytest.raises(ConflictError), database.begin() as session:
        identity.create_user(session, username="he.jing", name="另一位", password=PASSWORD)


def test_a_short_password_is_refused(database, user):
    with pytest.raises(InvalidInputError), database.begin() as session:
        identity.create_user(session, username="x", name="某", password="short")


def test_a_membership_holds_from_its_first_to_its_last_day(database, user, hands):
    today = hands.moment.date()
    with database.begin() as session:
        for group, tenant, first, last in [
            ("cs_assistant", "yj", today, today),
            ("cs_manager", "yj", today + timedelta(days=1), None),
            ("cs_manager", COMPANY, None, today - timedelta(days=1)),
        ]:
            identity.add_membership(session, user, group, tenant, from_on=first, to_on=last)

    with database.read() as session:
        held = identity.actor(session, user)

    assert held.groups("yj") == {"cs_assistant"}
    assert held.groups("tl") == frozenset()


def test_an_unknown_role_or_project_is_refused(database, user):
    for group, tenant in [("king", "yj"), ("cs_manager", "nowhere")]:
        with pytest.raises(InvalidInputError), database.begin() as session:
            identity.add_membership(session, user, group, tenant, from_on=date(2026, 1, 1))
