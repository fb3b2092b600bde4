"""A complaint is withdrawn and another one merged, in the browser, by keyboard and on a phone."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import JUDGE, SignIn
from tests.browser.filling import fill, open_task, submit
from tests.browser.house import House


def _open(page: Page, house: House, case: int) -> None:
    page.goto(f"{house.url}/cases/{case}")


def _send(page: Page, label: str) -> None:
    page.get_by_role("main").get_by_role("button", name=label).click()
    page.wait_for_url("**/cases/*")


def _shown(page: Page) -> None:
    """Wait until the report's form can be filled in."""
    page.locator("wf-form .fjs-form-field").first.wait_for()
    page.wait_for_function("() => document.querySelector('wf-form')?.draft")


def test_a_withdrawn_complaint_is_confirmed_and_ends(house: House, sign_in: SignIn) -> None:
    case = house.case(JUDGE, at="2026-11-23T09:00+08:00")
    assistant, manager = sign_in("yj-cs_assistant", phone=True), sign_in("yj-cs_manager")

    _open(assistant, house, case)
    assistant.get_by_role("link", name="业主撤诉").click()
    _shown(assistant)
    fill(assistant, {
        "提出方式": "电话", "撤诉原因": "问题已解决", "业主的原话": "电梯已经好了，不用再办。",
        "业主本人提出，没有人劝其撤诉": True,
    })  # fmt: skip
    _send(assistant, "业主撤诉")
    waiting = assistant.locator("section.card").filter(has_text="正在办理")
    expect(waiting).to_contain_text("确认撤诉")
    expect(waiting).not_to_contain_text("调查分析投诉原因")

    open_task(manager, "确认撤诉")
    fill(manager, {
        "确认方式": "电话", "业主的决定": "确认撤诉", "已告知撤诉后仍可再次投诉": True,
        "业主意见": "是我自己的意思，谢谢。",
    })  # fmt: skip
    submit(manager)
    _open(manager, house, case)
    expect(manager.get_by_text("已撤诉").first).to_be_visible()


def test_a_complaint_is_merged_by_keyboard_and_both_show_it(house: House, sign_in: SignIn) -> None:
    main = house.case(JUDGE, at="2026-11-23T08:40+08:00", room_id="802")
    case = house.case(JUDGE, at="2026-11-23T09:00+08:00")
    manager = sign_in("yj-cs_manager")
    _open(manager, house, main)
    number = manager.locator(".crumbs").inner_text().split("/")[-1].strip()

    _open(manager, house, case)
    manager.get_by_role("heading", level=1).click()
    manager.keyboard.press("m")
    _shown(manager)
    fill(manager, {"并入的主案": number, "并案理由": "同一件事"})
    _send(manager, "并案")
    linked = manager.locator("#linked")
    expect(linked).to_contain_text("并入主案")
    linked.get_by_role("link", name=number).click()
    expect(manager.locator("#linked")).to_contain_text("并入本案")


def test_what_is_refused_stands_at_its_field(house: House, sign_in: SignIn) -> None:
    case = house.case(JUDGE, at="2026-11-23T09:00+08:00")
    manager = sign_in("yj-cs_manager")
    _open(manager, house, case)
    number = manager.locator(".crumbs").inner_text().split("/")[-1].strip()

    manager.get_by_role("link", name="并案").click()
    _shown(manager)
    fill(manager, {"并入的主案": number, "并案理由": "同一件事"})
    manager.get_by_role("main").get_by_role("button", name="并案").click()
    expect(manager.get_by_text("不能并入自己，请选另一件。")).to_be_visible()
