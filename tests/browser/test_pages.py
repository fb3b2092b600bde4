"""What staff see and do in a browser: lists, keyboard, phone, dark, and no barriers."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from engine.models import Submission, Task, TaskKind
from tests.barriers import serious
from tests.browser.conftest import SignIn
from tests.browser.filling import fill, open_task, ready, submit
from tests.browser.house import House
from tests.browser.test_complaint import JUDGED


def test_late_tasks_stand_first_and_any_word_finds_a_task(cases: House, sign_in: SignIn) -> None:
    page = sign_in("yj-cs_manager")
    page.get_by_role("link", name="本组待签收").first.click()

    expect(page.locator(".group").first).to_contain_text("已超时")
    expect(page.get_by_role("option").first).to_contain_text("确定处理责任人：电梯夜间异响")
    for word, wanted in (("判定", "装修噪音"), ("802", "装修噪音"), ("孙先生", "装修噪音"),
                         ("20261119", "电梯夜间异响")):  # fmt: skip
        page.get_by_label("在这个列表里查找").fill(word)
        expect(page.get_by_role("option")).to_have_count(1)
        expect(page.get_by_role("option")).to_contain_text(wanted)
    page.get_by_label("在这个列表里查找").fill("没有这样的事")
    expect(page.get_by_text("没有找到“没有这样的事”")).to_be_visible()


def test_the_keyboard_walks_the_list_claims_and_goes_places(cases: House, sign_in: SignIn) -> None:
    page = sign_in("yj-cs_manager")
    page.goto(f"{cases.url}/?view=groups")
    keys = page.keyboard

    keys.press("j")
    keys.press("j")
    keys.press("Enter")
    expect(page.locator("#task h1")).to_contain_text("判定投诉性质")
    page.locator("#task h1").click()
    keys.press("c")
    expect(page.locator(".toast")).to_contain_text("已签收")
    keys.press("g")
    keys.press("c")
    expect(page.get_by_role("heading", name="案件")).to_be_visible()
    keys.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    keys.press("Escape")
    keys.press("g")
    keys.press("i")
    expect(page.get_by_role("option")).to_contain_text("判定投诉性质")


def test_claiming_can_be_undone_from_the_message(cases: House, sign_in: SignIn) -> None:
    page = sign_in("yj-cs_manager")
    open_task(page, "判定投诉性质")

    page.get_by_role("button", name="签收").first.click()
    page.locator(".toast").get_by_role("button", name="撤销").click()

    expect(page.locator(".toast", has_text="已退回")).to_be_visible()
    page.goto(f"{cases.url}/?view=groups")
    expect(page.get_by_role("option").filter(has_text="判定投诉性质")).to_have_count(1)


def test_a_task_is_handed_over_with_a_reason_and_the_other_is_told(
    cases: House, sign_in: SignIn
) -> None:
    page = sign_in("yj-cs_manager")
    page.goto(f"{cases.url}/cases")
    page.get_by_role("table").get_by_role("link", name="入户门锁").click()
    page.locator(".rows").get_by_text("调查分析投诉原因").click()

    page.get_by_role("button", name="转办").first.click()
    page.get_by_label("转给").select_option(label="林晓雯 · 客户助理")
    page.get_by_role("dialog").get_by_label("原因").fill("今天轮休，由同组代办")
    page.get_by_role("dialog").get_by_role("button", name="转办", exact=True).click()

    expect(page.locator(".toast")).to_contain_text("已转办给林晓雯")
    other = sign_in("yj-cs_assistant")
    expect(other.get_by_role("option")).to_contain_text("调查分析投诉原因")
    other.get_by_role("link", name="通知").first.click()
    expect(other.locator(".notice").filter(has_text="转给您办理")).to_have_count(1)


def test_a_draft_survives_a_reload_and_wrong_values_are_told_at_their_field(
    cases: House, sign_in: SignIn
) -> None:
    page = sign_in("yj-cs_manager")
    open_task(page, "判定投诉性质")
    fill(page, {"投诉类别": "管理服务", "备注": "业主语气平和"})
    expect(page.locator(".draft-state")).to_contain_text("草稿已保存")

    page.reload()
    ready(page)
    expect(page.get_by_label("备注")).to_have_value("业主语气平和")
    expect(page.locator(".draft-state")).to_contain_text("草稿")
    page.get_by_role("button", name="提交").click()
    expect(page.locator(".wf-notice")).to_contain_text("还有")
    expect(page.locator(".fjs-has-errors").first).to_be_visible()


def test_two_browsers_complete_one_task_once(cases: House, sign_in: SignIn) -> None:
    first, second = sign_in("yj-cs_manager"), sign_in("yj-cs_manager")
    for page in (first, second):
        open_task(page, "判定投诉性质")
        fill(page, JUDGED)

    submit(first)
    second.get_by_role("button", name="提交").click()

    expect(second.locator(".wf-notice")).to_contain_text("已经办结或取消")
    with cases.database.read() as session:
        task = session.scalars(
            select(Task).where(Task.element == "T2_judge").order_by(Task.key)
        ).all()
        judged = [t.key for t in task if t.closed_at is not None]
        kept = session.scalars(select(Submission.task_key).where(Submission.element == "T2_judge"))
        assert sorted(kept) == sorted(judged)


def test_an_open_list_shows_a_new_task_without_a_reload(cases: House, sign_in: SignIn) -> None:
    page = sign_in("yj-cs_manager")
    page.goto(f"{cases.url}/?view=groups")
    link = page.get_by_role("navigation", name="主导航").get_by_title("本组待签收")
    count, row = link.locator(".count"), page.get_by_role("option").first
    before = int(count.inner_text())
    for one in (link, row):  # what somebody may be pressing just now must stay the same element
        one.evaluate("element => { element.pressed = true }")
    number = row.get_attribute("id")
    page.wait_for_timeout(1500)  # the first look at /live has been taken

    cases.case(at="2026-11-23T10:00+08:00", content="垃圾桶满了没有人清，味道很大，影响进出。")

    expect(page.get_by_role("option").filter(has_text="垃圾桶")).to_have_count(1)
    expect(count).to_have_text(str(before + 1))
    assert link.evaluate("element => element.pressed")
    assert page.locator(f"[id='{number}']").evaluate("element => element.pressed")


def test_a_submission_is_corrected_with_a_reason_and_both_are_kept(
    cases: House, sign_in: SignIn
) -> None:
    page = sign_in("yj-cs_manager")
    page.goto(f"{cases.url}/cases")
    page.get_by_role("table").get_by_role("link", name="入户门锁").click()
    page.locator(".filled", has_text="判定投诉性质").get_by_role("link", name="更正").click()
    ready(page)
    page.get_by_label("更正原因").fill("类别选错了")
    fill(page, {"备注": "已与业主核对"})
    page.get_by_role("button", name="提交更正").click()

    expect(page.locator(".toast")).to_contain_text("已更正")
    with cases.database.read() as session:
        rows = session.scalars(select(Submission).where(Submission.version > 1)).all()
        assert [(row.element, row.version, row.reason) for row in rows] == [
            ("T2_judge", 2, "类别选错了")
        ]


def test_several_late_tasks_are_urged_at_once_and_refusals_are_named(
    cases: House, sign_in: SignIn
) -> None:
    page = sign_in("yj-project_manager")
    page.get_by_role("link", name="超时督办").click()
    page.get_by_label("全选").check()
    page.get_by_label("原因").fill("请今天办完")
    page.get_by_role("button", name="催办").click()

    expect(page.locator(".toast")).to_contain_text("已催办 1 件")
    expect(page.get_by_role("table")).to_contain_text("请今天办完")
    page.get_by_label("全选").check()
    page.get_by_label("改派给").select_option(label="何静 · 客户经理")
    page.get_by_role("button", name="改派").click()
    expect(page.locator(".toast")).to_contain_text("已改派 1 件")
    expect(page.get_by_role("table")).to_contain_text("何静")


def test_the_overdue_list_is_exported_as_it_is_shown(cases: House, sign_in: SignIn) -> None:
    page = sign_in("yj-project_manager")
    page.get_by_role("link", name="超时督办").click()
    with page.expect_download() as started:
        page.get_by_role("link", name="CSV").click()

    text = started.value.path().read_text("utf-8-sig")
    lines = text.splitlines()
    assert lines[0].startswith("项目,编号,步骤")
    assert len(lines) == 2
    assert "云景花园,TS-YJ-20261119-001,确定处理责任人" in lines[1]


def test_a_colleague_of_another_project_sees_nothing_of_ours(cases: House, sign_in: SignIn) -> None:
    with cases.database.read() as session:
        task = session.scalars(
            select(Task).where(Task.element == "T4_assign", Task.kind == TaskKind.USER)
        ).one()
    page = sign_in("ch-cs_assistant")

    answer = page.goto(f"{cases.url}/tasks/{task.key}")
    assert answer is not None
    assert answer.status == 404
    page.goto(f"{cases.url}/cases")
    expect(page.get_by_text("还没有案件")).to_be_visible()
    page.goto(f"{cases.url}/cases?q=1701")
    expect(page.get_by_text("没有找到“1701”")).to_be_visible()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("phone", [False, True], ids=["desk", "hand"])
def test_the_pages_have_no_serious_barriers(
    cases: House, sign_in: SignIn, *, phone: bool, dark: bool
) -> None:
    page = sign_in("yj-cs_manager", phone=phone, color_scheme="dark" if dark else "light")
    with cases.database.read() as session:
        task = session.scalars(select(Task).where(Task.element == "T2_judge")).first()
        assert task is not None

    found = {}
    for path in ("/?view=groups", f"/tasks/{task.key}", "/cases", f"/cases/{task.root_key}",
                 "/start", "/supervise", "/monthly", "/notices", "/account", "/help",
                 "/definitions"):  # fmt: skip
        page.goto(cases.url + path)
        page.wait_for_load_state("networkidle")
        if problems := serious(page):
            found[path.replace(str(task.key), "1").replace(str(task.root_key), "1")] = problems
    assert found == {}


def test_on_a_phone_one_sees_the_list_or_the_task(cases: House, sign_in: SignIn) -> None:
    page = sign_in("yj-cs_manager", phone=True)
    page.get_by_role("navigation", name="待办视图").get_by_text("本组待签收").click()
    expect(page.locator("#task")).to_be_hidden()

    page.get_by_role("option").first.tap()
    expect(page.locator("#task h1")).to_be_visible()
    expect(page.locator("#list")).to_be_hidden()
    expect(page.get_by_role("button", name="提交")).to_be_in_viewport()
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0

    page.get_by_role("link", name="返回列表").tap()
    expect(page.get_by_role("option").first).to_be_visible()


def test_a_passed_reminder_turns_the_ring_amber(cases: House, sign_in: SignIn) -> None:
    cases.later(timedelta(hours=2))
    page = sign_in("yj-cs_manager")
    page.goto(f"{cases.url}/?view=groups")

    row = page.get_by_role("option").filter(has_text="装修噪音")
    expect(row.locator(".ring.warn")).to_be_visible()
    expect(row).to_contain_text("还剩 20 分钟")
