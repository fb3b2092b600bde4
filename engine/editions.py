"""The rules of time as rows: every change is an edition, and a case keeps the one it began with.

A book never changes once it is written, so that a process keeps it and a completion reads no row.
"""

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from decisions import feel
from engine import clock, limits, policies
from engine.errors import N_, ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from engine.models import Policy, PolicyEdition
from engine.policies import COMPANY_RULE, Book, PauseReason, Principle
from engine.ports import SYSTEM, Actor, ports
from engine.sql import Statement, table
from engine.working_time import parse

LIMIT, LADDER, PAUSE, PRINCIPLE = "limit", "ladder", "pause", "principle"
KINDS = (LIMIT, LADDER, PAUSE, PRINCIPLE)
#: (kind, code) -> the row as it shall read; None takes the rule out of force
Changes = Mapping[tuple[str, str], Mapping[str, Any] | None]
_CODE = re.compile(r"[A-Z][A-Z0-9_-]{1,39}")
_newest = Statement(select(func.max(table(PolicyEdition).c.number)))
_books: WeakKeyDictionary[Engine, dict[int, Book]] = WeakKeyDictionary()
_lock = threading.Lock()
#: editions kept in a process; open cases rarely span more
_KEPT = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One line of the log: what read how before and after, by whom and why."""

    edition: int
    at: datetime
    by: int
    reason: str
    kind: str
    code: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None

    def fields(self) -> list[tuple[str, Any, Any]]:
        """Return (field, from, to) of what differs."""
        old, new = self.before or {}, self.after or {}
        names = dict.fromkeys([*old, *new])
        return [(n, old.get(n), new.get(n)) for n in names if old.get(n) != new.get(n)]


def newest(session: Session) -> int | None:
    """Return the number of the edition in force; None while there are no rules."""
    found = _newest(session, {}).fetchone()
    return None if found is None else found[0]


def book(session: Session, edition: int | None) -> Book:
    """Return the rules of an edition; None is the empty book of a house without rules."""
    if edition is None:
        return policies.EMPTY
    if session.info.get("editions_changed"):
        return _made(edition, rows(session, edition))
    with _lock:
        kept = _books.setdefault(session.get_bind().engine, {})
    found = kept.get(edition)
    if found is None:
        found = kept[edition] = _made(edition, rows(session, edition))
        while len(kept) > _KEPT:
            kept.pop(next(iter(kept)))
    return found


def current(session: Session) -> Book:
    """Return the rules in force now."""
    return book(session, newest(session))


def rows(session: Session, edition: int | None) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the rules of an edition as their rows read."""
    if edition is None:
        return {}
    query = select(Policy).where(Policy.edition <= edition).order_by(Policy.edition)
    found: dict[tuple[str, str], dict[str, Any] | None] = {}
    for row in session.scalars(query):
        found[row.kind, row.code] = row.row
    return {key: dict(row) for key, row in found.items() if row is not None}


def drafted(session: Session, changes: Changes) -> Book:
    """Return the rules as they would be after some changes; nothing is written."""
    edition = newest(session)
    wanted: dict[tuple[str, str], Mapping[str, Any] | None] = {**rows(session, edition)}
    wanted |= {key: row and {**row, "source": COMPANY_RULE} for key, row in changes.items()}
    return _made((edition or 0) + 1, {k: dict(row) for k, row in wanted.items() if row is not None})


def change(session: Session, actor: Actor, changes: Changes, *, reason: str) -> int:
    """Put changed rules in force as the next edition; return its number.

    Running cases keep theirs. What has been edited is the company's and goes before the diagram.
    """
    if not ports.can(actor, "policy.manage", None):
        raise ForbiddenError(N_("时限规则由品质部或系统管理员维护。需要调整，请联系品质部。"))
    there = rows(session, newest(session))
    real = {key: row for key, row in changes.items() if there.get(key) != row}
    for key, row in real.items():
        if row is None and key not in there:
            raise NotFoundError(N_("没有时限规则“{code}”"), code=key[1])
    if not real:
        raise ConflictError(N_("规则没有变化。"))
    if not reason.strip():
        raise InvalidInputError(N_("请写明修改的原因。"), fields={"reason": [N_("必填")]})
    _check(there, real, drafted(session, real))
    return _write(session, actor, real, reason=reason, source=COMPANY_RULE)


def check(session: Session, changes: Changes) -> None:
    """Refuse what `change` would refuse, for a preview."""
    _check(rows(session, newest(session)), changes, drafted(session, changes))


def seed(session: Session, shipped: Changes, *, reason: str = "随产品提供") -> int | None:
    """Put shipped rules in force; what the company has edited or taken away stays so."""
    latest: dict[tuple[str, str], dict[str, Any] | None] = {}
    for row in session.scalars(select(Policy).order_by(Policy.edition)):
        latest[row.kind, row.code] = row.row
    fresh = {
        key: row for key, row in shipped.items()
        if key not in latest or (
            (old := latest[key]) is not None and old.get("source") != COMPANY_RULE and old != row
        )
    }  # fmt: skip
    return _write(session, SYSTEM, fresh, reason=reason) if fresh else None


def log(session: Session, *, kind: str | None = None, code: str | None = None,
        limit: int = 100) -> list[Change]:  # fmt: skip
    """Return who changed what and when, the newest first."""
    query = select(Policy, PolicyEdition).join(
        PolicyEdition, PolicyEdition.number == Policy.edition
    )
    if kind is not None and code is not None:
        query = query.where(Policy.kind == kind, Policy.code == code)
    found: list[Change] = []
    before: dict[tuple[str, str], Mapping[str, Any] | None] = {}
    for row, edition in session.execute(query.order_by(Policy.edition, Policy.kind, Policy.code)):
        key = (row.kind, row.code)
        found.append(Change(
            edition=edition.number, at=edition.at, by=edition.by, reason=edition.reason,
            kind=row.kind, code=row.code, before=before.get(key), after=row.row,
        ))  # fmt: skip
        before[key] = row.row
    return found[::-1][:limit]


#: properties of a step -> fields of a rule, for what is wrong with them
_FIELDS = {"timeStandard": "amount", "clock": "clock", "startFrom": "start", "warnAt": "warn",
           "escalation": "ladder"}  # fmt: skip


def _check(
    there: Mapping[tuple[str, str], Mapping[str, Any]], changes: Changes, draft: Book
) -> None:
    """Refuse a rule that could not be read when a task opens, and a fixed field that changes."""
    for (kind, code), row in changes.items():
        if row is not None and (kind, code) not in there:
            _check_code(code)
        _check_fixed(code, there.get((kind, code), {}), row)
        if row is not None and kind == LIMIT:
            _check_limit(draft.policies[code], draft)
        elif row is not None and kind == PAUSE:
            for name in ("free", "longest"):
                _readable(code, name, str(row.get(name, "")))
        elif row is None and kind == LADDER:
            _check_unused(code, draft)


def _check_code(code: str) -> None:
    """Refuse a code that could not stand in an address or in a diagram."""
    if not _CODE.fullmatch(code):
        detail = N_("请用大写字母开头的字母、数字、横线，如 R-NIGHT")
        raise InvalidInputError(N_("编号有误：{detail}"), detail=detail, fields={"code": [detail]})


def _check_unused(ladder: str, draft: Book) -> None:
    """Refuse to take a ladder away that a rule still names."""
    if ladder in policies.known_ladders():
        return
    for policy in draft.policies.values():
        if policy.ladder == ladder:
            raise _wrong(policy.code, "ladder", N_("没有这个升级规则"))


def _check_fixed(code: str, old: Mapping[str, Any], row: Mapping[str, Any] | None) -> None:
    fixed = old.get("locked") or ()
    if row is None:
        if fixed:
            raise _wrong(code, "code", N_("这一项固定，不能修改"))
        return
    for name in fixed:
        if row.get(name) != old.get(name):
            raise _wrong(code, name, N_("这一项固定，不能修改"))


def _check_limit(policy: policies.Policy, draft: Book) -> None:
    given = {key: text for key, text in policy.properties().items() if key != "escalation"}
    for key, detail in limits.check(given):
        raise _wrong(policy.code, _FIELDS.get(key, key), detail)
    if policy.ladder and policy.ladder not in {*draft.ladders, *policies.known_ladders()}:
        raise _wrong(policy.code, "ladder", N_("没有这个升级规则"))
    if policy.of not in {policies.DONE, policies.CLAIM, policies.OPEN, *policies.OF_CASE}:
        raise _wrong(policy.code, "of", N_("没有这种时限"))
    try:
        feel.compile(policy.condition or "true")
    except feel.FeelError as error:
        raise _wrong(policy.code, "condition", error.zh) from error


def _readable(code: str, name: str, text: str) -> None:
    try:
        parse(text)
    except InvalidInputError as error:
        raise _wrong(code, name, str(error)) from error


def _wrong(code: str, name: str, detail: str) -> InvalidInputError:
    return InvalidInputError(
        N_("规则“{code}”的“{field}”有误：{detail}"), code=code, field=name, detail=detail,
        fields={name: [detail]},
    )  # fmt: skip


def _write(
    session: Session, actor: Actor, changes: Changes, *, reason: str, source: str | None = None
) -> int:
    number = (newest(session) or 0) + 1
    session.info["editions_changed"] = True
    session.add(PolicyEdition(number=number, at=clock.now(), by=actor.key, reason=reason))
    session.flush()
    for (kind, code), row in changes.items():
        kept = None if row is None else {**row, **({"source": source} if source else {})}
        session.add(Policy(kind=kind, code=code, edition=number, row=kept))
    session.flush()
    return number


def _made(edition: int, found: Mapping[tuple[str, str], Mapping[str, Any]]) -> Book:
    def of(kind: str) -> dict[str, Mapping[str, Any]]:
        return {code: row for (one, code), row in found.items() if one == kind}

    return Book(
        edition=edition,
        policies={code: policies.policy(code, row) for code, row in of(LIMIT).items()},
        ladders={code: policies.read_ladder(code, row) for code, row in of(LADDER).items()},
        reasons={code: PauseReason(**_known(PauseReason, code, row))
                 for code, row in of(PAUSE).items()},
        principles={code: Principle(**_known(Principle, code, row))
                    for code, row in of(PRINCIPLE).items()},
    )  # fmt: skip


def _known(
    made: type[PauseReason | Principle], code: str, row: Mapping[str, Any]
) -> dict[str, Any]:
    fields = made.__dataclass_fields__
    return {**{key: value for key, value in row.items() if key in fields}, "code": code}
