"""A supervisor edits a rule of time, sees what would change, applies it and finds it in the log."""

import pytest
from playwright.sync_api import expect

from processes import policies
from tests.browser.conftest import JUDGE, SignIn
from tests.browser.house import House


@pytest.fixture
def ruled(house: House) -> House:
    """A house with the shipped rules and one complaint at its third step."""
    with house.time(), house.database.begin() as session:
        policies.seed(session)
    house.case(JUDGE, at="2026-11-23T09:50+08:00")
    return house


def test_a_supervisor_edits_a_rule_sees_what_changes_and_finds_it_in_the_log(
    ruled: House, sign_in: SignIn
) -> None:
    page = sign_in("quality")
    page.get_by_role("link", name="时限规则").click()
    page.get_by_role("link", name="调查分析", exact=True).click()
    page.get_by_label("时限", exact=True).fill("PT4H")
    page.get_by_label("修改的原因").fill("品质例会决定")
    page.get_by_role("button", name="看看会改变什么").click()

    changes = page.locator("main section").first
    expect(changes).to_contain_text("=investigate_standard")
    expect(changes).to_contain_text("PT4H")
    moves = page.locator("#moves")
    expect(moves).to_contain_text("调查分析投诉原因")
    expect(moves).to_contain_text("2026-11-24 10:00")
    expect(moves).to_contain_text("2026-11-23 14:00")
    page.get_by_label("也用于在办案件").check()
    page.get_by_role("button", name="生效").click()

    expect(page.locator(".toast")).to_contain_text("第 2 版规则已生效，1 个在办时限已改")
    log = page.get_by_role("row").nth(1)
    expect(log).to_contain_text("孙丽")
    expect(log).to_contain_text("品质例会决定")
    expect(log).to_contain_text("=investigate_standard → PT4H")


def test_an_assistant_pauses_a_case_and_sees_why_it_is_not_late(
    ruled: House, sign_in: SignIn
) -> None:
    page = sign_in("yj-cs_assistant")
    page.goto(f"{ruled.url}/?view=groups")
    page.get_by_role("option").first.click()
    page.get_by_role("tab", name="时限").click()
    page.get_by_text("暂停计时", exact=True).first.click()
    page.get_by_label("说明").fill("等业主回电")
    page.get_by_role("button", name="暂停计时").click()

    expect(page.locator("#time")).to_contain_text("计时已暂停：待客户答复")
    page.get_by_role("button", name="恢复计时").click()
    expect(page.locator("#time")).not_to_contain_text("计时已暂停")
