"""A household moves in: papers, fees, two defects mended, inspected again, keys in hand."""

from datetime import timedelta

from playwright.sync_api import Page
from sqlalchemy import select

from engine.models import Instance, Task, TaskKind, TaskState
from processes.archive import Record
from tests.browser.conftest import SignIn
from tests.browser.filling import PHOTO, SIGN, fill, submit
from tests.browser.house import House
from tests.browser.test_repair import do, settled, take_call

DEFECTS = [
    {"部位": "入户门", "检查项": "开关灵活", "结论": "合格"},
    {"部位": "卫生间", "检查项": "闭水试验", "结论": "不合格", "问题": "地漏周边渗水", "严重度": "急",
     "须客户复验": True},
    {"部位": "墙面", "检查项": "平整", "结论": "不合格", "问题": "主卧北墙空鼓", "严重度": "一般"},
]  # fmt: skip


def test_a_household_from_booking_to_keys(house: House, sign_in: SignIn) -> None:
    house.hire("yj-cashier", "方蕾", "cashier")
    assistant, cashier = sign_in("yj-cs_assistant"), sign_in("yj-cashier")
    worker = sign_in("yj-eng_worker")

    number = take_call(assistant, "周明", "入住手续")
    fill(assistant, {"来的方式": "预约"})
    submit(assistant)
    papers_and_fees(assistant, cashier)
    do(worker, "陪同验收", {
        "陪验人": "丁志强", "验收项目": DEFECTS, "验收结论": "有缺陷", "客户签名": SIGN,
    })  # fmt: skip
    settled(house)
    key = root_of(house, number)
    assert waiting(house, key) == ["K1_ack", "K1_ack"]

    mend(house, assistant, worker, defects=2)
    do(assistant, "客户复验", {"复验结论": "合格", "客户签名": SIGN})
    settled(house)
    do(assistant, "填写房屋交接验收单", {
        "验收日期": (f"{house.moment:%Y-%m-%d}",), "客户签收": SIGN, "经办人签名": SIGN,
    })  # fmt: skip
    do(assistant, "交接登记", {
        "水表初始读数": "3", "电表初始读数": "12",
        "钥匙": [{"把数": "3"}, {"把数": "2"}, {"把数": "1"}, {"把数": "1"}, {"把数": "1"}],
        "领取人": "周明", "客户签名": SIGN,
    })  # fmt: skip
    settled(house)
    with house.database.read() as session:
        assert session.scalars(select(Record).filter_by(instance_key=key)).first() is not None
    assert waiting(house, key) == []


def papers_and_fees(assistant: Page, cashier: Page) -> None:
    """Check the papers, have everything signed, and take the fees at the desk."""
    do(assistant, "查验资料", {
        "业主姓名": "周明", "证件类型": "身份证", "证件号码": "110101199001010015",
        "已查资料": ["入伙通知书", "结清余款通知书", "售房合同", "身份证明"], "资料是否齐全": "齐全",
        "联系电话": "13800000001",
    })  # fmt: skip
    do(assistant, "签署文件", {
        "签署清单": ["临时管理规约", "装修责任书", "安全及防火责任书", "客户登记表"],
        "个人信息告知同意": True, "客户签名": SIGN,
    })  # fmt: skip
    do(cashier, "收取费用", {
        "维修资金": "8900", "预收月数": "12", "月物业费": "250", "是否付清": "付清",
        "付款方式": "微信", "收据号": "SJ-0100",
    })  # fmt: skip


def mend(house: House, assistant: Page, worker: Page, *, defects: int) -> None:
    """Let the developer mend every defect, and check each; the customer looks where they asked to."""
    for _ in range(defects):
        do(assistant, "整改责任确认", {
            "责任单位": "云景建设", "单位类别": "开发商", "联系人": "吴工", "通知方式": "书面函件",
            "承诺完成日": ("2026-11-30",),
        })  # fmt: skip
    house.later(timedelta(days=3))
    for _ in range(defects):
        do(assistant, "登记整改完成", {"整改做法": "返工并清理现场"})
    for _ in range(defects):
        do(worker, "物业复查", {
            "整改完成日": (f"{house.moment:%Y-%m-%d}",), "整改后照片": PHOTO, "复查结论": "合格",
        })  # fmt: skip
    do(assistant, "客户复验", {"客户结论": "认可", "客户签名": SIGN})
    settled(house)


def root_of(house: House, number: str) -> int:
    with house.database.read() as session:
        return session.scalars(
            select(Instance.key).filter_by(business_key=number, parent_key=None)
        ).one()


def waiting(house: House, key: int) -> list[str]:
    """Return the steps of a case that wait for somebody."""
    with house.database.read() as session:
        query = select(Task).filter_by(root_key=key, state=TaskState.OPEN, kind=TaskKind.USER)
        return sorted(task.element for task in session.scalars(query))
