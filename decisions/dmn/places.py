"""Where an expression of a model stands: the names and types it sees, and how it is compiled."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from decisions.dmn.documents import id_of, line
from decisions.dmn.problems import Problem
from decisions.feel.errors import FeelError
from decisions.feel.expressions import parse, parse_tests, runnable, runnable_tests
from decisions.feel.names import Names
from decisions.feel.reading import called, free_paths

if TYPE_CHECKING:
    from collections.abc import Callable

    from lxml import etree

    from decisions.dmn.itemtypes import ItemTypes
    from decisions.feel.codes import Code, Env
    from decisions.feel.types import Type


#: where in an element an expression stands, in Chinese and English
Words: TypeAlias = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Place:
    """The static surroundings of an expression."""

    owner: str
    names: Names
    env: Env
    types: ItemTypes
    problems: list[Problem]
    #: every variable path that expressions here read and nobody inside binds
    reads: set[tuple[str, ...]] = field(default_factory=set)
    calls: set[str] = field(default_factory=set)

    def bind(self, *names: str) -> Place:
        """The same place with more names in scope."""
        return replace(self, names=Names(names, self.names), env=self.env.bind(*names))

    def type_of(self, element: etree._Element, attribute: str = "typeRef") -> Type | None:
        """The declared type; a problem if it is declared but unknown."""
        reference = element.get(attribute)
        found = self.types.resolve(reference)
        if reference and found is None:
            self.problem(
                element, "dmn.type", f"没有“{reference}”这种类型", f"there is no type '{reference}'"
            )
        return found

    def problem(self, element: etree._Element, code: str, zh: str, en: str) -> None:
        self.problems.append(Problem(code, id_of(element), line(element), zh, en))

    def code(self, source: str, element: etree._Element, where: Words = ("", "")) -> Code:
        """A FEEL expression; a wrong one is a problem and evaluates to null."""
        try:
            node = parse(source, self.names, self.types.known)
        except FeelError as error:
            self._wrong(error, element, where)
            return _null
        self._note(free_paths([node], self.env.functions), called([node]))
        return runnable(node, self.env)

    def tests(
        self, source: str, element: etree._Element, where: Words = ("", "")
    ) -> Callable[..., bool | None]:
        """A cell of unary tests; a wrong one is a problem and never passes."""
        try:
            node = parse_tests(source, self.names, self.types.known)
        except FeelError as error:
            self._wrong(error, element, where)
            return _null
        self._note(free_paths(node.tests, self.env.functions), called(node.tests))
        return runnable_tests(node, self.env)

    def _note(self, paths: frozenset[tuple[str, ...]], calls: frozenset[str]) -> None:
        self.reads.update(path for path in paths if path[0] not in self.env.bound)
        self.calls.update(calls - self.env.bound)

    def _wrong(self, error: FeelError, element: etree._Element, where: Words) -> None:
        self.problem(
            element, error.code,
            f"{where[0]}表达式第 {error.line} 行第 {error.column} 列：{error.zh}",
            f"{where[1]}expression line {error.line} column {error.column}: {error.en}",
        )  # fmt: skip


def _null(*_: Any) -> None:
    return None
