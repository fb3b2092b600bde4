"""Operate a case: hold it, change its data, move, skip or fail a step, begin anew; what failed."""

from collections.abc import Callable, Mapping
from typing import Any

import orjson
from flask import Response, render_template, request
from sqlalchemy.orm import Session

from api import auth
from api.pages import base, shell, words
from api.pages.base import pages
from api.texts import _
from engine import incidents, instances, operating, restarting, standing
from engine.errors import N_, ForbiddenError, InvalidInputError, NotFoundError
from engine.models import Instance, InstanceState
from engine.ports import Actor
from engine.spiff import Change

#: code of an incident -> what somebody can do about it
ADVICE: Mapping[str, str] = {
    incidents.STEP_FAILED: N_(
        "请流程设计员看这一步的表达式或决策表；改好数据后请办理人再提交一次。"
    ),
    incidents.TIMER_FAILED: N_("修好原因后重试，到期的动作会马上再做一次。"),
    incidents.UNSENT: N_("检查通知通道，修好后重试，会再发送一次。"),
    incidents.STUCK: N_("重试会按流程的状态补回等待的事项；补不回的，移到一个步骤或者作废。"),
}
_ADVICE = N_("修好原因后重试；线下已经办过的，带上结果跳过；办不成的，按出错继续。")

#: what a token waits for
KINDS: Mapping[str, str] = {
    "user": N_("等人办理"), "job": N_("等自动步骤"), "timer": N_("等时间到"),
    "message": N_("等消息"), "signal": N_("等信号"), "call": N_("等被调用的流程"),
    "join": N_("在汇合处等别的分支"),
}  # fmt: skip

_LONGEST_VALUE = 20_000


@pages.get("/incidents")
def incident_list() -> str:
    """List what could not be run in the projects of this person, newest first."""
    actor = auth.actor()
    if not base.may(actor, "incident.read"):
        raise ForbiddenError(N_("异常由经理和系统管理员查看。"))
    tenant_id, before = request.args.get("tenant_id", ""), request.args.get("before", "")
    with base.read() as session:
        found = incidents.listed(
            session, actor, tenant_id=tenant_id or None, before=base.key(before) if before else None
        )
        names = shell.tenant_names(session)
        return render_template(
            "incidents.html",
            lines=[_line(actor, line) for line in found[: incidents.PAGE]],
            more=found[incidents.PAGE :], tenant_id=tenant_id, tenants=names,
            projects={key: name for key, name in names.items()
                      if key != "*" and base.may(actor, "incident.read", key)},
        )  # fmt: skip


@pages.get("/cases/<key>/operations")
def operations(key: str) -> str:
    """Show where a case stands and what may be done about it; alone inside the case's page."""
    actor = auth.actor()
    with base.read() as session:
        shown = _page(session, actor, base.key(key))
        alone = "parts/operations.html" if request.headers.get("HX-Request") else "operations.html"
        return render_template(alone, **shown, back=base.safe(request.args.get("back", "")))


@pages.post(
    "/cases/<key>/operations/<any(suspend, resume, variables, move, skip, fail, restart):verb>"
)
def operate(key: str, verb: str) -> Response:
    """Do one of them, with its reason."""
    with base.begin() as session:
        said, shown = _VERBS[verb](session, auth.actor(), base.key(key))
    base.done(said)
    if verb == "restart":
        return base.to("pages.case", key=shown)
    return base.back("pages.operations", key=shown)


def advice(code: str) -> str:
    """Return what can be done about an incident."""
    return _(ADVICE.get(code, _ADVICE))


def _line(actor: Actor, line: incidents.Line) -> dict[str, Any]:
    return {
        "incident": line.incident,
        "root": line.root,
        "step": line.step,
        "advice": advice(line.incident.code),
        "readable": base.may(actor, "instance.read", line.root),
        "may_resolve": base.may(actor, "incident.resolve", line.instance),
    }


def _page(session: Session, actor: Actor, key: int) -> dict[str, Any]:
    row = session.get(Instance, key)
    if row is None:
        raise NotFoundError(N_("没有这个案件，或者它不在您负责的项目里。"))
    root = session.get_one(Instance, row.root_key)
    if not base.may(actor, "instance.operate", root):
        raise _refused(actor, root)
    family = instances.family(session, root.key)
    return {
        "root": root,
        "state": words.state(root.state),
        "suspended": root.state == InstanceState.SUSPENDED,
        "open": root.ended_at is None,
        "tokens": [] if root.ended_at else standing.of(session, actor, root.key),
        "kinds": {kind: _(text) for kind, text in KINDS.items()},
        "incidents": [
            _line(actor, incidents.line(session, one, next(f for f in family if f.key ==
                                                           one.instance_key)))
            for one in incidents.open_of(session, [f.key for f in family])
        ],
        "variables": {
            name: orjson.dumps(value).decode() for name, value in sorted(root.variables.items())
        },
        "readable": base.may(actor, "instance.read", root),
        "may_restart": base.may(actor, "instance.start", (root.process_id, root.tenant_id))
        and base.may(actor, "instance.read", root),
        "origin": restarting.origin(session, root.key),
        "successor": restarting.successor(session, root.key),
        "tenant": shell.tenant_names(session).get(root.tenant_id, ""),
    }  # fmt: skip


def _refused(actor: Actor, root: Instance) -> Exception:
    seen = base.may(actor, "instance.read", root) or base.may(actor, "incident.read", root)
    if seen:
        return ForbiddenError(N_("干预案件由项目经理、品质部或系统管理员办理。"))
    return NotFoundError(N_("没有这个案件，或者它不在您负责的项目里。"))


def _suspend(session: Session, actor: Actor, key: int) -> tuple[str, int]:
    operating.suspend(session, actor, key, reason=_given("reason"))
    return _("案件已挂起。恢复办理之前，谁也不能办它的任务。"), key


def _resume(session: Session, actor: Actor, key: int) -> tuple[str, int]:
    operating.resume(session, actor, key, reason=_given("reason"))
    return _("案件已恢复办理，挂起期间到期的事会马上办"), key


def _variables(session: Session, actor: Actor, key: int) -> tuple[str, int]:
    name, text = _given("name"), _given("value")
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        value = text
    operating.set_variables(session, actor, key, {name: value}, reason=_given("reason"))
    return _("流程数据已改动"), key


def _move(session: Session, actor: Actor, key: int) -> tuple[str, int]:
    change = Change(moves=[(_token(), _given("target"))])
    operating.modify(session, actor, key, change, reason=_given("reason"))
    return _("已移动到选定的步骤"), key


def _skip(session: Session, actor: Actor, key: int) -> tuple[str, int]:
    operating.skip(
        session, actor, key, _token(), variables=_values(), reason=_given("reason")
    )  # fmt: skip
    return _("已跳过这一步，流程继续"), key


def _fail(session: Session, actor: Actor, key: int) -> tuple[str, int]:
    operating.fail_onward(
        session, actor, key, _token(), code=_given("code"), reason=_given("reason")
    )
    return _("这一步已按出错继续"), key


def _restart(session: Session, actor: Actor, key: int) -> tuple[str, int]:
    new = restarting.restart(session, actor, key, reason=_given("reason"))
    return _("已重新发起，新编号 {number}", number=new.business_key or ""), new.key


_VERBS: Mapping[str, Callable[[Session, Actor, int], tuple[str, int]]] = {
    "suspend": _suspend, "resume": _resume, "variables": _variables, "move": _move, "skip": _skip,
    "fail": _fail, "restart": _restart,
}  # fmt: skip


def _given(name: str) -> str:
    return request.form.get(name, "").strip()[:_LONGEST_VALUE]


def _token() -> int:
    text = _given("token")
    if not (text.isascii() and text.isdigit() and len(text) < 10):  # noqa: PLR2004 — a small counter
        raise InvalidInputError(N_("请选择要处理的步骤。"), fields={"token": [N_("必填")]})
    return int(text)


def _values() -> dict[str, Any]:
    """Read the data of a skipped step: a JSON object, or nothing."""
    text = _given("values")
    try:
        values = orjson.loads(text) if text else {}
    except orjson.JSONDecodeError:
        values = None
    if not isinstance(values, dict):
        raise InvalidInputError(
            N_("数据要写成 JSON 对象，例如 {example}。"), example='{"amount": 100}',
            fields={"values": [N_("不是 JSON 对象。")]},
        )  # fmt: skip
    return values
