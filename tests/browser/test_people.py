"""Language of one's own, and people whom the administrator lets in."""

from playwright.sync_api import expect

from tests.browser.conftest import SignIn
from tests.browser.house import House


def test_people_read_english_when_they_chose_it(cases: House, sign_in: SignIn) -> None:
    page = sign_in("yj-cs_manager")
    page.goto(f"{cases.url}/account")
    page.get_by_text("English", exact=True).click()
    page.get_by_role("button", name="保存").click()

    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.goto(f"{cases.url}/?view=groups")
    expect(page.get_by_role("heading", name="Unclaimed in my groups").first).to_be_visible()
    expect(page.locator(".due").first).to_contain_text("late")
    page.get_by_role("option").first.click()
    expect(page.get_by_role("button", name="Submit")).to_be_visible()


def test_the_administrator_adds_a_person_who_can_then_work(cases: House, sign_in: SignIn) -> None:
    admin = sign_in("admin")
    admin.get_by_role("link", name="人员与角色").click()
    admin.get_by_role("link", name="添加人员").click()
    admin.get_by_label("姓名").fill("许宁")
    admin.get_by_label("手机号或工号").fill("xu-ning")
    admin.get_by_label("初始密码").fill("wuyeflow-demo")
    admin.get_by_role("button", name="添加").click()
    admin.locator("#group").select_option(label="客户经理")
    admin.locator("#tenant").select_option(label="云景花园")
    admin.get_by_role("button", name="分配").click()
    expect(admin.locator(".toast", has_text="已分配角色")).to_be_visible()

    page = sign_in("xu-ning")
    page.get_by_role("link", name="本组待签收").first.click()
    expect(page.get_by_role("option").first).to_be_visible()
