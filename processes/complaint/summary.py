"""The complaints of a period in figures: by kind, sub-item and department (requirements T9, T19).

Rests on fact rows alone: one line a case, one a step. Open cases count with what is known so far.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.models import FactCase, FactStep, Instance

#: "超过一个月": the whole case should not take longer (limit CP_LONG)
LONG = timedelta(days=30)
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
    reopened: int
    unreasonable: int
    unresolved: int
    long: int


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


def of(session: Session, tenant_ids: Sequence[str], begin: datetime, end: datetime) -> Summary:
    """Sum up the complaints that these projects received from `begin` up to `end`."""
    cases = received(session, tenant_ids, begin, end)
    now = clock.now()
    return Summary(
        total=_line(cases, now),
        by_category=_by(cases, now, lambda case: case.codes.get("category")),
        by_sub_item=_by(cases, now, lambda case: case.codes.get("sub_item")),
        by_department=_by(cases, now, lambda case: case.department),
        by_project=_by(cases, now, lambda case: case.tenant_id),
        ends=Counter(case.end if case.ended_at else None for case in cases),
        levels=Counter(case.codes.get("level") for case in cases),
    )


def received(
    session: Session, tenant_ids: Sequence[str], begin: datetime, end: datetime
) -> list[Case]:
    """Return the complaints of a period, oldest first."""
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
    rows = session.execute(query).all()
    late = _late(session, tenant_ids, begin)
    return [
        Case(
            tenant_id=fact.tenant_id, started_at=fact.started_at, ended_at=fact.ended_at,
            end=fact.end_element, codes=fact.codes or so_far, late=fact.instance_key in late,
        )
        for fact, so_far in rows
    ]  # fmt: skip


def _late(session: Session, tenant_ids: Sequence[str], begin: datetime) -> frozenset[int]:
    """Return the cases with a step that was finished after its limit, callbacks included."""
    query = (
        select(Instance.root_key)
        .join(FactStep, FactStep.instance_key == Instance.key)
        .where(
            FactStep.tenant_id.in_(tenant_ids),
            FactStep.closed_at >= begin,
            FactStep.completed,
            FactStep.closed_at > FactStep.due_at,
        )
        .distinct()
    )
    return frozenset(session.scalars(query))


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
        reopened=sum((case.codes.get("reopen_count") or 0) > 0 for case in cases),
        unreasonable=sum(case.codes.get("validity") == "unreasonable" for case in cases),
        unresolved=sum(case.end == _UNRESOLVED for case in cases),
        long=sum((case.ended_at or now) - case.started_at > LONG for case in cases),
    )
