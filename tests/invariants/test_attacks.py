"""Somebody with an ordinary sign-in tries to break each invariant, and is refused with a code.

A refusal leaves every table as it was. The number in a test's name is the invariant's.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.invariants.office import Office, office, refused
from tests.invariants.world import Template


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return Template(tmp_path_factory.mktemp("office"))


@pytest.fixture
def desk(template: Template, tmp_path: Path) -> Iterator[Office]:
    with template.copy() as world, office(world, tmp_path) as opened:
        yield opened


def quoted(desk: Office, **quote: object) -> int:
    """A repair whose worker stands in the flat, the quote answered."""
    case = desk.begin("repair")
    desk.go(case, "R1_intake")
    desk.go(case, "R2_dispatch", worker=str(desk.world.people["worker"].key))
    desk.go(case, "R3_accept", by="worker")
    desk.go(case, "R4_arrive", by="worker")
    desk.past(minutes=30)
    desk.go(case, "R5_quote", by="worker", **quote)
    return case


def test_01_work_cannot_be_booked_before_the_consent(desk: Office) -> None:
    case = quoted(desk)
    before, task = desk.rows(), desk.task(case, "R7_finish")
    values = {**desk.sample(case, "R7_finish"), "started_at": "2026-03-10T09:10+08:00"}

    refused(desk.complete("worker", task, values), 422, "invalid-variables", "Field_started_at")
    assert desk.rows() == before


def test_01_prices_are_the_price_lists(desk: Office) -> None:
    case = desk.begin("repair")
    desk.go(case, "R1_intake")
    desk.go(case, "R2_dispatch", worker=str(desk.world.people["worker"].key))
    desk.go(case, "R3_accept", by="worker")
    desk.go(case, "R4_arrive", by="worker")
    sample = desk.sample(case, "R5_quote")
    dear = [{**line, "price": 9999, "item": "特别服务"} for line in sample["lines"]]
    desk.go(case, "R5_quote", by="worker", lines=dear)

    answer = desk.ask("manager", "POST", "/v2/variables/search",
                      {"filter": {"processInstanceKey": str(case), "name": "total"}})  # fmt: skip
    assert [one["value"] for one in answer.get_json()["items"]] == ["130"]


def test_01_no_finishing_while_the_customer_thinks(desk: Office) -> None:
    case = quoted(desk, consent="later")
    before = desk.rows()

    assert desk.open(case) == {"R5c_consent"}
    refused(desk.complete("worker", desk.task(case, "R5c_consent"), {"consent": "agree"}),
            404, "not-found")  # fmt: skip
    assert desk.rows() == before


def paid(desk: Office) -> int:
    case = quoted(desk)
    desk.past(minutes=40)
    desk.go(case, "R7_finish", by="worker")
    return case


@pytest.mark.parametrize("who", ["worker", "worker-cashier", "worker-head"])
def test_02_a_worker_never_takes_the_money(desk: Office, who: str) -> None:
    case = paid(desk)
    task, before = desk.task(case, "PAY_desk"), desk.rows()
    key = str(desk.world.people[who].key)

    refused(desk.complete(who, task, desk.sample(case, "PAY_desk")), 404, "not-found")
    refused(desk.ask(who, "GET", f"/v2/user-tasks/{task.key}"), 404, "not-found")
    refused(desk.ask(who, "GET", f"/v2/user-tasks/{task.key}/form"), 404, "not-found")
    refused(desk.ask(who, "POST", f"/v2/user-tasks/{task.key}/variables/search", {}),
            404, "not-found")  # fmt: skip
    found = desk.ask(who, "POST", "/v2/user-tasks/search", {}).get_json()["items"]
    assert str(task.key) not in {one["userTaskKey"] for one in found}
    assert desk.ask("manager", "POST", f"/v2/user-tasks/{task.key}/assignment",
                    {"assignee": who}).status_code in {403, 404, 422}  # fmt: skip
    assert desk.rows() == before
    assert key != str(desk.task(case, "PAY_desk").assignee)


def keys_in_sight(desk: Office) -> int:
    case = desk.begin("move_in")
    for element in ("M0_arrive", "M1_verify", "M2_sign"):
        desk.go(case, element)
    return case


def test_03_no_keys_before_the_sheet_is_signed(desk: Office) -> None:
    case = keys_in_sight(desk)
    desk.go(case, "M3_fees")
    desk.go(case, "M4_inspect")
    before = desk.rows()
    sheet = desk.task(case, "M6_accept")
    unsigned = {**desk.sample(case, "M6_accept"), "customer_sign": ""}

    assert desk.open(case) == {"M6_accept"}
    refused(desk.complete("assistant", sheet, unsigned), 422, "invalid-variables",
            "Field_customer_sign")  # fmt: skip
    refused(desk.ask("assistant", "POST", f"/v2/process-instances/{case}/modification",
                     {"activateInstructions": [{"elementId": "M7_handover"}]}), 403, "forbidden")  # fmt: skip
    assert desk.rows() == before


def test_04_thirteen_months_are_too_many(desk: Office) -> None:
    case = keys_in_sight(desk)
    before, task = desk.rows(), desk.task(case, "M3_fees")

    for path in (f"/api/v1/tasks/{task.key}/completion", f"/v2/user-tasks/{task.key}/completion"):
        values = {**desk.sample(case, "M3_fees"), "months": 13}
        refused(desk.ask("cashier", "POST", path, {"variables": values}), 422,
                "invalid-variables", "Field_months")  # fmt: skip
    assert desk.rows() == before


def test_05_a_deposit_cannot_be_dated_back(desk: Office) -> None:
    desk.past(hours=7)
    book = desk.begin("daily_cash")
    desk.go(book, "D1_count", by="cashier", counted=300, diff_reason="停车费")
    desk.past(hours=14)
    before, task = desk.rows(), desk.task(book, "D2_deposit")

    assert "D4_exception" in desk.open(book)
    for moment in ("2026-03-09T18:00+08:00", "2026-03-11T05:00+08:00"):
        values = {**desk.sample(book, "D2_deposit"), "deposited_at": moment}
        refused(desk.complete("cashier", task, values), 422, "invalid-variables",
                "Field_deposited_at")  # fmt: skip
    refused(desk.complete("cashier", desk.task(book, "D4_exception"), {}), 403, "forbidden")
    assert desk.rows() == before


def test_06_the_worker_does_not_call_back(desk: Office) -> None:
    case = desk.begin("repair")
    desk.go(case, "R1_intake", urgency="urgent", repair_item="power")
    desk.go(case, "R2_dispatch", worker=str(desk.world.people["worker-assistant"].key))
    for element in ("R3_accept", "R4_arrive"):
        desk.go(case, element, by="worker-assistant")
    desk.go(case, "R5_quote", by="worker-assistant", payable="free")
    desk.past(minutes=40)
    desk.go(case, "R7_finish", by="worker-assistant")
    before, task = desk.rows(), desk.task(case, "C1_callback")

    refused(desk.complete("worker-assistant", task, desk.sample(case, "C1_callback")),
            403, "forbidden")  # fmt: skip
    answer = desk.ask("manager", "POST", f"/v2/user-tasks/{task.key}/assignment",
                      {"assignee": "worker-assistant"})  # fmt: skip
    refused(answer, 422, "invalid-input")
    assert desk.rows() == before


def test_06_the_verifier_does_not_call_back(desk: Office) -> None:
    case = desk.begin("complaint")
    for element in ("T1_record", "T2_judge", "T3_investigate", "T4_assign", "T5_plan", "T6_reply"):
        desk.go(case, element)
    desk.go(case, "T7a_execute", by="dispatcher")
    desk.go(case, "T7b_verify", by="assistant")
    before, task = desk.rows(), desk.task(case, "C1_callback")

    refused(desk.complete("assistant", task, desk.sample(case, "C1_callback")), 403, "forbidden")
    answer = desk.ask("manager", "POST", f"/v2/user-tasks/{task.key}/assignment",
                      {"assignee": "assistant"})  # fmt: skip
    refused(answer, 422, "invalid-input")
    assert desk.rows() == before
    desk.go(case, "C1_callback", by="assistant-2")


def leak(desk: Office) -> int:
    case = desk.begin("repair")
    desk.go(case, "R1_intake", repair_item="leak", is_leak=True)
    desk.go(case, "R2_dispatch", worker=str(desk.world.people["worker"].key))
    for element in ("R3_accept", "R4_arrive"):
        desk.go(case, element, by="worker")
    desk.go(case, "R5_quote", by="worker", payable="free")
    desk.past(minutes=40)
    desk.go(case, "R7_finish", by="worker")
    return case


def test_07_rain_of_the_same_day_or_of_tomorrow_releases_nothing(desk: Office) -> None:
    case = leak(desk)

    today = desk.ask("guard", "POST", "/api/v1/rain",
                     {"tenantId": "yj", "date": "2026-03-10", "level": "heavy"})  # fmt: skip
    tomorrow = desk.ask("guard", "POST", "/api/v1/rain",
                        {"tenantId": "yj", "date": "2026-03-11", "level": "heavy"})  # fmt: skip
    signal = desk.ask("worker", "POST", "/v2/signals/broadcast",
                      {"signalName": "rain.ended", "tenantId": "yj",
                       "variables": {"rain_day": "2026-03-11", "rain_level": "heavy"}})  # fmt: skip
    desk.past(hours=2)

    assert today.status_code in {200, 201}
    assert tomorrow.status_code == 422
    refused(signal, 403, "forbidden")
    assert desk.open(case) == set()


def recorded(desk: Office, **record: object) -> int:
    case = desk.begin("complaint")
    desk.past(minutes=20)
    desk.go(case, "T1_record", **record)
    return case


def assigned(desk: Office) -> int:
    case = recorded(desk)
    desk.go(case, "T2_judge", by="assistant")
    desk.go(case, "T3_investigate")
    desk.go(case, "T4_assign")
    desk.go(case, "T5_plan")
    return case


def test_08_the_limit_of_the_answer_is_nobodys_to_move(desk: Office) -> None:
    case = assigned(desk)
    task = desk.task(case, "T6_reply")

    answer = desk.ask("assistant", "PATCH", f"/v2/user-tasks/{task.key}",
                      {"changeset": {"dueDate": "2026-12-31T00:00:00Z"}})  # fmt: skip
    assert answer.status_code in {403, 404, 405}
    assert desk.task(case, "T6_reply").due_at == task.due_at
    later = {**desk.sample(case, "T1_record"), "received_at": "2026-03-12T09:00+08:00"}
    other = desk.begin("complaint")
    refused(desk.complete("assistant", desk.task(other, "T1_record"), later), 422,
            "invalid-variables", "Field_received_at")  # fmt: skip


def test_09_one_person_alone_makes_nothing_unreasonable(desk: Office) -> None:
    case = recorded(desk)
    desk.go(case, "T2_judge", by="manager", validity="unreasonable", validity_reason="没有依据")
    before, task = desk.rows(), desk.task(case, "T2c_confirm")

    refused(desk.complete("manager", task, desk.sample(case, "T2c_confirm")), 403, "forbidden")
    refused(desk.complete("assistant", task, desk.sample(case, "T2c_confirm")), 403, "forbidden")
    assert desk.rows() == before


def test_09_an_explained_complaint_stays_counted_as_unreasonable(desk: Office) -> None:
    case = recorded(desk)
    desk.go(case, "T2_judge", by="manager", validity="unreasonable", validity_reason="没有依据")
    desk.go(case, "T2c_confirm", by="manager-2")
    desk.go(case, "T2u_explain")
    before, task = desk.rows(), desk.task(case, "T8_file")
    values = {**desk.sample(case, "T8_file"), "validity": "reasonable"}

    refused(desk.complete("assistant", task, values), 422, "invalid-variables", "Field_validity")
    assert desk.rows() == before


def test_10_a_case_from_above_is_neither_merged_nor_filed_without_a_report(desk: Office) -> None:
    main = recorded(desk)
    case = recorded(
        desk, channel="leader_instruction", instruction="请妥善处理", origin_doc_no="批7"
    )
    before = desk.rows()
    number = desk.ask("manager", "GET", f"/v2/process-instances/{main}").get_json()

    report = desk.ask("manager", "POST", f"/api/v1/cases/{case}/reports/merge",
                      {"variables": {"main_case": number.get("businessKey"),
                                     "merge_reason": "same_matter"}})  # fmt: skip
    refused(report, 422, "invalid-variables", "Field_main_case")
    message = desk.ask("manager", "POST", "/v2/messages/publication",
                       {"name": "case.merge", "correlationKey": "x", "tenantId": "yj"})  # fmt: skip
    refused(message, 403, "forbidden")
    assert desk.rows() == before


def test_11_work_before_the_owner_agrees_does_not_exist(desk: Office) -> None:
    case = assigned(desk)
    before = desk.rows()

    assert desk.open(case) == {"T6_reply"}
    refused(desk.complete("worker", desk.task(case, "T6_reply"), desk.sample(case, "T6_reply")),
            404, "not-found")  # fmt: skip
    for who in ("assistant", "worker"):
        answer = desk.ask(who, "POST", f"/v2/process-instances/{case}/modification",
                          {"activateInstructions": [{"elementId": "T7a_execute"}]})  # fmt: skip
        assert answer.status_code in {403, 404}
    assert desk.rows() == before


def test_12_a_complaint_is_not_ended_without_its_callback(desk: Office) -> None:
    case = assigned(desk)
    before = desk.rows()

    for path in (f"/v2/process-instances/{case}/cancellation",
                 f"/v2/process-instances/{case}/modification"):  # fmt: skip
        answer = desk.ask("assistant", "POST", path, {})
        assert answer.status_code in {403, 422}
        assert answer.get_json()["code"]
    assert desk.rows() == before


def test_13_plans_and_telephone_are_not_left_out(desk: Office) -> None:
    case = desk.begin("community_event")
    desk.go(case, "E1_initiate")
    desk.go(case, "E2_research")
    before, task = desk.rows(), desk.task(case, "E3_plan")
    for name in ("plan_none", "plan_many"):
        for blank in ("", "       "):
            values = {**desk.sample(case, "E3_plan"), name: blank}
            refused(desk.complete("assistant", task, values), 422, "invalid-variables",
                    f"Field_{name}")  # fmt: skip
    assert desk.rows() == before
    for element in ("E3_plan", "E4_review", "E5_decide", "E6_scheme"):
        desk.go(case, element)
    task, before = desk.task(case, "E7_publicity"), desk.rows()
    for points in (["picture", "brief", "complete", "greeting"], ["picture"] * 5):
        values = {**desk.sample(case, "E7_publicity"), "points": points}
        refused(desk.complete("assistant", task, values), 422, "invalid-variables", "Field_points")
    assert desk.rows() == before


SECRET = "郑女士不愿公开的事"


@pytest.mark.parametrize("who", ["leader", "guard"])
def test_14_personal_values_are_nowhere_for_those_without_the_right(desk: Office, who: str) -> None:
    case = recorded(desk, complainant_name="郑不语", phone="13912345678", content=SECRET * 3)
    desk.go(case, "T2_judge", by="manager")
    paths = [("GET", f"/v2/process-instances/{case}", None), ("GET", f"/cases/{case}", None),
             ("POST", "/v2/variables/search", {"filter": {"processInstanceKey": str(case)}}),
             ("POST", "/v2/process-instances/search", {}), ("POST", "/v2/user-tasks/search", {}),
             ("GET", "/cases?text=郑不语", None), ("GET", "/cases", None), ("GET", "/inbox", None),
             ("GET", f"/api/v1/cases/{case}/links", None), ("GET", "/supervise/export", None),
             ("GET", f"/cases/{case}/operations", None), ("POST", "/v2/incidents/search", {}),
             ("GET", f"/v1/cases/{case}", None)]  # fmt: skip

    for method, path, body in paths:
        text = desk.ask(who, method, path, body).text
        for value in ("13912345678", SECRET):
            assert value not in text, path
        assert "郑不语" not in text.replace('value="郑不语"', ""), path


def test_15_nobody_sets_timers_off_or_limits_back(desk: Office) -> None:
    case = leak(desk)
    before = desk.rows()

    for who in ("worker", "assistant", "manager"):
        answer = desk.ask(who, "POST", f"/v2/process-instances/{case}/modification",
                          {"moveInstructions": [{"sourceElementId": "W_dry",
                                                 "targetElementId": "S_due"}]})  # fmt: skip
        assert answer.status_code in {403, 404, 422}
        jobs = desk.ask(who, "POST", "/v2/jobs/activation",
                        {"type": "repair.known", "timeout": 1000, "maxJobsToActivate": 5})  # fmt: skip
        assert jobs.status_code in {403, 422}
    assert desk.rows() == before
    settled = desk.open(case)
    desk.hands.now = desk.hands.now.replace(year=2027)
    desk.past(minutes=1)
    assert settled == set()
    assert desk.open(case) == {"R15x_no_rain"}
