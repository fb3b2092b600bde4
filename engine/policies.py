"""Ladders and policies: who is told when a limit passes, and limits that several steps share.

A business registers its own; what is here at first is what a step gets by naming it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.errors import N_, InvalidInputError


class UnknownPolicyError(InvalidInputError):
    """A diagram names a ladder or policy that nobody registered."""

    code = "unknown-policy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """At `percent` of a limit, `group` gets a supervising task."""

    percent: int
    group: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """Who is drawn in, step by step, while a task stays undone; `warn` are percents before."""

    code: str
    warn: tuple[int, ...]
    rungs: tuple[Rung, ...]


#: for a step that names none: its performer and their supervisors are told, nobody is drawn in
PLAIN = Ladder(code="", warn=(80,), rungs=())
_ladders: dict[str, Ladder] = {}
_policies: dict[str, Mapping[str, str]] = {}
_supervising_form: list[str] = []


def add_ladder(ladder: Ladder) -> None:
    """Register a ladder, or replace the one of its code."""
    if any(rung.percent < 100 for rung in ladder.rungs):  # noqa: PLR2004 — the limit itself
        raise InvalidInputError(N_("升级从时限到期开始，不能早于 100%"))
    if any(not 0 < percent < 100 for percent in ladder.warn):  # noqa: PLR2004
        raise InvalidInputError(N_("提醒应在时限的 1% 到 99% 之间"))
    _ladders[ladder.code] = ladder


def add_policy(code: str, properties: Mapping[str, str]) -> None:
    """Register properties (timeStandard, clock, …) that steps take over by `policy`."""
    _policies[code] = dict(properties)


def ladder(code: str | None) -> Ladder:
    """Return a ladder by its code; none named is the plain one."""
    if not code:
        return PLAIN
    if code not in _ladders:
        raise UnknownPolicyError(N_("没有升级规则“{code}”"), code=code)
    return _ladders[code]


def properties(given: Mapping[str, str]) -> Mapping[str, str]:
    """Return a step's properties, completed by the policy that it names; its own win."""
    code = given.get("policy")
    if not code:
        return given
    if code not in _policies:
        raise UnknownPolicyError(N_("没有时限规则“{code}”"), code=code)
    return {**_policies[code], **given}


def known_ladders() -> frozenset[str]:
    """Return the codes a diagram may name as `escalation`."""
    return frozenset(_ladders)


def known_policies() -> frozenset[str]:
    """Return the codes a diagram may name as `policy`."""
    return frozenset(_policies)


def use_supervising_form(form_id: str) -> None:
    """Say which form supervising tasks 督办 open with; its newest version is taken."""
    _supervising_form[:] = [form_id]


def supervising_form() -> str | None:
    """Return the id of the form of supervising tasks, if there is one."""
    return _supervising_form[0] if _supervising_form else None


# Requirements §3.0: the standard ladder, and the one of cases that endanger people.
add_ladder(Ladder(code="L-STD", warn=(80,), rungs=(
    Rung(percent=100, group="cs_manager"),
    Rung(percent=150, group="project_manager"),
    Rung(percent=300, group="quality"),
)))  # fmt: skip
add_ladder(Ladder(code="L-P0", warn=(50, 80), rungs=(
    Rung(percent=100, group="project_manager"),
    Rung(percent=200, group="leader"),
)))  # fmt: skip
