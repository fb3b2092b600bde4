"""Names and telephone numbers are for those who need them."""

import re
from datetime import timedelta

from flask.testing import FlaskClient

from engine.cases import MASK
from tests.browser.house import House
from tests.pages.conftest import Client, token

JUDGE = {"do": "T2_judge", "by": "cs_manager", "after": "PT10M"}
INVESTIGATE = {"do": "T3_investigate", "by": "cs_assistant", "after": "PT10M"}
ASSIGN = {"do": "T4_assign", "by": "cs_manager", "after": "PT10M",
          "values": {"plan_due_at": "@now+PT4H"}}  # fmt: skip


def line(client: FlaskClient, case: int, label: str) -> str:
    """What the case file shows beside a label."""
    found = re.search(f"<dt>{label}</dt><dd>([^<]*)</dd>", client.get(f"/cases/{case}").text)
    return found[1] if found else ""


def test_an_anonymous_person_is_unknown_to_handlers_but_not_to_their_manager(
    house: House, signed_in: Client
):
    case = house.case(JUDGE, INVESTIGATE, ASSIGN, at="2026-11-23T08:35+08:00", anonymous=True,
                      complainant_name="郑女士", phone="13912345678")  # fmt: skip
    handler, manager = signed_in("yj-eng_dispatch"), signed_in("yj-cs_manager")

    assert line(handler, case, "投诉人姓名") == MASK
    assert line(handler, case, "联系电话") == MASK
    page = handler.get(f"/cases/{case}").text
    assert "郑女士" not in page
    assert "13912345678" not in page
    assert line(manager, case, "投诉人姓名") == "郑女士"


def test_a_reader_without_the_right_sees_the_case_without_personal_values(
    house: House, signed_in: Client
):
    case = house.case(JUDGE, at="2026-11-23T09:35+08:00", complainant_name="郑女士",
                      phone="13912345678", content="郑女士家的水管一直漏水，没有人来修。")  # fmt: skip
    leader = signed_in("leader").get(f"/cases/{case}")

    assert leader.status_code == 200
    assert "郑女士" not in leader.text
    assert "13912345678" not in leader.text
    assert "139 **** 5678" in leader.text


def test_a_reason_opens_personal_values_for_half_an_hour_and_stays_on_record(
    house: House, signed_in: Client
):
    case = house.case(JUDGE, at="2026-11-23T09:40+08:00", complainant_name="郑女士",
                      phone="13912345678")  # fmt: skip
    leader, path = signed_in("leader"), f"/cases/{case}/disclose"
    form = {"csrf_token": token(leader)}
    assert "查看个人信息" in leader.get(f"/cases/{case}").text

    assert leader.post(path, data={**form, "reason": " "}).status_code == 422
    assert line(leader, case, "联系电话") == MASK
    assert leader.post(path, data={**form, "reason": "业主来信投诉到总部"}).status_code == 303

    assert line(leader, case, "联系电话") == "13912345678"
    assert "业主来信投诉到总部" in signed_in("yj-cs_manager").get(f"/cases/{case}").text
    before = house.moment
    house.moment += timedelta(minutes=31)
    assert line(leader, case, "联系电话") == MASK
    house.moment = before


def test_who_may_not_read_the_case_may_not_ask(house: House, signed_in: Client):
    case = house.case(JUDGE, at="2026-11-23T09:45+08:00")
    foreign, manager = signed_in("ch-cs_assistant"), signed_in("yj-cs_manager")
    for client, status in ((foreign, 404), (manager, 403)):
        form = {"csrf_token": token(client), "reason": "想看一看"}
        assert client.post(f"/cases/{case}/disclose", data=form).status_code == status
