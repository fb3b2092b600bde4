"""What all of the compiler shares: the table of node compilers and the scopes at run time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from decisions.feel.syntax import Name, Node, children

if TYPE_CHECKING:
    from decisions.feel.functions import Function

Scope: TypeAlias = Mapping[str, Any]
Code: TypeAlias = Callable[[Any], Any]
#: Tests a value in a scope: true, false or null.
Check: TypeAlias = Callable[[Any, Any], bool | None]


class Inner(dict[str, Any]):
    """A scope inside another: own names first, then the outer ones."""

    __slots__ = ("outer",)

    def __init__(self, outer: Scope, own: Mapping[str, Any] | None = None) -> None:
        super().__init__(own or ())
        self.outer = outer

    def __missing__(self, name: str) -> Any:
        return self.outer[name]


@dataclass(frozen=True, slots=True)
class Env:
    """What is known while compiling: names bound by the expression, functions at hand."""

    bound: frozenset[str] = frozenset()
    functions: Mapping[str, Function] = None  # type: ignore[assignment]  # always given

    def bind(self, *names: str) -> Env:
        return replace(self, bound=self.bound.union(names))


_T = TypeVar("_T")
_COMPILERS: dict[type, Callable[[Any, Env], Code]] = {}


def compiles(kind: type[_T]) -> Callable[[Callable[[_T, Env], Code]], Callable[[_T, Env], Code]]:
    """Register the compiler of a node type."""

    def register(function: Callable[[_T, Env], Code]) -> Callable[[_T, Env], Code]:
        _COMPILERS[kind] = function
        return function

    return register


def code(node: Node, env: Env) -> Code:
    """The closure that evaluates a node in a scope."""
    return _COMPILERS[node.__class__](node, env)


def weight(node: Node) -> int:
    """The budget's steps that evaluating a node takes, apart from its inner loops."""
    return 1 + _size(node) // 4


def _size(node: Node) -> int:
    return 1 + sum(map(_size, children(node)))


def mentions(node: Node, name: str) -> bool:
    """Whether a variable of that name occurs anywhere inside."""
    if isinstance(node, Name):
        return node.name == name
    return any(mentions(child, name) for child in children(node))
