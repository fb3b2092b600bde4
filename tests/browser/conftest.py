"""A browser, a furnished house, and people who sign in to it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.house import PASSWORD, House

DESK = {"viewport": {"width": 1440, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
BUILT = Path(__file__).parents[2] / "api/static/web/manifest.json"

SignIn = Callable[..., Page]
JUDGE = {"do": "T2_judge", "by": "cs_manager", "after": "PT10M"}
INVESTIGATE = {"do": "T3_investigate", "by": "cs_assistant", "after": "PT10M"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="session", autouse=True)
def _built() -> None:
    assert BUILT.exists(), "build the islands first: cd web && npm ci && npm run build"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    opened = House(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def sign_in(browser: Browser, house: House) -> Iterator[SignIn]:
    """Sign a person in at a desk or on a phone; their pages must stay free of errors."""
    contexts: list[BrowserContext] = []
    told: list[str] = []

    def enter(username: str, *, phone: bool = False, **more: object) -> Page:
        size = PHONE if phone else DESK
        context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", **size, **more)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: told.append(str(error)))
        page.on("console", lambda m: told.append(m.text) if "Content Security" in m.text else None)
        page.goto(house.url)
        page.get_by_label("手机号或工号").fill(username)
        page.get_by_label("密码").fill(PASSWORD)
        page.get_by_role("button", name="登录").click()
        page.wait_for_url(f"{house.url}/")
        return page

    yield enter
    for context in contexts:
        context.close()
    assert told == []


@pytest.fixture
def cases(house: House) -> House:
    """Three complaints: one late, one due today, one due later."""
    house.case(JUDGE, INVESTIGATE, at="2026-11-19T09:00+08:00", room_id="1701",
               complainant_name="吴女士", content="电梯夜间异响，孩子睡不好。已经响了一个星期。")  # fmt: skip
    house.case(at="2026-11-23T08:40+08:00", room_id="802", complainant_name="孙先生",
               content="装修噪音，中午也在施工，老人没法休息。")  # fmt: skip
    house.case(JUDGE, at="2026-11-23T09:50+08:00", room_id="501", complainant_name="马女士",
               content="入户门锁打不开，等了一个小时没有人来。")  # fmt: skip
    return house
