"""A community event from the idea to the summary; more people sign up than there is room for."""

from datetime import timedelta
from typing import Any

from playwright.sync_api import expect
from sqlalchemy import select

from engine.models import Instance
from tests.browser.conftest import SignIn
from tests.browser.filling import PHOTO, fill, open_task, ready, submit
from tests.browser.house import House
from tests.browser.test_move_in import root_of, waiting
from tests.browser.test_repair import do, settled

IDEA = {
    "活动名称": "小树领养", "类型": "主题性", "目的": "爱护环境，善待小树。",
    "拟办日期": ("2026-12-20",), "预算估计": "2200", "是否年度计划内": "是",
}  # fmt: skip
#: who (assistant, manager, project manager), step, values
PLANNING: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("a", "调研", {"调研方式": ["问卷"], "调研结论": "多数家庭愿意在周末认领。"}),
    ("a", "策划", {
        "活动主题": "爱护环境、善待小树", "活动形式": "认领与挂牌",
        "步骤": [{"步骤": "签到领牌"}, {"步骤": "挂牌合影"}],
        "无人参加怎么办": "员工先认领。", "人太多怎么办": "一棵树由两户合认。",
        "最少人数": "2", "最多人数": "6", "场地": "中心花园",
        "预算明细": [{"项目": "树牌", "金额": "900"}], "安全预案": "备急救箱。",
    }),
    ("m", "论证", {
        "各方意见": [{"部门": "安全", "意见": "可行"}, {"部门": "财务", "意见": "可行"}],
        "论证结论": "可行",
    }),
    ("p", "决策", {"决策": "批准", "批准预算": "900"}),
    ("a", "制定实施方案", {
        "日程": [{"时间": "2026-11-29T09:00", "内容": "签到", "负责人": "林晓雯"}],
        "人员分工": [{"岗位": "签到", "人员": "林晓雯"}], "物资清单": [{"物资": "树牌"}],
        "活动开始": ("2026-11-29", "09:00"), "报名截止": ("2026-11-25", "18:00"),
        "联系人": "何静", "联系电话": "02888886666", "应急联系人": "方磊",
    }),
)  # fmt: skip
PREPARING: tuple[tuple[str, dict[str, Any]], ...] = (
    ("筹备工作", {"筹备清单": ["场地", "物资", "邀请", "安全", "人员", "许可", "天气预案"]}),
    ("宣传资料", {
        "五项检查": ["画面为主", "文字简洁", "内容齐全（介绍、特色、目的、时间、参加要求）", "问候祝福",
                 "联系电话"],
        "宣传稿": PHOTO, "发布渠道": ["公告栏"],
    }),
)  # fmt: skip
THE_DAY: tuple[tuple[str, dict[str, Any]], ...] = (
    ("开幕式", {"主持人": "何静", "开场白": "各位邻居早上好，欢迎来照看小树。"}),
    ("活动进行", {"实到人数": "6"}),
    ("参加者反馈", {"收回份数": "5", "平均得分": "4.6"}),
    ("活动总结", {"实际费用": "880", "亮点": "孩子参与热情高。", "问题": "树牌偏小。",
              "改进建议": "下次用大一号的牌子。"}),
)  # fmt: skip


def test_an_event_with_too_many_sign_ups(house: House, sign_in: SignIn) -> None:
    assistant, manager = sign_in("yj-cs_assistant"), sign_in("yj-cs_manager")
    project = sign_in("yj-project_manager")

    assistant.get_by_role("link", name="立案登记").first.click()
    assistant.get_by_role("radio", name="社区活动").check(force=True)
    assistant.get_by_role("button", name="立案").click()
    ready(assistant)
    number = assistant.locator(".task-line a").nth(1).inner_text()
    fill(assistant, IDEA)
    submit(assistant)
    key = root_of(house, number)
    for page, step, values in PLANNING:
        do({"a": assistant, "m": manager, "p": project}[page], step, values)
    settled(house)
    for step, values in PREPARING:
        do(assistant, step, values)

    house.later(timedelta(days=3))
    settled(house)
    do(
        assistant,
        "报名登记",
        {"报名表": [{"姓名": "周明", "人数": "5"}, {"姓名": "李强", "人数": "4"}]},
    )
    settled(house)
    assert waiting(house, key) == ["E7x_many"]
    open_task(assistant, "人数过多")
    expect(assistant.get_by_label("预案")).to_have_value("一棵树由两户合认。")
    do(assistant, "人数过多", {"怎么办": "候补名单", "结果": "两户列入候补，已逐户通知。"})

    house.later(timedelta(days=5))
    settled(house)
    for step, values in THE_DAY:
        do(assistant, step, values)
    do(manager, "总结审核", {"审核": "同意归档"})
    settled(house)
    with house.database.read() as session:
        ended = session.scalars(select(Instance).filter_by(key=key)).one()
        assert ended.end_element == "E_done"
