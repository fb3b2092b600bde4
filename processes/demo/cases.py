"""Which invented complaints there are: sixty, over six weeks, on every path and at every stage."""

import random
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from processes.demo.answers import ZONE, Case
from processes.demo.houses import Home

STORIES = Path(__file__).with_name("stories.yaml")
_REFUSALS = ("时间太长，等不了。", "只道歉不解决问题。", "还是没有说清楚责任。")
_ROUNDS = [{"customer_agrees": "disagree", "customer_words": words} for words in _REFUSALS]
_MISSED = {"reached": "not_reached", "solved": None, "satisfaction": None, "effect": ""}

#: how a case may differ from a straight one: element -> what differs at each visit
BENDS: Mapping[str, dict[str, list[dict[str, Any]]]] = {
    "": {},
    "disputed": {
        "T2u_explain": [{"customer_attitude": "refused"}],
        "T2u2_second_talk": [{"second_outcome": "disputed", "customer_words": "我保留意见。"}],
    },
    "mediated": {"T6_reply": _ROUNDS},
    "unresolved": {
        "T6_reply": _ROUNDS,
        "T6e_mediate": [{"mediation": "failed", "agreement": "",
                         "external_way": "已告知可向街道办和住建部门反映。"}],
    },
    "reopened": {
        "C1_callback": [{"solved": "not", "satisfaction": "1", "effect": "",
                         "omissions": "过了两天又和以前一样。"}],
    },
    "silent": {
        "T6_reply": [{"customer_agrees": "no_answer"}],
        "C1_callback": [_MISSED, _MISSED, _MISSED],
    },
    "second_round": {"T6_reply": _ROUNDS[:1]},
    "forwarded": {
        "T1_record": [{"channel": "company_forwarded", "form": "written",
                       "origin_doc_no": "品质函〔2026〕31号"}],
    },
    "hotline": {
        "T1_record": [{"channel": "gov_hotline", "form": "written",
                       "origin_doc_no": "12345-20261102-0831"}],
        "T8r_report": [{"report_to": "gov"}],
    },
    "leader": {
        "T1_record": [{"channel": "leader_instruction", "form": "written",
                       "origin_doc_no": "批示2026-07", "instruction": "请项目经理亲自过问，一周内回复我。"}],
        "T8r_report": [{"report_to": "superior"}],
    },
}  # fmt: skip

#: finished ones, spread over the weeks: (way of the story, bend, how many)
FINISHED: tuple[tuple[str, str, int], ...] = (
    ("plain", "", 5), ("repair", "", 4), ("danger", "", 2), ("department", "", 3),
    ("unreasonable", "", 3), ("unreasonable", "disputed", 2), ("outside", "", 4),
    ("money", "", 2), ("company", "", 1), ("plain", "mediated", 1), ("plain", "unresolved", 2),
    ("repair", "reopened", 1), ("plain", "reopened", 1), ("plain", "silent", 2),
    ("plain", "forwarded", 1), ("department", "hotline", 1), ("plain", "leader", 1),
    ("plain", "second_round", 1),
)  # fmt: skip
#: left at a step: (way, bend, step, hours ago that they began); the long ones are late
LEFT: tuple[tuple[str, str, str, int], ...] = (
    ("plain", "", "T6_reply", 98), ("plain", "", "T2_judge", 30), ("repair", "", "T7r_repair", 150),
    ("department", "", "T2d_accept", 52), ("plain", "", "T3_investigate", 74),
    ("money", "", "T5a_approve", 28), ("danger", "", "T5_plan", 26), ("company", "", "T5b_company", 100),
    ("plain", "silent", "T6c_contact", 54), ("unreasonable", "", "T2c_confirm", 26),
    ("plain", "mediated", "T6e_mediate", 76), ("plain", "", "C1_callback", 60),
    ("repair", "", "T7b_verify", 80), ("plain", "", "T8_file", 96),
)  # fmt: skip
#: reported of: (way, step, report, how often, left at, hours ago that they began)
REPORTED: tuple[tuple[str, str, str, int, str | None, int], ...] = (
    ("plain", "T3_investigate", "withdraw", 1, None, 240),
    ("repair", "T5_plan", "withdraw", 1, None, 420),
    ("plain", "T4_assign", "withdraw", 1, "T_confirm_withdraw", 27),
    ("plain", "T3_investigate", "urge", 2, "T3_investigate", 50),
    ("plain", "T5_plan", "press", 1, "T5_plan", 24),
)
#: merged into the case left at a step: (that step, hours after it began, left at)
MERGED: tuple[tuple[str, int, str | None], ...] = (
    ("T7r_repair", 3, None),
    ("T3_investigate", 5, "T_tell_merged"),
)
_MORNING, _EVENING = 8, 18
_WEEKS = 6
_TOTAL = 60
_SOON = timedelta(minutes=30)


def invent(rng: random.Random, homes: Mapping[str, list[Home]], now: datetime) -> list[Case]:
    """Return the sixty complaints, oldest first."""
    told = _Stories(rng)
    made: list[Case] = []
    for way, bend, count in FINISHED:
        for _ in range(count):
            began = _daytime(rng, now - timedelta(days=rng.uniform(9, _WEEKS * 7)))
            made.append(_case(rng, homes, told, (way, bend, began)))
    for way, bend, step, hours in LEFT:
        began = within_hours(rng, way, now - timedelta(hours=hours))
        case = _case(rng, homes, told, (way, bend, began))
        case.stop = step
        made.append(case)
    made += _reported(rng, homes, told, now) + _merged(rng, homes, made)
    ways = ("plain", "repair", "department", "plain", "outside", "plain", "danger")
    for number in range(_TOTAL - len(made)):
        way = ways[number % len(ways)]
        began = within_hours(rng, way, now - timedelta(hours=1 + 2.5 * number))
        made.append(_case(rng, homes, told, (way, "", began)))
    return sorted(made, key=lambda case: case.began_at)


def _reported(
    rng: random.Random, homes: Mapping[str, list[Home]], told: "_Stories", now: datetime
) -> list[Case]:
    made = []
    for way, step, report, often, stop, hours in REPORTED:
        began = within_hours(rng, way, now - timedelta(hours=hours))
        case = _case(rng, homes, told, (way, "", began))
        case.reports, case.stop = [(step, report)] * often, stop
        made.append(case)
    return made


def _merged(
    rng: random.Random, homes: Mapping[str, list[Home]], before: Iterable[Case]
) -> list[Case]:
    """Let neighbours complain of what a case that was left at a step is about."""
    made = []
    for step, hours, stop in MERGED:
        main = next(case for case in before if case.stop == step)
        began = within_hours(rng, "plain", main.began_at + timedelta(hours=hours))
        # a main case of the late afternoon: its neighbour's comes half an hour after it
        began = max(began, main.began_at + _SOON)
        case = Case(
            tenant_id=main.tenant_id, story=main.story, home=rng.choice(homes[main.tenant_id]),
            rng=rng, began_at=began, reports=[("T2_judge", "merge")], main=main, stop=stop,
        )  # fmt: skip
        made.append(case)
    return made


class _Stories:
    """The stories of each way, each told before one is told again."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._all: list[dict[str, Any]] = yaml.safe_load(STORIES.read_text("utf-8"))
        self._left: dict[str, list[dict[str, Any]]] = {}

    def tell(self, way: str) -> dict[str, Any]:
        if not self._left.get(way):
            self._left[way] = [story for story in self._all if story["way"] == way]
            self._rng.shuffle(self._left[way])
        return self._left[way].pop()


def _case(
    rng: random.Random,
    homes: Mapping[str, list[Home]],
    told: _Stories,
    plan: tuple[str, str, datetime],
) -> Case:
    way, bend, began = plan
    tenant_id = rng.choices(["yj", "tl"], [3, 2])[0]
    return Case(
        tenant_id=tenant_id, story=told.tell(way), home=rng.choice(homes[tenant_id]), rng=rng,
        began_at=began, turns={step: list(_copies(turns)) for step, turns in BENDS[bend].items()},
    )  # fmt: skip


def _copies(turns: Iterable[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    return (dict(turn) for turn in turns)


def within_hours(rng: random.Random, way: str, moment: datetime) -> datetime:
    """Move a moment at night to the afternoon before; danger comes at any hour."""
    local = moment.astimezone(ZONE)
    if way == "danger" or _MORNING <= local.hour < _EVENING:
        return local
    before = local if local.hour >= _EVENING else local - timedelta(days=1)
    return before.replace(hour=rng.randint(14, 17), minute=rng.randint(0, 59))


def _daytime(rng: random.Random, moment: datetime) -> datetime:
    """Put a moment between nine and five of its day."""
    local = moment.astimezone(ZONE)
    return local.replace(
        hour=rng.randint(9, 16), minute=rng.randint(0, 59), second=0, microsecond=0
    )
