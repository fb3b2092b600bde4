"""Repairs in a browser: a paid one whose worker takes no money, and leaks that wait for rain."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml
from playwright.sync_api import Page, expect
from sqlalchemy import select

import processes
from engine.models import Instance, Submission, Task, TaskKind, TaskState
from engine.testing import settle
from processes.archive import Building, Room
from tests.browser.conftest import SignIn
from tests.browser.filling import PHOTO, SIGN, fill, open_task, ready, submit
from tests.browser.house import House

SAMPLES = yaml.safe_load(
    (Path(processes.__file__).parent / "repair/scenarios/_samples.yaml").read_text("utf-8")
)


def do(page: Page, step: str, values: dict[str, object], *, view: str = "groups") -> None:
    """Open a step from the inbox, fill it in and submit it."""
    open_task(page, step, view=view)
    fill(page, values)
    submit(page)


def take_call(page: Page, caller: str, process: str) -> str:
    """Find who is calling and turn the call into a case; return its number."""
    page.get_by_role("link", name="前台", exact=True).click()
    box = page.get_by_label("谁来电、来访")
    box.fill(caller)
    expect(page.locator("#found [data-item]").first).to_contain_text("3-2-1201")
    box.press("ArrowDown")
    page.keyboard.press("Enter")
    page.get_by_role("button", name=process).click()
    ready(page)
    return page.locator(".task-line a").nth(1).inner_text()


def test_a_paid_repair_where_the_worker_takes_no_money(house: House, sign_in: SignIn) -> None:
    house.hire("yj-cashier", "方蕾", "cashier")
    assistant, dispatcher = sign_in("yj-cs_assistant"), sign_in("yj-eng_dispatch")
    worker, cashier = sign_in("yj-eng_worker"), sign_in("yj-cashier")

    number = take_call(assistant, "0001", "报修维修")
    expect(assistant.get_by_label("报修人")).to_have_value("周明")
    fill(assistant, {
        "来源": "来电", "报修项目": "给排水", "故障描述": "厨房水龙头关不紧，一直滴水。",
        "紧急程度": "一般", "进门方式": "有人在家",
    })  # fmt: skip
    submit(assistant)

    do(dispatcher, "派工", {"派工方式": "指派"})
    house.later(timedelta(minutes=10))
    do(worker, "接单", {"是否接单": "接单"}, view="mine")
    house.later(timedelta(minutes=30))
    do(worker, "上门签到", {"客户在场": "是"}, view="mine")
    do(worker, "现场确认与报价", {
        "维修内容": "更换水龙头阀芯", "与客户共同确认": True, "是否收费": "有偿",
        "报价明细": [{"数量": "1"}, {"数量": "0"}, {"数量": "1"}],
        "材料由谁提供": "公司", "客户意见": "同意", "确认凭据": "签名", "客户签名": SIGN, "配件": "有",
    }, view="mine")  # fmt: skip
    house.later(timedelta(minutes=40))
    do(worker, "施工与完工确认", {
        "开工时间": ("2026-11-23", "11:05"), "维修结果": "修复", "原因": "老化磨损",
        "工完料清": True, "客户确认": "当面签名", "客户签名": SIGN,
    }, view="mine")  # fmt: skip
    house.later(timedelta(minutes=20))
    key = _root(house, number)
    assert not worker.get_by_role("option").filter(has_text="管理处收费").count()
    _expect_no_way_to_the_money(worker, house, key)
    _expect_the_quote_stands(worker, house, key)

    do(cashier, "管理处收费", {"付款方式": "微信", "收据号": "SJ-0001"})

    with house.database.read() as session:
        paid = session.scalars(select(Task).filter_by(root_key=key, element="PAY_desk")).one()
        assert paid.state == TaskState.COMPLETED


#: a leak that was repaired, of another room or project
REPAIRED: tuple[dict[str, Any], ...] = (
    {"do": "R1_intake", "by": "cs_assistant", "values": {
        "repair_item": "leak", "is_leak": True, "description": "阳台顶板渗水。"}},
    {"do": "R2_dispatch", "by": "eng_dispatch"},
    {"do": "R3_accept", "by": "eng_worker"},
    {"do": "R4_arrive", "by": "eng_worker"},
    {"do": "R5_quote", "by": "eng_worker", "values": {"payable": "free"}},
    {"do": "R7_finish", "by": "eng_worker", "after": "PT2H"},
)  # fmt: skip


def waiting(house: House, tenant: str) -> int:
    """Let a leak be repaired on the Monday morning; its callback waits for rain."""
    room = "1201" if tenant == "yj" else str(_a_room_elsewhere(house))
    first = {**REPAIRED[0], "values": {**REPAIRED[0]["values"], "room_id": room}}
    return house.follow({
        "title": "", "process": "repair", "tenant": tenant, "at": "2026-11-23T08:00+08:00",
        "by": "cs_assistant", "samples": SAMPLES, "steps": [first, *REPAIRED[1:]],
    })  # fmt: skip


def _a_room_elsewhere(house: House) -> int:
    """Give the other project a building with a room; return the room's key."""
    with house.time(), house.database.begin() as session:
        session.add(Building(key=901, tenant_id="ch", number="1", name="1栋", floors=6,
                             has_lift=False))  # fmt: skip
        session.flush()
        session.add(Room(key=902, tenant_id="ch", building_key=901, number="1-1-101", unit="1",
                         floor=1, area=7_000, use="live"))  # fmt: skip
    return 902


def test_a_leak_from_call_to_the_callback_after_rain(house: House, sign_in: SignIn) -> None:
    neighbour, elsewhere = waiting(house, "yj"), waiting(house, "ch")
    assistant, caller = sign_in("yj-cs_assistant"), sign_in("yj-cs_assistant-2")

    key = repair_leak(house, assistant, sign_in("yj-eng_dispatch"), sign_in("yj-eng_worker"))
    assert open_steps(house) == {key: set(), neighbour: set(), elsewhere: set()}

    house.later(timedelta(days=2))
    assistant.goto(f"{house.url}/rain")
    assistant.get_by_text("大雨或暴雨").click()
    assistant.get_by_role("button", name="登记雨天").click()
    expect(assistant.get_by_text("已登记 2026-11-25 的雨天")).to_be_visible()
    house.later(timedelta(minutes=11))
    settled(house)
    woken = {"C1_callback"}
    assert open_steps(house) == {key: woken, neighbour: woken, elsewhere: set()}

    for _ in range(2):
        do(caller, "回访业主", {
            "回访方式": "电话", "联系记录": [{"时间": "2026-11-25T11:50", "结果": "已联系"}],
            "是否联系上": "已联系", "问题是否解决": "已解决", "满意程度": "满意",
        })  # fmt: skip
    settled(house)
    assert open_steps(house) == {elsewhere: set()}
    with house.database.read() as session:
        assert {session.get_one(Instance, one).end_element for one in (key, neighbour)} == {
            "E_done"
        }


def repair_leak(house: House, assistant: Page, dispatcher: Page, worker: Page) -> int:
    """Take the call and repair the leak, with photographs before and after; return the case."""
    number = take_call(assistant, "3栋1201", "报修维修")
    fill(assistant, {
        "来源": "来电", "报修项目": "渗漏", "渗漏水": True,
        "故障描述": "卫生间天花板渗水，滴到地上。", "紧急程度": "急修", "进门方式": "有人在家",
    })  # fmt: skip
    submit(assistant)
    do(dispatcher, "派工", {"派工方式": "指派"})
    house.later(timedelta(minutes=5))
    do(worker, "接单", {"是否接单": "接单"}, view="mine")
    house.later(timedelta(minutes=20))
    do(worker, "上门签到", {"客户在场": "是", "维修前照片": PHOTO}, view="mine")
    do(worker, "现场确认与报价", {
        "维修内容": "重做地漏防水", "与客户共同确认": True, "是否收费": "免费", "配件": "有",
    }, view="mine")  # fmt: skip
    house.later(timedelta(hours=1))
    do(worker, "施工与完工确认", {
        "开工时间": ("2026-11-23", "11:00"), "维修结果": "修复", "工完料清": True,
        "维修后照片": PHOTO, "客户确认": "当面签名", "客户签名": SIGN,
    }, view="mine")  # fmt: skip
    settled(house)
    return _root(house, number)


def open_steps(house: House) -> dict[int, set[str]]:
    """Return the steps that wait, by running repair."""
    with house.database.read() as session:
        running = session.scalars(
            select(Instance.key).where(Instance.process_id == "repair", Instance.state == "active")
        )
        found: dict[int, set[str]] = {key: set() for key in running}
        for task in session.scalars(select(Task).where(Task.state == TaskState.OPEN)):
            if task.root_key in found and task.kind == TaskKind.USER:
                found[task.root_key].add(task.element)
    return found


def settled(house: House) -> None:
    """Let everything that is due be done, as the clockwork does it a moment later."""
    with house.at_rest(), house.time():
        settle(house.database)


def _root(house: House, number: str) -> int:
    with house.database.read() as session:
        return session.scalars(
            select(Instance.key).filter_by(business_key=number, parent_key=None)
        ).one()


def _expect_no_way_to_the_money(worker: Page, house: House, key: int) -> None:
    """Neither a list nor the address leads a repair worker to the payment."""
    with house.database.read() as session:
        payment = session.scalars(select(Task).filter_by(root_key=key, element="PAY_desk")).one()
    worker.goto(f"{house.url}/?view=groups")
    expect(worker.get_by_role("option").filter(has_text="管理处收费")).to_have_count(0)
    answer = worker.goto(f"{house.url}/tasks/{payment.key}")
    assert answer is not None
    assert answer.status in {403, 404}


def _expect_the_quote_stands(worker: Page, house: House, key: int) -> None:
    """What the customer agreed to is not corrected any more."""
    with house.database.read() as session:
        quote = session.scalars(select(Task).filter_by(root_key=key, element="R5_quote")).one()
    worker.goto(f"{house.url}/tasks/{quote.key}")
    expect(worker.get_by_text("更换水龙头阀芯").first).to_be_visible()
    expect(worker.get_by_role("link", name="更正")).to_have_count(0)
    worker.goto(f"{house.url}/tasks/{quote.key}/correct")
    expect(worker.locator("#task-form")).to_have_count(0)
    with house.database.read() as session:
        told = session.scalars(select(Submission).filter_by(task_key=quote.key)).one()
    assert told.version == 1
