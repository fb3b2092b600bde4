"""Rules of time for their keepers: read, edit, see what would change, apply, look up who changed what."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, make_response, render_template, request
from sqlalchemy.orm import Session

from api import auth, texts
from api.pages import base, time_words, words
from api.pages.base import pages
from api.texts import _
from engine import editions, identity, reapplying
from engine import policies as engine_policies
from engine.editions import LADDER, LIMIT, PAUSE, PRINCIPLE
from engine.errors import (
    N_,
    ConflictError,
    EngineError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
)
from engine.models import Instance
from engine.ports import SYSTEM
from processes import policies, roles

#: a change of several rules at once; a rule that is not there yet
LEVEL, NEW = "level", "new"
KINDS = {
    LIMIT: N_("时限"), LADDER: N_("升级规则"), PAUSE: N_("暂停原因"), PRINCIPLE: N_("原则与等级"),
}  # fmt: skip
SOURCES = {"seed": N_("资料规定"), "public": N_("公开标准"), "guess": N_("产品默认"),
           "company": N_("本公司")}  # fmt: skip
OF = {
    "done": N_("办结"), "claim": N_("签收"), "open": N_("打开"), "answer": N_("首次答复"),
    "solution": N_("解决"),
}  # fmt: skip
FIELDS = {
    "name": N_("名称"), "of": N_("哪种时限"), "process": N_("流程"), "element": N_("步骤"),
    "condition": N_("条件（FEEL）"), "amount": N_("时限"), "clock": N_("计时方式"),
    "start": N_("从何时起（FEEL）"), "warn": N_("提醒（%）"), "ladder": N_("升级规则"),
    "pausable": N_("可以暂停"), "end_of_day": N_("到当天结束"), "source": N_("来源"),
    "note": N_("说明"), "rungs": N_("各级"), "free": N_("不用批准"), "longest": N_("最长"),
    "value": N_("内容"),
}  # fmt: skip
_LIMIT_FIELDS = ("name", "of", "process", "element", "condition", "amount", "clock", "start",
                 "warn", "ladder", "note")  # fmt: skip
_TEXTS = {PAUSE: ("name", "free", "longest", "clock", "note"), PRINCIPLE: ("name", "value", "note")}
_SHOWN = 100
#: what a new rule begins with
_BLANK: Mapping[str, dict[str, Any]] = {
    LIMIT: {"of": "done", "clock": "working", "ladder": "L-STD", "process": "*", "element": "*"},
    LADDER: {"warn": [80], "rungs": []}, PAUSE: {"clock": "working"}, PRINCIPLE: {},
}  # fmt: skip


@pages.get("/policies")
def policy_list() -> str:
    """List the rules of time in force."""
    kind = request.args.get("kind", LIMIT)
    if kind not in KINDS:
        raise NotFoundError(N_("没有找到。可能已经办结，或者地址写错了。"))
    with base.read() as session:
        _reader()
        edition = editions.newest(session)
        found = [(code, row) for (one, code), row in editions.rows(session, edition).items()
                 if one == kind]  # fmt: skip
        found.sort(key=lambda pair: (pair[1].get("order", 0), pair[0]))
        return render_template(
            "policies.html", rules=found, kind=kind, kinds=KINDS, edition=edition,
            sources=SOURCES, of=OF, amount=time_words.amount, level=policies.LEVELS,
            may_edit=_may_edit(), role=words.role,
        )  # fmt: skip


@pages.get("/policies/log")
def policy_log() -> str:
    """Show who changed which rule when, from what to what."""
    with base.read() as session:
        _reader()
        # what was there from the beginning is no change
        found = [one for one in editions.log(session, limit=400)
                 if one.before is not None or one.by != SYSTEM.key]  # fmt: skip
        names = identity.names(session, [one.by for one in found])
        return render_template("policy_log.html", changes=found, names=names, fields=FIELDS,
                               shown=_shown, kinds=KINDS)  # fmt: skip


@pages.get("/policies/<kind>/<code>")
def policy(kind: str, code: str) -> str:
    """Show one rule for editing."""
    with base.read() as session:
        _reader()
        if code == NEW:
            _keeper()
        return _form(session, kind, code, _row(session, kind, code))


@pages.post("/policies/<kind>/<code>/preview")
def preview_policy(kind: str, code: str) -> Response:
    """Show what a change would do: from what to what, and which open limits it would move."""
    _keeper()
    with base.read() as session:
        changes: editions.Changes = {}
        try:
            changes = _changes(session, kind, code)
            book = editions.drafted(session, changes)
            editions.check(session, changes)
        except EngineError as error:
            return _refused(session, kind, code, error)
        moves = reapplying.preview(session, book)
        return make_response(
            render_template(
                "policy_preview.html",
                kind=kind,
                code=code,
                differs=_differs(session, changes),
                moves=moves[:_SHOWN],
                more=len(moves),
                numbers=_numbers(session, moves[:_SHOWN]),
                given=request.form,
                fields=FIELDS,
                shown=_shown,
            )
        )


@pages.post("/policies/<kind>/<code>")
def change_policy(kind: str, code: str) -> Response:
    """Put a changed rule in force for new cases; bring running ones to it when asked."""
    actor = _keeper()
    with base.begin() as session:
        changes: editions.Changes = {}
        try:
            changes = _changes(session, kind, code)
            with session.begin_nested():
                number = editions.change(
                    session, actor, changes, reason=request.form.get("reason", "")
                )
        except EngineError as error:
            return _refused(session, kind, code, error)
    if request.form.get("reapply") == "1":
        moved = reapplying.run(base.database(), actor)
        base.done(_("第 {n} 版规则已生效，{moved} 个在办时限已改", n=number, moved=moved))
    else:
        base.done(_("第 {n} 版规则已生效，在办案件不变", n=number))
    return base.to("pages.policy_log")


def _reader() -> None:
    if not base.may(auth.actor(), "policy.read"):
        raise ForbiddenError(N_("时限规则由经理和品质部查看。"))


def _keeper() -> Any:
    if not _may_edit():
        raise ForbiddenError(N_("时限规则由品质部或系统管理员维护。需要调整，请联系品质部。"))
    return auth.actor()


def _may_edit() -> bool:
    return base.may(auth.actor(), "policy.manage")


def _row(session: Session, kind: str, code: str) -> dict[str, Any]:
    if code == NEW and kind in _BLANK:
        return dict(_BLANK[kind])
    found = editions.rows(session, editions.newest(session)).get((kind, code))
    if found is None:
        raise NotFoundError(N_("没有时限规则“{code}”"), code=code)
    return found


def _changes(session: Session, kind: str, code: str) -> editions.Changes:
    """Read what the form would change."""
    if kind == LEVEL:
        return policies.level(editions.rows(session, editions.newest(session)), code)
    row = _row(session, kind, code)
    if request.form.get("retire") == "1":
        return {(kind, code): None}
    return {(kind, _new_code(session, kind) if code == NEW else code): _read(kind, row)}


def _new_code(session: Session, kind: str) -> str:
    """Read the code that a new rule shall have."""
    code = request.form.get("code", "").strip().upper()
    if not request.form.get("name", "").strip():
        raise InvalidInputError(N_("请写明规则的名称。"), fields={"name": [N_("必填")]})
    if (kind, code) in editions.rows(session, editions.newest(session)):
        raise ConflictError(N_("已经有规则“{code}”，请直接修改它。"), code=code)
    return code


def _read(kind: str, row: Mapping[str, Any]) -> dict[str, Any]:
    given = request.form
    if kind == LIMIT:
        read: dict[str, Any] = {k: given[k].strip() for k in _LIMIT_FIELDS if k in given}
        read["pausable"] = {"true": True, "false": False}.get(given.get("pausable", ""))
        read["end_of_day"] = given.get("end_of_day") == "true"
    elif kind == LADDER:
        read = {
            "name": given.get("name", "").strip(), "note": given.get("note", "").strip(),
            "warn": [int(p) for p in given.get("warn", "").replace("%", "").split(",")
                     if p.strip().isdigit()],
            "rungs": [_rung(line) for line in given.get("rungs", "").splitlines() if line.strip()],
        }  # fmt: skip
    else:
        read = {k: given[k].strip() for k in _TEXTS[kind] if k in given}
    fixed = row.get("locked") or ()
    read = {key: value for key, value in read.items() if key not in fixed}
    return {**row, **{k: v for k, v in read.items() if v not in ("", None) or k in row}}


def _rung(line: str) -> list[Any]:
    percent, *rest = line.replace("%", " ").split()
    by_name = {one.zh: one.key for one in roles.ROLES}
    rest = [by_name.get(part, part) for part in rest]
    if not percent.isdigit() or not rest or rest[0] not in roles.BY_KEY:
        raise InvalidInputError(
            N_("升级的一级请写成“150 项目经理”。"), fields={"rungs": [N_("读不懂这一级")]}
        )
    return [int(percent), *rest]


def _refused(session: Session, kind: str, code: str, error: EngineError) -> Response:
    """Show the form again with what was typed and what is wrong with it."""
    given = {k: v for k, v in request.form.items() if k in FIELDS and k != "rungs"}
    if kind == LADDER:
        given.pop("warn", None)
    row = _row(session, kind, code) if kind in _BLANK else {}
    typed = {**row, **given, "end_of_day": "end_of_day" in given}
    return make_response(_form(session, kind, code, typed, error=texts.of(error)), 422)


def _form(session: Session, kind: str, code: str, row: Mapping[str, Any], error: str = "") -> str:
    book = editions.current(session)
    return render_template(
        "policy.html", kind=kind, code=code, row=row, error=error, fields=FIELDS, of=OF,
        new=code == NEW, given_code=request.form.get("code", ""),
        ladders={**{one: one for one in engine_policies.known_ladders()},
                 **{one.code: one.name or one.code for one in book.ladders.values()}},
        sources=SOURCES, may_edit=_may_edit(), kinds=KINDS, role=words.role,
        rungs=request.form.get("rungs") or "\n".join(
            f"{r[0]} {words.role(r[1])}{' ' + r[2] if len(r) > 2 else ''}"  # noqa: PLR2004
            for r in row.get("rungs", ())),
        changes=editions.log(session, kind=kind, code=code),
        names=identity.names(session, [one.by for one in editions.log(session, kind=kind,
                                                                      code=code)]),
        shown=_shown,
    )  # fmt: skip


def _differs(session: Session, changes: editions.Changes) -> list[tuple[str, list[Any]]]:
    there = editions.rows(session, editions.newest(session))
    found = []
    for key, row in changes.items():
        old, new = there.get(key, {}), row or {}
        lines = [(n, old.get(n), new.get(n)) for n in dict.fromkeys([*old, *new])
                 if old.get(n) != new.get(n)]  # fmt: skip
        found.append((f"{new.get('name') or old.get('name') or key[1]}（{key[1]}）", lines))
    return [pair for pair in found if pair[1]]


def _numbers(session: Session, moves: list[reapplying.Move]) -> dict[int, tuple[str, Any]]:
    found = {}
    for key in {move.root_key for move in moves}:
        root = session.get_one(Instance, key)
        found[key] = (root.business_key or "", base.zone(session, root.tenant_id))
    return found


def _shown(name: str, value: Any) -> str:
    """Say a field's value in words."""
    if value is None or value in ("", []):
        return "—"
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if name in _SAID:
        return _SAID[name](value)
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


_SAID: dict[str, Callable[[Any], str]] = {
    "source": lambda value: _(SOURCES.get(value, value)),
    "rungs": lambda value: _("；").join(f"{rung[0]}% {words.role(rung[1])}" for rung in value),
    "of": lambda value: _(OF.get(value, value)),
    "clock": lambda value: _("工作时间") if value == "working" else _("自然时间"),
}
