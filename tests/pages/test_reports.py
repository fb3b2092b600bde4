"""The case page offers what may be reported of a case, and shows at once what came of it."""

import re

import pytest

from engine.models import Instance, User
from tests.browser.house import SAMPLES, House
from tests.pages.conftest import Client, token

JUDGE = {"do": "T2_judge", "by": "cs_manager", "after": "PT10M"}
WITHDRAWN = {"withdraw_by": "phone", "asked_at": "2026-11-23T10:00+08:00",
             "withdraw_reason": "settled", "withdraw_words": "已经好了，不用再办。",
             "own_will": True}  # fmt: skip
URGED = {"urged_by": "owner", "urge_text": "业主又来电问什么时候修好。"}


@pytest.fixture
def house(tmp_path):
    """A house of its own for every test: what one sends, another must not count."""
    opened = House(tmp_path)
    yield opened
    opened.close()


def number(house: House, case: int) -> str:
    with house.database.read() as session:
        return session.get_one(Instance, case).business_key or ""


def report(client, case: int, name: str, values: dict[str, object]):
    head = {"X-CSRFToken": token(client), "Accept": "application/json"}
    return client.post(f"/cases/{case}/report/{name}", json={"variables": values}, headers=head)


def test_the_case_page_offers_what_this_person_may_report(house: House, signed_in: Client):
    case = house.case(JUDGE, at="2026-11-23T08:40+08:00")
    assistant, quality = signed_in("yj-cs_assistant"), signed_in("quality")

    mine = set(re.findall(rf"/cases/{case}/report/(\w+)", assistant.get(f"/cases/{case}").text))
    theirs = set(re.findall(rf"/cases/{case}/report/(\w+)", quality.get(f"/cases/{case}").text))
    assert mine == {"urge", "press", "withdraw", "merge"}
    assert theirs == {"urge", "press"}
    assert quality.get(f"/cases/{case}/report/withdraw").status_code == 403


def test_urging_shows_its_count_and_what_was_said_in_the_file(house: House, signed_in: Client):
    case = house.case(JUDGE, at="2026-11-23T08:45+08:00")
    assistant = signed_in("yj-cs_assistant")

    assert report(assistant, case, "urge", URGED).status_code == 200
    page = assistant.get(f"/cases/{case}").text
    assert "被催办 1 次" in page
    assert URGED["urge_text"] in page
    assert "收到催办" in page


def test_a_wrong_report_names_the_field_and_changes_nothing(house: House, signed_in: Client):
    case = house.case(JUDGE, at="2026-11-23T08:50+08:00")
    assistant = signed_in("yj-cs_assistant")

    answer = report(assistant, case, "withdraw", {**WITHDRAWN, "own_will": False})
    assert answer.status_code == 422
    assert "Field_own_will" in answer.json["errors"]
    assert "确认撤诉" not in assistant.get(f"/cases/{case}").text


def test_a_withdrawal_closes_the_other_tasks_at_once(house: House, signed_in: Client):
    case = house.case(JUDGE, at="2026-11-23T08:55+08:00")
    assistant = signed_in("yj-cs_assistant")

    assert report(assistant, case, "withdraw", WITHDRAWN).json["next"] == f"/cases/{case}"
    page = assistant.get(f"/cases/{case}").text
    assert "确认撤诉" in page
    assert f"/cases/{case}/report/" not in page
    assert report(assistant, case, "urge", URGED).status_code == 409


def test_merged_cases_show_each_other(house: House, signed_in: Client):
    main = house.case(JUDGE, at="2026-11-23T08:20+08:00")
    case = house.case(JUDGE, at="2026-11-23T09:00+08:00")
    manager = signed_in("yj-cs_manager")
    merge = {"main_case": number(house, main), "merge_reason": "same_matter"}

    form = manager.get(f"/cases/{case}/report/merge?main={number(house, main)}").text
    assert report(manager, case, "merge", merge).status_code == 200
    mine, theirs = (manager.get(f"/cases/{key}").text for key in (case, main))
    assert f'"main_case": "{number(house, main)}"' in form
    assert "并入主案" in mine
    assert number(house, main) in mine
    assert "并入本案" in theirs
    assert number(house, case) in theirs


def test_the_same_over_the_api(house: House, signed_in: Client):
    main = house.case(JUDGE, at="2026-11-23T08:21+08:00")
    case = house.case(JUDGE, at="2026-11-23T09:05+08:00")
    manager = signed_in("yj-cs_manager")
    head = {"X-CSRFToken": token(manager)}

    offered = manager.get(f"/api/v1/cases/{case}/reports").json["items"]
    answer = manager.post(
        f"/api/v1/cases/{case}/reports/merge", headers=head,
        json={"variables": {"main_case": number(house, main), "merge_reason": "group"}},
    )  # fmt: skip
    links = manager.get(f"/api/v1/cases/{main}/links").json["items"]
    assert [one["name"] for one in offered] == ["urge", "press", "withdraw", "merge"]
    assert [task["elementId"] for task in answer.json["opened"]] == ["T_tell_merged"]
    assert [(one["kind"], one["outward"], one["processInstanceKey"]) for one in links] == [
        ("merged", False, str(case))
    ]


def test_a_withdrawn_case_is_called_so_in_the_list(house: House, signed_in: Client):
    case = house.case(
        JUDGE, {"report": "withdraw", "by": "cs_assistant"},
        {"do": "T_confirm_withdraw", "by": "cs_manager"}, at="2026-11-23T09:10+08:00",
    )  # fmt: skip

    listed = signed_in("yj-cs_manager").get(f"/cases?q={number(house, case)}").text
    assert "已撤诉" in listed


def test_the_clerk_sees_the_rooms_complaints_before_recording_another(
    house: House, signed_in: Client
):
    case = house.case(JUDGE, at="2026-11-23T09:12+08:00", room_id="501")
    clerk = signed_in("yj-cs_assistant")

    found = clerk.get("/start/alike?tenant_id=yj&room=2-3-501").text
    assert number(house, case) in found
    assert f'value="intended:{case}"' in found
    assert f'value="related:{case}"' in found
    assert "没有正在办理的投诉" in clerk.get("/start/alike?tenant_id=yj&room=2-1-302").text
    assert clerk.get("/start/alike?tenant_id=ch&room=2-3-501").status_code == 403


def test_a_case_started_to_be_merged_offers_it_once_recorded(house: House, signed_in: Client):
    main = house.case(JUDGE, at="2026-11-23T09:13+08:00", room_id="302")
    clerk = signed_in("yj-cs_assistant")
    form = {"csrf_token": token(clerk), "process_id": "complaint", "tenant_id": "yj",
            "link": f"intended:{main}", "room_id": "302"}  # fmt: skip

    task = clerk.post("/start", data=form).headers["Location"]
    page = clerk.get(task).text
    assert '"room_id": "302"' in page
    case = re.search(r'/cases/(\d+)"', page)
    assert case is not None
    shown = clerk.get(f"/cases/{case[1]}").text
    assert "登记时拟并入" in shown
    assert "现在并案" not in shown  # there is nothing recorded yet
    values = {**SAMPLES["T1_record"], "received_at": "2026-11-23T10:00+08:00", "room_id": "302",
              "receiver": _key(house, "yj-cs_assistant")}  # fmt: skip
    done = clerk.post(f"{task}/complete", json={"variables": values},
                      headers={"X-CSRFToken": token(clerk)})  # fmt: skip
    assert done.json["next"] == f"/cases/{case[1]}/report/merge?main={number(house, main)}"
    assert "现在并案" in clerk.get(f"/cases/{case[1]}").text


def _key(house: House, username: str) -> str:
    with house.database.read() as session:
        return str(session.query(User).filter_by(username=username).one().key)
