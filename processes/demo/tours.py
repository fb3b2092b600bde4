"""What else the invented company does: repairs, move-ins, events and inquiries, at several stages."""

import random
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from engine.ports import Actor
from engine.working_time import parse
from processes.demo import cases
from processes.demo.answers import Case, text
from processes.demo.houses import Home

TOURS = Path(__file__).with_name("tours.yaml")
_TIME = re.compile(r"(?P<from>now|today)(?:(?P<sign>[+-])(?P<span>P.+))?")
#: why yesterday's cash is banked today
_LATE = "当天银行已经下班，次日一早存入。"
#: steps that are done at the counter while the caller waits
AT_ONCE = frozenset({"R1_intake", "Q1_intake", "M0_arrive", "E1_initiate"})
#: steps that need a photograph or a signature
PICTURED = frozenset({
    "R4_arrive", "R5_quote", "R7_finish", "M2_sign", "M4_inspect", "M5_reinspect", "M6_accept",
    "D2_deposit", "M7_handover", "K3_recheck", "K4_customer", "E7_publicity",
})  # fmt: skip
#: minutes until a step is done once it is open
PACE: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        **dict.fromkeys(AT_ONCE, (2, 6)),
        "R2_dispatch": (5, 20),
        "R3_accept": (4, 14),
        "R4_arrive": (20, 50),
        "R5_quote": (5, 15),
        "R7_finish": (30, 80),
        "M1_verify": (5, 15),
        "M2_sign": (10, 25),
        "M3_fees": (10, 20),
        "M4_inspect": (40, 90),
        "M6_accept": (10, 25),
        "M7_handover": (15, 35),
        "K3_recheck": (30, 90),
        "D1_count": (3, 8),
        "D2_deposit": (5, 10),
        "K1_ack": (20, 50),
        "K2_fixed": (2000, 4000),
        "Q2_answer": (2, 10),
        "Q4_accept": (4, 15),
        "E2_research": (600, 1500),
        "E3_plan": (600, 1500),
    }
)


def invent(
    rng: random.Random,
    homes: Mapping[str, list[Home]],
    empty: Mapping[str, list[Home]],
    now: datetime,
) -> list[Case]:
    """Return the cases of the book, oldest first, each of another household."""
    book = yaml.safe_load(TOURS.read_text("utf-8"))
    answers: Mapping[str, Mapping[str, Any]] = book["answers"]
    made = [
        _case(rng, (empty if told.get("empty") else homes)[told["tenant"]], now, answers, told)
        for told in book["cases"]
    ]
    return sorted(made, key=lambda case: case.began_at)


def values(case: Case, element: str, actor: Actor, now: datetime) -> dict[str, Any]:
    """Return what a person fills in at a step now."""
    found: dict[str, Any] = _filled(case, case.given[element], actor, now)
    return {name: value for name, value in found.items() if value is not None}


def _case(
    rng: random.Random,
    rooms: Sequence[Home],
    now: datetime,
    answers: Mapping[str, Mapping[str, Any]],
    told: Mapping[str, Any],
) -> Case:
    began = cases.within_hours(rng, "plain", now - timedelta(hours=told["ago"]))
    if told.get("empty"):  # people come for their keys in the morning
        began = min(began, began.replace(hour=9, minute=rng.randint(0, 59)))
    return Case(
        tenant_id=told["tenant"], story={}, home=rng.choice(rooms), rng=rng, began_at=began,
        stop=told.get("stop"), process=told["process"],
        given={**answers, **{step: {**answers[step], **differs}
                             for step, differs in told["values"].items()}},
    )  # fmt: skip


def _filled(case: Case, value: Any, actor: Actor, now: datetime) -> Any:
    if isinstance(value, Mapping):
        return {key: _filled(case, one, actor, now) for key, one in value.items()}
    if isinstance(value, list):
        return [one for each in value if (one := _filled(case, each, actor, now)) is not None]
    if isinstance(value, str) and value.startswith("@"):
        return _place(case, value[1:], actor, now)
    return value


def _day(moment: datetime) -> str:
    return text(moment)[:10]


def _span(text: str) -> timedelta:
    read = parse(text)
    return timedelta(days=read.days, milliseconds=read.milliseconds)


def _place(case: Case, name: str, actor: Actor, now: datetime) -> str | None:
    if found := _TIME.fullmatch(name):
        passed = _span(found["span"]) if found["span"] else timedelta()
        told = text(now - passed if found["sign"] == "-" else now + passed)
        return told if found["from"] == "now" else told[:10]
    known: Mapping[str, Callable[[], str | None]] = {
        "began": lambda: text(case.began_at),
        "me": lambda: str(actor.key),
        "name": lambda: case.home.name,
        "phone": lambda: case.home.phone,
        "room": lambda: str(case.home.room_key),
        "receipt": lambda: f"SJ-{now:%m%d}-{case.rng.randint(100, 999)}",
        "late": lambda: _LATE if _day(case.began_at) != _day(now) else None,
        "photo": lambda: case.photo() if case.photo else None,
        "sign": lambda: case.sign() if case.sign else None,
    }
    if name in known:
        return known[name]()
    return case.somebody(name) if case.somebody else None
