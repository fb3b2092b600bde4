"""The front desk turns a call into each process; who was asked first sees a forward through."""

from datetime import timedelta

from playwright.sync_api import Page, expect
from sqlalchemy import select

from engine.models import Instance
from tests.barriers import serious
from tests.browser.conftest import SignIn
from tests.browser.filling import fill, submit
from tests.browser.house import House
from tests.browser.test_complaint import RECORD
from tests.browser.test_move_in import root_of, waiting
from tests.browser.test_repair import do, settled, take_call

ASKED = {"来源": "来电", "事项类型": "问询", "事由": "访客的车能停多久？"}


def test_a_call_becomes_each_process(house: House, sign_in: SignIn) -> None:
    assistant = sign_in("yj-cs_assistant")

    take_call(assistant, "周明", "来电来访来信")
    expect(assistant.get_by_label("姓名")).to_have_value("周明")
    fill(assistant, ASKED)
    submit(assistant)
    do(assistant, "答复处理", {"能否当场处理": "能", "处理情况": "两小时内免费。"}, view="mine")

    take_call(assistant, "1201", "投诉处理")
    fill(assistant, {name: value for name, value in RECORD.items()
                     if name not in {"投诉人姓名", "联系电话", "所居住地", "投诉人身份"}})  # fmt: skip
    submit(assistant)
    second = take_call(assistant, "0001", "投诉处理")
    beside = assistant.locator(".beside-room")
    expect(beside).to_contain_text("这可能是第二次")
    assert serious(assistant) == []
    beside.get_by_role("button", name="关联").first.click()
    expect(assistant.locator(".toast", has_text="已关联")).to_be_visible()
    take_call(assistant, "3-2-1201", "报修维修")
    expect(assistant.get_by_label("报修人")).to_have_value("周明")
    take_call(assistant, "3栋1201", "入住手续")
    form = assistant.locator("wf-form")
    expect(form.get_by_role("textbox", name="客户").first).to_have_value("周明")

    with house.database.read() as session:
        kinds = set(session.scalars(select(Instance.process_id)))
        answered = session.scalars(select(Instance).filter_by(process_id="inquiry")).one()
    assert kinds == {"inquiry", "complaint", "repair", "move_in"}
    assert answered.end_element == "E_answered_now"
    assert second


def test_a_forward_that_nobody_takes_comes_back_and_the_ledger_says_so(
    house: House, sign_in: SignIn
) -> None:
    house.hire("yj-security", "彭勇", "security")
    assistant, security = sign_in("yj-cs_assistant"), sign_in("yj-security")
    number = take_call(assistant, "周明", "来电来访来信")
    fill(assistant, ASKED)
    submit(assistant)
    key = root_of(house, number)
    _forward(assistant)

    house.later(timedelta(minutes=31))
    settled(house)
    assert waiting(house, key) == ["Q2_answer"]

    _forward(assistant)
    do(security, "接受转交", {"是否接受": "接受"})
    do(security, "部门答复", {"答复": "两小时内免费，之后每小时两元。"})
    do(assistant, "告知客户", {"告知方式": "电话", "客户": "满意"}, view="mine")
    assistant.goto(f"{house.url}/desk/first-asked")
    line = assistant.get_by_role("row").filter(has_text=number)
    expect(line).to_contain_text("林晓雯")
    expect(line).to_contain_text("没有人接，已退回")
    expect(line).to_contain_text("彭勇已接受")
    assert serious(assistant) == []


def _forward(assistant: Page) -> None:
    do(assistant, "答复处理", {"能否当场处理": "不能", "转交部门": "安全"}, view="mine")
