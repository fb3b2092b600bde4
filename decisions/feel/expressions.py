"""Expressions and unary tests ready to evaluate, cached by their source."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from decisions.feel import arithmetic, basics, budget, calls, comparing, loops, membership
from decisions.feel.builtins import BUILTINS
from decisions.feel.codes import Check, Code, Env, code
from decisions.feel.functions import Function
from decisions.feel.grammar import Parser
from decisions.feel.names import Names
from decisions.feel.properties import NAMES as PROPERTY_NAMES
from decisions.feel.reading import called, free_paths
from decisions.feel.syntax import Call, Filter, For, Node, Quantified, UnaryTests, children

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from decisions.feel.types import Type

#: The compilers of all node types, imported for their registration.
COMPILERS = (arithmetic, basics, calls, comparing, loops, membership)
#: Built-in and registered functions by name.
FUNCTIONS: dict[str, Function] = dict(BUILTINS)
_BASE = Names((*FUNCTIONS, *PROPERTY_NAMES))


class _Compiled:
    """What expressions and cells have in common: their source and what they read."""

    __slots__ = ("_nodes", "source")

    def __init__(self, source: str, nodes: list[Node]) -> None:
        self.source = source
        self._nodes = nodes

    @property
    def names(self) -> frozenset[tuple[str, ...]]:
        """Paths of the variables it reads, e.g. ("case", "T1_record", "danger")."""
        return free_paths(self._nodes, FUNCTIONS)

    @property
    def item_names(self) -> frozenset[tuple[str, ...]]:
        """Those of `names` that stand in filters only and may be entries of an item."""
        return self.names - free_paths(self._nodes, FUNCTIONS, filters=False)

    @property
    def functions(self) -> frozenset[str]:
        """Names of the functions it calls."""
        return called(self._nodes)


class Expression(_Compiled):
    """A compiled expression; `evaluate(context)` gives its value."""

    __slots__ = ("evaluate", "node")

    def __init__(self, source: str, node: Node, run: Code) -> None:
        super().__init__(source, [node])
        self.node = node
        self.evaluate: Callable[[Mapping[str, Any]], Any] = run


class UnaryTest(_Compiled):
    """A compiled cell; `evaluate(context, value)` is true, false, or null where it can't tell."""

    __slots__ = ("evaluate", "node")

    def __init__(self, source: str, node: UnaryTests, run: Callable[..., bool | None]) -> None:
        super().__init__(source, node.tests)
        self.node = node
        self.evaluate: Callable[..., bool | None] = run


def compile(  # noqa: A001  feel.compile, as re.compile
    source: str, functions: Iterable[str] = (), names: Iterable[str] = ()
) -> Expression:
    """Compile an expression; FeelError says what is wrong and where.

    `functions` and `names` are further names in scope, needed only for those of several words.
    """
    return _expression(source, tuple(functions), tuple(names))


def compile_unary(
    source: str, functions: Iterable[str] = (), names: Iterable[str] = ()
) -> UnaryTest:
    """Compile the tests of a cell: `-`, `"a", "b"`, `< 5`, `[1..3]`, `not(…)`, or any expression."""
    return _unary(source, tuple(functions), tuple(names))


def register(
    name: str, function: Callable[..., Any], parameters: Iterable[str] | None = None
) -> None:
    """Make a Python function callable from every expression compiled from now on."""
    made = Function.of_python(function)
    if parameters is not None:
        made = Function(
            function, tuple(parameters), name=name, optional=made.optional, key=function
        )
    FUNCTIONS[name] = made
    _BASE.add(name)
    _expression.cache_clear()
    _unary.cache_clear()


@functools.lru_cache(maxsize=4096)
def _expression(source: str, functions: tuple[str, ...], names: tuple[str, ...]) -> Expression:
    node = Parser(source, scope_names((*functions, *names))).whole_expression()
    return Expression(source, node, runnable(node, Env(functions=FUNCTIONS)))


@functools.lru_cache(maxsize=4096)
def _unary(source: str, functions: tuple[str, ...], names: tuple[str, ...]) -> UnaryTest:
    node = Parser(source, scope_names((*functions, *names))).whole_tests()
    run = runnable_tests(node, Env(functions=FUNCTIONS))
    return UnaryTest(source, node, lambda context, value=None: run(context, value))


def scope_names(names: Iterable[str]) -> Names:
    """The built-in names of several words and some more."""
    names = tuple(names)
    return Names(names, _BASE) if names else _BASE


def parse(source: str, names: Names, types: Mapping[str, Type] | None = None) -> Node:
    """The syntax tree of an expression."""
    return Parser(source, names, types).whole_expression()


def parse_tests(source: str, names: Names, types: Mapping[str, Type] | None = None) -> UnaryTests:
    """The syntax tree of a cell."""
    return Parser(source, names, types).whole_tests()


def runnable(node: Node, env: Env) -> Code:
    """The closure of a node, with a budget if it can loop or call."""
    run = code(node, env)
    return budget.guarded(run) if _heavy(node) else run


def runnable_tests(node: UnaryTests, env: Env) -> Callable[..., bool | None]:
    """The closure of a cell, from a scope and the value under test."""
    if node.anything:
        return lambda _scope, _value: True
    checks = [membership.check(test, env, cell=True) for test in node.tests]
    run = checks[0] if len(checks) == 1 and not node.negated else _any(checks, negated=node.negated)
    return budget.guarded(run) if any(map(_heavy, node.tests)) else run


def _any(checks: list[Check], *, negated: bool) -> Check:
    def run(scope: Mapping[str, Any], value: Any) -> bool | None:
        found = membership.any_of(checks, scope, value)
        return found if not negated or found is None else not found

    return run


def _heavy(node: Node) -> bool:
    return node.__class__ in _HEAVY or any(map(_heavy, children(node)))


_HEAVY = frozenset((Call, Filter, For, Quantified))
