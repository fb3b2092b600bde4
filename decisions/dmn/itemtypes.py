"""Item definitions as FEEL types: structures, collections, functions, allowed values (DMN 7.3.3)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from decisions.dmn.documents import first, inside, text
from decisions.feel.codes import Env
from decisions.feel.errors import FeelError
from decisions.feel.expressions import FUNCTIONS, parse_tests, runnable_tests, scope_names
from decisions.feel.types import ANY, SIMPLE, Type, list_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lxml import etree


class ItemTypes:
    """The types a model knows by name: its own and, after their prefix, those of its imports."""

    def __init__(self, definitions: etree._Element, imports: Mapping[str, ItemTypes]) -> None:
        self._elements = {el.get("name", ""): el for el in inside(definitions, "itemDefinition")}
        self._making: set[str] = set()
        #: every type by the name that expressions here may use
        self.known: dict[str, Type] = {}
        #: names of components, which expressions may use after a dot
        self.components = {
            el.get("name", "") for el in definitions.iter("{*}itemComponent") if el.get("name")
        }
        for prefix, types in imports.items():
            self.components |= types.components
            dot = "." if prefix else ""
            self.known.update((f"{prefix}{dot}{name}", made) for name, made in types.known.items())
        for name in self._elements:
            self._named(name)

    def resolve(self, reference: str | None) -> Type | None:
        """The type of a typeRef; None if it is absent or unknown."""
        if not reference:
            return None
        bare = reference.rpartition(":")[2]
        for name in (reference, bare):
            if name in self._elements:
                return self._named(name)
            if name in self.known:
                return self.known[name]
        return _ALIASES.get(bare) or SIMPLE.get(bare)

    def _named(self, name: str) -> Type:
        if name in self._making:
            return ANY  # a recursive structure is checked down to its recursion
        if name not in self.known:
            self._making.add(name)
            self.known[name] = self._build(self._elements[name])
            self._making.discard(name)
        return self.known[name]

    def _build(self, element: etree._Element) -> Type:
        """An item definition or component."""
        made = self._base(element)
        allowed, constraint = first(element, "allowedValues"), first(element, "typeConstraint")
        if allowed is not None:
            made = _narrowed(made, text(allowed))
        if element.get("isCollection") in {"true", "1"}:
            made = list_of(made)
        return made if constraint is None else _narrowed(made, text(constraint))

    def _base(self, element: etree._Element) -> Type:
        components = inside(element, "itemComponent")
        if components:
            return Type("context", fields={c.get("name", ""): self._build(c) for c in components})
        function = first(element, "functionItem")
        if function is not None:
            parameters = tuple(
                self.resolve(p.get("typeRef")) or ANY for p in inside(function, "parameters")
            )
            return Type(
                "function", parameters, result=self.resolve(function.get("outputTypeRef")) or ANY
            )
        return self.resolve(text(element, "typeRef")) or ANY


_ALIASES = {
    "days and time duration": SIMPLE["days and time duration"],
    "years and months duration": SIMPLE["years and months duration"],
    "date and time": SIMPLE["date and time"],
}


def _narrowed(base: Type, tests: str) -> Type:
    """The type with only those values that pass the tests."""
    if not tests:
        return base
    try:
        passes = runnable_tests(parse_tests(tests, scope_names(())), Env(functions=FUNCTIONS))
    except FeelError:
        return base
    return replace(base, allowed=_allowed(passes, base))


def _allowed(passes: Callable[..., bool | None], base: Type) -> Callable[[Any], bool]:
    before = base.allowed

    def test(value: Any) -> bool:
        return (before is None or before(value)) and passes({}, value) is True

    return test
