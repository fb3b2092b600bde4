"""A limit's account in words and as a bar: what counted, what did not and why, what happened."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from api.pages import words
from api.texts import _
from engine import accounts, editions, identity
from engine.accounts import Account, Mark, Span
from engine.errors import N_
from engine.models import Event
from engine.policies import ANSWER, CLAIM, DONE, OPEN, SOLUTION
from engine.ports import SYSTEM

CLOCKS = {
    DONE: N_("办结时限"), CLAIM: N_("签收时限"), OPEN: N_("打开时限"),
    ANSWER: N_("首次答复"), SOLUTION: N_("解决"),
}  # fmt: skip
_WHY = {
    accounts.WORK: N_("工作时间"), accounts.REAL: N_("自然时间"), accounts.CLOSED: N_("下班"),
    accounts.BREAK: N_("午休"), accounts.OFF: N_("休息日"), accounts.PAUSED: N_("暂停"),
}  # fmt: skip
_PARTS = re.compile(r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?")
_OF_LATE = {
    CLAIM: N_("超过签收时限，没有人签收"), OPEN: N_("签收后一直没有打开"),
    ANSWER: N_("超过首次答复时限"), SOLUTION: N_("超过解决时限"),
}  # fmt: skip
#: rows of a task's history that the timeline does not show
_FURTHER: dict[str, str] = {
    Event.TASK_READ: N_("打开查看"), Event.ROUTED: N_("按规则分派"), Event.NOTICE: N_("通知"),
}  # fmt: skip
_STATES = {"asked": N_("申请"), "refused": N_("没有批准")}
#: a piece narrower than this share of the bar has no room for words
_NARROW = 0.08
_FAMILY = {accounts.PAUSED: "pause", accounts.OFF: "off", accounts.CLOSED: "off",
           accounts.BREAK: "off"}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A piece of the bar: its width in hours, what it is, what it says."""

    hours: float
    family: str
    label: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the account: a span of time or a row of history."""

    when: str
    text: str
    family: str
    length: str = ""
    #: "instance-seq" of a row of history
    row: str = ""
    counted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An account as a page shows it."""

    title: str
    rule: str
    verdict: str
    late: bool
    lines: tuple[Line, ...]
    #: what counted, day by day, with the pauses between; what came after the limit is "over"
    bar: tuple[Part, ...]
    agrees: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTime:
    """A step's time against its limit."""

    name: str
    allowed: str
    used: str
    over: str
    late: bool


def told(session: Session, account: Account, zone: ZoneInfo, edition: int | None) -> Told:
    """Tell an account to its reader."""
    names = identity.names(session, [mark.actor for mark in account.marks])
    return Told(
        title=_(CLOCKS[account.of]),
        rule=_rule(session, account, zone, edition),
        verdict=_verdict(account),
        late=account.late,
        lines=tuple(_lines(account, zone, names)),
        bar=tuple(_bar(account, zone)),
        agrees=account.agrees,
    )


def step(name: str, account: Account) -> StepTime:
    """Say a step's limit, what it used, and the difference."""
    over = account.used - account.allowed
    return StepTime(
        name=name, allowed=span(account.allowed), used=span(account.used), late=account.late,
        over=_("超 {time}", time=span(over)) if account.late else "",
    )  # fmt: skip


def amount(standard: str, clock: str) -> str:
    """Say a duration: 1 个工作日, 4 个工作小时, 15 分钟; what is none stays as it is."""
    match = _PARTS.fullmatch(standard)
    if match is None or not any(match.groups()):
        return standard
    weeks, days, hours, minutes = (int(part or 0) for part in match.groups())
    working = clock == "working"
    texts = [
        (7 * weeks + days, _("{n} 个工作日") if working else _("{n} 天")),
        (hours, _("{n} 个工作小时") if working else _("{n} 小时")),
        (minutes, _("{n} 个工作分钟") if working else _("{n} 分钟")),
    ]
    return " ".join(text.format(n=n) for n, text in texts if n)


def span(length: timedelta) -> str:
    """Say how long: 2 天 3 小时, 1 小时 40 分."""
    minutes = int(length / timedelta(minutes=1))
    hours, rest = divmod(minutes, 60)
    if hours and rest:
        return _("{h} 小时 {m} 分", h=hours, m=rest)
    return _("{h} 小时", h=hours) if hours else _("{m} 分", m=rest)


def _rule(session: Session, account: Account, zone: ZoneInfo, edition: int | None) -> str:
    limits = account.limits
    policy = editions.book(session, edition).policies.get(limits.get("policy", ""))
    source = _("流程图") if policy is None else _("规则“{name}”（{code}，第 {n} 版）",
                                                 name=policy.name or policy.code,
                                                 code=policy.code, n=edition)  # fmt: skip
    text = _("{source}：{amount}，从 {start} 起，到 {due}", source=source,
             amount=amount(str(limits["standard"]), str(limits["clock"])),
             start=_moment(account.start, zone), due=_moment(account.due, zone))  # fmt: skip
    return text + (_("，经批准延期") if "granted" in limits else "")


def _verdict(account: Account) -> str:
    used, allowed = account.used, account.allowed
    if account.late:
        return _("计入 {used}，时限 {allowed}，超出 {over}", used=span(used),
                 allowed=span(allowed), over=span(used - allowed))  # fmt: skip
    if account.done:
        return _("计入 {used}，时限 {allowed}，按时办完", used=span(used), allowed=span(allowed))
    return _("计入 {used}，时限 {allowed}，还剩 {left}", used=span(used), allowed=span(allowed),
             left=span(allowed - used))  # fmt: skip


def _lines(account: Account, zone: ZoneInfo, names: Mapping[int, str]) -> list[Line]:
    """Return spans and rows of history in the order of time."""
    found = [
        (s.begin, 1, Line(
            when=_("{begin} 至 {end}", begin=_moment(s.begin, zone), end=_end(s, zone)),
            text=_span_text(s), family=_FAMILY.get(s.reason, "count"), length=span(s.length),
            counted=s.counted,
        ))
        for s in account.spans
    ]  # fmt: skip
    found += [
        (m.at, 0, Line(
            when=_moment(m.at, zone), text=_mark_text(m, account, names), family=_family(m),
            row=f"{m.instance_key}-{m.seq}",
        ))
        for m in account.marks
    ]  # fmt: skip
    return [line for _at, _order, line in sorted(found, key=lambda one: one[:2])]


def _bar(account: Account, zone: ZoneInfo) -> list[Part]:
    """Return the bar: counted time by day, pauses between, the rest until the limit."""
    found: list[Part] = []
    last: tuple[str, str] | None = None
    for one in _split(account):
        if not one.counted and one.reason != accounts.PAUSED:
            continue
        day = f"{one.begin.astimezone(zone):%m-%d}"
        over = "over" if one.begin >= account.due else "count"
        family = "pause" if one.reason == accounts.PAUSED else over
        hours = one.length / timedelta(hours=1)
        if family == "pause":
            found.append(Part(hours=min(hours, 8), family=family, label=one.word,
                              title=_span_text(one)))  # fmt: skip
        elif last == (day, family) and found:
            hours += found.pop().hours
        if family != "pause":
            found.append(Part(hours=round(hours, 2), family=family, label=day,
                              title=_("{day}：计入 {used}", day=day,
                                      used=span(timedelta(hours=hours)))))  # fmt: skip
        last = (day, family)
    left = account.allowed - account.used
    if not account.done and left > timedelta():
        found.append(Part(hours=left / timedelta(hours=1), family="rest",
                          label=_("还剩 {left}", left=span(left)), title=""))  # fmt: skip
    total = sum(part.hours for part in found)
    return [p if p.hours > _NARROW * total else replace(p, label="") for p in found]


def _split(account: Account) -> list[Span]:
    """Return the spans cut at the limit, so that the bar shows what came after it."""
    found: list[Span] = []
    for one in account.spans:
        if one.begin < account.due < one.end:
            found += [replace(one, end=account.due), replace(one, begin=account.due)]
        else:
            found.append(one)
    return found


def _span_text(one: Span) -> str:
    why = one.word or _(_WHY[one.reason])
    if one.reason == accounts.PAUSED:
        why = _("暂停：{why}", why=one.word)
    return _("计入：{why}", why=why) if one.counted else _("不计：{why}", why=why)


def _mark_text(mark: Mark, account: Account, names: Mapping[int, str]) -> str:
    data: Mapping[str, Any] = mark.data
    known = words.EVENTS[mark.kind][2] if mark.kind in words.EVENTS else _FURTHER.get(mark.kind, "")
    text = _(known, step=_("本任务"), to="", what="", target="", code="")
    if mark.kind == Event.OVERDUE and data.get("of") in _OF_LATE:
        text = _(_OF_LATE[data["of"]])
    if mark.kind == Event.ESCALATED:
        text = _("升级到{group}", group=words.role(data.get("group")))
    if data.get("state") in _STATES:
        text = _("{state}：{text}", state=_(_STATES[data["state"]]), text=text)
    if mark.percent is not None and account.of == data.get("of", DONE):
        text = _("{text}（时限的 {percent}%，计入 {used}）", text=text, percent=mark.percent,
                 used=span(mark.used))  # fmt: skip
    who = "" if mark.actor == SYSTEM.key else names.get(mark.actor, "")
    said = str(data.get("reason") or data.get("text") or "")
    return _("，").join(part for part in (f"{who} {text}".strip(), said) if part)


def _family(mark: Mark) -> str:
    return words.EVENTS.get(mark.kind, ("", "", ""))[1] or "plain"


def _moment(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%m-%d %H:%M}"


def _end(one: Span, zone: ZoneInfo) -> str:
    begin, end = one.begin.astimezone(zone), one.end.astimezone(zone)
    return f"{end:%H:%M}" if begin.date() == end.date() else f"{end:%m-%d %H:%M}"
