"""A case says what a decision table came to and on what ground, to those who may know."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from engine.models import User
from tests.browser.house import House

Client = Callable[..., FlaskClient]


@pytest.fixture(scope="module")
def case(house: House) -> int:
    return house.case(at="2026-11-23T10:20+08:00", vulnerable=True)


def test_the_ground_of_a_priority_stands_in_the_course_of_a_case(
    house: House, case: int, signed_in: Client
):
    page = signed_in("yj-cs_manager").get(f"/cases/{case}").text

    assert "P2，依据：特殊困难住户" in page


def test_in_english_too(house: House, case: int, signed_in: Client):
    key = house.hire("yj-reads-english", "Bea", "cs_manager")
    with house.database.begin() as session:
        session.get_one(User, key).locale = "en"

    page = signed_in("yj-reads-english").get(f"/cases/{case}").text

    assert "P2, because: household in need" in page


def test_who_may_not_know_the_people_is_not_told_of_their_need(case: int, signed_in: Client):
    page = signed_in("leader").get(f"/cases/{case}").text

    assert "投诉" in page
    assert "特殊困难住户" not in page
    assert "依据：" not in page
