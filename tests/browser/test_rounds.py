"""What comes round in the browser: schedules, 日清 with its answers, 周结; and a rainy day."""

from datetime import timedelta

from playwright.sync_api import expect

from engine import identity
from engine.models import Task, Timer
from processes import routines
from tests.browser.conftest import SignIn
from tests.browser.house import MONDAY, House


def test_a_person_answers_the_daily_list_and_the_manager_reads_it(cases: House, sign_in: SignIn):
    with cases.time(), cases.database.begin() as session:
        routines.seed(session)
        coming = session.query(Task).filter(Task.state == "open", Task.due_at > MONDAY)
        task = coming.order_by(Task.due_at).first()
        task.assignee = identity.resolve(session, "yj-cs_assistant")
    mine = sign_in("yj-cs_assistant")
    cases.later(timedelta(hours=7, minutes=11))  # 17:31
    asked = mine.get_by_text("项没有办完，请逐项写明原因或新的日期")
    for _ in range(20):
        mine.goto(f"{cases.url}/notices")
        if asked.count():
            break
        mine.wait_for_timeout(500)
    asked.first.click()
    expect(mine.get_by_role("heading", name="日清")).to_be_visible()
    first = mine.locator(".daily-line").first
    first.get_by_role("button", name="记下").click()
    expect(mine.get_by_role("alert")).to_have_text("请写明原因，或者选一个新的日期。")
    first.get_by_label("原因").fill("等业主回电")
    first.get_by_role("button", name="记下").click()
    expect(mine.get_by_text("已记下，经理可以看到")).to_be_visible()

    boss = sign_in("yj-cs_manager")
    boss.get_by_role("link", name="日清汇总").click()

    expect(boss.get_by_text("等业主回电")).to_be_visible()
    expect(boss.get_by_role("cell", name="林晓雯")).to_be_visible()


def test_a_schedule_is_changed_and_shows_its_next_turns(house: House, sign_in: SignIn):
    with house.time(), house.database.begin() as session:
        routines.seed(session)
    page = sign_in("quality")
    page.get_by_role("link", name="定期工作").click()
    weekly = page.get_by_role("region", name="周结")
    expect(weekly).to_contain_text(
        "周五 11-27 16:00 · 周五 12-04 16:00 · 周五 12-11 16:00 · 周五 12-18 16:00"
    )
    weekly.get_by_text("修改", exact=True).click()
    weekly.get_by_label("每周的哪一天").select_option(label="周四")
    weekly.get_by_label("时间").fill("15:30")
    weekly.get_by_role("button", name="保存").click()

    expect(page.get_by_text("已保存计划“周结”")).to_be_visible()
    expect(page.get_by_role("region", name="周结")).to_contain_text("周四 11-26 15:30")
    with house.database.read() as session:
        due = {row.due_at for row in session.query(Timer).filter_by(kind="schedule")}
    assert any(f"{at:%m-%d %H:%M}" == "11-26 07:30" for at in due)


def test_a_rainy_day_is_recorded_and_taken_back(house: House, sign_in: SignIn):
    page = sign_in("yj-cs_assistant", phone=True)
    page.goto(f"{house.url}/rain")
    page.get_by_text("大雨或暴雨").click()
    page.get_by_label("说明").fill("14:00–17:00")
    page.get_by_role("button", name="登记雨天").click()
    expect(page.get_by_text("已登记 2026-11-23 的雨天")).to_be_visible()
    page.get_by_role("cell").get_by_role("button", name="撤回").click()
    expect(page.get_by_text("已撤回", exact=True)).to_be_visible()
    page.get_by_text("中雨", exact=True).click()
    page.get_by_role("button", name="登记雨天").click()
    house.later(timedelta(minutes=11))
    page.wait_for_timeout(800)
    page.reload()

    expect(page.get_by_text("已通知", exact=True)).to_be_visible()
