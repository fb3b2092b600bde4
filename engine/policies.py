"""Rules of time as values: who is told when a limit passes, what a limit is, why it may stand still.

A book holds what was in force at one edition; a case keeps the book that it began with. The rows
are in `editions`; a business registers its ladders and policies so that diagrams can name them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from decisions import feel
from engine.errors import N_, InvalidInputError

#: the clocks of a task: until it is claimed, opened, done; and of a case
DONE, CLAIM, OPEN = "done", "claim", "open"
ANSWER, SOLUTION = "answer", "solution"
OF_CASE = frozenset({ANSWER, SOLUTION})
ANY = "*"
#: a rule that the company has written goes before the diagram, a shipped one behind it
COMPANY_RULE = "company"
SUPERVISE, NOTIFY, REASSIGN = "supervise", "notify", "reassign"
_FULL = 100


class UnknownPolicyError(InvalidInputError):
    """A diagram names a ladder or policy that nobody registered."""

    code = "unknown-policy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """At `percent` of a limit `group` is drawn in: told, given a supervising task, or the work."""

    percent: int
    group: str
    action: str = SUPERVISE


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """Who is drawn in, step by step, while a task stays undone; `warn` are percents before."""

    code: str
    warn: tuple[int, ...]
    rungs: tuple[Rung, ...]
    name: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A limit for steps of processes, on a condition; what a step itself leaves open or all of it."""

    code: str
    name: str = ""
    name_en: str = ""
    #: which clock: done, claim, open; answer or solution of a case
    of: str = DONE
    process: str = ANY
    #: element ids, comma-separated, or "*"; of an answer: the steps that give it
    element: str = ANY
    condition: str = ""
    amount: str = ""
    clock: str = "calendar"
    start: str = ""
    warn: str = ""
    ladder: str = ""
    pausable: bool | None = None
    end_of_day: bool = False
    #: "seed", "public", "guess", or "company" once edited here
    source: str = "guess"
    note: str = ""
    group: str = ""
    #: what may not be edited: the law or the product's promise fixes it
    locked: tuple[str, ...] = ()
    order: int = 0

    def holds(self, context: Mapping[str, Any]) -> bool:
        """Tell whether its condition is true; without one it always holds."""
        return not self.condition or feel.compile(self.condition).evaluate(context) is True

    def properties(self) -> dict[str, str]:
        """Return the policy as the properties of a step would say it."""
        given = {
            "timeStandard": self.amount, "clock": self.clock, "startFrom": self.start,
            "warnAt": self.warn, "escalation": self.ladder,
            "endOfDay": "true" if self.end_of_day else "",
            "pausable": "" if self.pausable is None else str(self.pausable).lower(),
        }  # fmt: skip
        return {key: text for key, text in given.items() if text}


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseReason:
    """Why a case's clocks may stand still: how long at most, and how long without approval."""

    code: str
    name: str
    name_en: str = ""
    longest: str = "P3D"
    free: str = "P1D"
    clock: str = "working"
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Principle:
    """A rule of the house that no clock measures: a share, a rhythm, a check list."""

    code: str
    name: str
    name_en: str = ""
    value: str = ""
    source: str = "guess"
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What holds for one step that opens: properties and policy code by clock."""

    clocks: Mapping[str, tuple[Mapping[str, str], str]]
    pausable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Book:
    """All rules of time of one edition."""

    edition: int | None
    policies: Mapping[str, Policy] = field(default_factory=dict)
    ladders: Mapping[str, Ladder] = field(default_factory=dict)
    reasons: Mapping[str, PauseReason] = field(default_factory=dict)
    principles: Mapping[str, Principle] = field(default_factory=dict)
    _steps: dict[tuple[str, str], tuple[Policy, ...]] = field(default_factory=dict, repr=False)

    def ladder(self, code: str | None) -> Ladder:
        """Return a ladder by its code; none named is the plain one."""
        return self.ladders[code] if code and code in self.ladders else ladder(code)

    def of(self, process_id: str, element: str) -> tuple[Policy, ...]:
        """Return the policies of a step, the strongest first."""
        found = self._steps.get((process_id, element))
        if found is None:
            there = [p for p in self.policies.values() if _fits(p, process_id, element)]
            found = self._steps[process_id, element] = tuple(sorted(there, key=_strength))
        return found

    def of_case(self, process_id: str) -> tuple[Policy, ...]:
        """Return the policies of a case's own clocks, the strongest first."""
        there = [p for p in self.policies.values() if p.of in OF_CASE
                 and p.process in (process_id, ANY)]  # fmt: skip
        return tuple(sorted(there, key=_strength))

    def resolve(
        self, given: Mapping[str, str], process_id: str, element: str, context: Mapping[str, Any]
    ) -> Rules:
        """Return what holds for a step: the company's rules, the diagram's, then the shipped."""
        given = self._named(given)
        clocks: dict[str, tuple[Mapping[str, str], str]] = {}
        if given.get("timeStandard"):
            clocks[DONE] = given, given.get("policy", "")
        for of, key in ((CLAIM, "claimStandard"), (OPEN, "openStandard")):
            if given.get(key):
                clocks[of] = {"timeStandard": given[key], "clock": given.get("clock", "")}, ""
        may = given.get("pausable") != "false"
        seen: set[str] = set()
        for policy in self.of(process_id, element):
            if not policy.holds(context):
                continue
            may = may and policy.pausable is not False
            if policy.amount and policy.of not in seen:
                seen.add(policy.of)
                if policy.source == COMPANY_RULE or policy.of not in clocks:
                    clocks[policy.of] = policy.properties(), policy.code
        return Rules(clocks=clocks, pausable=may)

    def _named(self, given: Mapping[str, str]) -> Mapping[str, str]:
        code = given.get("policy")
        if not code:
            return given
        if code in self.policies:
            return {**self.policies[code].properties(), **given}
        return properties(given)


def policy(code: str, row: Mapping[str, Any]) -> Policy:
    """Read a limit's row; what it does not say has its default."""
    given = {key: value for key, value in row.items() if key in Policy.__dataclass_fields__}
    return Policy(**{**given, "code": code, "locked": tuple(row.get("locked") or ())})


def read_ladder(code: str, row: Mapping[str, Any]) -> Ladder:
    """Read a ladder's row, refusing what can't be climbed."""
    rungs = tuple(
        Rung(percent=int(rung[0]), group=str(rung[1]),
             action=str(rung[2]) if len(rung) > 2 else SUPERVISE)  # noqa: PLR2004 — percent, group
        for rung in row.get("rungs", ())
    )  # fmt: skip
    made = Ladder(code=code, warn=tuple(row.get("warn", ())), rungs=rungs,
                  name=str(row.get("name", "")), note=str(row.get("note", "")))  # fmt: skip
    check_ladder(made)
    return made


def check_ladder(made: Ladder) -> None:
    """Refuse a ladder whose warnings come too late or whose rungs come too early."""
    if any(rung.percent < _FULL for rung in made.rungs):
        raise InvalidInputError(N_("升级从时限到期开始，不能早于 100%"))
    if any(not 0 < percent < _FULL for percent in made.warn):
        raise InvalidInputError(N_("提醒应在时限的 1% 到 99% 之间"))
    if any(rung.action not in {SUPERVISE, NOTIFY, REASSIGN} for rung in made.rungs):
        raise InvalidInputError(N_("升级动作应为 supervise、notify 或 reassign"))


#: for a step that names none: its performer and their supervisors are told, nobody is drawn in
PLAIN = Ladder(code="", warn=(80,), rungs=())
EMPTY = Book(edition=None)
_ladders: dict[str, Ladder] = {}
_policies: dict[str, Mapping[str, str]] = {}
_supervising_form: list[str] = []


def add_ladder(made: Ladder) -> None:
    """Register a ladder, or replace the one of its code."""
    check_ladder(made)
    _ladders[made.code] = made


def add_policy(code: str, properties: Mapping[str, str]) -> None:
    """Register properties (timeStandard, clock, …) that steps take over by `policy`."""
    _policies[code] = dict(properties)


def ladder(code: str | None) -> Ladder:
    """Return a registered ladder by its code; none named is the plain one."""
    if not code:
        return PLAIN
    if code not in _ladders:
        raise UnknownPolicyError(N_("没有升级规则“{code}”"), code=code)
    return _ladders[code]


def properties(given: Mapping[str, str]) -> Mapping[str, str]:
    """Return a step's properties, completed by the registered policy that it names; its own win."""
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


def elements(policy: Policy) -> Iterable[str]:
    """Return the steps that a policy names."""
    return [part.strip() for part in policy.element.split(",") if part.strip()]


def _fits(policy: Policy, process_id: str, element: str) -> bool:
    if policy.of in OF_CASE or policy.process not in (process_id, ANY):
        return False
    return policy.element == ANY or element in elements(policy)


def _strength(policy: Policy) -> tuple[bool, bool, bool, bool, int, str]:
    """Order: the company's before the shipped, the narrow before the wide, then as numbered."""
    return (
        policy.source != COMPANY_RULE, policy.element == ANY, policy.process == ANY,
        not policy.condition, policy.order, policy.code,
    )  # fmt: skip
