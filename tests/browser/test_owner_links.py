"""An owner's whole way on a phone: agree to a price, say how it went, rate, take it up again."""

from datetime import timedelta

from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from engine import tasks
from engine.models import CaseLink, Instance, LinkKind
from engine.ports import SYSTEM
from tests.barriers import serious
from tests.browser.conftest import PHONE, SignIn
from tests.browser.house import House
from tests.pages import test_owner_givings as givings
from tests.pages.test_owner_links import (
    TUESDAY,
    UP_TO_QUOTE,
    link,
    open_task,
    repair,
    settled,
)


def staff_does(house: House, key: int, element: str, **values: object) -> None:
    """Let somebody of the staff complete a step."""
    task = open_task(house, key, element)
    with house.time(), house.database.begin() as session:
        tasks.complete(session, SYSTEM, task, values, files=lambda _id: {
            "name": "a.png", "media_type": "image/png", "size": 1})  # fmt: skip
    settled(house)


def minute(house: House, back: int = 0) -> str:
    """Return a moment as forms write it."""
    return (house.moment - timedelta(minutes=back)).isoformat(timespec="minutes")


def fits(page: Page) -> None:
    assert serious(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def make_link(staff: Page, house: House, key: int) -> str:
    """Make a link on the page of a case, for everything that this owner will do."""
    staff.goto(f"{house.url}/cases/{key}")
    staff.get_by_role("button", name="生成链接").click()
    for purpose in ("回答回访", "评价", "重新打开"):
        staff.get_by_label(purpose, exact=True).check()
    staff.get_by_role("button", name="生成", exact=True).click()
    assert serious(staff) == []
    return staff.get_by_label("链接地址").input_value()


def agree(page: Page) -> None:
    """Agree to the price; first without having said anything."""
    expect(page.get_by_role("heading", name="请确认报价")).to_be_visible()
    page.get_by_label("同意", exact=True).wait_for()
    fits(page)
    page.get_by_role("button", name="提交我的决定").click()
    expect(page.locator(".wf-notice")).to_be_visible()
    page.get_by_label("同意", exact=True).check()
    page.get_by_label("手机号后四位").fill("0009")
    page.get_by_role("button", name="提交我的决定").click()
    expect(page.locator(".wf-notice")).to_contain_text("手机号后四位不对")
    page.get_by_label("手机号后四位").fill("0001")
    page.get_by_role("button", name="提交我的决定").click()
    expect(page.get_by_role("status").first).to_have_text("已经收到，谢谢。我们马上接着办。")
    expect(page.get_by_role("heading", name="请确认报价")).to_have_count(0)


def work_is_done(house: House, key: int) -> None:
    """Let the worker finish and the cashier take the money."""
    house.later(timedelta(hours=1))
    staff_does(house, key, "R7_finish", started_at=minute(house, 30), finished_at=minute(house),
               repair_result="fixed", cause="wear", site_clean=True, photo_after=["1"],
               confirm="sign", customer_sign="2", warranty_days=90, labour_hours=0.5)  # fmt: skip
    staff_does(house, key, "PAY_desk", amount=130, method="wechat", receipt_no="SJ-0001",
               paid_at=minute(house))  # fmt: skip


def say_how_it_went(page: Page) -> None:
    page.get_by_role("radiogroup", name="问题解决了吗").get_by_label("已解决").check()
    page.get_by_role("radiogroup", name="您满意吗").get_by_label("很满意", exact=True).check()
    fits(page)
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("已经收到")


def sign_for_the_home(page: Page, staff: Page, house: House) -> None:
    """Sign on one's own phone; the clerk finds the signature in the form."""
    house.hire("yj-cashier", "郑敏", "cashier")
    key = givings.home(house, *givings.TO_ACCEPTANCE["move_in"])
    page.goto(f"{house.url}{link(house, key, 'sign')}")
    box = page.locator("canvas").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 30, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 80, steps=5)
    page.mouse.up()
    page.get_by_role("button", name="重签").wait_for()
    fits(page)
    page.get_by_label("手机号后四位").fill("0001")
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.get_by_text("工作人员核对后会办完这一步")).to_be_visible()
    staff.goto(f"{house.url}/tasks/{givings.open_task(house, key, 'M6_accept')}")
    expect(staff.get_by_text("业主已通过链接填好自己的部分")).to_be_visible()
    expect(staff.get_by_role("button", name="重签")).to_have_count(1)
    assert serious(staff) == []


def rate_in_english_and_reopen(page: Page, address: str) -> None:
    page.goto(f"{address}?lang=en")
    expect(page.get_by_role("heading", level=1)).to_have_text("Closed")
    page.get_by_label("5 Very satisfied").check()
    page.locator("#rate button").click()
    expect(page.get_by_role("status").first).to_contain_text("hank you")
    page.get_by_role("link", name="中文").click()
    page.get_by_text("没有解决？重新打开").click()
    page.get_by_label("哪里没有解决").fill("今天早上又开始滴水了")
    fits(page)
    page.get_by_role("button", name="重新打开").click()
    expect(page.get_by_role("status").first).to_contain_text("已经重新打开")


def test_an_owner_agrees_answers_rates_and_reopens_on_a_phone(
    house: House, sign_in: SignIn, browser: Browser
) -> None:
    house.moment = TUESDAY + timedelta(hours=2)
    key = repair(house, *UP_TO_QUOTE, urgency="urgent")
    staff = sign_in("yj-cs_assistant")
    address = make_link(staff, house, key)
    context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", **PHONE)
    asked: list[str] = []
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))

    sign_for_the_home(page, staff, house)
    page.goto(address)
    agree(page)
    work_is_done(house, key)
    page.goto(address)
    say_how_it_went(page)
    settled(house)
    rate_in_english_and_reopen(page, address)

    context.close()
    assert all(one.startswith((house.url, "data:", "blob:")) for one in asked)
    with house.database.read() as session:
        query = select(CaseLink.from_key).where(
            CaseLink.to_key == key, CaseLink.kind == LinkKind.REOPENS
        )
        number = session.get_one(Instance, session.scalars(query).one()).business_key
    staff.goto(f"{house.url}/cases/{key}")
    expect(staff.locator("#timeline")).to_contain_text(f"要求重新打开，新的案件是 {number}")
    expect(staff.locator("#owner-links")).to_contain_text("办理 4 次")
