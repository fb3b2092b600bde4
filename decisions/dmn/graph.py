"""Evaluate the requirements graph: every element once a run, services in runs of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from decisions.dmn.documents import line
from decisions.dmn.hits import RUN, Run
from decisions.dmn.problems import Problem
from decisions.feel import budget
from decisions.feel.codes import Inner
from decisions.feel.functions import Function
from decisions.feel.types import ANY, coerce
from decisions.feel.values import normalise

if TYPE_CHECKING:
    from decisions.dmn.models import Result
    from decisions.dmn.requirements import Element, Key

Elements = Mapping["Key", "Element"]


def evaluate(
    element: Element,
    context: Mapping[str, Any],
    elements: Elements,
    result: Callable[[Any, tuple[Any, ...]], Result],
) -> Result:
    """The value of an element for a context, with the trace of its tables."""
    run = Run(given=context)
    value = _guarded(element, run, elements)
    return result(value, tuple(run.trace))


def _value_in(element: Element, run: Run, elements: Elements) -> Any:
    value = value_of(element, run, elements)
    if isinstance(value, Function) and element.kind != "decision":
        given = {name: run.given.get(name) for name in value.parameters or ()}
        return value.call_named(given)
    return value


_guarded = budget.guarded(_value_in)


def value_of(element: Element, run: Run, elements: Elements) -> Any:
    """An element's value in a run, computed once."""
    if element.key not in run.known:
        run.known[element.key] = None  # what a cycle would find
        run.known[element.key] = _VALUES[element.kind](element, run, elements)
    return run.known[element.key]


def _input(element: Element, run: Run, _elements: Elements) -> Any:
    value = run.given.get((element.namespace, element.variable), _MISSING)
    if value is _MISSING:
        value = run.given.get(element.variable)
    return coerce(value, element.type)


_MISSING = object()


def _decision(element: Element, run: Run, elements: Elements) -> Any:
    if element.code is None:
        return None
    return coerce(element.code(_scope(element, run, elements)), element.type)


def _knowledge(element: Element, run: Run, elements: Elements) -> Function | None:
    if element.code is None:
        return None
    scope = _scope(element, run, elements)
    made: Function = element.code(scope)
    scope[element.variable] = made  # it may call itself
    made.key, made.name = element.key, element.name
    if element.type is not None and element.type.name != "function":
        made.body = _fitted(made.body, element)
    return made


def _fitted(body: Callable[..., Any], element: Element) -> Callable[..., Any]:
    return lambda *arguments: coerce(body(*arguments), element.type)


def _service(element: Element, run: Run, elements: Elements) -> Function:
    """A function over the service's inputs; what it encapsulates sees nothing else."""
    inputs = [
        elements[key] for part in ("inputData", "inputDecision") for key in element.parts[part]
    ]
    outputs = [elements[key] for key in element.parts["outputDecision"]]

    def call(*arguments: Any) -> Any:
        budget.spend(50)
        inner = Run(given={}, trace=run.trace)
        for one, argument in zip(inputs, arguments, strict=True):
            inner.known[one.key] = coerce(argument, one.type)
        values = {one.variable: value_of(one, inner, elements) for one in outputs}
        value = next(iter(values.values())) if len(outputs) == 1 else values
        type_ = element.type
        return value if type_ is None or type_.name == "function" else coerce(value, type_)

    names = tuple(one.variable for one in inputs)
    types = (tuple(one.type or ANY for one in inputs), ANY)
    return Function(call, names, name=element.name, types=types, key=element.key)


def _scope(element: Element, run: Run, elements: Elements) -> Inner:
    """The names an element's logic sees: what it requires, imported ones under their prefix."""
    scope = Inner(run.given if element.open else {}, {RUN: run})
    for key in element.requires:
        target = elements.get(key)
        if target is None:
            continue
        value = value_of(target, run, elements)
        prefix = element.prefixes.get(target.namespace, "")
        if prefix and target.namespace != element.namespace:
            scope.setdefault(prefix, {})[target.variable] = value
        else:
            scope[target.variable] = normalise(value)
    return scope


_VALUES: dict[str, Callable[[Element, Run, Elements], Any]] = {
    "input": _input,
    "decision": _decision,
    "knowledge": _knowledge,
    "service": _service,
}


def inputs_of(element: Element, elements: Elements) -> frozenset[str]:
    """The names that must be given to evaluate an element."""
    found: set[str] = set()
    for one in _reached(element, elements):
        if one.kind == "input":
            found.add(one.variable)
        elif one.open and one.place is not None:
            own = {elements[key].variable for key in one.requires if key in elements}
            found |= {path[0] for path in one.place.reads} - own
    return frozenset(found)


def _reached(element: Element, elements: Elements) -> list[Element]:
    found: dict[Key, Element] = {}
    todo = [element]
    while todo:
        one = todo.pop()
        if one.key in found:
            continue
        found[one.key] = one
        todo.extend(elements[key] for key in one.requires if key in elements)
    return list(found.values())


def cycles(own: Iterable[Element], elements: Elements) -> list[Problem]:
    """Decisions that need their own result."""
    problems = []
    for element in own:
        if element.kind != "decision":
            continue
        needed = [elements[key] for key in element.requires if key in elements]
        if any(element in _reached(one, elements) for one in needed):
            problems.append(Problem(
                "dmn.cycle", element.id, line(element.xml),
                "决策需要它自己的结果", "the decision needs its own result",
            ))  # fmt: skip
    return problems
