"""Tables of the handbook that are made from the code: python -m tests.docs.tables writes them anew.

A page holds such a table between `<!-- table: name -->` and `<!-- end -->`; the test compares.
"""

import inspect
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import ModuleType

import click

from api.cli import cli
from engine.models import history, instance, outward, task, waiting
from engine.models.history import Event
from engine.outward import kinds, templates
from processes import owner_messages, rights, roles
from processes.rights import table

DOCS = Path(__file__).parents[2] / "docs"
PLACE = re.compile(r"(<!-- table: ([\w-]+) -->\n).*?(\n?<!-- end -->)", re.DOTALL)

#: what an action is called in Chinese; an action without a name fails the test
ACTIONS = {
    "task.read": "查看任务",
    "task.work": "办理任务",
    "task.assign": "转办任务",
    "task.urge": "催办",
    "task.correct": "更正已提交的内容",
    "instance.read": "查看案件",
    "instance.start": "立案",
    "instance.cancel": "作废案件",
    "case.urge": "催办案件",
    "case.withdraw": "登记业主撤诉",
    "case.merge": "把案件并入另一件",
    "case.press": "登记媒体关注",
    "case.link": "关联案件",
    "instance.operate": "干预案件（挂起、改数据、移动、跳过、重新发起）",
    "task.return": "退回任务",
    "instance.migrate": "把案件换到流程的另一版",
    "incident.read": "查看异常",
    "incident.resolve": "处理异常",
    "definition.read": "查看流程图",
    "definition.edit": "修改流程图",
    "definition.deploy": "发布流程",
    "message.publish": "发送消息和信号",
    "job.work": "办理自动任务（外部系统）",
    "user.manage": "维护人员与角色",
    "calendar.manage": "维护日历",
    "schedule.manage": "维护定期工作",
    "rain.record": "登记雨天",
    "policy.read": "查看时限规则",
    "policy.manage": "维护时限规则",
    "limit.pause": "申请暂停计时",
    "limit.extend": "申请延期",
    "limit.grant": "批准暂停和延期",
    "channel.manage": "设置通知通道",
    "template.edit": "修改给业主的消息模板",
    "owner.tell": "给业主发消息、记录同意",
    "report.read": "查看汇总",
    "report.export": "导出汇总",
    "audit.read": "查看审计记录",
    "archive.read": "在表单里选房屋和住户",
    "archive.browse": "打开业主档案",
    "archive.edit": "维护业主和住户、车辆、钥匙，登记入住和迁出",
    "archive.house": "维护房屋和表具",
    "archive.import": "导入业主档案",
    "archive.disclose": "写明理由后查看一套房的个人信息",
    "id_number.read": "查看隐去的证件号码",
    "id_number.write": "登记、更正证件号码",
    "id_number.show": "写明理由后查看证件号码",
    "absence.record": "登记他人的请假与代理",
    "anonymous.read": "知道匿名的人是谁",
    "archive.configure": "设置保留哪些客户属性、划分区域",
    "personal.read": "查看业主的个人信息",
    "personal.disclose": "写明理由后查看业主的个人信息",
    "personal.export": "导出业主的个人信息",
}


def grants() -> str:
    """Actions by who may do them with everything, and who with their own."""
    rows = [
        (ACTIONS[action], f"`{action}`", _named(held, rights.Reach.ALL), _named(held, rights.Reach.OWN))
        for action, held in rights.GRANTS.items()
    ]  # fmt: skip
    return _table(("动作", "代码", "本项目全部", "仅本人经办"), rows)


#: how the page writes the words of a cell
CELLS = {
    "R": "看", "W": "办", "A": "批", "own": "经办", "M": "隐", "S": "数", "status": "状态",
    "result": "结果",
}  # fmt: skip


def matrix() -> str:
    """Kinds of cases by roles, with what each cell allows."""
    words = _comments(table)
    rows = [
        (words[kind.name], *(_cell(rights.CELLS[kind][role]) for role in rights.COLUMNS))
        for kind in rights.Object
    ]
    return _table(("对象", *(roles.BY_KEY[role].zh for role in rights.COLUMNS)), rows)


def _cell(held: frozenset[str]) -> str:
    return "、".join(text for word, text in CELLS.items() if word in held) or "—"


def role_list() -> str:
    """Roles with their scope and who supervises them."""
    rows = [
        (role.zh, f"`{role.key}`", {"project": "项目", "company": "全公司"}[role.scope],
         roles.BY_KEY[role.supervisor].zh if role.supervisor else "—",
         "可以分配" if role.held else "由案件决定")
        for role in roles.ROLES
    ]  # fmt: skip
    return _table(("角色", "代码", "范围", "超时告知", "分配"), rows)


def events() -> str:
    """Kinds of history events, with the Chinese of their comments."""
    words = _comments(history)
    rows = [(words[one.name], f"`{one.value}`", f"`Event.{one.name}`") for one in Event]
    return _table(("事件", "代码", "名称"), rows)


def states(of: ModuleType, name: str) -> str:
    """States of one enumeration."""
    words = _comments(of)
    rows = [(words[one.name], f"`{one.value}`") for one in getattr(of, name)]
    return _table(("状态", "代码"), rows)


def commands() -> str:
    """Commands of the terminal with their options."""
    rows = [
        (f"`wuyeflow {' '.join((name, *_arguments(command)))}`", command.get_short_help_str(200))
        for name, command in sorted(cli.commands.items())
    ]
    return _table(("命令", "作用"), rows)


def owner_kinds() -> str:
    """Messages to owners with their places."""
    rows = [
        (kind.zh, f"`{kind.key}`",
         "、".join(f"`{{{place.name}}}`" for place in kind.places),
         "、".join(f"`{{{name}}}`" for name in sorted(kind.needed)))
        for kind in owner_messages.kinds()
    ]  # fmt: skip
    return _table(("消息", "代码", "可用的占位符", "必须有"), rows)


def owner_places() -> str:
    """Places of messages to owners with a sample."""
    found: dict[str, templates.Place] = {}
    for kind in owner_messages.kinds():
        found |= {place.name: place for place in kind.places}
    rows = [(f"`{{{place.name}}}`", place.zh, place.sample["zh"]) for place in found.values()]
    return _table(("占位符", "填入", "例"), rows)


def notice_kinds() -> str:
    """Kinds of notices to staff with what holds without a choice."""
    rows = [
        (kind.name, f"`{kind.key}`", "是" if kind.mail else "否", "是" if kind.key in kinds.LOUD else "否")
        for kind in kinds.KINDS
    ]  # fmt: skip
    return _table(("通知", "代码", "默认发邮件", "新通道默认发"), rows)


TABLES: dict[str, Callable[[], str]] = {
    "owner-messages": owner_kinds,
    "owner-places": owner_places,
    "owner-states": lambda: states(outward, "MessageState"),
    "notice-kinds": notice_kinds,
    "grants": grants,
    "matrix": matrix,
    "roles": role_list,
    "events": events,
    "commands": commands,
    "task-states": lambda: states(task, "TaskState"),
    "task-kinds": lambda: states(task, "TaskKind"),
    "instance-states": lambda: states(instance, "InstanceState"),
    "job-states": lambda: states(waiting, "JobState"),
}


def made(text: str) -> str:
    """Return a page with its tables as the code has them now."""
    return PLACE.sub(lambda found: f"{found[1]}{TABLES[found[2]]()}\n<!-- end -->", text)


def pages() -> Iterator[Path]:
    """Yield every page of the handbook."""
    yield from (page for page in sorted(DOCS.rglob("*.md")) if "_build" not in page.parts)


def _arguments(command: click.Command) -> Iterator[str]:
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            word = max(parameter.opts, key=len)
            value = (
                ""
                if parameter.is_flag
                else f" {(parameter.metavar or parameter.name or '').upper()}"
            )
            yield f"{word}{value}" if parameter.required else f"[{word}{value}]"
        else:
            yield f"{(parameter.metavar or parameter.name or '').upper()}{'…' if parameter.nargs < 0 else ''}"


def _named(held: dict[str, rights.Reach], reach: rights.Reach) -> str:
    found = [roles.BY_KEY[key].zh for key, reached in held.items() if reached == reach]
    return "、".join(found) or "—"


def _comments(of: ModuleType) -> dict[str, str]:
    return dict(re.findall(r"^    ([A-Z_]+) = .*#: (.+)$", inspect.getsource(of), re.MULTILINE))


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    """Write the tables of every page anew."""
    for page in pages():
        before = page.read_text(encoding="utf-8")
        after = made(before)
        if after != before:
            page.write_text(after, encoding="utf-8")
            sys.stdout.write(f"{page}\n")


if __name__ == "__main__":
    main()
