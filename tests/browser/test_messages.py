"""The bell counts by itself, words to owners are tried before they are used, an owner rates."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from engine import mail, notices, outbox
from engine.models import Rating, User
from engine.outward import adapters, channels, consents, world
from engine.ports import SYSTEM
from tests.barriers import serious
from tests.browser.conftest import PHONE, SignIn
from tests.browser.house import House
from tests.pages.test_owner_messages import FRIDAY, WHOLE, Phone

PATHS = {
    "yj-cs_assistant": ("/account/notices", "/cases/{case}/messages", "/notices"),
    "yj-cs_manager": ("/message-templates", "/message-templates/receipt/zh"),
    "admin": ("/channels", "/channels/new?kind=webhook", "/channels/{channel}"),
}


@pytest.fixture
def told(house: House, monkeypatch: pytest.MonkeyPatch):
    """A closed case whose owner allowed messages; its key and its rating link."""
    phone = Phone()
    monkeypatch.setitem(adapters.registry, "sms", lambda: phone)
    world.use(world.World(public_url=house.url, hotline="0755-1234", keys=world.current().keys))
    house.moment = FRIDAY + timedelta(hours=15)
    with house.time(), house.database.begin() as session:
        consents.note(session, SYSTEM, tenant_id="yj", phone="13812346721", channel="sms",
                      given=True, source="call")  # fmt: skip
        mail.use(mail.Server(host="smtp.example.org", sender="a@example.org"))
        channel = channels.create(session, kind="wecom", name="客服群", tenant_id="yj",
                                  url="https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k1").key  # fmt: skip
    key = house.case(*WHOLE, at=FRIDAY.isoformat(), room_id="1201", complainant_name="陈女士",
                     phone="13812346721")  # fmt: skip
    with house.time():
        for _ in range(3):
            outbox.run_due(house.database)
    yield key, channel, re.search(r"/r/\S+", phone.texts[-1])[0]
    world.use(world.World())
    mail.use(None)


def test_the_bell_counts_on_any_open_page_without_being_asked(
    house: House, sign_in: SignIn
) -> None:
    page = sign_in("yj-cs_manager")
    page.goto(f"{house.url}/account")
    count = page.locator(".rail [data-unread]")
    expect(count).to_be_hidden()
    page.wait_for_timeout(1200)

    with house.time(), house.database.begin() as session:
        key = session.scalars(select(User.key).filter_by(username="yj-cs_manager")).one()
        notices.notify(session, [key], "note", "请看一下")

    expect(count).to_have_text("1")
    expect(page.get_by_role("link", name="通知，1 条未读").first).to_be_visible()


def test_words_to_owners_are_seen_as_they_will_be_sent(house: House, sign_in: SignIn) -> None:
    page = sign_in("yj-cs_manager")
    page.get_by_role("link", name="给业主的消息").click()
    page.get_by_role("link", name="中文").first.click()
    words = page.get_by_label("内容")

    words.fill("{name}，编号 {nummer}")
    expect(page.locator("#preview")).to_contain_text("没有名为 {nummer} 的占位符")
    words.fill("{name}，编号 {number}。")
    expect(page.locator("#preview")).to_contain_text("陈女士，编号 TS-20261123-004。")
    page.get_by_role("button", name="保存").click()

    expect(page.locator(".toast")).to_contain_text("已保存")
    expect(page.get_by_text("第 1 版")).to_be_visible()
    page.get_by_role("button", name="恢复随产品提供的内容").click()
    expect(page.get_by_text("第 2 版")).to_be_visible()
    expect(words).to_have_value(re.compile("您反映的问题已经受理"))


def test_an_owner_rates_on_a_phone(house: House, told, sign_in: SignIn, browser: Browser) -> None:
    key, _channel, link = told
    page = browser.new_context(locale="zh-CN", **PHONE).new_page()
    page.goto(house.url + link)
    assert serious(page) == []

    page.get_by_text("4 满意").click()
    page.get_by_label("想说的话").fill("门不响了")
    page.get_by_role("button", name="提交评价").click()

    expect(page.get_by_role("status").first).to_have_text("已经收到您的评价，谢谢。")
    page.context.close()
    with house.database.read() as session:
        assert session.scalars(select(Rating.score)).all() == [4]
    staff = sign_in("yj-cs_assistant")
    staff.goto(f"{house.url}/cases/{key}")
    expect(staff.locator("#owner")).to_contain_text("业主评价 4 分")
    expect(staff.locator("#timeline")).to_contain_text("门不响了")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("device", ["desk", "phone"])
def test_the_pages_of_messages_have_no_barriers(
    house: House, told, sign_in: SignIn, scheme: str, device: str
) -> None:
    key, channel, _link = told

    for username, paths in PATHS.items():
        page = sign_in(username, phone=device == "phone", color_scheme=scheme)
        for path in paths:
            page.goto(house.url + path.format(case=key, channel=channel))
            wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")

            assert serious(page) == [], path
            assert wide <= 0, path
