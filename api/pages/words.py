"""Words for codes: what a person reads where the rows hold a key."""

from collections.abc import Mapping
from typing import Any

from api import texts
from api.texts import _
from engine.errors import N_
from engine.models import Event, InstanceState, Task, TaskKind
from engine.ports import COMPANY, Actor
from processes import roles

#: upper bound of a priority number -> its badge; 90 and more is P0
PRIORITIES = ((90, "P0", N_("特急")), (70, "P1", N_("紧急")), (40, "P2", N_("一般")),
              (20, "P3", N_("较低")), (0, "P4", N_("低")))  # fmt: skip

STATES = {
    InstanceState.ACTIVE: N_("办理中"),
    InstanceState.SUSPENDED: N_("已挂起"),
    InstanceState.COMPLETED: N_("已办结"),
    InstanceState.CANCELLED: N_("已作废"),
}

#: kind of event -> (icon, family of colour, words)
EVENTS: dict[str, tuple[str, str, str]] = {
    Event.STARTED: ("plus", "accent", N_("立案")),
    Event.ENDED: ("done", "ok", N_("案件办结")),
    Event.CANCELLED: ("close", "late", N_("作废案件")),
    Event.TASK_OPENED: ("right", "", N_("进入“{step}”")),
    Event.TASK_OFFERED: ("swap", "", N_("把“{step}”交给{to}")),
    Event.TASK_CLAIMED: ("user", "", N_("签收“{step}”")),
    Event.TASK_CHANGED: ("draft", "", N_("变更“{step}”")),
    Event.TASK_COMPLETED: ("check", "ok", N_("办完“{step}”")),
    Event.TASK_CANCELLED: ("close", "", N_("“{step}”不再需要")),
    Event.WARNED: ("clock", "", N_("提醒：“{step}”快到期")),
    Event.OVERDUE: ("late", "late", N_("“{step}”已超过时限")),
    Event.ESCALATED: ("up", "late", N_("“{step}”超时，升级督办")),
    Event.PAUSED: ("pause", "paused", N_("暂停计时")),
    Event.RESUMED: ("play", "paused", N_("恢复计时")),
    Event.EXTENDED: ("calendar", "", N_("延长“{step}”的时限")),
    Event.DECIDED: ("flow", "", N_("“{step}”：{priority}，依据：{basis}")),
    Event.TIMER_FIRED: ("clock", "", N_("约定的时间到了")),
    Event.MESSAGE: ("chat", "", N_("收到消息")),
    Event.JOB_DONE: ("flow", "", N_("自动办完“{step}”")),
    Event.INCIDENT: ("late", "late", N_("“{step}”出了异常")),
    Event.INCIDENT_RESOLVED: ("done", "ok", N_("异常已解除")),
    Event.URGED: ("bell", "late", N_("催办“{step}”")),
    Event.CORRECTED: ("draft", "accent", N_("更正“{step}”的内容")),
    Event.DISCLOSED: ("eye", "", N_("查看受保护信息")),
    Event.SUSPENDED: ("pause", "paused", N_("挂起案件，暂不办理")),
    Event.CONTINUED: ("play", "paused", N_("恢复办理")),
    Event.VARIABLES_SET: ("draft", "accent", N_("改动流程数据：{what}")),
    Event.MOVED: ("swap", "accent", N_("把“{step}”改到“{target}”")),
    Event.SENT_BACK: ("return", "late", N_("把“{step}”退回到“{target}”")),
    Event.SKIPPED: ("right", "accent", N_("跳过“{step}”，按办完继续")),
    Event.FAILED_ONWARD: ("late", "late", N_("“{step}”按出错“{code}”继续")),
    Event.RESTARTED: ("plus", "accent", N_("重新发起")),
    Event.REPAIRED: ("done", "ok", N_("补回了案件正在等待的事项")),
    Event.MIGRATED: ("flow", "accent", N_("换到流程的另一版")),
    Event.UNSEPARATED: ("late", "late", N_("“{step}”由做过前面步骤的人办理：没有别人担任这个角色")),
}


#: what the events of time say of other clocks than a step's end, and of requests
OF_TIME: dict[tuple[str, str], str] = {
    (Event.WARNED, "claim"): N_("提醒：“{step}”还没有人签收"),
    (Event.WARNED, "open"): N_("提醒：“{step}”签收后还没有打开"),
    (Event.WARNED, "answer"): N_("提醒：首次答复快到期"),
    (Event.WARNED, "solution"): N_("提醒：解决时限快到期"),
    (Event.OVERDUE, "claim"): N_("“{step}”超过签收时限"),
    (Event.OVERDUE, "open"): N_("“{step}”签收后一直没有打开"),
    (Event.OVERDUE, "answer"): N_("超过首次答复时限"),
    (Event.OVERDUE, "solution"): N_("超过解决时限"),
    (Event.PAUSED, "asked"): N_("申请暂停计时"),
    (Event.PAUSED, "refused"): N_("没有批准暂停计时"),
    (Event.EXTENDED, "asked"): N_("申请延长“{step}”的时限"),
    (Event.EXTENDED, "refused"): N_("没有批准延长“{step}”的时限"),
}


def of_time(kind: str, data: Mapping[str, Any]) -> str | None:
    """Return the words for an event of another clock, or of a request; None for the usual ones."""
    which = data.get("of") or data.get("state")
    return OF_TIME.get((kind, which)) if isinstance(which, str) else None


def role(group: str | None) -> str:
    """Return a role's name in the reader's language."""
    found = roles.BY_KEY.get(group or "")
    if found is None:
        return group or ""
    return found.en if texts.language() == "en" else found.zh


def roles_of(actor: Actor) -> str:
    """Return the names of the roles that a person holds."""
    held = {group for group, _scope in actor.memberships}
    return _("、").join(role(entry.key) for entry in roles.ROLES if entry.key in held)


def priority(number: int) -> tuple[str, str, str]:
    """Return a priority's code, word and badge: P0 is solid, P1 late, the others plain."""
    code, word = next((c, w) for bound, c, w in PRIORITIES if number >= bound)
    return code, _(word), {"P0": "solid", "P1": "late"}.get(code, "plain")


def badge(task: Task) -> tuple[str, str, str]:
    """Return a task's badge: its priority, or that it supervises another one."""
    if task.kind == TaskKind.SUPERVISE:
        return "", _("督办"), "late"
    return priority(task.priority)


def state(code: str) -> str:
    """Return the word for an instance's state."""
    return _(STATES[InstanceState(code)])


def is_company(tenant_id: str) -> bool:
    """Say whether a scope is the whole company."""
    return tenant_id == COMPANY
