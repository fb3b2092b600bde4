"""A resident's page takes an ID number, shows it masked, and says who entered it why."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete

from processes.archive import Change, IdNumber, Look
from tests.browser.house import House
from tests.pages.conftest import token

Client = Callable[..., FlaskClient]
PAGE, NUMBER = "/archive/people/77", "110101199001010015"


def enter(client: FlaskClient, **given: str):
    asked = {"id_type": "id", "id_no": NUMBER, "reason": "核对了身份证原件"} | given
    return client.post(f"{PAGE}/id-number", data={"csrf_token": token(client), **asked})


def forget(house: House) -> None:
    """Leave the house as it was found."""
    with house.database.begin() as session:
        for table in (IdNumber, Look):
            session.execute(delete(table))
        session.execute(delete(Change).where(Change.entry == "id_number"))


def test_a_number_is_entered_masked_and_on_record(signed_in: Client, house: House):
    clerk = signed_in("yj-cs_assistant")
    assert "没有登记" in clerk.get(PAGE).text

    answer = enter(clerk)
    page = clerk.get(PAGE).text
    log = signed_in("yj-project_manager").get("/archive/export").text
    guard = signed_in("yj-eng_dispatch").get(PAGE).text
    forget(house)

    assert answer.status_code == 303
    assert "1****…0015" in page
    assert NUMBER not in page
    assert "登记 1 个证件号码" in log
    assert "核对了身份证原件" in log
    assert "1****…0015" not in guard
    assert "id-number" not in guard


def test_what_is_wrong_with_a_number_stands_at_its_field(signed_in: Client):
    answer = enter(signed_in("yj-cs_assistant"), id_no="110101199001010016")

    assert answer.status_code == 422
    assert 'id="error-number-id_no"' in answer.text
    assert "请对照证件重新填写" in answer.text
    assert "核对了身份证原件" in answer.text
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("who", ["yj-project_manager", "yj-eng_dispatch"])
def test_others_enter_none(who: str, signed_in: Client):
    client = signed_in(who)

    assert "/id-number" not in client.get(PAGE).text
    assert enter(client).status_code == 403
