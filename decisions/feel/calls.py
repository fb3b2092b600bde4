"""Compile function literals and invocations (10.3.2.13.2–4)."""

from __future__ import annotations

from typing import Any

from decisions.feel import budget
from decisions.feel.codes import Code, Env, Inner, Scope, code, compiles, weight
from decisions.feel.functions import Function
from decisions.feel.syntax import Call, FunctionOf, Name
from decisions.feel.types import ANY, Type, coerce, fit
from decisions.feel.values import normalise


@compiles(FunctionOf)
def _function(node: FunctionOf, env: Env) -> Code:
    names = tuple(parameter.name for parameter in node.parameters)
    types = tuple(parameter.type for parameter in node.parameters)
    body = code(node.body, env.bind(*names))
    if node.external:
        return lambda _scope: Function(lambda *_: None, names)
    return make_function(names, types, body, None, cost=weight(node.body) + 2)


def make_function(
    names: tuple[str, ...],
    types: tuple[Type | None, ...],
    body: Code,
    result: Type | None,
    *,
    cost: int = 20,
) -> Code:
    """A closure that makes the function: its body sees the scope in which it was made."""
    declared = (tuple(type_ or ANY for type_ in types), result or ANY)

    def run(scope: Scope) -> Function:
        def call(*arguments: Any) -> Any:
            budget.spend(cost)
            own = Inner(scope)
            for name, type_, argument in zip(names, types, arguments, strict=True):
                ok, own[name] = fit(argument, type_)
                if not ok:
                    return None
            return coerce(body(own), result)

        return Function(call, names, types=declared)

    return run


@compiles(Call)
def _call(node: Call, env: Env) -> Code:
    arguments = [code(argument, env) for argument in node.arguments]
    if node.names is not None:
        return _named(node, arguments, env)
    built_in = _built_in(node, env)
    if built_in is not None:
        call = built_in.call
        return lambda scope: call([argument(scope) for argument in arguments])
    target = code(node.target, env)

    def run(scope: Scope) -> Any:
        function = normalise(target(scope))
        if not isinstance(function, Function):
            return None
        return function.call([argument(scope) for argument in arguments])

    return run


def _named(node: Call, arguments: list[Code], env: Env) -> Code:
    names = node.names or []
    target = code(node.target, env)
    built_in = _built_in(node, env)
    if len(set(names)) < len(names):
        return lambda _scope: None

    def run(scope: Scope) -> Any:
        function = built_in or normalise(target(scope))
        if not isinstance(function, Function):
            return None
        values = [argument(scope) for argument in arguments]
        return function.call_named(dict(zip(names, values, strict=True)))

    return run


def _built_in(node: Call, env: Env) -> Function | None:
    """The function a name stands for whatever the scope holds, unless the expression binds it."""
    target = node.target
    if not isinstance(target, Name) or target.name in env.bound:
        return None
    return env.functions.get(target.name)
