"""What the invented staff report of running cases, and what follows from it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from engine.ports import Actor
from processes.demo import answers, tours
from processes.demo.answers import Case, text

#: report -> the role that makes it
BY: Mapping[str, str] = {
    "withdraw": "cs_assistant", "urge": "cs_assistant", "merge": "cs_manager",
    "press": "cs_manager",
}  # fmt: skip


def values(case: Case, element: str, actor: Actor, now: datetime) -> dict[str, Any]:
    """Return what a person fills in at a step or in a report now."""
    if element in case.given:
        return tours.values(case, element, actor, now)
    given = _ANSWERS.get(element)
    return answers.values(case, element, actor, now) if given is None else given(case, actor, now)


def _withdraw(_case: Case, _actor: Actor, now: datetime) -> dict[str, Any]:
    """The owner called: it is settled."""
    return {
        "withdraw_by": "phone", "asked_at": text(now), "withdraw_reason": "settled",
        "withdraw_words": "这两天已经好了，不用再办，谢谢你们。", "own_will": True,
    }  # fmt: skip


def _confirm(_case: Case, _actor: Actor, now: datetime) -> dict[str, Any]:
    """The manager asked the owner in person."""
    return {
        "confirmed_by": "phone", "confirmed_at": text(now), "withdrawal": "withdrawn",
        "told_again": True, "owner_words": "是我自己的意思，以后有事再找你们。",
    }  # fmt: skip


def _urge(_case: Case, _actor: Actor, _now: datetime) -> dict[str, Any]:
    """The owner called again."""
    return {"urged_by": "owner", "urge_text": "业主又来电话问进展，请今天给个说法。"}


def _merge(case: Case, _actor: Actor, _now: datetime) -> dict[str, Any]:
    """Two neighbours complain of the same thing; the course fills in the main case."""
    return {"merge_reason": "same_matter", "merge_note": f"{case.home.number} 反映的是同一件事。"}


def _tell_merged(case: Case, _actor: Actor, now: datetime) -> dict[str, Any]:
    """The second one is told what the first one was told."""
    return {
        "tell_by": "phone", "told_at": text(now), "tell_text": case.story["answer"],
        "merged_agrees": "agree",
    }  # fmt: skip


def _press(_case: Case, _actor: Actor, now: datetime) -> dict[str, Any]:
    """A paper asks."""
    return {
        "press_kind": "newspaper", "press_state": "asking", "press_name": "城市晚报",
        "press_contact": "热线记者", "noticed_at": text(now),
        "press_asks": "记者来电询问这件投诉的处理进展，希望明天答复。",
    }  # fmt: skip


_ANSWERS: Mapping[str, Callable[[Case, Actor, datetime], dict[str, Any]]] = {
    "M_withdraw": _withdraw,
    "T_confirm_withdraw": _confirm,
    "M_urge": _urge,
    "M_merge": _merge,
    "T_tell_merged": _tell_merged,
    "M_press": _press,
}
