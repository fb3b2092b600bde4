"""Take the pictures of the handbook: `python -m tests.browser.pictures` writes docs/pictures."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.house import PASSWORD, House
from tests.conftest import CHROMIUM

TARGET = Path(__file__).parents[2] / "docs/pictures"
DESK = {"viewport": {"width": 1440, "height": 900}}
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "has_touch": True,
    "is_mobile": True,
}
ASSISTANT, MANAGER, PUBLISHER = "yj-cs_assistant", "yj-cs_manager", "publisher"
#: name, person, path or words to follow, what to press then
PICTURES: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("inbox", ASSISTANT, "/", (".item >> nth=3",)),
    ("case", MANAGER, "/cases?q=TS-YJ-20261119-001", ("tbody a",)),
    ("diagram", ASSISTANT, "/", (".item >> nth=3", "#tab-diagram")),
    ("overdue", MANAGER, "/supervise", ("tbody input >> nth=0", "tbody input >> nth=1")),
    ("monthly", MANAGER, "/monthly?month=2026-11", ()),
    ("notices", MANAGER, "/notices", ()),
    ("start", ASSISTANT, "/start", ()),
    ("people", "admin", "/people", ()),
    ("designer", PUBLISHER, "/definitions", ("a[href$='/edit'] >> nth=-1",)),
)
ON_PHONE: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("inbox-phone", ASSISTANT, "/", ()),
    ("task-phone", ASSISTANT, "/", (".item >> nth=3",)),
    ("case-phone", MANAGER, "/cases?q=TS-YJ-20261119-001", ("tbody a",)),
)


def main() -> None:
    """Furnish a house, let its stories happen, and take every picture."""
    TARGET.mkdir(parents=True, exist_ok=True)
    house = House(Path(tempfile.mkdtemp()))
    try:
        stories(house)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=CHROMIUM
            )
            _sign_in_page(browser, house)
            for scheme in ("light", "dark"):
                _album(browser, house, PICTURES, DESK, scheme)
                _album(browser, house, ON_PHONE, PHONE, scheme)
            browser.close()
    finally:
        house.close()


def stories(house: House) -> None:
    """Let eight complaints come and go until Monday 2026-11-23 10:20."""
    judge = {"do": "T2_judge", "by": "cs_manager", "after": "PT20M"}
    look = {"do": "T3_investigate", "by": "cs_assistant", "after": "PT30M"}
    assign = {"do": "T4_assign", "by": "cs_manager", "after": "PT10M",
              "values": {"plan_due_at": "@now+PT4H"}}  # fmt: skip
    plan = {"do": "T5_plan", "by": "eng_dispatch", "after": "PT1H"}
    reply = {"do": "T6_reply", "by": "cs_assistant", "after": "PT30M"}
    execute = {"do": "T7a_execute", "by": "eng_dispatch", "after": "PT2H"}
    verify = {"do": "T7b_verify", "by": "cs_assistant", "after": "PT1H"}
    call = {"do": "C1_callback", "by": "cs_assistant 2", "after": "PT4H"}
    file = {"do": "T8_file", "by": "cs_assistant", "after": "PT1H"}
    planned = (judge, look, assign, plan)
    told: tuple[tuple[str, tuple[Any, ...], str, str, str, str], ...] = (
        ("2026-11-19T08:50", planned, "1701", "吴女士", "电梯夜间异响，孩子睡不好。已经响了一个星期。",
         "夜里不要再响，今天给答复。"),
        ("2026-11-23T08:35", planned[:1], "501", "马女士", "入户门锁打不开，等了一个小时没有人来。",
         "马上派人开门。"),
        ("2026-11-20T16:20", planned, "302", "陈女士", "地库卷帘门夜间异响，影响休息，请尽快修。",
         "夜里不要再响，今天给答复。家中有高三学生。"),
        ("2026-11-20T15:10", planned[:2], "802", "孙先生", "楼道堆放杂物，占用消防通道，多次反映。",
         "请尽快清走。"),
        ("2026-11-23T08:40", (), "802", "孙先生", "装修噪音，中午也在施工，老人没法休息。",
         "按规定时间施工。"),
        ("2026-11-18T09:00", (*planned, reply, execute, verify), "1201", "周明",
         "保洁不及时，楼道垃圾两天没有清。", "每天清理。"),
        ("2026-11-16T09:00", (*planned, reply, execute, verify, call, file), "501", "刘先生",
         "门禁卡失灵，晚上回家进不了单元门。", "换一张能用的卡。"),
        ("2026-11-23T09:20", planned[:2], "1701", "吴女士", "快递柜占用人行通道，婴儿车过不去。",
         "把柜子移开。"),
    )  # fmt: skip
    for at, steps, room, name, content, demand in told:
        house.case(*steps, at=f"{at}+08:00", room_id=room, complainant_name=name, content=content,
                   demand=demand)  # fmt: skip


def _sign_in_page(browser: Browser, house: House) -> None:
    page = browser.new_context(locale="zh-CN", **DESK).new_page()
    page.goto(house.url)
    page.screenshot(path=TARGET / "signin.png")
    page.context.close()


def _album(browser: Browser, house: House, pictures: Any, size: Any, scheme: str) -> None:
    pages: dict[str, Page] = {}
    for name, person, path, presses in pictures:
        if person not in pages:
            pages[person] = _enter(browser, house, person, size, scheme)
        page = pages[person]
        page.goto(house.url + path)
        for selector in presses:
            page.locator(selector).first.click()
            page.wait_for_load_state("networkidle")
            page.wait_for_timeout(600)
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(400)
        page.screenshot(path=TARGET / f"{name}{'-dark' if scheme == 'dark' else ''}.png")
    for page in pages.values():
        page.context.close()


def _enter(browser: Browser, house: House, person: str, size: Any, scheme: str) -> Page:
    page = browser.new_context(
        locale="zh-CN", timezone_id="Asia/Shanghai", color_scheme=scheme, **size
    ).new_page()
    page.set_default_timeout(20_000)
    page.goto(house.url)
    page.get_by_label("手机号或工号").fill(person)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(f"{house.url}/")
    if person == ASSISTANT and scheme == "light":
        _claim_everything(page, house)
    return page


def _claim_everything(page: Page, house: House) -> None:
    """Take the group's tasks, so that one's own list is worth a picture."""
    for _ in range(8):
        page.goto(f"{house.url}/?view=groups")
        if not page.get_by_role("option").count():
            return
        page.get_by_role("option").first.click()
        page.get_by_role("button", name="签收").first.click()
        page.wait_for_load_state("networkidle")


if __name__ == "__main__":
    main()
