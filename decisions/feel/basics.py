"""Compile constants, names, paths, lists, contexts, intervals and conditions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from decisions.feel import budget
from decisions.feel.codes import Code, Env, Inner, Scope, code, compiles
from decisions.feel.properties import PROPERTIES
from decisions.feel.syntax import (
    Const,
    ContextOf,
    If,
    InstanceOf,
    Interval,
    ListOf,
    Name,
    Path,
)
from decisions.feel.types import instance_of
from decisions.feel.values import Range, kind, normalise


@compiles(Const)
def _const(node: Const, _env: Env) -> Code:
    value = node.value
    return lambda _scope: value


@compiles(Name)
def _name(node: Name, env: Env) -> Code:
    name = node.name
    functions = env.functions

    def run(scope: Scope) -> Any:
        try:
            return scope[name]
        except KeyError:
            return functions.get(name)

    return run


@compiles(Path)
def _path(node: Path, env: Env) -> Code:
    target, name = code(node.target, env), node.name

    def run(scope: Scope) -> Any:
        value = target(scope)
        return value.get(name) if value.__class__ is dict else member(value, name)

    return run


def member(value: Any, name: str) -> Any:
    """`value.name`: an entry, a property of a date or range, or that of every list item."""
    if value is None:
        return None
    if isinstance(value, Mapping):
        return value.get(name)
    value = normalise(value)
    if isinstance(value, list):
        budget.spend(len(value))
        return [member(item, name) for item in value]
    read = PROPERTIES.get(kind(value), {}).get(name)
    return None if read is None else read(value)


@compiles(ListOf)
def _list(node: ListOf, env: Env) -> Code:
    items = [code(item, env) for item in node.items]
    if all(isinstance(item, Const) for item in node.items):
        values = [item(None) for item in items]
        return lambda _scope: list(values)
    return lambda scope: [item(scope) for item in items]


@compiles(ContextOf)
def _context(node: ContextOf, env: Env) -> Code:
    keys = [key for key, _ in node.entries]
    inner = env.bind(*keys)
    entries = [(key, code(entry, inner)) for key, entry in node.entries]
    if len(set(keys)) < len(keys):
        return lambda _scope: None

    def run(scope: Scope) -> dict[str, Any]:
        own = Inner(scope)
        for key, entry in entries:
            own[key] = entry(own)
        return dict(own)

    return run


@compiles(Interval)
def _interval(node: Interval, env: Env) -> Code:
    start = code(node.start, env) if node.start is not None else None
    end = code(node.end, env) if node.end is not None else None
    flags = (node.start_included, node.end_included, node.op)

    def run(scope: Scope) -> Range | None:
        low = start(scope) if start else None
        high = end(scope) if end else None
        return make_range(low, high, *flags)

    return run


def make_range(start: Any, end: Any, low: bool, high: bool, op: str = "") -> Range | None:  # noqa: FBT001
    """A range; null if nothing bounds it or its ends are of different kinds."""
    start, end = normalise(start), normalise(end)
    if start is None and end is None:
        return None
    if start is not None and end is not None and kind(start) != kind(end):
        return None
    return Range(start, end, low, high, op)


@compiles(If)
def _if(node: If, env: Env) -> Code:
    condition, then, otherwise = (
        code(part, env) for part in (node.condition, node.then, node.otherwise)
    )
    return lambda scope: then(scope) if condition(scope) is True else otherwise(scope)


@compiles(InstanceOf)
def _instance_of(node: InstanceOf, env: Env) -> Code:
    value, type_ = code(node.value, env), node.type
    return lambda scope: instance_of(value(scope), type_)
