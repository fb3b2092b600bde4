"""Item definitions as FEEL types: structures, collections, functions, allowed values (DMN 7.3.3)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from lxml import etree

from decisions.dmn.documents import first, inside, text
from decisions.feel.errors import FeelError
from decisions.feel.expressions import parse_tests, runnable_tests, scope_names
from decisions.feel.codes import Env
from decisions.feel.expressions import FUNCTIONS
from decisions.feel.types import ANY, SIMPLE, Type, list_of


class ItemTypes(Mapping[str, Type]):
    """The types a model knows by name: its own and, after their prefix, those of its imports."""

    def __init__(self, definitions: etree._Element, imports: Mapping[str, ItemTypes]) -> None:
        self._elements = {el.get("name", ""): el for el in inside(definitions, "itemDefinition")}
        self._imports = imports
        self._made: dict[str, Type] = {}
        self._making: set[str] = set()
        #: names of components, which expressions may use after a dot
        self.components = {
            el.get("name", "") for el in definitions.iter("{*}itemComponent") if el.get("name")
        }
        for types in imports.values():
            self.components |= types.components

    def __getitem__(self, name: str) -> Type:
        if name in self._elements:
            return self._named(name)
        prefix, _, rest = name.partition(".")
        if prefix in self._imports:
            return self._imports[prefix][rest]
        if "" in self._imports and name in self._imports[""]:
            return self._imports[""][name]
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        yield from self._elements
        for prefix, types in self._imports.items():
            yield from (f"{prefix}.{name}" if prefix else name for name in types)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def resolve(self, reference: str | None) -> Type | None:
        """The type of a typeRef; None if it is absent or unknown."""
        if not reference:
            return None
        if reference in self:
            return self[reference]
        bare = reference.rpartition(":")[2]
        if bare in self:
            return self[bare]
        return _ALIASES.get(bare) or SIMPLE.get(bare)

    def _named(self, name: str) -> Type:
        if name not in self._made:
            if name in self._making:
                return ANY  # a recursive structure is checked down to its recursion
            self._making.add(name)
            self._made[name] = self._build(self._elements[name])
            self._making.discard(name)
        return self._made[name]

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
            return Type("function", parameters, result=self.resolve(function.get("outputTypeRef")) or ANY)
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


