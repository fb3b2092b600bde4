"""A complaint travels its eight steps in a browser, through the hands of six people."""

import time
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Select, select

from engine import instances
from engine.models import Event, History, Instance, Notice, Submission, Task, TaskKind, User
from tests.browser.conftest import SignIn
from tests.browser.filling import fill, open_task, ready, submit
from tests.browser.house import House

SHANGHAI = ZoneInfo("Asia/Shanghai")
RECORD = {
    "来源": "来电",
    "形式": "口头",
    "发生地点": "3栋2单元电梯厅",
    "投诉人身份": "业主",
    "投诉人姓名": "周明",
    "联系电话": "13800000001",
    "所居住地": "3-2-1201",
    "被投诉部门": "工程",
    "投诉内容": "3栋2单元的电梯这个星期停了两次，老人上下楼很不方便。",
    "业主要求": "尽快修好，并说明为什么总是停。",
    "五清楚": ["人", "时", "地", "事", "求"],
    "已复述确认": True,
}
JUDGED = {
    "投诉类别": "设备设施",
    "细类": "电梯",
    "是否合理": "合理",
    "责任归属": "本部门",
    "处理权限": "权限内(113)",
}


def record_complaint(page: Page) -> str:
    """Record an oral complaint; return its number."""
    page.get_by_role("link", name="立案登记").first.click()
    page.get_by_role("radio", name="云景花园").check(force=True)
    page.get_by_role("button", name="立案").click()
    ready(page)
    number = page.locator(".task-line a").nth(1).inner_text()
    fill(page, RECORD)
    submit(page)
    return number


def test_an_oral_complaint_is_recorded_handled_and_closed(house: House, sign_in: SignIn) -> None:
    assistant, manager = sign_in("yj-cs_assistant"), sign_in("yj-cs_manager")
    engineer, project = sign_in("yj-eng_dispatch"), sign_in("yj-project_manager")
    leader, caller = sign_in("leader"), sign_in("yj-cs_assistant-2")

    number = record_complaint(assistant)
    house.later(timedelta(minutes=20))
    _do(manager, "判定投诉性质", JUDGED)
    house.later(timedelta(minutes=30))
    _do(assistant, "调查分析投诉原因", {
        "调查方法": ["现场", "记录"], "原因类别": "设备",
        "事实情况": "到机房查看，制动器磨损报警，两次停梯均由此引起。",
        "症结": "维保记录漏检制动器。",
    })  # fmt: skip
    _do(manager, "确定处理责任人", {
        "责任主体": "部门", "责任部门": "工程",
        "方案完成时间": ("2026-11-23", "15:00"),
    })  # fmt: skip
    house.later(timedelta(hours=1))
    _do(engineer, "提出解决投诉的方案", {
        "措施": [{"措施": "更换制动器并试运行", "完成时间": "2026-11-25"}],
        "方案类型": ["道歉", "补偿"], "补偿金额": "800",
        "完成日期": ("2026-11-25",),
        "答复口径": "制动器磨损，明天更换，完成后试运行一天，请您谅解。",
    })  # fmt: skip
    _do(project, "方案审批", {"审批结论": "上报公司", "意见": "补偿超过项目权限，请公司审批。"})
    _do(leader, "公司审批", {"审批结论": "同意"})
    house.later(timedelta(minutes=30))
    _do(assistant, "答复业主", {"答复方式": "电话", "业主是否认可": "认可"})
    house.later(timedelta(days=1))
    _do(engineer, "按方案实施", {
        "措施完成情况": [{"完成": True, "完成时间": "2026-11-24T12:00"}],
        "实施结果": "措施全部完成，电梯运行正常。",
    })  # fmt: skip
    _do(assistant, "核验实施结果", {"核验结论": "通过"})
    house.later(timedelta(days=1))
    _do(caller, "回访业主", {
        "回访方式": "电话", "联系记录": [{"时间": "2026-11-25T12:00", "结果": "已联系"}],
        "是否联系上": "已联系", "问题是否解决": "已解决", "满意程度": "很满意",
    })  # fmt: skip
    house.later(timedelta(hours=1))
    _do(assistant, "总结评价", {
        "案卷核对": ["登记", "证据", "方案", "答复", "核验", "回访"],
        "经验教训": "维保检查表增加制动器一项，每月由工程主管抽查。",
    })  # fmt: skip

    _expect_closed(assistant, number)
    _expect_rows(house, number)


def _do(page: Page, step: str, values: dict[str, object]) -> None:
    open_task(page, step)
    fill(page, values)
    submit(page)


def _expect_closed(page: Page, number: str) -> None:
    page.get_by_role("link", name="案件", exact=True).first.click()
    page.get_by_role("main").get_by_role("searchbox").fill(number)
    page.get_by_role("button", name="查找").click()
    page.get_by_role("table").get_by_role("link").first.click()
    expect(page.get_by_text("已办结").first).to_be_visible()


STEPS = [
    ("T1_record", "记录投诉内容", "林晓雯"),
    ("T2_judge", "判定投诉性质", "何静"),
    ("T3_investigate", "调查分析投诉原因", "林晓雯"),
    ("T4_assign", "确定处理责任人", "何静"),
    ("T5_plan", "提出解决投诉的方案", "周建国"),
    ("T5a_approve", "方案审批", "方磊"),
    ("T5b_company", "公司审批", "高远"),
    ("T6_reply", "答复业主", "林晓雯"),
    ("T7a_execute", "按方案实施", "周建国"),
    ("T7b_verify", "核验实施结果", "林晓雯"),
    ("C1_callback", "回访业主", "徐敏"),
    ("T8_file", "总结评价", "林晓雯"),
]


def _expect_rows(house: House, number: str) -> None:
    """The database tells the same story: every step once, in the seed's order, by its performer."""
    with house.database.read() as session:
        root = session.scalars(
            select(Instance).filter_by(business_key=number, parent_key=None)
        ).one()
        keys = [one.key for one in instances.family(session, root.key)]
        names = {user.key: user.name for user in session.scalars(select(User))}
        tasks = session.scalars(
            select(Task).where(Task.instance_key.in_(keys)).order_by(Task.closed_at, Task.key)
        ).all()
        rows = session.scalars(
            select(Submission)
            .where(Submission.instance_key.in_(keys))
            .order_by(Submission.at, Submission.task_key)
        ).all()
        events = session.scalars(
            select(History).where(History.instance_key.in_(keys)).order_by(History.at, History.seq)
        ).all()

        assert (root.state, root.end_element) == ("completed", "E_closed")
        assert [(t.element, t.name, names[t.closed_by]) for t in tasks] == STEPS
        assert [(r.element, names[r.by], r.version) for r in rows] == [
            (e, w, 1) for e, _n, w in STEPS
        ]
        done = [(e.element, names[e.actor]) for e in events if e.kind == Event.TASK_COMPLETED]
        assert done == [(e, w) for e, _n, w in STEPS]
        by_step = {row.element: row.data for row in rows}
    assert by_step["T1_record"]["room_id"] == "1201"
    assert by_step["T1_record"]["five_clear"] == ["who", "when", "where", "what", "want"]
    assert by_step["T2_judge"]["sub_item"] == "lift"
    assert by_step["T5_plan"]["compensation"] == "800"
    assert by_step["T5b_company"]["decision"] == "approve"
    assert by_step["T6_reply"]["customer_agrees"] == "agree"
    assert by_step["T7b_verify"]["verified"] == "pass"
    assert by_step["C1_callback"]["satisfaction"] == "5"


def test_a_passed_working_day_is_seen_told_and_supervised(house: House, sign_in: SignIn) -> None:
    # Friday 2026-11-20 16:00 + one working day = Monday 2026-11-23 16:00, by hand.
    house.moment = datetime(2026, 11, 20, 16, 0, tzinfo=SHANGHAI)
    received, due = house.moment, datetime(2026, 11, 23, 16, 0, tzinfo=SHANGHAI)
    key = house.case(
        {"do": "T2_judge", "by": "cs_manager", "after": "PT10M"},
        {"do": "T3_investigate", "by": "cs_assistant", "after": "PT10M"},
        {"do": "T4_assign", "by": "cs_manager", "after": "PT10M",
         "values": {"plan_due_at": "2026-11-23T15:00+08:00"}},
        {"do": "T5_plan", "by": "eng_dispatch", "after": "PT10M"},
        at="2026-11-20T16:00+08:00", received_at="2026-11-20T16:00+08:00",
    )  # fmt: skip
    house.moment = received + timedelta(minutes=45)
    assistant = sign_in("yj-cs_assistant")
    open_task(assistant, "答复业主")
    expect(assistant.locator(".promise time")).to_have_attribute("datetime", _utc(due))
    assistant.get_by_role("button", name="签收").first.click()
    expect(assistant.locator(".toast", has_text="已签收")).to_be_visible()

    house.moment = due - timedelta(minutes=30)
    assistant.reload()
    expect(assistant.locator(".promise")).to_contain_text("还剩 30 分钟")
    house.moment = due + timedelta(minutes=20)
    _wait_for_overdue(house, key)

    manager = sign_in("yj-cs_manager")
    _expect_late_everywhere(house, assistant, manager)

    house.moment = due + timedelta(hours=24)
    _wait_for_supervision(house, key)
    manager.goto(f"{house.url}/cases/{key}")
    expect(manager.locator(".supervising").first).to_contain_text("督办")
    with house.database.read() as session:
        supervising = session.scalars(
            select(Task).where(Task.root_key == key, Task.kind == TaskKind.SUPERVISE)
        ).all()
        watched = {session.get_one(Task, row.cause_key).element for row in supervising}
        told = set(session.scalars(select(Notice.kind).where(Notice.instance_key == key)))
    assert watched == {"T6_reply"}
    assert told >= {"overdue"}


def _expect_late_everywhere(house: House, assistant: Page, manager: Page) -> None:
    """The list, both bells and the supervisor's page tell of it."""
    assistant.goto(f"{house.url}/?view=overdue")
    late = assistant.get_by_role("option").filter(has_text="答复业主")
    expect(late).to_contain_text("已超时 20 分钟")
    assistant.get_by_role("link", name="通知").first.click()
    expect(assistant.locator(".notice").filter(has_text="答复业主").first).to_be_visible()
    manager.get_by_role("link", name="通知").first.click()
    expect(manager.locator(".notice").filter(has_text="答复业主").first).to_be_visible()
    manager.get_by_role("link", name="超时督办").click()
    expect(manager.get_by_role("table")).to_contain_text("答复业主")


def _utc(moment: datetime) -> str:
    return moment.astimezone(ZoneInfo("UTC")).isoformat()


def _wait_for_overdue(house: House, key: int) -> None:
    _wait(house, select(Task.late_at).where(Task.root_key == key, Task.late_at.is_not(None)))


def _wait_for_supervision(house: House, key: int) -> None:
    _wait(house, select(Task.key).where(Task.root_key == key, Task.kind == TaskKind.SUPERVISE))


def _wait(house: House, query: Select[Any]) -> None:
    for _ in range(100):
        with house.database.read() as session:
            if session.scalars(query).first() is not None:
                return
        time.sleep(0.1)
    pytest.fail("the clockwork did not find the passed limit within ten seconds")
