"""The syntax tree of FEEL: one small record a construct (DMN 1.5, 10.3.1.2).

`at` is a character offset into the source, for errors.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    from decisions.feel.types import Type


@dataclass(slots=True)
class Const:
    """A literal: null, boolean, number, string or @"…"."""

    value: Any


@dataclass(slots=True)
class Name:
    """A variable, possibly of several words."""

    name: str
    at: int


@dataclass(slots=True)
class Path:
    """`target.name`."""

    target: Node
    name: str
    at: int


@dataclass(slots=True)
class Filter:
    """`target[condition]`."""

    target: Node
    condition: Node
    at: int


@dataclass(slots=True)
class ListOf:
    """`[a, b]`."""

    items: list[Node]


@dataclass(slots=True)
class ContextOf:
    """`{a: 1, b: a + 1}`; later entries see earlier ones."""

    entries: list[tuple[str, Node]]


@dataclass(slots=True)
class Interval:
    """`[a..b]`, `(a..b]`, and `(< a)` with one end missing."""

    start: Node | None
    end: Node | None
    start_included: bool
    end_included: bool
    #: the sign of `(< a)`, `(= a)`, `(!= a)` …
    op: str = ""


@dataclass(slots=True)
class Test:
    """`< 5`, `>= x`, `= y`, `!= z` standing alone: a test of the value under test."""

    op: str
    operand: Node


@dataclass(slots=True)
class Arithmetic:
    """`a + b`, `a - b`, `a * b`, `a / b`, `a ** b`."""

    op: str
    left: Node
    right: Node


@dataclass(slots=True)
class Comparison:
    """`a = b`, `!=`, `<`, `<=`, `>`, `>=`."""

    op: str
    left: Node
    right: Node


@dataclass(slots=True)
class Logic:
    """`a and b and c`, `a or b`."""

    op: str
    items: list[Node]


@dataclass(slots=True)
class Negation:
    """`-a`."""

    operand: Node


@dataclass(slots=True)
class Between:
    """`a between b and c`."""

    value: Node
    low: Node
    high: Node


@dataclass(slots=True)
class In:
    """`a in test`, `a in (test, test)`."""

    value: Node
    tests: list[Node]


@dataclass(slots=True)
class If:
    """`if a then b else c`."""

    condition: Node
    then: Node
    otherwise: Node


@dataclass(slots=True)
class Iterator:
    """`name in list` or `name in start..end`."""

    name: str
    source: Node
    end: Node | None = None


@dataclass(slots=True)
class For:
    """`for a in b, c in d return e`."""

    iterators: list[Iterator]
    result: Node
    at: int


@dataclass(slots=True)
class Quantified:
    """`some a in b satisfies c`, `every …`."""

    every: bool
    iterators: list[Iterator]
    condition: Node
    at: int


@dataclass(slots=True)
class Parameter:
    """A formal parameter of a function literal."""

    name: str
    type: Type | None = None


@dataclass(slots=True)
class FunctionOf:
    """`function(a: number) a + 1`."""

    parameters: list[Parameter]
    body: Node
    external: bool = False


@dataclass(slots=True)
class Call:
    """`f(1, 2)` or `f(a: 1, b: 2)`; `names` is None for positional arguments."""

    target: Node
    arguments: list[Node]
    names: list[str] | None
    at: int


@dataclass(slots=True)
class InstanceOf:
    """`a instance of type`."""

    value: Node
    type: Type


@dataclass(slots=True)
class UnaryTests:
    """A cell of a decision table: `-`, tests, or `not(tests)`."""

    tests: list[Node] = field(default_factory=list)
    negated: bool = False
    anything: bool = False


Node: TypeAlias = (
    Const | Name | Path | Filter | ListOf | ContextOf | Interval | Test | Arithmetic | Comparison
    | Logic | Negation | Between | In | If | For | Quantified | FunctionOf | Call | InstanceOf
)  # fmt: skip


def children(node: Node) -> list[Node]:
    """The expressions directly inside a node."""
    return _CHILDREN[node.__class__](node)


def _of_interval(node: Interval) -> list[Node]:
    return [end for end in (node.start, node.end) if end is not None]


def _of_loop(node: For | Quantified) -> list[Node]:
    found = []
    for iterator in node.iterators:
        found.append(iterator.source)
        if iterator.end is not None:
            found.append(iterator.end)
    found.append(node.result if isinstance(node, For) else node.condition)
    return found


_CHILDREN: dict[type, Callable[[Any], list[Node]]] = {
    Const: lambda _: [],
    Name: lambda _: [],
    Path: lambda n: [n.target],
    Filter: lambda n: [n.target, n.condition],
    ListOf: lambda n: n.items,
    ContextOf: lambda n: [entry for _, entry in n.entries],
    Interval: _of_interval,
    Test: lambda n: [n.operand],
    Arithmetic: lambda n: [n.left, n.right],
    Comparison: lambda n: [n.left, n.right],
    Logic: lambda n: n.items,
    Negation: lambda n: [n.operand],
    Between: lambda n: [n.value, n.low, n.high],
    In: lambda n: [n.value, *n.tests],
    If: lambda n: [n.condition, n.then, n.otherwise],
    For: _of_loop,
    Quantified: _of_loop,
    FunctionOf: lambda n: [n.body],
    Call: lambda n: [n.target, *n.arguments],
    InstanceOf: lambda n: [n.value],
}
