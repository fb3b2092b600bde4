"""Functions as values: named and positional arguments, user-defined, built in, or from Python."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


class Overload(Protocol):
    """One way to call a function of several."""

    @property
    def function(self) -> Callable[..., Any]:
        """What is called with the bound arguments."""

    def bind(self, arguments: list[Any]) -> list[Any] | None:
        """The arguments as the function wants them, None if they don't fit."""

    def bind_named(self, arguments: Mapping[str, Any]) -> list[Any] | None:
        """The same for arguments given by name."""


class Function:
    """Something FEEL can call.

    `call` takes positional arguments; `parameters` (None if unknown) let arguments be given by
    name. A call with arguments that don't fit is null, as FEEL has it.
    """

    __slots__ = ("body", "key", "name", "optional", "overloads", "parameters", "types")

    def __init__(
        self,
        body: Callable[..., Any],
        parameters: tuple[str, ...] | None = None,
        *,
        name: str = "",
        optional: int = 0,
        types: Any = None,
        key: object = None,
    ) -> None:
        self.body = body
        self.parameters = parameters
        self.name = name
        self.optional = optional
        #: a built-in has these instead of a body
        self.overloads: list[Overload] = []
        #: (types of the parameters, type of the result) when declared
        self.types = types
        #: two functions with the same key are equal
        self.key = key

    def call(self, arguments: list[Any]) -> Any:
        """The result for positional arguments."""
        if self.overloads:
            return self._overloaded(overload.bind(arguments) for overload in self.overloads)
        if self.parameters is not None:
            missing = len(self.parameters) - len(arguments)
            if missing < 0 or missing > self.optional:
                return None
        return self.body(*arguments)

    def call_named(self, arguments: Mapping[str, Any]) -> Any:
        """The result for arguments given by name; missing optional ones are left to the function."""
        if self.overloads:
            return self._overloaded(overload.bind_named(arguments) for overload in self.overloads)
        if self.parameters is None or not self.parameters_fit(arguments):
            return None
        given = [name in arguments for name in self.parameters]
        last = len(given) - given[::-1].index(True) if any(given) else 0
        return self.body(*(arguments.get(name) for name in self.parameters[:last]))

    def _overloaded(self, bindings: Iterable[list[Any] | None]) -> Any:
        for overload, bound in zip(self.overloads, bindings, strict=True):
            if bound is not None:
                return overload.function(*bound)
        return None

    def parameters_fit(self, arguments: Mapping[str, Any]) -> bool:
        parameters = self.parameters or ()
        required = parameters[: len(parameters) - self.optional]
        return all(name in arguments for name in required) and set(arguments) <= set(parameters)

    @classmethod
    def of_python(cls, function: Callable[..., Any]) -> Function:
        """A plain Python function; its parameters' underscores read as spaces."""
        try:
            signature = inspect.signature(function)
        except (TypeError, ValueError):
            return cls(function)
        accepted = list(signature.parameters.values())
        if any(p.kind is p.VAR_POSITIONAL for p in accepted):
            return cls(function)
        names = tuple(p.name.replace("_", " ").strip() for p in accepted)
        optional = sum(p.default is not p.empty for p in accepted)
        return cls(function, names, name=function.__name__, optional=optional, key=function)
