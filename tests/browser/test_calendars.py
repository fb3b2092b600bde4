"""A supervisor corrects a calendar: sees what would move, applies it, finds it in the log."""

import re
from datetime import timedelta

from playwright.sync_api import Page, expect

from engine import calendar_changes
from tests.browser.conftest import SignIn
from tests.browser.house import House

ICS = """BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//x//x//\r
BEGIN:VEVENT\r
UID:1\r
SUMMARY:元旦（休）\r
DTSTART;VALUE=DATE:20270101\r
DTEND;VALUE=DATE:20270104\r
END:VEVENT\r
END:VCALENDAR\r
"""


def row(page: Page, heading: str):
    return page.locator("section.card", has=page.get_by_role("heading", name=heading)).locator(
        "tbody tr"
    )


def test_an_edit_shows_what_moves_is_applied_and_stands_in_the_log(cases: House, sign_in: SignIn):
    page = sign_in("quality")
    page.get_by_role("link", name="工作日历").click()
    page.get_by_role("link", name="法定工作日历").click()
    expect(page.get_by_role("heading", name="法定工作日历")).to_be_visible()
    page.locator(".cal-month").nth(10).get_by_role("link", name="24", exact=True).click()
    edit = page.locator("#edit")
    expect(edit.get_by_label("从")).to_have_value("2026-11-24")
    edit.get_by_label("名称").fill("停电检修")
    edit.get_by_label("原因").fill("供电公司通知")
    edit.get_by_role("button", name="看看会改变什么").click()

    expect(row(page, "日历").first).to_contain_text("2026-11-24照常放假 停电检修")
    moves = row(page, "未办任务的时限")
    before = moves.count()
    assert before > 0
    expect(moves.first).to_contain_text("2026-11-")
    with cases.database.read() as session:
        assert calendar_changes.log(session, "statutory") == []
    page.get_by_role("button", name="修改日历").click()

    expect(page.get_by_text("已修改日历")).to_be_visible()
    cases.later(timedelta(seconds=30))
    page.wait_for_timeout(500)
    page.reload()
    line = row(page, "修改记录").first
    expect(line).to_contain_text("孙丽")
    expect(line).to_contain_text("2026-11-24：照常 → 放假 停电检修")
    expect(line).to_contain_text("供电公司通知")
    expect(line).to_contain_text(f"{before} 项")


def test_a_file_is_refused_by_the_row_or_makes_its_year_official(house: House, sign_in: SignIn):
    page = sign_in("admin")
    page.goto(f"{house.url}/calendars")
    expect(page.get_by_text(re.compile("还没有 2027 年的放假调休安排"))).to_be_visible()
    page.get_by_role("link", name="导入安排").click()
    expect(page.get_by_text("2027 年没有正式的放假调休安排")).to_be_visible()
    bad = {"name": "2027.csv", "mimeType": "text/csv",
           "buffer": "2027-01-01,放假\n2027-02-30,放假\n".encode()}  # fmt: skip
    page.get_by_label("CSV 或 ICS 文件").set_input_files(bad)
    page.locator("#import").get_by_role("button", name="看看会改变什么").click()
    expect(page.get_by_role("heading", name="文件有误，一行也没有导入")).to_be_visible()
    expect(page.locator("tbody tr")).to_have_text(re.compile("2.*2027-02-30"))

    page.get_by_role("link", name="改好后重新导入").click()
    good = {"name": "2027.ics", "mimeType": "text/calendar", "buffer": ICS.encode()}
    page.get_by_label("CSV 或 ICS 文件").set_input_files(good)
    page.locator("#import").get_by_role("button", name="看看会改变什么").click()
    expect(page.get_by_text("正式安排", exact=True)).to_be_visible()
    page.get_by_role("button", name="修改日历").click()

    expect(page.get_by_text("已修改日历")).to_be_visible()
    expect(page.get_by_text("2027 年没有正式的放假调休安排")).to_have_count(0)
    page.goto(f"{house.url}/calendars")
    expect(page.get_by_text(re.compile("还没有 2027 年"))).to_have_count(0)


def test_a_project_manager_corrects_the_own_projects_calendar_only(house: House, sign_in: SignIn):
    page = sign_in("yj-project_manager")
    page.goto(f"{house.url}/calendars/statutory")
    expect(page.get_by_role("button", name="看看会改变什么")).to_have_count(0)
    page.goto(f"{house.url}/calendars")
    expect(page.get_by_label("项目").locator("option")).to_have_count(1)
    page.get_by_label("班组").select_option("security")
    page.get_by_label("种类").select_option("service")
    page.get_by_label("名称").fill("秩序班值班")
    page.get_by_role("button", name="添加日历").click()
    for day in range(7):
        page.locator(f"#week{day}").fill("08:00-20:00 20:00-次日08:00")
    page.get_by_role("button", name="看看会改变什么").nth(1).click()
    expect(row(page, "日历").first).to_contain_text("周一 08:00-20:00 20:00-次日08:00")
    page.get_by_role("button", name="修改日历").click()

    expect(page.locator("#week6")).to_have_value("08:00-20:00 20:00-次日08:00")
    with house.database.read() as session:
        (change, new) = calendar_changes.log(session, "yj-security-service")
    assert [one["what"] for one in (change.changes[0], new.changes[0])] == ["week", "new"]
