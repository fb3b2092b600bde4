"""What the invented staff fill in at each step of an invented complaint."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from engine.ports import Actor
from processes.demo.houses import Home

ZONE = ZoneInfo("Asia/Shanghai")
_WRITTEN = frozenset({"letter", "company_forwarded", "leader_instruction", "gov_hotline"})
_DEPARTMENTS = frozenset({"cs", "eng", "security", "clean", "fin", "project"})
_KINDS: Mapping[str, list[str]] = {
    "repair": ["repair", "explain"],
    "money": ["compensation", "apology"],
    "company": ["compensation", "third"],
    "danger": ["explain", "apology", "change"],
}


@dataclass(slots=True, kw_only=True)
class Case:
    """One invented complaint under way."""

    tenant_id: str
    story: Mapping[str, Any]
    home: Home
    rng: random.Random
    began_at: datetime
    #: element -> what differs at its first, second … visit
    turns: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    #: the case is left waiting at this step
    stop: str | None = None
    #: step at which something is reported instead of done: (step, report) for each time
    reports: list[tuple[str, str]] = field(default_factory=list)
    #: the case that this one is merged into
    main: "Case | None" = None
    #: element -> who did it last: they do it again
    performers: dict[str, Actor] = field(default_factory=dict)
    photo: Callable[[], str] | None = None
    key: int | None = None
    process: str = "complaint"
    #: step -> what is filled in, for everything but complaints; "@" places are filled in now
    given: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    #: role -> somebody who holds it here, by key
    somebody: Callable[[str], str] | None = None
    #: hangs a signature on the case
    sign: Callable[[], str] | None = None


def values(case: Case, element: str, actor: Actor, now: datetime) -> dict[str, Any]:
    """Return what a person fills in at a step now."""
    given: dict[str, Any] = _ANSWERS[element](case, actor, now)
    turns = case.turns.get(element)
    return given | turns.pop(0) if turns else given


def text(moment: datetime) -> str:
    """Return an instant as the forms write it."""
    return moment.astimezone(ZONE).isoformat(timespec="minutes")


def _day(now: datetime, days: int = 0) -> str:
    return (now + timedelta(days=days)).astimezone(ZONE).date().isoformat()


def _record(case: Case, actor: Actor, _now: datetime) -> dict[str, Any]:
    building, unit, _ = case.home.number.split("-")
    place = case.story["place"].format(building=building, unit=unit, room=case.home.number)
    channel = case.rng.choice(["phone", "phone", "phone", "visit", "message", "web", "letter"])
    return {
        "channel": channel,
        "form": "written" if channel in _WRITTEN else "oral",
        "received_at": text(case.began_at),
        "place": place,
        "complainant_kind": case.home.kind,
        "complainant_name": case.home.name,
        "phone": case.home.phone,
        "room_id": str(case.home.room_key),
        "against_dept": case.story["dept"],
        "content": case.story["content"],
        "demand": case.story["demand"],
        "danger": case.story["way"] == "danger",
        "five_clear": ["who", "when", "where", "what", "want"],
        "read_back": True,
        "receiver": str(actor.key),
    }


def _judge(case: Case, _actor: Actor, _now: datetime) -> dict[str, Any]:
    story = case.story
    judged: dict[str, Any] = {
        "category": story["category"], "sub_item": story["sub_item"], "validity": "reasonable",
        "responsibility": "own_dept",
        "in_authority": "outside" if story["way"] == "company" else "inside",
    }  # fmt: skip
    if story["way"] == "unreasonable":
        judged |= {"validity": "unreasonable", "validity_reason": story["reason"]}
    if story["way"] == "outside":
        judged |= {"responsibility": "not_property", "outside_body": story["body"]}
    if story["way"] == "department":
        judged |= {"responsibility": "other_dept", "target_dept": story["target"]}
    return judged


def _explain(case: Case, _actor: Actor, now: datetime) -> dict[str, Any]:
    return {
        "explained_by": case.rng.choice(["phone", "visit"]), "talked_at": text(now),
        "explanation": case.story["explanation"], "customer_attitude": "understood",
    }  # fmt: skip


def _explain_outside(case: Case, actor: Actor, now: datetime) -> dict[str, Any]:
    where = {"outside_body": case.story["body"], "body_contact": case.story["contact"]}
    return _explain(case, actor, now) | where | {"helped": True}


def _second_talk(case: Case, _actor: Actor, now: datetime) -> dict[str, Any]:
    return {
        "explained_by": "visit", "talked_at": text(now),
        "explanation": f"客户经理上门再谈：{case.story['explanation']}",
        "second_outcome": "understood",
    }  # fmt: skip


def _investigate(case: Case, _actor: Actor, now: datetime) -> dict[str, Any]:
    methods = case.rng.choice([["site", "ask"], ["site", "records"], ["site", "cctv", "records"]])
    return {
        "methods": methods, "site_at": text(now - timedelta(minutes=20)),
        "root_cause": case.story["root"], "facts": case.story["facts"], "crux": case.story["crux"],
    }  # fmt: skip


def _assign(case: Case, _actor: Actor, now: datetime) -> dict[str, Any]:
    dept = case.story["dept"]
    return {
        "resp_type": "dept", "resp_dept": dept if dept in _DEPARTMENTS else "cs",
        "plan_due_at": text(_by_noon(now)),
    }  # fmt: skip


def _by_noon(now: datetime) -> datetime:
    """Return a moment a plan may be expected at: in six hours, or by noon of the next day."""
    soon = (now + timedelta(hours=6)).astimezone(ZONE)
    if soon.date() == now.astimezone(ZONE).date() and soon.hour < 18:  # noqa: PLR2004 — six o'clock
        return soon
    return (now.astimezone(ZONE) + timedelta(days=1)).replace(hour=12, minute=0)


def _plan(case: Case, _actor: Actor, now: datetime) -> dict[str, Any]:
    way, days = case.story["way"], case.rng.randint(1, 3)
    plan: dict[str, Any] = {
        "measures": [{"measure": case.story["measure"], "due_on": _day(now, days)}],
        "plan_kind": _KINDS.get(way, ["explain", "change"]),
        "cost": case.rng.choice([None, 120, 380, 860, 1500]),
        "finish_by": _day(now, days),
        "answer_draft": case.story["answer"],
    }
    if "compensation" in case.story:
        plan["compensation"] = case.story["compensation"]
    return plan


def _reply(case: Case, _actor: Actor, now: datetime) -> dict[str, Any]:
    return {
        "reply_by": case.rng.choice(["phone", "phone", "visit", "message"]),
        "replied_at": text(now), "reply_text": case.story["answer"], "customer_agrees": "agree",
    }  # fmt: skip


def _contact(_case: Case, _actor: Actor, now: datetime) -> dict[str, Any]:
    return {
        "reply_by": "message", "replied_at": text(now), "customer_agrees": "no_answer",
        "reply_text": "电话两次无人接听，已发短信说明方案并留回电号码。",
    }  # fmt: skip


def _mediate(_case: Case, _actor: Actor, now: datetime) -> dict[str, Any]:
    return {
        "mediated_at": text(now), "participants": ["owner", "committee"], "mediation": "agreed",
        "process_text": "请业主委员会参加，双方把分歧逐条列出，先定能做的。",
        "agreement": "先按方案实施，一个月后共同检查效果。",
    }  # fmt: skip


def _repair(case: Case, _actor: Actor, now: datetime) -> dict[str, Any]:
    return {
        "arrived_at": text(now - timedelta(minutes=70)),
        "finished_at": text(now), "result": f"{case.story['measure']}，试用正常，现场已清理。",
        "real_cost": case.rng.choice([90, 260, 540]), "photo_after": _photos(case),
        "site_clean": True,
    }  # fmt: skip


def _execute(case: Case, _actor: Actor, now: datetime) -> dict[str, Any]:
    return {
        "measures_done": [{"done": True, "done_at": text(now)}],
        "result": f"已完成：{case.story['measure']}。",
    }


def _callback(case: Case, _actor: Actor, now: datetime) -> dict[str, Any]:
    return {
        "method": "phone", "tries": [{"tried_at": text(now), "result": "reached"}],
        "reached": "reached", "solved": "solved",
        "satisfaction": case.rng.choice(["5", "5", "4", "4", "3"]),
        "effect": "业主表示已经处理好，愿意继续监督。",
    }  # fmt: skip


def _report(case: Case, _actor: Actor, now: datetime) -> dict[str, Any]:
    return {
        "report_to": "company", "sent_at": text(now),
        "report_text": f"来文反映“{case.story['content'][:20]}……”，经调查处理并回访，现将结果报告如上。",
    }  # fmt: skip


def _file(case: Case, _actor: Actor, _now: datetime) -> dict[str, Any]:
    filed: dict[str, Any] = {
        "category": case.story["category"], "sub_item": case.story["sub_item"],
        "validity": "unreasonable" if case.story["way"] == "unreasonable" else "reasonable",
        "file_complete": ["record", "reply", "callback"],
        "lessons": case.story.get("lesson", "解释要早、要具体，附上依据，留下可以再联系的人。"),
    }  # fmt: skip
    return filed | ({"root_cause": case.story["root"]} if "root" in case.story else {})


def _respond(_case: Case, _actor: Actor, now: datetime) -> dict[str, Any]:
    return {
        "responded_at": text(now), "casualties": "trapped", "called": ["lift", "company"],
        "situation": "人员情绪稳定，无人受伤，现场已有工作人员。",
        "orders": "维保单位立即救援，值班工程师到场，客户经理联系家属。",
        "risk_state": "controlled",
    }  # fmt: skip


def _attend(case: Case, _actor: Actor, now: datetime) -> dict[str, Any]:
    return {
        "arrived_at": text(now), "risk_state": "cleared", "photos": _photos(case),
        "actions": "到场切断电源并围护，人员全部撤出，拍照留证。",
    }  # fmt: skip


def _supervise(case: Case, _actor: Actor, now: datetime) -> dict[str, Any]:
    return {
        "late_reason": case.rng.choice(["staff", "parts", "third", "forgot"]),
        "done": "已与责任人当面核实原因，调整了当班安排并盯到办完。",
        "new_due_at": text(now + timedelta(hours=2)),
    }


def _photos(case: Case) -> list[str]:
    return [] if case.photo is None else [case.photo()]


_ANSWERS: Mapping[str, Callable[[Case, Actor, datetime], dict[str, Any]]] = {
    "T1_record": _record,
    "P0_respond": _respond,
    "P0_duty": _attend,
    "T2_judge": _judge,
    "T2c_confirm": lambda *_: {"confirmed": "confirm", "opinion": "查过登记和录像，判定依据充分。"},
    "T2u_explain": _explain,
    "T2u2_second_talk": _second_talk,
    "T2n_explain": _explain_outside,
    "T2d_accept": lambda _case, actor, _now: {"investigator": str(actor.key)},
    "T3_investigate": _investigate,
    "T4_assign": _assign,
    "T5_plan": _plan,
    "T5a_approve": lambda *_: {"decision": "approve"},
    "T5b_company": lambda *_: {"decision": "approve"},
    "T6_reply": _reply,
    "T6c_contact": _contact,
    "T6d_no_answer": lambda *_: {"contacted_twice": True, "opinion": "核对过联系记录，情况属实。"},
    "T6e_mediate": _mediate,
    "T7r_repair": _repair,
    "T7a_execute": _execute,
    "T7b_verify": lambda *_: {"verified": "pass"},
    "C1_callback": _callback,
    "T8r_report": _report,
    "T8_file": _file,
    "supervise": _supervise,
}
