"""What the rules that hit make together: hit policies, aggregators, priorities (DMN 8.2.11)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from decisions.feel.builtins.statistics import max_, min_, sum_
from decisions.feel.codes import Code, code
from decisions.feel.errors import FeelError
from decisions.feel.expressions import parse_tests
from decisions.feel.values import equal, number

if TYPE_CHECKING:
    from lxml import etree

    from decisions.dmn.places import Place
    from decisions.dmn.tables import Table
    from decisions.feel.syntax import Node

#: The name under which a scope holds the run it belongs to; no FEEL name can be like it.
RUN = "\0run"

Combine: TypeAlias = Callable[[list[Any]], Any]


@dataclass(frozen=True, slots=True)
class Hit:
    """A table that was evaluated: which rules hit (from 1), on which inputs, with which result."""

    decision_id: str
    rules: tuple[int, ...]
    inputs: dict[str, Any]
    outputs: Any


@dataclass(slots=True)
class Run:
    """One evaluation of a model: what was given, what is known by now, which rules hit."""

    given: Any
    known: dict[tuple[str, str], Any] = field(default_factory=dict)
    trace: list[Hit] = field(default_factory=list)


def outcome(table: Table, place: Place, element: etree._Element) -> Callable[[Any, list[Any]], Any]:
    """How a table's result follows from the outputs of the rules that hit, in rule order."""
    make = _POLICIES.get(table.hit_policy)
    if make is None:
        place.problem(
            element, "dmn.hit_policy", f"没有“{table.hit_policy}”这种命中策略",
            f"there is no hit policy '{table.hit_policy}'",
        )  # fmt: skip
        return lambda _scope, _outputs: None
    combine, default = make(table, place), _default(table, place)
    if default is None:
        return lambda _scope, outputs: combine(outputs)
    many = table.hit_policy in _LISTS and not table.aggregation

    def run(scope: Any, outputs: list[Any]) -> Any:
        if outputs:
            return combine(outputs)
        value = default(scope)
        return [value] if many and not isinstance(value, list) else value

    return run


def _default(table: Table, place: Place) -> Code | None:
    if not any(output.default for output in table.outputs):
        return None
    codes = {o.name: place.code(o.default or "null", o.element) for o in table.outputs}
    if len(table.outputs) == 1:
        return next(iter(codes.values()))
    return lambda scope: {name: load(scope) for name, load in codes.items()}


def _unique(_table: Table, _place: Place) -> Combine:
    """At most one rule may hit; several are an error, hence null."""
    return lambda outputs: outputs[0] if len(outputs) == 1 else None


def _any(_table: Table, _place: Place) -> Combine:
    """Several rules may hit if they agree; else it is an error, hence null."""

    def combine(outputs: list[Any]) -> Any:
        if not outputs or not all(equal(outputs[0], other) is True for other in outputs[1:]):
            return None
        return outputs[0]

    return combine


def _first(_table: Table, _place: Place) -> Combine:
    return lambda outputs: outputs[0] if outputs else None


def _all(_table: Table, _place: Place) -> Combine:
    return lambda outputs: outputs or None


def _priority(table: Table, place: Place) -> Combine:
    ranked = _output_order(table, place)
    return lambda outputs: (ranked(outputs) or [None])[0]


def _output_order(table: Table, place: Place) -> Combine:
    """Sorted by the order in which the output values are listed, first column first."""
    ranks = [_ranks(output.values, place, output.element) for output in table.outputs]
    names = [output.name for output in table.outputs]

    def rank(value: Any) -> tuple[int, ...]:
        parts = [value] if len(names) == 1 else [value[name] for name in names]
        return tuple(of(part) for of, part in zip(ranks, parts, strict=True))

    return lambda outputs: sorted(outputs, key=rank) or None


def _ranks(values: str, place: Place, element: etree._Element) -> Callable[[Any], int]:
    nodes: list[Node] = []
    if values:
        try:
            nodes = parse_tests(values, place.names, place.types.known).tests
        except FeelError:
            place.tests(values, element)
    listed = [code(node, place.env)({}) for node in nodes]

    def rank(value: Any) -> int:
        places = (n for n, one in enumerate(listed) if equal(one, value) is True)
        return next(places, len(listed))

    return rank


def _collect(table: Table, _place: Place) -> Combine:
    aggregate = _AGGREGATORS.get(table.aggregation)
    if aggregate is None:
        return lambda outputs: outputs or None
    if len(table.outputs) == 1:
        return aggregate
    names = [output.name for output in table.outputs]
    return lambda outputs: (
        {name: aggregate([output[name] for output in outputs]) for name in names}
        if outputs
        else None
    )


_AGGREGATORS: dict[str, Combine] = {
    "SUM": lambda values: sum_(values) if values else None,
    "COUNT": lambda values: number(len(values)),
    "MIN": min_,
    "MAX": max_,
}
_LISTS = frozenset(("RULE ORDER", "OUTPUT ORDER", "COLLECT"))
_POLICIES: dict[str, Callable[[Any, Any], Combine]] = {
    "UNIQUE": _unique,
    "ANY": _any,
    "FIRST": _first,
    "PRIORITY": _priority,
    "RULE ORDER": _all,
    "OUTPUT ORDER": _output_order,
    "COLLECT": _collect,
}
POLICIES = frozenset(_POLICIES)
