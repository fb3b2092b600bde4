"""Compile boxed expressions (DMN 10.2) to closures over a scope."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lxml import etree

from decisions.dmn.documents import EXPRESSIONS, first, inside, text
from decisions.dmn.tables import compile_table
from decisions.feel.calls import make_function
from decisions.feel.codes import Code, Inner
from decisions.feel.functions import Function
from decisions.feel.loops import elements, item_scope
from decisions.feel.types import Type, coerce
from decisions.feel.values import normalise

if TYPE_CHECKING:
    from collections.abc import Callable

    from decisions.dmn.places import Place


def compile_boxed(element: etree._Element, place: Place) -> Code:
    """Any boxed expression; its typeRef fits or nulls its value."""
    name = etree.QName(element).localname
    run = _COMPILERS[name](element, place)
    if name in {"decisionTable", "functionDefinition"}:
        return run
    return typed(run, place.type_of(element))


def typed(run: Code, type_: Type | None) -> Code:
    if type_ is None or type_.name in {"Any", "function"}:
        return run
    return lambda scope: coerce(run(scope), type_)


def child(element: etree._Element, place: Place, *, of: str = "") -> Code:
    """The expression inside an element, or inside its child of a name; null if there is none."""
    holder = first(element, of) if of else element
    inner = None if holder is None else first(holder, *EXPRESSIONS)
    return _null if inner is None else compile_boxed(inner, place)


def _null(_scope: Any) -> None:
    return None


def _literal(element: etree._Element, place: Place) -> Code:
    source = text(element)
    return place.code(source, element) if source else _null


def _context(element: etree._Element, place: Place) -> Code:
    """Entries see the earlier ones; an entry without a variable is the result."""
    entries: list[tuple[str | None, Code]] = []
    for entry in inside(element, "contextEntry"):
        variable = first(entry, "variable")
        if variable is None:
            entries.append((None, child(entry, place)))
            continue
        name = variable.get("name", "")
        inner = place.bind(name)  # a function may call itself by its entry's name
        entries.append((name, typed(child(entry, inner), place.type_of(variable))))
        place = inner

    def run(scope: Any) -> Any:
        own = Inner(scope)
        for name, load in entries:
            value = load(own)
            if name is None:
                return value
            own[name] = value
        return dict(own)

    return run


def _list(element: etree._Element, place: Place) -> Code:
    items = [compile_boxed(item, place) for item in inside(element, *EXPRESSIONS)]
    return lambda scope: [item(scope) for item in items]


def _relation(element: etree._Element, place: Place) -> Code:
    columns = [(c.get("name", ""), place.type_of(c)) for c in inside(element, "column")]
    rows = [
        [
            (name, typed(compile_boxed(cell, place), type_))
            for (name, type_), cell in zip(columns, inside(row, *EXPRESSIONS), strict=False)
        ]
        for row in inside(element, "row")
    ]
    return lambda scope: [{name: load(scope) for name, load in row} for row in rows]


def _invocation(element: etree._Element, place: Place) -> Code:
    function = child(element, place)
    bindings: list[tuple[str, Code]] = []
    for binding in inside(element, "binding"):
        parameter = first(binding, "parameter")
        name = "" if parameter is None else parameter.get("name", "")
        bindings.append((name, child(binding, place)))

    def run(scope: Any) -> Any:
        found = normalise(function(scope))
        if not isinstance(found, Function):
            return None
        return found.call_named({name: load(scope) for name, load in bindings})

    return run


def _function(element: etree._Element, place: Place) -> Code:
    parameters = inside(element, "formalParameter")
    names = tuple(p.get("name", "") for p in parameters)
    types = tuple(place.type_of(p) for p in parameters)
    if element.get("kind", "FEEL") != "FEEL":
        place.problem(
            element, "dmn.external", "不执行外部（Java、PMML）函数",
            "external (Java, PMML) functions are not run",
        )  # fmt: skip
        body: Code = _null
    else:
        body = child(element, place.bind(*names))
    return make_function(names, types, body, place.type_of(element))


def _conditional(element: etree._Element, place: Place) -> Code:
    condition, then, otherwise = (child(element, place, of=part) for part in ("if", "then", "else"))

    def run(scope: Any) -> Any:
        found = condition(scope)
        if found is not None and not isinstance(found, bool):
            return None
        return then(scope) if found else otherwise(scope)

    return run


def _for(element: etree._Element, place: Place) -> Code:
    name = element.get("iteratorVariable", "")
    source = child(element, place, of="in")
    result = child(element, place.bind(name, "partial"), of="return")

    def run(scope: Any) -> list[Any] | None:
        items = elements(source(scope))
        if items is None:
            return None
        found: list[Any] = []
        for item in items:
            found.append(result(Inner(scope, {name: item, "partial": found})))
        return found

    return run


def _quantified(every: bool) -> Callable[[etree._Element, Place], Code]:  # noqa: FBT001  a table row
    def make(element: etree._Element, place: Place) -> Code:
        name = element.get("iteratorVariable", "")
        source = child(element, place, of="in")
        condition = child(element, place.bind(name), of="satisfies")

        def run(scope: Any) -> bool | None:
            items = elements(source(scope))
            if items is None:
                return None
            answers = [condition(Inner(scope, {name: item})) for item in items]
            if not all(isinstance(answer, bool) for answer in answers):
                return None
            return all(answers) if every else any(answers)

        return run

    return make


def _filter(element: etree._Element, place: Place) -> Code:
    source = child(element, place, of="in")
    match = child(element, place.bind("item"), of="match")

    def run(scope: Any) -> list[Any] | None:
        items = elements(source(scope))
        if items is None:
            return None
        kept = [(item, match(item_scope(scope, item))) for item in items]
        if not all(isinstance(answer, bool) for _, answer in kept):
            return None
        return [item for item, answer in kept if answer]

    return run


_COMPILERS: dict[str, Callable[[etree._Element, Place], Code]] = {
    "literalExpression": _literal,
    "decisionTable": compile_table,
    "context": _context,
    "invocation": _invocation,
    "list": _list,
    "relation": _relation,
    "functionDefinition": _function,
    "conditional": _conditional,
    "for": _for,
    "every": _quantified(every=True),
    "some": _quantified(every=False),
    "filter": _filter,
}
