"""The complaints of a period in figures: by kind, sub-item and department (requirements T9, T19).

Rests on fact rows alone: one line a case, one a step. Open cases count with what is known so far.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from decisions import feel
from engine import clock
from engine.models import FactCase, FactStep, Instance
from forms import library

#: "超过一个月": the whole case should not take longer (limit CP_LONG)
LONG = timedelta(days=30)
#: the four classes of complaints (requirement T11)
CATEGORIES = ("facility", "service", "fee", "emergency")
#: how a cancelled case ended, in place of an end event
CANCELLED = "cancelled"
_UNRESOLVED = "E_unresolved_external"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One complaint as the figures see it."""

    tenant_id: str
    started_at: datetime
    ended_at: datetime | None
    end: str | None
    codes: Mapping[str, Any]
    #: a finished step, its callback included, was done after its limit
    late: bool

    @property
    def department(self) -> str | None:
        """Return the department made responsible, else the one complained of."""
        named = (self.codes.get(name) for name in ("resp_dept", "target_dept", "against_dept"))
        return next((str(one) for one in named if one), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The figures of some cases: of all, of a category, of a department."""

    received: int
    closed: int
    on_time: int
    #: came back after the callback: 二次投诉
    second: int
    unreasonable: int
    unresolved: int
    long: int

    @property
    def late(self) -> int:
        """Return how many finished cases had a step done after its limit."""
        return self.closed - self.on_time

    @property
    def timely(self) -> str:
        """Return the share of finished cases without a late step: 及时率."""
        return f"{100 * self.on_time / self.closed:.1f}%" if self.closed else "–"


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The complaints received in a period."""

    total: Line
    by_category: Mapping[str | None, Line]
    by_sub_item: Mapping[str | None, Line]
    by_department: Mapping[str | None, Line]
    by_project: Mapping[str, Line]
    #: end event -> cases; None: still under way
    ends: Mapping[str | None, int]
    #: handling level -> cases, to be held against 8 : 2 : 1
    levels: Mapping[str | None, int]
    #: every finished step of these cases, their callbacks included
    steps: tuple[FactStep, ...]


def of(session: Session, tenant_ids: Sequence[str], begin: datetime, end: datetime) -> Summary:
    """Sum up the complaints that these projects received from `begin` up to `end`."""
    facts = _facts(session, tenant_ids, begin, end)
    steps = _steps(session, tenant_ids, begin)
    cases = _cases(facts, steps)
    now = clock.now()
    return Summary(
        total=_line(cases, now),
        by_category=_by(cases, now, lambda case: case.codes.get("category")),
        by_sub_item=_by(cases, now, lambda case: case.codes.get("sub_item")),
        by_department=_by(cases, now, lambda case: case.department),
        by_project=_by(cases, now, lambda case: case.tenant_id),
        ends=Counter(case.end for case in cases),
        levels=Counter(case.codes.get("level") for case in cases),
        steps=tuple(step for fact, _ in facts for step in steps.get(fact.instance_key, ())),
    )


def sub_items(*, english: bool = False) -> dict[str, str]:
    """Return the names of the sub-items, as the form of step 2 offers them."""
    form = json.loads(library.source("complaint/T2_judge"))
    field = next(one for one in form["components"] if one.get("key") == "sub_item")
    source = field["properties"]["valuesExpression_en"] if english else field["valuesExpression"]
    offered = feel.compile(source.removeprefix("="))
    return {
        option["value"]: option["label"]
        for category in CATEGORIES
        for option in offered.evaluate({"category": category})
    }


def _facts(
    session: Session, tenant_ids: Sequence[str], begin: datetime, end: datetime
) -> list[tuple[FactCase, dict[str, Any]]]:
    """Return the lines of the period's cases with what is known of those still open."""
    query = (
        select(FactCase, Instance.variables)
        .join(Instance, Instance.key == FactCase.instance_key)
        .where(
            FactCase.process_id == "complaint",
            FactCase.tenant_id.in_(tenant_ids),
            FactCase.started_at >= begin,
            FactCase.started_at < end,
        )
        .order_by(FactCase.started_at, FactCase.instance_key)
    )
    return [(fact, so_far) for fact, so_far in session.execute(query)]


def _steps(
    session: Session, tenant_ids: Sequence[str], begin: datetime
) -> dict[int, list[FactStep]]:
    """Return the finished steps of each case, those of what it called included."""
    query = (
        select(Instance.root_key, FactStep)
        .join(FactStep, FactStep.instance_key == Instance.key)
        .where(FactStep.tenant_id.in_(tenant_ids), FactStep.closed_at >= begin, FactStep.completed)
    )
    found: dict[int, list[FactStep]] = {}
    for root_key, step in session.execute(query):
        found.setdefault(root_key, []).append(step)
    return found


def _cases(
    facts: Sequence[tuple[FactCase, dict[str, Any]]], steps: Mapping[int, Sequence[FactStep]]
) -> list[Case]:
    return [
        Case(
            tenant_id=fact.tenant_id, started_at=fact.started_at, ended_at=fact.ended_at,
            end=(fact.end_element or CANCELLED) if fact.ended_at else None, codes=fact.codes or so_far,
            late=any(is_late(step) for step in steps.get(fact.instance_key, ())),
        )
        for fact, so_far in facts
    ]  # fmt: skip


def is_late(step: FactStep) -> bool:
    """Say whether a step was finished after its limit."""
    return step.due_at is not None and step.closed_at > step.due_at


def _by(cases: Iterable[Case], now: datetime, key: Callable[[Case], Any]) -> dict[Any, Line]:
    """Return a line for each value of `key`, the most frequent first."""
    groups: dict[Any, list[Case]] = {}
    for case in cases:
        groups.setdefault(key(case), []).append(case)
    ordered = sorted(groups.items(), key=lambda item: -len(item[1]))
    return {value: _line(members, now) for value, members in ordered}


def _line(cases: Sequence[Case], now: datetime) -> Line:
    closed = [case for case in cases if case.ended_at is not None]
    return Line(
        received=len(cases),
        closed=len(closed),
        on_time=sum(not case.late for case in closed),
        second=sum((case.codes.get("reopen_count") or 0) > 0 for case in cases),
        unreasonable=sum(case.codes.get("validity") == "unreasonable" for case in cases),
        unresolved=sum(case.end == _UNRESOLVED for case in cases),
        long=sum((case.ended_at or now) - case.started_at > LONG for case in cases),
    )
