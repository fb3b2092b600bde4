"""How a built-in is declared: `@define("name(parameter: kind, optional?: kind, rest...: kind)")`.

Kinds are FEEL's type names, several joined by `|`; `any` takes everything, `null` too. Arguments of
other kinds make the call null, after the implicit conversions to and from a list of one. Several
functions may carry one name; the first whose parameters fit is called.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from decisions.feel import budget
from decisions.feel.functions import Function
from decisions.feel.values import kind, normalise

_F = TypeVar("_F", bound=Callable[..., Any])
_SIGNATURE = re.compile(r"(?P<name>[^(]+)\((?P<parameters>.*)\)")


class Formal(NamedTuple):
    """A formal parameter."""

    name: str
    kinds: frozenset[str]
    optional: bool
    rest: bool


@dataclass(frozen=True, slots=True)
class Signature:
    """One way to call a built-in."""

    formals: tuple[Formal, ...]
    function: Callable[..., Any]
    least: int
    most: int | None

    def bind(self, arguments: list[Any]) -> list[Any] | None:
        """The arguments as the function wants them, None if they don't fit."""
        given = len(arguments)
        if given < self.least or (self.most is not None and given > self.most):
            return None
        bound: list[Any] = []
        for index, argument in enumerate(arguments):
            formal = self.formals[min(index, len(self.formals) - 1)]
            ok, value = _fit(argument, formal)
            if not ok:
                return None
            bound.append(value)
        return bound

    def bind_named(self, arguments: Mapping[str, Any]) -> list[Any] | None:
        names = [formal.name for formal in self.formals]
        if not set(arguments) <= set(names):
            return None
        bound: list[Any] = []
        for formal in self.formals:
            if formal.name not in arguments:
                if not formal.optional:
                    return None
                bound.append(None)
                continue
            ok, value = _fit(arguments[formal.name], formal)
            if not ok:
                return None
            bound.append(value)
        return bound


def _fit(argument: Any, formal: Formal) -> tuple[bool, Any]:
    value = normalise(argument)
    budget.spend_on(value)
    found = kind(value)
    kinds = formal.kinds
    if found in kinds or "any" in kinds:
        return True, value
    if value is None:
        return formal.optional, None
    if isinstance(value, list) and len(value) == 1:
        return _fit(value[0], formal) if "list" not in kinds else (False, None)
    if "list" in kinds:
        return True, [value]
    return False, None


#: All built-ins by name.
BUILTINS: dict[str, Function] = {}


def define(signature: str) -> Callable[[_F], _F]:
    """Declare an overload of a built-in; see the module's sentence for the notation."""
    match = _SIGNATURE.fullmatch(signature)
    if match is None:
        raise ValueError(signature)
    formals = tuple(_formal(text) for text in match["parameters"].split(", ") if text)

    def register(function: _F) -> _F:
        name = match["name"]
        built_in = BUILTINS.setdefault(name, Function(_nothing, name=name, key=name))
        least = sum(not formal.optional for formal in formals)
        most = None if formals and formals[-1].rest else len(formals)
        built_in.overloads.append(Signature(formals, function, least, most))
        if built_in.parameters is None:
            built_in.parameters = tuple(formal.name for formal in formals)
        return function

    return register


def _nothing(*_: Any) -> None:
    """Stand in for the body that overloads replace."""


def _formal(text: str) -> Formal:
    name, _, kinds = text.partition(": ")
    bare = name.removesuffix("...").removesuffix("?")
    return Formal(bare, frozenset(kinds.split("|")), name.endswith("?"), name.endswith("..."))
