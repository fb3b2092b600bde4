"""A DMN model: what it defines, how its parts require each other, ready to evaluate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lxml import etree

from decisions.dmn import graph
from decisions.dmn.boxed import child, compile_boxed
from decisions.dmn.documents import EXPRESSIONS, first, id_of, inside, line
from decisions.dmn.itemtypes import ItemTypes
from decisions.dmn.places import Place
from decisions.dmn.problems import Problem
from decisions.dmn.requirements import Element, Key, inner_function, requirements
from decisions.dmn.tables import Table, read
from decisions.feel.codes import Env
from decisions.feel.expressions import FUNCTIONS, scope_names
from decisions.feel.names import Names

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from decisions.dmn.hits import Hit


@dataclass(frozen=True, slots=True)
class Decision:
    """What callers may know of a decision; `inputs` are the names it reads from its context."""

    id: str
    name: str
    inputs: frozenset[str]


@dataclass(frozen=True, slots=True)
class Result:
    """A decision's value and why: the tables evaluated on the way, each with its hits."""

    value: Any
    trace: tuple[Hit, ...]


class Model:
    """One DMN file with the models it imports."""

    def __init__(self, root: etree._Element, imported: Iterable[Model] = ()) -> None:
        known = {model.namespace: model for model in imported}
        self.namespace: str = root.get("namespace", "")
        self.name: str = root.get("name", "")
        self.id = root.get("id", "")
        self.problems: list[Problem] = []
        self.imports = self._imports(root, known)
        #: namespace → name under which its elements are seen here
        self.prefixes = {
            el.get("namespace", ""): el.get("name", "")
            for el in inside(root, "import")
            if el.get("namespace") in known
        }
        self.types: ItemTypes = ItemTypes(root, {p: m.types for p, m in self.imports.items()})
        self.elements: dict[Key, Element] = {}
        for model in known.values():
            self.elements.update(model.elements)
        self._check_languages(root)
        own = [self._declare(el) for el in inside(root, *_KINDS)]
        self.elements.update({element.key: element for element in own})
        #: without any input data, decisions read their context directly
        self.open = not any(element.kind == "input" for element in own)
        for element in own:
            self._compile(element)
        self.problems.extend(graph.cycles(own, self.elements))
        self.own = {element.id: element for element in own}
        #: decision tables by the id of the decision or knowledge model that holds them
        self.tables = {el.id: table for el in own for table in _tables(el.xml)}
        self.decisions: Mapping[str, Decision] = {
            el.id: Decision(el.id, el.name, graph.inputs_of(el, self.elements))
            for el in own
            if el.kind == "decision"
        }

    def evaluate(self, name: str, context: Mapping[str, Any]) -> Result:
        """Evaluate a decision, service or knowledge model, by id or name, in a context.

        KeyError if there is none; FeelError if a safety bound is met.
        """
        return graph.evaluate(self.find(name), context, self.elements, Result)

    def find(self, name: str) -> Element:
        found = self.own.get(name)
        if found is not None:
            return found
        for elements in (self.own, self.elements):
            for kind in ("decision", "service", "knowledge"):
                for element in elements.values():
                    if element.kind == kind and name in {element.name, element.variable}:
                        return element
        raise KeyError(name)

    def _imports(self, root: etree._Element, known: Mapping[str, Model]) -> dict[str, Model]:
        found: dict[str, Model] = {}
        for element in inside(root, "import"):
            namespace = element.get("namespace", "")
            if namespace in known:
                found[element.get("name", "")] = known[namespace]
            elif "DMN" in element.get("importType", "") or "dmn" in element.get("importType", ""):
                self.problems.append(Problem(
                    "dmn.import", element.get("name", ""), line(element),
                    f"缺少导入的模型 {namespace}", f"the imported model {namespace} is missing",
                ))  # fmt: skip
        return found

    def _check_languages(self, root: etree._Element) -> None:
        for xml in root.iter(etree.Element):
            language = xml.get("expressionLanguage")
            if language and "feel" not in language.lower():
                self.problems.append(Problem(
                    "dmn.language", id_of(xml), line(xml),
                    f"只支持 FEEL，不支持 {language}", f"only FEEL is supported, not {language}",
                ))  # fmt: skip

    def _declare(self, xml: etree._Element) -> Element:
        kind = _KINDS[etree.QName(xml).localname]
        variable = first(xml, "variable")
        name = xml.get("name", "")
        seen_as = name if variable is None else variable.get("name", name)
        return Element(
            kind=kind, id=xml.get("id") or name, name=name, variable=seen_as, xml=xml,
            namespace=self.namespace, prefixes=self.prefixes,
            requires=requirements(xml, self.namespace),
            type=None if variable is None else self.types.resolve(variable.get("typeRef")),
        )  # fmt: skip

    def _compile(self, element: Element) -> None:
        place = self._place(element)
        element.place, element.open = place, self.open
        variable = first(element.xml, "variable")
        if variable is not None:
            place.type_of(variable)
        if element.kind == "decision":
            logic = first(element.xml, *EXPRESSIONS)
            element.code = None if logic is None else compile_boxed(logic, place)
        elif element.kind == "knowledge":
            function = first(element.xml, "encapsulatedLogic")
            if function is not None:
                element.code = inner_function(function, place.bind(element.variable), child)

    def _place(self, element: Element) -> Place:
        bound, words = set(), set(self.types.components)
        for key in element.requires:
            target = self.elements.get(key)
            if target is None:
                self.problems.append(Problem(
                    "dmn.requirement", element.id, line(element.xml),
                    f"所需的元素 {key[1]} 不存在", f"the required element {key[1]} does not exist",
                ))  # fmt: skip
                continue
            prefix = self.prefixes.get(target.namespace, "")
            words.add(target.variable)
            bound.add(prefix or target.variable)
        names = Names((*words, *bound), scope_names(()))
        env = Env(frozenset(bound), FUNCTIONS)
        return Place(element.id, names, env, self.types, self.problems)


def _tables(xml: etree._Element) -> list[Table]:
    found = xml.iter("{*}decisionTable")
    return [read(table) for table in found]


_KINDS = {
    "inputData": "input",
    "decision": "decision",
    "businessKnowledgeModel": "knowledge",
    "decisionService": "service",
}
