"""What is in force, ready to run: parsed once, shared by all instances, kept by key and hash."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import bindparam, literal_column, select
from sqlalchemy.orm import Session

import forms
from decisions import dmn
from engine import spiff
from engine.errors import N_, NotFoundError
from engine.models import Content, DecisionVersion, Definition, FormVersion
from engine.ports import COMPANY, ports
from engine.sql import Statement, table

T = TypeVar("T")

#: versions kept parsed; a company has some dozens in force
CACHE_SIZE = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """A version of a process with everything a step needs to know of it."""

    key: int
    process_id: str
    version: int
    tenant_id: str
    name: str
    model: spiff.Model
    process: spiff.Process
    routed: frozenset[str]
    bindings: Mapping[str, int]


class _Cache(Generic[T]):
    """The most recently used values by key; versions never change, so nothing expires."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, T] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: int, make: Callable[[], T]) -> T:
        found = self._kept.get(key)
        if found is None:
            found = make()
            with self._lock:
                self._kept[key] = found
                while len(self._kept) > CACHE_SIZE:
                    self._kept.popitem(last=False)
        return found

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()


_d = table(Definition).c
_in_force = Statement(
    select(_d.key)
    .where(_d.process_id == bindparam("id"), _d.tenant_id.in_((bindparam("tenant"), COMPANY)))
    .order_by(_d.tenant_id == COMPANY, _d.version.desc())
    .limit(literal_column("1"))
)
_definitions: _Cache[Compiled] = _Cache()
_forms: _Cache[forms.Form] = _Cache()
_decisions: _Cache[dmn.Model] = _Cache()


def compiled(session: Session, definition_key: int) -> Compiled:
    """Return a version of a process, ready to run."""
    return _definitions.get(definition_key, lambda: _compile(session, definition_key))


def model(session: Session, definition_key: int) -> spiff.Model:
    """Return the parsed diagram of a version."""
    return compiled(session, definition_key).model


def form(session: Session, form_key: int) -> forms.Form:
    """Return a version of a form."""
    return _forms.get(form_key, lambda: forms.parse(_content(session, FormVersion, form_key)))


def decision(session: Session, decision_key: int) -> dmn.Model:
    """Return the decision model that a version of a decision belongs to."""
    return _decisions.get(
        decision_key, lambda: dmn.parse(_content(session, DecisionVersion, decision_key))
    )


def newest(session: Session, process_id: str, tenant_id: str = COMPANY) -> Compiled:
    """Return the version of a process that is in force for a project."""
    if session.new:  # deployed in this unit
        session.flush()
    found = _in_force(session, {"id": process_id, "tenant": tenant_id}).fetchone()
    if found is None:
        raise NotFoundError(N_("没有名为 {process_id} 的流程"), process_id=process_id)
    return compiled(session, found[0])


def forget() -> None:
    """Empty the caches: another database is about to be used (tests, sandboxes)."""
    for cache in (_definitions, _forms, _decisions):
        cache.clear()


def runtime(session: Session, which: Compiled, *, now: datetime) -> spiff.Runtime:
    """Return what a step of this version may ask of the outside."""

    def decide(decision_id: str, reference: Any, context: Mapping[str, Any]) -> spiff.Decided:
        row = _decision_row(session, which, decision_id, reference.binding)
        with ports.deciding(session):
            result = decision(session, row.key).evaluate(decision_id, context)
        return spiff.Decided(
            value=result.value, decision_id=decision_id, version=row.version, hits=result.trace
        )

    return spiff.Runtime(now=now, decide=decide, functions=ports.feel_functions)


def form_key(session: Session, which: Compiled, reference: spiff.FormRef) -> int:
    """Return the key of the form version that a task opens with now."""
    bound = which.bindings.get(f"form:{reference.form_id}")
    if reference.binding == "deployment" and bound is not None:
        return bound
    return _newest_key(session, FormVersion, FormVersion.form_id, reference.form_id, which)


def called_key(session: Session, which: Compiled, reference: spiff.CallRef) -> int:
    """Return the key of the definition that a call activity starts now."""
    bound = which.bindings.get(f"process:{reference.process_id}")
    if reference.binding == "deployment" and bound is not None:
        return bound
    return _newest_key(session, Definition, Definition.process_id, reference.process_id, which)


def _compile(session: Session, definition_key: int) -> Compiled:
    row = session.get(Definition, definition_key)
    if row is None:
        raise NotFoundError(N_("没有编号为 {key} 的流程版本"), key=definition_key)
    parsed = spiff.model(row.hash, lambda: _content(session, Definition, definition_key))
    return Compiled(
        key=row.key,
        process_id=row.process_id,
        version=row.version,
        tenant_id=row.tenant_id,
        name=row.name or row.process_id,
        model=parsed,
        process=parsed.processes[row.process_id],
        routed=frozenset(row.routed),
        bindings=dict(row.bindings),
    )


def _content(session: Session, table: Any, key: int) -> bytes:
    query = select(Content.body).join(table, table.hash == Content.hash).where(table.key == key)
    body = session.scalars(query).first()
    if body is None:
        raise NotFoundError(N_("没有编号为 {key} 的版本"), key=key)
    return bytes(body)


def _decision_row(
    session: Session, which: Compiled, decision_id: str, binding: str
) -> DecisionVersion:
    bound = which.bindings.get(f"decision:{decision_id}")
    if binding != "deployment" or bound is None:
        bound = _newest_key(
            session, DecisionVersion, DecisionVersion.decision_id, decision_id, which
        )
    row = session.get(DecisionVersion, bound)
    if row is None:
        raise NotFoundError(N_("没有名为 {decision_id} 的决策"), decision_id=decision_id)
    return row


def _newest_key(session: Session, table: Any, column: Any, wanted: str, which: Compiled) -> int:
    query = (
        select(table.key)
        .where(column == wanted, table.tenant_id.in_((which.tenant_id, COMPANY)))
        .order_by(table.tenant_id == COMPANY, table.version.desc())
        .limit(1)
    )
    found = session.scalars(query).first()
    if found is None:
        raise NotFoundError(N_("没有名为 {wanted} 的流程、表单或决策"), wanted=wanted)
    return int(found)
