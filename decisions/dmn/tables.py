"""Decision tables: reading them, and evaluating them by their hit policy (DMN 8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from decisions.dmn.documents import first, id_of, inside, line, text
from decisions.dmn.hits import RUN, Hit, outcome
from decisions.feel.types import Type, coerce
from decisions.feel.values import kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from lxml import etree

    from decisions.dmn.places import Place
    from decisions.feel.codes import Code


@dataclass(frozen=True, slots=True)
class Input:
    """An input column."""

    label: str
    expression: str
    values: str
    element: etree._Element


@dataclass(frozen=True, slots=True)
class Output:
    """An output column."""

    name: str
    label: str
    values: str
    default: str
    element: etree._Element


@dataclass(frozen=True, slots=True)
class Rule:
    """A row; its number counts from 1."""

    number: int
    id: str
    line: int
    tests: tuple[str, ...]
    outputs: tuple[str, ...]
    notes: tuple[str, ...]
    element: etree._Element


@dataclass(frozen=True, slots=True)
class Table:
    """A decision table as written."""

    id: str
    hit_policy: str
    aggregation: str
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]


def read(element: etree._Element) -> Table:
    """The table of a `decisionTable` element."""
    return Table(
        id=id_of(element),
        hit_policy=element.get("hitPolicy", "UNIQUE").upper().replace("_", " "),
        aggregation=element.get("aggregation", "").upper(),
        inputs=tuple(_input(el) for el in inside(element, "input")),
        outputs=tuple(_output(el) for el in inside(element, "output")),
        rules=tuple(_rule(n, el) for n, el in enumerate(inside(element, "rule"), 1)),
    )


def _input(element: etree._Element) -> Input:
    expression = text(first(element, "inputExpression"))
    values = text(first(element, "inputValues"))
    return Input(element.get("label") or expression, expression, values, element)


def _output(element: etree._Element) -> Output:
    values = text(first(element, "outputValues"))
    default = text(first(element, "defaultOutputEntry"))
    name = element.get("name") or ""
    return Output(name, element.get("label") or name, values, default, element)


def _rule(number: int, element: etree._Element) -> Rule:
    return Rule(
        number,
        element.get("id") or f"{id_of(element)}#{number}",
        line(element),
        tuple(text(entry) or "-" for entry in inside(element, "inputEntry")),
        tuple(text(entry) or "null" for entry in inside(element, "outputEntry")),
        tuple(text(entry) for entry in inside(element, "annotationEntry")),
        element,
    )


def compile_table(element: etree._Element, place: Place) -> Code:
    """The table as a closure; it adds its hits to the run's trace."""
    table = read(element)
    inputs = [_compile_input(column, place) for column in table.inputs]
    rules = [_compile_rule(rule, table, place) for rule in table.rules]
    result = outcome(table, place, element)
    labels = [column.label for column in table.inputs]
    owner, single = place.owner, len(table.outputs) == 1
    names = [output.name for output in table.outputs]
    first_only = table.hit_policy == "FIRST"

    def run(scope: Any) -> Any:
        values = []
        for load in inputs:
            ok, value = load(scope)
            if not ok:
                return None
            values.append(value)
        hits: list[int] = []
        outputs: list[Any] = []
        for number, (checks, entries) in enumerate(rules, 1):
            for column, passes in checks:
                if passes(scope, values[column]) is not True:
                    break
            else:
                hits.append(number)
                found = [entry(scope) for entry in entries]
                outputs.append(found[0] if single else dict(zip(names, found, strict=True)))
                if first_only:
                    break
        value = result(scope, outputs)
        scope[RUN].trace.append(
            Hit(owner, tuple(hits), dict(zip(labels, values, strict=True)), value)
        )
        return value

    return run


def _compile_input(column: Input, place: Place) -> Callable[[Any], tuple[bool, Any]]:
    """The value of a column; not ok if it is none of the values the column may have."""
    expression = first(column.element, "inputExpression")
    home = column.element if expression is None else expression
    load = place.code(column.expression, home)
    type_ = place.type_of(home)
    allowed = place.tests(column.values, column.element) if column.values else None

    def run(scope: Any) -> tuple[bool, Any]:
        value = load(scope)
        if type_ is not None:
            value = _typed(value, type_)
        if allowed is not None and value is not None:
            return allowed(scope, value) is True, value
        return True, value

    return run


def _typed(value: Any, type_: Type) -> Any:
    if (
        type_.allowed is None
        and not type_.of
        and type_.fields is None
        and kind(value) == type_.name
    ):
        return value
    return coerce(value, type_)


def _compile_rule(
    rule: Rule, table: Table, place: Place
) -> tuple[list[tuple[int, Callable[..., bool | None]]], list[Code]]:
    """The tests that are more than `-`, with their columns, and the outputs."""
    if len(rule.tests) != len(table.inputs) or len(rule.outputs) != len(table.outputs):
        place.problem(
            rule.element, "dmn.rule", f"第 {rule.number} 条规则的格数与列数不一致",
            f"rule {rule.number} does not have one entry a column",
        )  # fmt: skip
        return [(0, lambda *_: False)], []
    checks = [
        (column, place.tests(source, rule.element, _cell(rule, table.inputs[column].label)))
        for column, source in enumerate(rule.tests)
        if source != "-"
    ]
    entries = []
    for source, output in zip(rule.outputs, table.outputs, strict=True):
        load = place.code(source, rule.element, _cell(rule, output.label))
        type_ = place.type_of(output.element)
        entries.append(load if type_ is None else _coerced(load, type_))
    return checks, entries


def _cell(rule: Rule, column: str) -> tuple[str, str]:
    """How a problem names a cell."""
    return f"规则 {rule.number}“{column}”：", f"rule {rule.number}, column '{column}': "


def _coerced(load: Code, type_: Type) -> Code:
    return lambda scope: _typed(load(scope), type_)
